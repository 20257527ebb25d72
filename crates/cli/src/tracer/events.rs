//! The loop: stops of all threads of the tree, and what follows from each.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use instanter_vdso::layout::NOTICE;
use nix::libc;

use super::install::{install, set_private};
use super::launch::{Launch, Refusal, Started, foreign};
use super::memory::Memory;
use super::signals::{Kick, LEADER, listen};
use super::space::Space;
use super::status::Status;
use super::stop::{Call, Stop};
use super::watch::{self, Code, Reached};
use super::{Filter, cpu, inject, trap};

/// The view of processes that see the true time: the last one, whose lines nobody sets.
pub(crate) const TRUE_VIEW: u32 = instanter_vdso::layout::VIEWS as u32 - 1;

/// What follows after the entry of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It runs, and its exit is not looked at.
    Continue,
    /// It runs, and [`Handler::exit`] is called afterwards.
    Exit,
}

/// Who decides what happens at each stop. All is called in the thread that traces.
pub(crate) trait Handler {
    /// At the entry of a system call that the filter stops.
    fn entry(&mut self, stop: &mut Stop<'_>) -> Then;

    /// At its exit.
    fn exit(&mut self, stop: &mut Stop<'_>) {
        let _ = stop;
    }

    /// The image tells something ([`NOTICE`]): the call's arguments are its.
    fn notice(&mut self, stop: &mut Stop<'_>) {
        let _ = stop;
    }

    /// A signal is about to be delivered.
    fn signal(&mut self, tid: i32, signal: i32) {
        let _ = (tid, signal);
    }

    /// What a process reads from the CPU's counter; only if [`Options::traps`] is set.
    fn counter(&mut self, view: u32) -> u64 {
        let _ = view;
        instanter_counter::ordered()
    }

    /// A thread is about to read the CPU's counter itself: the first one in all of the tree
    /// that was seen; only if [`Options::watches`] is set.
    fn counter_read(&mut self, stop: &mut Stop<'_>) {
        let _ = stop;
    }

    /// A thread that was interrupted stands between two instructions.
    fn interrupted(&mut self, stop: &mut Stop<'_>) {
        let _ = stop;
    }

    /// A process has become this program, the image is mapped, nothing has run yet.
    /// Returns the view of time that it gets.
    fn loaded(&mut self, pid: i32, program: &Path) -> u32 {
        let _ = (pid, program);
        0
    }

    /// A new thread, or with `parent` a new process (whose number is in `space`).
    fn began(&mut self, tid: i32, pid: i32, parent: Option<i32>, space: &Space) {
        let _ = (tid, pid, parent, space);
    }

    /// A thread is about to end; only if [`Options::endings`] is set.
    fn ending(&mut self, stop: &mut Stop<'_>) {
        let _ = stop;
    }

    /// A thread has ended; it was the last of its process if `tid` is `pid`.
    fn ended(&mut self, tid: i32, pid: i32) {
        let _ = (tid, pid);
    }

    /// A program further down in the tree could not be given the image, and was ended.
    fn refused(&mut self, pid: i32, why: &str) {
        let _ = (pid, why);
    }

    /// Somebody has called [`Kick::kick`].
    fn kicked(&mut self) {}
}

/// How a tree is traced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether children get the image, too. If not they see the true time.
    pub(crate) children: bool,
    /// Whether [`Handler::ending`] is wanted.
    pub(crate) endings: bool,
    /// Whether reads of the CPU's counter are answered by [`Handler::counter`].
    pub(crate) traps: bool,
    /// Whether [`Handler::counter_read`] is wanted.
    pub(crate) watches: bool,
}

