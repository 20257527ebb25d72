//! The program and all that it starts, from the side of the clocks: what is answered at
//! each system call, and what follows from a change.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

use instanter_vdso::layout::VIEWS;
use nix::libc;
use nix::unistd::Pid;

use super::adjust;
use super::arrivals::{self, Arrivals};
use super::clocks::{Change, Clocks, Group, real};
use super::control::{Metronome, Orders};
use super::counter::Counter;
use super::discipline::Steering;
use super::timers::{self, Pending, Timers};
use super::waits::{self, Begun};
use crate::tracer::maps::Maps;
use crate::tracer::status::Status;
use crate::tracer::symbols::{Symbols, short};
use crate::tracer::{Filter, Handler, Space, Stop, Then, When, interrupt};

/// What sets the timeout of a socket: `SO_RCVTIMEO` and `SO_SNDTIMEO`, old and new.
const SOCKET_TIMEOUTS: [u32; 4] = [20, 21, 66, 67];

/// `PACKET_RX_RING`: packets are in shared memory, and with them the times at which they came.
const RING: u32 = 5;

/// What gives a file the time at which it is made, where this argument is null.
const TOUCHES: &[(i64, u32)] = &[
    (libc::SYS_utimensat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_futimesat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_utimes, 1),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_utime, 1),
];

/// The system calls that stop; but none with `password`, which our image makes where the
/// counter is trapped. With `watches`, what is to become of a breakpoint's signal is seen, and
/// which files are mapped as code.
pub(super) fn filter(spans: bool, watches: bool, password: Option<u64>) -> Filter {
    let clocks = vec![0, 1, 4, 5, 6, 7, 8, 9, 11];
    let reads = match password {
        Some(password) => When::OneOfWithout { argument: 0, values: clocks, password },
        None => When::OneOf(0, clocks),
    };
    let mut calls = vec![
        (libc::SYS_clock_gettime, reads),
        (libc::SYS_gettimeofday, When::Always),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_time, When::Always),
    ];
    calls.extend(waits::filtered(spans));
    calls.extend(timers::filtered());
    calls.extend(adjust::filtered());
    calls.extend(TOUCHES.iter().map(|(call, times)| (*call, When::Null(*times))));
    if spans {
        calls.push((libc::SYS_io_uring_setup, When::Always));
    }
    let timeouts: &[u32] = if spans { &SOCKET_TIMEOUTS } else { &[] };
    let options = [timeouts, &arrivals::OPTIONS, &[RING]].concat();
    calls.extend([(libc::SYS_setsockopt, When::OneOf(2, options)), arrivals::filtered()]);
    if watches {
        calls.push((libc::SYS_rt_sigaction, When::OneOf(0, vec![libc::SIGTRAP as u32])));
        calls.push(Filter::maps_code());
    }
    if password.is_some() {
        let about_it = vec![libc::PR_GET_TSC as u32, libc::PR_SET_TSC as u32];
        calls.push((libc::SYS_prctl, When::OneOf(0, about_it)));
    }
    Filter::stop_at(&calls)
}

/// The handler of a faked tree.
#[derive(Debug)]
pub(super) struct Program {
    clocks: Clocks,
    orders: Orders,
    /// File names of programs with a view of their own: the first has view 1.
    names: Vec<String>,
    waits: HashMap<i32, Begun>,
    /// Threads that were interrupted because the clocks have changed.
    retimed: HashSet<i32>,
    timers: Timers,
    arrivals: Arrivals,
    pending: HashMap<i32, Pending>,
    /// Processes whose timers are to be set anew.
    owed: HashSet<i32>,
    /// All threads, and their processes.
    threads: HashMap<i32, i32>,
    told: HashSet<&'static str>,
    /// What stands in for the CPU's, if that is trapped.
    counter: Option<Counter>,
    /// Of the tree's clock, if one of its programs has steered it, and what wakes us for it.
    steering: Option<Steering>,
    metronome: Metronome,
}

