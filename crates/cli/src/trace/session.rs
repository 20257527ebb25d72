//! What is counted at each stop of the program that is followed.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use instanter_vdso::layout::{NOTICE_FRAME, NOTICE_SITE, NOTICES};
use nix::unistd::Pid;

use super::calls::{self, Call, Kind};
use super::counts::{self, Sites};
use super::memory::{self, Window};
use super::registers::{self, Registers};
use super::tally::{Place, Program, Read, Tally};
use super::unwind::Unwinder;
use crate::tracer::maps::Maps;
use crate::tracer::symbols::{Frame, Symbols, is_on_behalf};
use crate::tracer::{Handler, Memory, Space, Stop, Then};

/// Mappings change when a library is loaded; they are looked at again after this.
const MAPS_LAST: Duration = Duration::from_millis(100);

/// And after this, if something is not where they say: looking takes a tenth of it.
const MAPS_LAST_AT_LEAST: Duration = Duration::from_millis(1);

/// A process that is followed.
struct Process {
    /// Index in [`Tally::programs`].
    program: usize,
    /// Under which it counts in the table.
    number: u32,
    maps: Maps,
    looked_at: Instant,
    /// Stacks met before, by all that they depend on.
    stacks: HashMap<Vec<u64>, Stack>,
}

/// Return addresses, and the number in [`Tally::stacks`].
type Stack = (Rc<[u64]>, usize);

/// A system call that has not ended.
struct Pending {
    call: &'static Call,
    place: Place,
    started: Instant,
}

/// Everything known of the program and what it started.
pub(super) struct Session<'a> {
    pub(super) tally: Tally,
    memory: Arc<Memory>,
    children: bool,
    processes: HashMap<i32, Process>,
    parents: HashMap<i32, i32>,
    pending: HashMap<i32, Pending>,
    sites: Sites,
    unwinder: Unwinder,
    symbols: Symbols,
    tick: Box<dyn FnMut(&Tally) + 'a>,
}

