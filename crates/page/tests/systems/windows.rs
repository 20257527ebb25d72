//! Windows' shared data, with the TSC as it is and with a hypervisor's page.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use instanter_page::Unreadable;
use instanter_page::windows::{
    Contents, HYPERVISOR_LENGTH, HypervisorPage, HypervisorWriter, LENGTH, Reader, ReferenceTsc,
    UNIX_EPOCH, Writer, bypass,
};

use crate::harness::{NANOS, Reading, System, Truth, peek, poke};

const SYSTEM_TIME: usize = 0x14;
const LOCK: usize = 0x340;
/// Words of the shared data, after which the tests have the hypervisor's page.
const WORDS: usize = LENGTH.div_ceil(8);

pub struct Windows<const HYPERVISOR: bool> {
    memory: Vec<AtomicU64>,
    writer: Writer,
    hypervisor: HypervisorWriter,
}

pub type Tsc = Windows<false>;
pub type Hypervisor = Windows<true>;

const BIAS: u64 = 1 << 40;
const QPC_SHIFT: u32 = 10;

/// The line that a hypervisor makes of a TSC: 10 MHz.
fn reference(hertz: u64) -> ReferenceTsc {
    let scale = (10_000_000u128 << 64) / u128::from(hertz);
    ReferenceTsc { scale: scale as u64, offset: -12_345 }
}

impl<const HYPERVISOR: bool> Windows<HYPERVISOR> {
    /// The performance counter, by division rather than by multiplication.
    fn qpc(truth: &Truth, counter: u64) -> u64 {
        if HYPERVISOR {
            let line = reference(truth.hertz);
            let scaled = (u128::from(counter) * u128::from(line.scale)).div_euclid(1 << 64);
            (scaled as i128 + i128::from(line.offset) + i128::from(BIAS)) as u64
        } else {
            (counter + BIAS) / 1_024
        }
    }

    /// Units of 100 ns a tick of the performance counter: shift and increment.
    fn increment(truth: &Truth) -> (u8, u64) {
        if HYPERVISOR {
            // 1, as a running system has it.
            return (1, 1 << 63);
        }
        let unit = |shift: u32| (10_000_000u128 << 64 >> shift) * 1_024 / u128::from(truth.hertz);
        let shift = (0..64).find(|shift| unit(*shift) >> 64 == 0).expect("a shift");
        (shift as u8, unit(shift) as u64)
    }

    fn contents(truth: &Truth) -> Contents {
        let (shift, increment) = Self::increment(truth);
        let interrupt_time = (truth.nanos_at_origin() / 100) as i64;
        let baseline = Self::qpc(truth, truth.origin);
        let with = if HYPERVISOR { bypass::HYPERVISOR_PAGE } else { 0 };
        Contents {
            interrupt_time,
            system_time: interrupt_time + UNIX_EPOCH + truth.apart_s * 10_000_000,
            qpc_frequency: if HYPERVISOR { 10_000_000 } else { truth.hertz >> QPC_SHIFT },
            baseline_system_qpc: baseline,
            baseline_interrupt_qpc: baseline,
            system_increment: increment,
            interrupt_increment: increment,
            system_shift: shift,
            interrupt_shift: shift,
            interrupt_bias: 7,
            qpc_bias: BIAS,
            bypass: bypass::ENABLED | bypass::RDTSCP | with,
            qpc_shift: if HYPERVISOR { 0 } else { QPC_SHIFT as u8 },
        }
    }

    fn hypervisor_at(&self) -> *mut u8 {
        self.memory[WORDS..].as_ptr().cast_mut().cast()
    }
}

impl<const HYPERVISOR: bool> System for Windows<HYPERVISOR> {
    type Reader = Reader;
    const APART_S: i64 = 1_700_000_000;
    // The hypervisor's line is for the counter as it is.
    const STEERED: bool = !HYPERVISOR;

    fn on(memory: Vec<AtomicU64>) -> Self {
        // SAFETY: the memory lives as long as the writers, which alone write it while
        // they do; moving a vector does not move what it holds.
        let (writer, hypervisor) = unsafe {
            (
                Writer::new(memory.as_ptr().cast_mut().cast()),
                HypervisorWriter::new(memory[WORDS..].as_ptr().cast_mut().cast()),
            )
        };
        Windows { memory, writer, hypervisor }
    }

    fn length() -> usize {
        8 * WORDS + HYPERVISOR_LENGTH
    }

    fn memory(&self) -> &[AtomicU64] {
        &self.memory
    }

    fn publish(&mut self, truth: impl FnOnce() -> Truth) {
        let hypervisor = &mut self.hypervisor;
        self.writer.update(|| {
            let truth = truth();
            if HYPERVISOR {
                hypervisor.update(|| Some(reference(truth.hertz)));
            }
            Self::contents(&truth)
        });
    }