impl Program {
    pub(super) fn new(
        clocks: Clocks,
        orders: Orders,
        names: Vec<String>,
        counter: Option<Counter>,
        metronome: Metronome,
    ) -> Program {
        Program {
            clocks,
            orders,
            names,
            waits: HashMap::new(),
            retimed: HashSet::new(),
            timers: Timers::default(),
            arrivals: Arrivals::default(),
            pending: HashMap::new(),
            owed: HashSet::new(),
            threads: HashMap::new(),
            told: HashSet::new(),
            counter,
            steering: None,
            metronome,
        }
    }

    /// Says what goes by the true clock.
    fn say(stop: &Stop<'_>, what: &str) {
        let program = stop.space.program.display();
        let _ = writeln!(io::stderr(), "instanter fake: {program} (process {}) {what}", stop.pid);
    }

    /// Says once what does not follow.
    fn tell(&mut self, stop: &Stop<'_>, what: &'static str) {
        if self.told.insert(what) {
            Program::say(stop, &format!("uses {what}: that goes by the true clock"));
        }
    }

    /// The clocks have changed: wakes all that wait for a time, so that they wait anew.
    fn retime(&mut self) {
        for tid in self.waits.keys() {
            self.retimed.insert(*tid);
            interrupt(*tid);
        }
        for (tid, pid) in &self.threads {
            // One thread of the process does it for all.
            if self.timers.has(*pid) && self.owed.insert(*pid) {
                interrupt(*tid);
            }
        }
    }

    /// Begins the seconds that have come on the tree's clock. Returns whether that has
    /// changed how it goes.
    fn pass_seconds(&mut self) -> bool {
        let Some(steering) = &mut self.steering else { return false };
        let leap = steering.pass(self.clocks.peek(0, Group::Realtime));
        if leap != 0 {
            self.clocks.change(&Change::leap_second(leap), None);
        }
        self.clocks.set_pace(steering.pace()) || leap != 0
    }

    /// Makes a change that is none of a program's.
    fn order(&mut self, change: &Change) {
        self.clocks.change(change, None);
        if let Some(steering) = &mut self.steering {
            if change.sets_the_date() {
                steering.discipline().clear();
            }
            if change.at.is_some() || change.jump.is_some() || change.beneath {
                steering.moved(self.clocks.peek(0, Group::Realtime));
            }
        }
    }

    /// Has us woken when the tree's clock is to go otherwise.
    fn wind(&mut self) {
        let Some(steering) = &self.steering else { return };
        // By a stopped clock no second ever comes.
        let due = steering.next().and_then(|next| self.clocks.when(0, Group::Realtime, next));
        self.metronome.set(due.map(|due| due - real(libc::CLOCK_REALTIME)));
    }

    /// A program sets the clock or steers it: that is the clock of all of the tree.
    fn adjust(&mut self, stop: &mut Stop<'_>) {
        let mut changed = self.pass_seconds();
        let change = adjust::enter(stop, &self.clocks, &mut self.steering);
        if let Some(change) = &change {
            self.clocks.change(change, None);
            changed = true;
        }
        if let Some(steering) = &mut self.steering {
            if change.is_some_and(|change| change.jump.is_some()) {
                steering.moved(self.clocks.peek(0, Group::Realtime));
            }
            changed |= self.clocks.set_pace(steering.pace());
        }
        if changed {
            self.retime();
        }
        self.wind();
    }

    /// A read that came past our image. Returns whether it was answered.
    fn answer(&self, stop: &mut Stop<'_>) -> bool {
        // The kernel's vDSO asks on behalf of our image, which applies the line itself.
        if stop.space.is_vdso(stop.call.address) {
            return false;
        }
        let view = stop.space.view as usize;
        let at = stop.call.arguments;
        let clock = match stop.call.number {
            libc::SYS_clock_gettime => at[0] as i32,
            _ => 0,
        };
        let Some(now) = self.clocks.now(view, clock) else { return false };
        let written = match stop.call.number {
            libc::SYS_clock_gettime => stop.write(at[1], &waits::signed(now, 1)).map(|()| 0),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_time => {
                let seconds = now.div_euclid(1_000_000_000) as i64;
                let written = match at[0] {
                    0 => Ok(()),
                    address => stop.write(address, &seconds.to_ne_bytes()),
                };
                written.map(|()| seconds)
            }
            _ => match at[0] {
                0 => Ok(0),
                address => stop.write(address, &waits::signed(now, 1000)).map(|()| 0),
            },
        };
        // The zone, which nobody uses, is the kernel's: that call is made after all, and
        // what it writes is written over at its exit.
        if stop.call.number == libc::SYS_gettimeofday && at[1] != 0 {
            return false;
        }
        stop.skip(written.unwrap_or(-i64::from(libc::EFAULT)));
        true
    }