/// Stops a thread wherever it is: a call that waits returns as for a signal that nobody
/// handles, and then [`Handler::interrupted`] is called.
pub(crate) fn interrupt(tid: i32) {
    // It may just have ended.
    let _ = inject::resume(libc::PTRACE_INTERRUPT, tid, 0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Between the event of `execve` and its exit.
    Loading,
    /// In a call whose exit is wanted.
    InCall(Call),
}

#[derive(Debug)]
struct Thread {
    pid: i32,
    state: State,
    space: Option<Rc<RefCell<Space>>>,
    scratch: Option<u64>,
    /// The breakpoints that it has, or had when it came to one.
    watched: Rc<[u64]>,
}

impl Thread {
    fn new(pid: i32, state: State, space: Option<Rc<RefCell<Space>>>) -> Thread {
        Thread { pid, state, space, scratch: None, watched: Rc::default() }
    }
}

/// All threads of a tree of processes.
#[derive(Debug)]
pub(crate) struct Tracer {
    memory: Arc<Memory>,
    options: Options,
    leader: i32,
    threads: HashMap<i32, Thread>,
    /// New threads that stopped before their creator told of them.
    early: HashSet<i32>,
    processes: u32,
    code: Code,
    kick: Kick,
    started: Option<Started>,
    loaded: bool,
    /// How the first process ended.
    outcome: Option<i32>,
}

impl Tracer {
    /// Starts a program, stopped before it is loaded.
    ///
    /// # Errors
    /// It cannot be started or traced.
    pub(crate) fn start(
        launch: &Launch,
        filter: &Filter,
        memory: Arc<Memory>,
        options: Options,
    ) -> Result<Tracer, Refusal> {
        listen().map_err(|error| Refusal::new(format!("cannot handle signals: {error}")))?;
        let mut flags = libc::PTRACE_O_EXITKILL
            | libc::PTRACE_O_TRACESYSGOOD
            | libc::PTRACE_O_TRACESECCOMP
            | libc::PTRACE_O_TRACEEXEC
            | libc::PTRACE_O_TRACEFORK
            | libc::PTRACE_O_TRACEVFORK
            | libc::PTRACE_O_TRACECLONE;
        if options.endings {
            flags |= libc::PTRACE_O_TRACEEXIT;
        }
        let started = launch.start(filter, flags, options.traps)?;
        let leader = started.pid;
        LEADER.store(leader, SeqCst);
        let first = Thread::new(leader, State::Running, None);
        Ok(Tracer {
            memory,
            options,
            leader,
            threads: HashMap::from([(leader, first)]),
            early: HashSet::new(),
            processes: 0,
            code: Code::default(),
            kick: Kick::new(),
            started: Some(started),
            loaded: false,
            outcome: None,
        })
    }

    pub(crate) fn kick(&self) -> Kick {
        self.kick.clone()
    }

    /// Runs the tree to its end. Returns how the program ended, as `wait` tells it.
    ///
    /// # Errors
    /// The program could not be given the image; it has not run.
    pub(crate) fn run(
        &mut self,
        launch: &Launch,
        handler: &mut dyn Handler,
    ) -> Result<i32, Refusal> {
        while !self.threads.is_empty() {
            let mut status = 0;
            // SAFETY: the status is written.
            let tid = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL) };
            if tid > 0 {
                self.event(tid, status, handler)?;
                continue;
            }
            if io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
                break;
            }
            if self.kick.take() {
                handler.kicked();
            }
        }
        match (self.outcome, self.started.take()) {
            (Some(_), Some(started)) if !self.loaded => Err(started.why(launch.path())),
            (Some(status), _) => Ok(status),
            (None, _) => Err(Refusal::new("the program has gone, nobody knows how")),
        }
    }

    fn event(&mut self, tid: i32, status: i32, handler: &mut dyn Handler) -> Result<(), Refusal> {
        if !libc::WIFSTOPPED(status) {
            self.end(tid, status, handler);
            return Ok(());
        }
        if !self.threads.contains_key(&tid) {
            self.early.insert(tid);
            return Ok(());
        }
        self.keep_up(tid);
        let (signal, event) = (libc::WSTOPSIG(status), status >> 16);
        // A thread that is killed meanwhile lets every request fail; its end is told next.
        let _ = match event {
            libc::PTRACE_EVENT_EXEC => self.exec(tid, handler),
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                self.born(tid, event, handler)
            }
            libc::PTRACE_EVENT_SECCOMP => self.entry(tid, handler),
            libc::PTRACE_EVENT_STOP => self.halt(tid, signal, handler),
            libc::PTRACE_EVENT_EXIT => {
                let _ = self.at(tid, None, |stop| handler.ending(stop));
                go_on(tid)
            }
            _ if signal == libc::SIGTRAP | 0x80 => {
                if self.threads[&tid].state == State::Loading {
                    return self.load(tid, handler);
                }
                self.exit(tid, handler)
            }
            _ if signal == libc::SIGSEGV && self.trapped(tid, handler) => go_on(tid),
            _ if signal == libc::SIGTRAP && self.reached(tid, handler) => go_on(tid),
            _ => {
                handler.signal(tid, signal);
                inject::resume(libc::PTRACE_CONT, tid, signal)
            }
        };
        Ok(())
    }

    /// Does something with a stopped thread that has the image.
    fn at<T>(
        &mut self,
        tid: i32,
        call: Option<Call>,
        what: impl FnOnce(&mut Stop<'_>) -> T,
    ) -> Option<T> {
        let thread = self.threads.get_mut(&tid)?;
        let space = thread.space.clone()?;
        let mut space = space.borrow_mut();
        space.image?;
        let registers = cpu::get(tid).ok()?;
        let call = call.unwrap_or(Call {
            number: registers.number(),
            arguments: registers.arguments(),
            address: registers.instruction(),
        });
        let mut stop = Stop {
            tid,
            pid: thread.pid,
            registers,
            call,
            space: &mut space,
            memory: &self.memory,
            changed: false,
            scratch: &mut thread.scratch,
        };
        let result = what(&mut stop);
        stop.write_back().ok()?;
        Some(result)
    }

    fn entry(&mut self, tid: i32, handler: &mut dyn Handler) -> io::Result<()> {
        let mut call = None;
        let watches = self.options.watches;
        let then = self.at(tid, None, |stop| {
            if stop.call.number == i64::from(NOTICE) {
                handler.notice(stop);
                stop.skip(0);
                return Then::Continue;
            }
            call = Some(stop.call);
            match stop.call.number {
                libc::SYS_mmap if watches && watch::awaits_code(stop.space) => Then::Exit,
                libc::SYS_mmap => Then::Continue,
                _ => handler.entry(stop),
            }
        });
        match (then, call) {
            (Some(Then::Exit), Some(call)) => {
                if let Some(thread) = self.threads.get_mut(&tid) {
                    thread.state = State::InCall(call);
                }
                inject::to_next_call(tid)
            }
            _ => {
                self.release_scratch(tid);
                go_on(tid)
            }
        }
    }

    fn exit(&mut self, tid: i32, handler: &mut dyn Handler) -> io::Result<()> {
        let state = self.threads.get(&tid).map(|thread| thread.state);
        if let Some(State::InCall(call)) = state {
            if call.number == libc::SYS_mmap {
                self.mapped(tid, &call);
            } else {
                self.at(tid, Some(call), |stop| handler.exit(stop));
            }
            self.release_scratch(tid);
            if let Some(thread) = self.threads.get_mut(&tid) {
                thread.state = State::Running;
            }
        }
        go_on(tid)
    }

    /// A thread has mapped a file as code.
    fn mapped(&mut self, tid: i32, call: &Call) {
        if let Some(space) = self.threads.get(&tid).and_then(|thread| thread.space.clone()) {
            self.code.mapped(tid, call, &mut space.borrow_mut());
        }
    }

    /// Answers a read of the counter, if a thread stands at one.
    fn trapped(&mut self, tid: i32, handler: &mut dyn Handler) -> bool {
        let Some((how, registers)) = self.options.traps.then(|| trap::cause(tid)).flatten() else {
            return false;
        };
        let at = registers.instruction();
        let space = self.threads.get(&tid).and_then(|thread| thread.space.clone());
        let space = space.as_ref().map(|space| space.borrow());
        // The kernel's vDSO makes the time of it that our lines start from.
        let view = match space {
            Some(space) if space.image.is_some() && !space.is_vdso(at) => space.view,
            _ => TRUE_VIEW,
        };
        trap::answer(tid, how, registers, || handler.counter(view)).is_ok()
    }

    /// Whether a thread has come to where its process is watched.
    fn reached(&mut self, tid: i32, handler: &mut dyn Handler) -> bool {
        let Some(space) = self.threads.get(&tid).and_then(|thread| thread.space.clone()) else {
            return false;
        };
        let reached = watch::reached(tid, &mut space.borrow_mut());
        match reached {
            Some(Reached::Entry) => {
                let is_ours = space.borrow().image.is_some();
                if self.options.watches && is_ours {
                    space.borrow_mut().watch = self.code.watch(tid);
                }
            }
            Some(Reached::Read) => {
                // The other threads come there as well, or never.
                if std::mem::take(&mut self.options.watches) {
                    self.at(tid, None, |stop| handler.counter_read(stop));
                }
            }
            Some(Reached::Former) => {}
            None => return false,
        }
        true
    }

    /// Gives a stopped thread the breakpoints of its process.
    fn keep_up(&mut self, tid: i32) {
        if let Some(thread) = self.threads.get_mut(&tid).filter(|_| self.options.watches)
            && let Some(space) = &thread.space
        {
            watch::keep_up(tid, &space.borrow(), &mut thread.watched);
        }
    }

    fn release_scratch(&mut self, tid: i32) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        if let (Some(at), Some(space)) = (thread.scratch.take(), &thread.space) {
            space.borrow_mut().return_scratch(at);
        }
    }

    /// A thread that was interrupted, or a process that was stopped (`SIGSTOP`) or goes on.
    fn halt(&mut self, tid: i32, signal: i32, handler: &mut dyn Handler) -> io::Result<()> {
        if matches!(signal, libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU) {
            return inject::resume(libc::PTRACE_LISTEN, tid, 0);
        }
        self.at(tid, None, |stop| handler.interrupted(stop));
        self.release_scratch(tid);
        go_on(tid)
    }

    /// A thread has made another one.
    fn born(&mut self, tid: i32, event: i32, handler: &mut dyn Handler) -> io::Result<()> {
        let child = message(tid)? as i32;
        let pid = Status::of(child).process().unwrap_or(child);
        let is_process = pid == child;
        let space = self.threads.get(&tid).and_then(|thread| thread.space.clone());
        let shared = !is_process || shares_memory(tid, child, event);
        let space = match space {
            Some(space) if shared => Some(space),
            Some(space) => {
                self.processes += 1;
                let mut copy = space.borrow().clone();
                // Under 0 nothing is counted.
                copy.process = if self.options.children { self.processes } else { 0 };
                copy.used.clear();
                Some(Rc::new(RefCell::new(copy)))
            }
            None => None,
        };
        let parent = is_process.then(|| self.threads[&tid].pid);
        if let Some(space) = &space {
            handler.began(child, pid, parent, &space.borrow());
        }
        self.threads.insert(child, Thread::new(pid, State::Running, space));
        if self.early.remove(&child) {
            self.first(child);
        } else if let Ok(status) = inject::wait_for(child) {
            // It has stopped already or is about to.
            if libc::WIFSTOPPED(status) {
                self.first(child);
            } else {
                self.end(child, status, handler);
            }
        }
        go_on(tid)
    }

    /// The first stop of a new thread.
    fn first(&mut self, child: i32) {
        let Some(thread) = self.threads.get(&child) else { return };
        if thread.pid == child
            && let Some(space) = thread.space.clone()
        {
            let alone = Rc::strong_count(&space) == 2;
            let view = (!self.options.children).then_some(TRUE_VIEW);
            if alone {
                let _ = set_private(child, &space.borrow(), view);
            }
            if !self.options.children && alone {
                space.borrow_mut().image = None;
            }
        }
        self.keep_up(child);
        let _ = go_on(child);
    }

    /// A process is becoming another program: all its other threads are gone.
    fn exec(&mut self, tid: i32, handler: &mut dyn Handler) -> io::Result<()> {
        let former = message(tid)? as i32;
        let others: Vec<i32> = self
            .threads
            .iter()
            .filter(|(other, thread)| thread.pid == tid && **other != tid)
            .map(|(other, _)| *other)
            .collect();
        for other in others {
            self.forget(other, handler);
        }
        self.forget(former, handler);
        self.release_scratch(tid);
        self.threads.insert(tid, Thread::new(tid, State::Loading, None));
        inject::to_next_call(tid)
    }

    /// The exit of `execve`: the program is there, and has not run.
    fn load(&mut self, tid: i32, handler: &mut dyn Handler) -> Result<(), Refusal> {
        let first = !self.loaded;
        if let Some(thread) = self.threads.get_mut(&tid) {
            thread.state = State::Running;
        }
        // The first process may become another program and stays what it is.
        if tid != self.leader && !self.options.children {
            let _ = go_on(tid);
            return Ok(());
        }
        let program = std::fs::read_link(format!("/proc/{tid}/exe")).unwrap_or_default();
        self.processes += 1;
        let view = handler.loaded(tid, &program);
        let outcome = match foreign(tid) {
            Some(reason) => Err(format!("it is {reason}")),
            None => install(tid, &self.memory, self.processes, view, self.options)
                .map_err(|error| error.to_string()),
        };
        match outcome {
            Ok(space) => {
                handler.began(tid, tid, None, &space);
                if let Some(thread) = self.threads.get_mut(&tid) {
                    thread.space = Some(Rc::new(RefCell::new(space)));
                }
                self.loaded = true;
                let _ = go_on(tid);
                Ok(())
            }
            Err(reason) => {
                // SAFETY: a signal to a process that we trace and have not yet waited for.
                unsafe { libc::kill(tid, libc::SIGKILL) };
                let why = format!("{program:?} cannot be given our clocks: {reason}");
                if first {
                    return Err(Refusal::new(why));
                }
                handler.refused(tid, &why);
                Ok(())
            }
        }
    }

    fn forget(&mut self, tid: i32, handler: &mut dyn Handler) {
        self.release_scratch(tid);
        if let Some(thread) = self.threads.remove(&tid) {
            handler.ended(tid, thread.pid);
        }
    }

    fn end(&mut self, tid: i32, status: i32, handler: &mut dyn Handler) {
        self.early.remove(&tid);
        self.forget(tid, handler);
        if tid == self.leader {
            LEADER.store(0, SeqCst);
            self.outcome = Some(status);
        }
    }
}

fn go_on(tid: i32) -> io::Result<()> {
    inject::resume(libc::PTRACE_CONT, tid, 0)
}

/// What the kernel tells with an event.
fn message(tid: i32) -> io::Result<u64> {
    let mut value: libc::c_ulong = 0;
    // SAFETY: a word is written.
    let done = unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, tid, 0, &raw mut value) };
    if done == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}

/// Whether two processes have one memory, as after `vfork`.
fn shares_memory(tid: i32, child: i32, event: i32) -> bool {
    const KCMP_VM: i32 = 1;
    // SAFETY: a question; no memory is touched.
    match unsafe { libc::syscall(libc::SYS_kcmp, tid, child, KCMP_VM, 0, 0) } {
        0 => true,
        1..=3 => false,
        _ => event == libc::PTRACE_EVENT_VFORK,
    }
}