impl<'a> Session<'a> {
    /// `children` is whether what the program starts is counted, too; `tick` is called
    /// where somebody kicks the tracer.
    pub(super) fn new(
        memory: Arc<Memory>,
        children: bool,
        tick: impl FnMut(&Tally) + 'a,
    ) -> Session<'a> {
        Session {
            tally: Tally::default(),
            memory,
            children,
            processes: HashMap::new(),
            parents: HashMap::new(),
            pending: HashMap::new(),
            sites: Sites::default(),
            unwinder: Unwinder::default(),
            symbols: Symbols::new(),
            tick: Box::new(tick),
        }
    }

    /// Takes what was counted in user space into the tally.
    pub(super) fn collect(&mut self) {
        if let Some(table) = self.memory.table() {
            self.sites.collect(table, &mut self.tally);
            self.tally.lost = table.lost.load(Relaxed);
        }
        if self.tally.lost > 0 {
            self.tally.remark(
                "there are more call sites than can be told apart: some reads are in the sum \
                 alone",
            );
        }
    }

    fn new_program(&mut self, pid: i32, parent: Option<i32>, number: u32) {
        self.tally.programs.push(Program {
            process: Pid::from_raw(pid),
            parent: parent.map(Pid::from_raw),
            command: command_line(pid),
            started: Instant::now(),
            ended: None,
            counted: parent.is_none() || self.children,
        });
        let process = Process {
            program: self.tally.programs.len() - 1,
            number,
            maps: Maps::default(),
            looked_at: Instant::now(),
            stacks: HashMap::new(),
        };
        self.processes.insert(pid, process);
    }

    fn name_thread(&mut self, pid: i32, tid: i32) {
        let Some(Process { program, .. }) = self.processes.get(&pid) else { return };
        if let Ok(name) = fs::read_to_string(format!("/proc/{pid}/task/{tid}/comm")) {
            self.tally.threads.insert((*program, Pid::from_raw(tid)), name.trim_end().to_owned());
        }
    }

    /// Returns the stack of a stopped thread: the return addresses of code that is neither
    /// ours nor the kernel's vDSO, and its number.
    fn stack(&mut self, stop: &Stop<'_>, regs: &Registers) -> Option<Stack> {
        let pid = Pid::from_raw(stop.pid);
        let process = self.processes.get_mut(&stop.pid)?;
        let old = process.looked_at.elapsed();
        if process.maps.code(regs.place()).is_none() || old > MAPS_LAST {
            process.look_again(pid);
        }
        let (mut addresses, missing) = self.unwinder.stack(pid, &process.maps, regs);
        if missing.is_some() && process.looked_at.elapsed() > MAPS_LAST_AT_LEAST {
            process.look_again(pid);
            (addresses, _) = self.unwinder.stack(pid, &process.maps, regs);
        }
        // With where it stands, that is all that the stack depends on.
        addresses.push(u64::from(regs.returned));
        if let Some(known) = process.stacks.get(&addresses) {
            return Some(known.clone());
        }
        let key = addresses.clone();
        addresses.pop();
        let mut frames: Vec<Frame> = Vec::new();
        let mut kept = Vec::new();
        for (depth, address) in addresses.into_iter().enumerate() {
            // A return address can be the first one of another function or line.
            let place = if depth == 0 { regs.place() } else { address - 1 };
            if stop.space.is_vdso(place) || is_image(stop.space, place) {
                continue;
            }
            let found = self.symbols.frames(process.program, pid, &process.maps, place);
            frames.extend(found.iter().cloned());
            kept.push(address);
        }
        let whole = frames.iter().all(|frame| frame.function.is_some());
        let found = (Rc::from(kept), self.tally.stack(frames));
        // What a runtime compiled a moment ago, it may not have written down yet.
        if whole {
            process.stacks.insert(key, found.clone());
        }
        Some(found)
    }

    /// The image does not know the caller of the code at a return address.
    fn tell_frame(&mut self, stop: &Stop<'_>, regs: &Registers) {
        let pid = Pid::from_raw(stop.pid);
        let Some(process) = self.processes.get_mut(&stop.pid) else { return };
        let Some(table) = self.memory.table() else { return };
        let old = process.looked_at.elapsed();
        if process.maps.code(regs.place()).is_none() || old > MAPS_LAST {
            process.look_again(pid);
        }
        let found = self.symbols.frames(process.program, pid, &process.maps, regs.place());
        let passes = found.iter().all(is_on_behalf);
        let step = self.unwinder.sure_step(pid, &process.maps, regs.place());
        let step = step.filter(|_| passes).and_then(|step| {
            // Somebody else's memory is read there each time: it has to be right.
            let base = if step.from_fp { regs.fp } else { regs.sp };
            let ra = step.ra?;
            let at = base.checked_add_signed(step.cfa + ra)?;
            let caller = registers::unsigned(Window::new(pid).word(at)?);
            if process.maps.code(caller.wrapping_sub(1)).is_none() {
                process.look_again(pid);
                process.maps.code(caller.wrapping_sub(1))?;
            }
            Some((step, ra))
        });
        if !counts::tell(table, stop.space.process, regs.pc, step) {
            // Else it would ask again at each call.
            self.memory.control().flags.fetch_and(!NOTICES, Relaxed);
            self.tally.remark(
                "there are more return addresses than can be told apart: from some, call \
                 sites are those in the libraries",
            );
        }
    }

    fn tell_site(&mut self, stop: &Stop<'_>, index: u64, regs: &Registers) {
        let Some((_, stack)) = self.stack(stop, regs) else { return };
        let Some(Process { program, .. }) = self.processes.get(&stop.pid) else { return };
        let place = Place { program: *program, thread: Pid::from_raw(stop.tid), stack };
        let Some(table) = self.memory.table() else { return };
        if let Some(site) = table.sites.get(index as usize) {
            self.sites.add(index as usize, site, place);
        }
    }

    /// Another program is about to take the place of this one, if it can.
    fn about_to_execute(&mut self, stop: &Stop<'_>, is_at: bool) {
        let process = stop.pid;
        let [first, second, ..] = stop.call.arguments;
        let path = memory::text(Pid::from_raw(process), if is_at { second } else { first });
        let place = match path.strip_prefix('/') {
            Some(rest) => PathBuf::from(format!("/proc/{process}/root")).join(rest),
            None => PathBuf::from(format!("/proc/{process}/cwd")).join(&path),
        };
        let Ok(file) = place.metadata() else { return };
        let Ok(own) = fs::metadata(format!("/proc/{process}")) else { return };
        let becomes_another = file.mode() & 0o4000 != 0 && file.uid() != own.uid()
            || file.mode() & 0o2000 != 0 && file.gid() != own.gid();
        if becomes_another {
            self.tally.remark(format!(
                "{path:?} is set-user-ID or set-group-ID: while it is traced it runs without \
                 the rights of its owner"
            ));
        }
    }

    /// Before its end is told to anybody: a new thread may get its memory, and with that
    /// its place in the table.
    fn thread_ends(&mut self, tid: i32) {
        // A wait without end, such as that of a thread that is killed.
        self.pending.remove(&tid);
        if let Some(table) = self.memory.table() {
            self.sites.end(tid, table, &mut self.tally);
        }
    }

    fn end_program(&mut self, pid: i32) {
        let Some(process) = self.processes.remove(&pid) else { return };
        self.unwinder.forget(Pid::from_raw(pid));
        self.symbols.forget(process.program);
        if let Some(table) = self.memory.table()
            && !self.processes.values().any(|other| other.number == process.number)
        {
            counts::forget(table, process.number);
        }
        if let Some(program) = self.tally.programs.get_mut(process.program) {
            program.ended = Some(Instant::now());
        }
    }
}