    /// At the entry of `setsockopt`.
    fn sets_an_option(&mut self, stop: &Stop<'_>) -> Then {
        let [_, level, option, ..] = stop.call.arguments;
        match (level as i32, option as u32) {
            (libc::SOL_PACKET, RING) => {
                self.tell(stop, "PACKET_RX_RING, the times of packets in shared memory");
            }
            (libc::SOL_SOCKET, option) if arrivals::OPTIONS.contains(&option) => {
                return if self.arrivals.follows(stop.pid) { Then::Continue } else { Then::Exit };
            }
            (libc::SOL_SOCKET, option) if SOCKET_TIMEOUTS.contains(&option) => {
                self.tell(stop, "SO_RCVTIMEO or SO_SNDTIMEO");
            }
            _ => {}
        }
        Then::Continue
    }
}

impl Handler for Program {
    fn counter_read(&mut self, stop: &mut Stop<'_>) {
        let process = Pid::from_raw(stop.pid);
        let frames =
            Symbols::new().frames(0, process, &Maps::of(process), stop.registers.instruction());
        // The function that has it, into which the compiler's own is inlined.
        let place = frames.last().map(|frame| {
            let line = frame.file.as_ref().zip(frame.line);
            let line = line.map(|(file, line)| format!(" ({}:{line})", short(file)));
            format!(" in {}{}", frame.name(), line.unwrap_or_default())
        });
        let place = place.unwrap_or_default();
        let what =
            format!("reads the CPU's counter{place}: that goes by the true clock (--trap-tsc)");
        Program::say(stop, &what);
    }