    fn reader(&self) -> Reader {
        // SAFETY: the tests drop their readers before the page.
        unsafe {
            let hypervisor = HYPERVISOR.then(|| HypervisorPage::new(self.hypervisor_at()));
            Reader::new(self.memory.as_ptr().cast(), hypervisor)
        }
    }

    fn read(reader: &Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable> {
        let frame = reader.frame(counter)?;
        Ok(Reading {
            monotonic: frame.interrupt_time()?.as_nanos(),
            wall: frame.system_time()?.as_nanos(),
        })
    }

    fn exact(truth: &Truth, counter: u64) -> Reading {
        let ticks = Self::qpc(truth, counter) - Self::qpc(truth, truth.origin);
        let (shift, increment) = Self::increment(truth);
        let scaled = u128::from(ticks.saturating_sub(1)) * u128::from(increment);
        let passed = scaled.div_euclid(1 << (64 - shift)) as i128;
        let monotonic = (truth.nanos_at_origin() / 100 + passed) * 100;
        Reading { monotonic, wall: monotonic + i128::from(truth.apart_s) * NANOS }
    }

    fn resolution_ns(truth: &Truth, ticks: u64) -> i128 {
        // 100 ns, and up to two ticks of the performance counter, of which the system
        // leaves out one; an increment that is rounded down by less than a unit a tick.
        let tick = if HYPERVISOR { 200 } else { 1_024 * NANOS / i128::from(truth.hertz) + 1 };
        let lost = (i128::from(ticks) * 100) >> (64 - 10);
        200 + 2 * tick + lost
    }

    fn most_ticks(_: &Truth) -> (u64, Option<Unreadable>) {
        // Days to weeks. The performance counter itself ends first.
        (1 << 50, None)
    }

    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable)) {
        poke(&self.memory, LOCK, 8, peek(&self.memory, LOCK, 8) | 1);
        check("TimeUpdateLock is odd", Unreadable::Busy);
        for at in [0x08, SYSTEM_TIME] {
            let high = peek(&self.memory, at + 8, 4);
            poke(&self.memory, at + 8, 4, high + 1);
            check("High1Time is not High2Time", Unreadable::Busy);
            poke(&self.memory, at + 4, 4, high + 1);
            poke(&self.memory, at + 8, 4, high);
            check("nor the other way round", Unreadable::Busy);
        }
    }

    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable)) {
        self.publish(|| truth);
        let on = Self::contents(&truth);
        self.writer.update(|| Contents { bypass: 0, ..on });
        check(self, "QpcBypassEnabled", Unreadable::Disabled);
        self.writer.update(|| Contents { bypass: on.bypass | bypass::A73_ERRATUM, ..on });
        check(self, "an erratum", Unreadable::Device { number: 0x40 });
        self.writer.update(|| Contents { qpc_shift: 64, ..on });
        check(self, "QpcShift", Unreadable::Wild { field: "QpcShift", value: 64 });
        self.writer.update(|| on);
        if HYPERVISOR {
            self.hypervisor.update(|| None);
            check(self, "the hypervisor's sequence is zero", Unreadable::Disabled);
        } else {
            self.writer.update(|| Contents { bypass: on.bypass | bypass::HYPERVISOR_PAGE, ..on });
            check(self, "no hypervisor's page is known", Unreadable::Missing);
        }
    }
}

/// The page of a running Windows 10 (build 19045), as a dump shows it: 9 hours after
/// boot, with a performance counter of 10 MHz.
#[test]
fn a_page_that_was_seen() {
    let mut page = Tsc::new();
    let seen = Contents {
        baseline_system_qpc: 0x0000_004b_17cd_596c,
        baseline_interrupt_qpc: 0x0000_004b_17cd_596c,
        system_increment: 0x8000_0000_0000_0000,
        interrupt_increment: 0x8000_0000_0000_0000,
        system_shift: 1,
        interrupt_shift: 1,
        interrupt_bias: 0x0000_0015_a5d5_6406,
        qpc_bias: 0,
        bypass: 0x81,
        qpc_shift: 0,
        qpc_frequency: 10_000_000,
        ..Tsc::contents(&Truth { origin: 0, hertz: 10_000_000, sec: 32_000, frac: 0, apart_s: 0 })
    };
    page.writer.update(|| seen);
    let frame = page.reader().frame(|| seen.baseline_system_qpc + 1_001).expect("an answer");
    assert_eq!(frame.interrupt_time().expect("a time").to_string(), "32000.000100000");
    // 0x1f7f05 ticks of 15.625 ms said the tick count beside it: 32,252 s.
    let performance = frame.performance_time().expect("a frequency");
    assert!((performance.sec - 2_064_133 * 15_625 / 1_000_000).abs() <= 1, "{performance}");
}