impl Process {
    fn look_again(&mut self, pid: Pid) {
        self.maps = Maps::of(pid);
        self.looked_at = Instant::now();
    }
}

/// Whether an address is our vDSO's.
fn is_image(space: &Space, address: u64) -> bool {
    let length = instanter_vdso::IMAGE.map_or(0, <[u8]>::len) as u64;
    space.image.is_some_and(|start| (start..start + length).contains(&address))
}

impl Handler for Session<'_> {
    fn entry(&mut self, stop: &mut Stop<'_>) -> Then {
        let Some(call) = calls::find(stop.call.number) else { return Then::Continue };
        if call.kind == Kind::Exec {
            self.about_to_execute(stop, call.name == "execveat");
            return Then::Continue;
        }
        let regs = Registers::at(stop);
        let Some((addresses, stack)) = self.stack(stop, &regs) else { return Then::Continue };
        let Some(Process { program, .. }) = self.processes.get(&stop.pid) else {
            return Then::Continue;
        };
        let place = Place { program: *program, thread: Pid::from_raw(stop.tid), stack };
        if let Kind::Read(has_clock) = call.kind {
            let clock = has_clock.then_some(stop.call.arguments[0] as i32);
            let read = Read { function: call.name, clock };
            // What the kernel's vDSO falls back to, our image has counted already.
            let counted = stop.space.is_vdso(regs.pc);
            let known = counted.then(|| self.sites.find(stop.tid, &addresses, read)).flatten();
            let (read, place) = known.unwrap_or((read, place));
            self.tally.read_by_system_call(place, read, !counted);
            return Then::Continue;
        }
        self.pending.insert(stop.tid, Pending { call, place, started: Instant::now() });
        Then::Exit
    }

    fn exit(&mut self, stop: &mut Stop<'_>) {
        if let Some(pending) = self.pending.remove(&stop.tid) {
            let took = pending.started.elapsed();
            let ok = stop.registers.result() >= 0;
            self.tally.waited(pending.place, pending.call.name, took, ok);
        }
    }

    fn notice(&mut self, stop: &mut Stop<'_>) {
        let [reason, a, b, c, d, _] = stop.call.arguments;
        match reason {
            NOTICE_FRAME => self.tell_frame(stop, &Registers::told([a, b, c])),
            NOTICE_SITE => self.tell_site(stop, a, &Registers::told([b, c, d])),
            _ => {}
        }
    }

    fn began(&mut self, tid: i32, pid: i32, parent: Option<i32>, space: &Space) {
        if parent.is_some() || tid == pid {
            // One that becomes another program keeps its parent.
            if let Some(parent) = parent {
                self.parents.insert(pid, parent);
            }
            let parent = self.parents.get(&pid).copied();
            self.end_program(pid);
            self.new_program(pid, parent, space.process);
        }
        self.name_thread(pid, tid);
    }

    fn ending(&mut self, stop: &mut Stop<'_>) {
        self.name_thread(stop.pid, stop.tid);
        self.thread_ends(stop.tid);
    }

    fn ended(&mut self, tid: i32, pid: i32) {
        // One that is killed may not stop before.
        self.thread_ends(tid);
        if tid == pid {
            self.end_program(pid);
        }
    }

    fn refused(&mut self, pid: i32, why: &str) {
        self.tally.remark(format!("process {pid} was ended: {why}"));
    }

    fn kicked(&mut self) {
        self.collect();
        (self.tick)(&self.tally);
    }
}

fn command_line(pid: i32) -> String {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    words.trim_end_matches('\0').replace('\0', " ")
}