    fn entry(&mut self, stop: &mut Stop<'_>) -> Then {
        match stop.call.number {
            libc::SYS_clock_gettime => {
                self.answer(stop);
                return Then::Continue;
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_time => {
                self.answer(stop);
                return Then::Continue;
            }
            libc::SYS_gettimeofday => {
                let answered = self.answer(stop);
                let again = !answered && !stop.space.is_vdso(stop.call.address);
                return if again { Then::Exit } else { Then::Continue };
            }
            libc::SYS_setsockopt => return self.sets_an_option(stop),
            libc::SYS_prctl => {
                // Whether the counter may be read, the program decides in appearance.
                let [option, value, ..] = stop.call.arguments;
                let refused = option == libc::PR_GET_TSC as u64
                    && stop.write(value, &libc::PR_TSC_ENABLE.to_ne_bytes()).is_err();
                stop.skip(if refused { -i64::from(libc::EFAULT) } else { 0 });
                return Then::Continue;
            }
            libc::SYS_rt_sigaction => {
                stop.keep_action();
                return Then::Continue;
            }
            libc::SYS_io_uring_setup => {
                self.tell(stop, "io_uring, whose timeouts cannot be seen");
                return Then::Continue;
            }
            number if TOUCHES.iter().any(|(call, _)| *call == number) => {
                self.tell(stop, "file times (utimensat without a time)");
                return Then::Continue;
            }
            _ => {}
        }
        if let Some(pending) = self.timers.enter(stop, &self.clocks) {
            self.pending.insert(stop.tid, pending);
            return Then::Exit;
        }
        if adjust::is_about(stop.call.number) {
            self.adjust(stop);
            return Then::Continue;
        }
        let before = self.waits.remove(&stop.tid);
        match waits::enter(stop, &self.clocks, before) {
            Some(begun) => {
                self.waits.insert(stop.tid, begun);
                Then::Exit
            }
            None if self.arrivals.are_returned(stop) => Then::Exit,
            None => Then::Continue,
        }
    }

    fn exit(&mut self, stop: &mut Stop<'_>) {
        if self.arrivals.are_returned(stop) {
            arrivals::leave(stop, &self.clocks);
        }
        if stop.call.number == libc::SYS_setsockopt {
            if stop.registers.result() == 0 && self.arrivals.follow(stop).is_err() {
                self.tell(stop, "SO_TIMESTAMP, the times at which packets come");
            }
        } else if stop.call.number == libc::SYS_gettimeofday {
            let at = stop.call.arguments[0];
            let now = self.clocks.now(stop.space.view as usize, 0);
            if let (0, Some(now), true) = (stop.registers.result(), now, at != 0) {
                let _ = stop.write(at, &waits::signed(now, 1000));
            }
        } else if let Some(pending) = self.pending.remove(&stop.tid) {
            self.timers.leave(stop, &self.clocks, pending);
        } else if let Some(begun) = self.waits.remove(&stop.tid) {
            let retimed = self.retimed.contains(&stop.tid);
            if let Some(on) = waits::leave(stop, &self.clocks, begun, retimed) {
                self.waits.insert(stop.tid, on);
            }
        }
    }

    fn signal(&mut self, tid: i32, signal: i32) {
        // After a handler the program makes the call again, or not, as it likes: then it
        // is a new one.
        if self.waits.contains_key(&tid) && is_caught(tid, signal) {
            self.waits.remove(&tid);
        }
    }

    fn counter(&mut self, view: u32) -> u64 {
        match &self.counter {
            Some(counter) => counter.now(&self.clocks, view as usize),
            None => instanter_counter::ordered(),
        }
    }

    fn interrupted(&mut self, stop: &mut Stop<'_>) {
        self.retimed.remove(&stop.tid);
        if self.owed.remove(&stop.pid) {
            self.timers.again(stop, &self.clocks);
        }
    }

    fn loaded(&mut self, pid: i32, program: &Path) -> u32 {
        // POSIX timers end with the program that made them; what is armed still is asked
        // for when it matters.
        self.waits.remove(&pid);
        let name = program.file_name().unwrap_or_default();
        let view = self.names.iter().position(|known| name == known.as_str());
        view.map_or(0, |index| (index + 1).min(VIEWS - 2) as u32)
    }

    fn began(&mut self, tid: i32, pid: i32, parent: Option<i32>, _space: &Space) {
        self.threads.insert(tid, pid);
        if let Some(parent) = parent {
            self.arrivals.began(pid, parent);
        }
    }

    fn ended(&mut self, tid: i32, pid: i32) {
        self.threads.remove(&tid);
        self.waits.remove(&tid);
        self.pending.remove(&tid);
        self.retimed.remove(&tid);
        if !self.threads.values().any(|of| *of == pid) {
            self.timers.forget(pid);
            self.owed.remove(&pid);
        }
    }

    fn refused(&mut self, pid: i32, why: &str) {
        let _ = writeln!(io::stderr(), "instanter fake: process {pid} was ended: {why}");
    }

    fn kicked(&mut self) {
        let mut orders: Vec<_> = self.orders.from.try_iter().collect();
        // Seconds by which the date was off until now have not come.
        orders.sort_by_key(|order| !order.change.beneath);
        let beneath = orders.partition_point(|order| order.change.beneath);
        orders[..beneath].iter().for_each(|order| self.order(&order.change));
        let passed = self.pass_seconds();
        orders[beneath..].iter().for_each(|order| self.order(&order.change));
        if let Some(steering) = &self.steering {
            self.clocks.set_pace(steering.pace());
        }
        if passed || !orders.is_empty() {
            self.retime();
        }
        self.wind();
        for order in orders {
            // Who ordered it may have gone.
            let _ = order.done.send(());
        }
    }
}

/// Whether a program handles a signal itself.
fn is_caught(tid: i32, signal: i32) -> bool {
    Status::of(tid).has_signal("SigCgt", signal)
}