#[test]
fn coarse_clocks_need_no_counter() {
    let truth = Truth { origin: 5, hertz: 1 << 30, sec: 77, frac: 1 << 63, apart_s: 1_000 };
    let mut page = Tsc::new();
    let on = Tsc::contents(&truth);
    page.writer.update(|| Contents { bypass: 0, ..on });
    let coarse = page.reader().coarse().expect("an answer");
    assert_eq!(coarse.interrupt_time.to_string(), "77.500000000");
    assert_eq!(coarse.system_time.to_string(), "1077.500000000");
    // In the middle of an update each triple is still whole, or not read.
    poke(&page.memory, LOCK, 8, 1);
    assert_eq!(page.reader().coarse(), Ok(coarse));
    poke(&page.memory, SYSTEM_TIME + 4, 4, 9);
    assert_eq!(page.reader().coarse(), Err(Unreadable::Busy));
    page.writer.update(|| on);
    assert_eq!(page.reader().coarse(), Ok(coarse));
    let unbiased = page.reader().frame(|| 5).and_then(|frame| frame.unbiased_interrupt_time());
    assert_eq!(unbiased.expect("a time").to_string(), "77.499999300");
}

/// While the keeper writes times whose halves differ, no reader sees one of each.
#[test]
fn coarse_clocks_are_never_torn() {
    let truth = Truth { origin: 5, hertz: 1 << 30, sec: 1, frac: 0, apart_s: 0 };
    let mut page = Tsc::new();
    let at = |step: i64| Contents {
        // Both halves say which update it was; the upper one carries.
        interrupt_time: step << 32 | step,
        ..Tsc::contents(&truth)
    };
    page.writer.update(|| at(1));
    let reader = page.reader();
    let reading = AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            /// Says that the reader is done, be it by a panic.
            struct Done<'a>(&'a AtomicBool);
            impl Drop for Done<'_> {
                fn drop(&mut self) {
                    self.0.store(false, Ordering::Relaxed);
                }
            }
            let _done = Done(&reading);
            let (mut last, mut answered) = (0, 0);
            while answered < 3_000 {
                let Ok(coarse) = reader.coarse() else { continue };
                let time = (coarse.interrupt_time.as_nanos() / 100) as i64;
                assert_eq!(time >> 32, time & 0xffff_ffff, "half of another update");
                assert!(time >= last);
                (last, answered) = (time, answered + 1);
            }
        });
        for step in (2..i64::from(i32::MAX)).take_while(|_| reading.load(Ordering::Relaxed)) {
            page.writer.update(|| at(step));
            for _ in 0..50 {
                std::hint::spin_loop();
            }
        }
    });
}

#[test]
fn overflow_is_refused() {
    let truth = Truth { origin: 0, hertz: 1 << 30, sec: 77, frac: 0, apart_s: 0 };
    let mut page = Tsc::new();
    let on = Contents {
        system_shift: 40,
        qpc_shift: 0,
        baseline_system_qpc: BIAS,
        ..Tsc::contents(&truth)
    };
    page.writer.update(|| on);
    let at = |ticks| page.reader().frame(|| ticks).and_then(|frame| frame.system_time());
    assert!(at(1 << 24).is_ok());
    assert_eq!(at((1 << 24) + 1), Err(Unreadable::Stale));
    page.writer.update(|| Contents { system_shift: 64, ..on });
    let at = |ticks| page.reader().frame(|| ticks).and_then(|frame| frame.system_time());
    assert!(matches!(at(10), Err(Unreadable::Wild { value: 64, .. })));
    assert!(at(0).is_ok(), "nothing to interpolate");
}

/// A performance counter of 24 MHz, as Arm machines have it, in nanoseconds.
#[test]
fn the_performance_counter_at_24_mhz() {
    let truth = Truth { origin: 0, hertz: 1 << 30, sec: 77, frac: 0, apart_s: 0 };
    let mut page = Tsc::new();
    let on =
        Contents { qpc_frequency: 24_000_000, qpc_shift: 0, qpc_bias: 0, ..Tsc::contents(&truth) };
    page.writer.update(|| on);
    let frame = page.reader().frame(|| 86_400 * 24_000_000).expect("an answer");
    assert_eq!(frame.performance_time().expect("a frequency").to_string(), "86400.000000000");
    page.writer.update(|| Contents { qpc_frequency: 0, ..on });
    let frame = page.reader().frame(|| 1).expect("an answer");
    assert!(frame.performance_time().is_err());
}
