//! Darwin's commpage, on both CPUs.

use std::sync::atomic::AtomicU64;

use instanter_page::darwin::{Absolute, Contents, LENGTH, Reader, TimeOfDay, Writer};
use instanter_page::{BinaryTime, Cpu, Unreadable};

use crate::harness::{NANOS, Reading, System, Truth, exact_nanos, poke};

pub struct Darwin<const X86: bool> {
    memory: Vec<AtomicU64>,
    writer: Writer,
}

pub type X86_64 = Darwin<true>;
pub type Aarch64 = Darwin<false>;

/// `(1 << 64) / hertz`.
fn scale(hertz: u64) -> u64 {
    ((1u128 << 64) / u128::from(hertz)) as u64
}

/// `NT_SHIFT` and `NT_SCALE` by the rule in the kernel's comment: the smallest shift
/// that makes the counter as fast as 1 GHz, and 2^32 nanoseconds a tick of that.
fn nt(hertz: u64) -> (u32, u32) {
    let shift = (0..31).find(|shift| hertz << shift > 1_000_000_000).expect("a shift");
    (shift, ((1_000_000_000u128 << 32) / u128::from(hertz << shift)) as u32)
}

impl<const X86: bool> Darwin<X86> {
    const CPU: Cpu = if X86 { Cpu::X86_64 } else { Cpu::Aarch64 };
    const TICK: usize = if X86 { 0xd0 } else { 0x120 };

    /// Absolute time at the origin: nanoseconds, or ticks.
    fn absolute_at_origin(truth: &Truth) -> u64 {
        if X86 {
            return truth.nanos_at_origin() as u64;
        }
        let part = (u128::from(truth.frac) * u128::from(truth.hertz)) >> 64;
        truth.sec * truth.hertz + part as u64
    }

    fn contents(truth: &Truth) -> Contents {
        let at_origin = Self::absolute_at_origin(truth);
        let (shift, nt_scale) = nt(truth.hertz);
        let absolute = if X86 {
            Absolute::X86_64 { tsc_base: truth.origin, scale: nt_scale, shift, ns_base: at_origin }
        } else {
            let offset = at_origin.wrapping_sub(truth.origin);
            Absolute::Aarch64 { offset, user_timebase: 1, always_on: None }
        };
        let units_a_second = if X86 { 1_000_000_000 } else { truth.hertz };
        Contents {
            absolute,
            continuous: 3_600 * units_a_second,
            boottime_us: 1_700_000_000_000_000,
            approximate: Some(at_origin),
            wall: Some(TimeOfDay {
                tick: at_origin,
                time: BinaryTime { sec: truth.sec as i64 + truth.apart_s, frac: truth.frac },
                scale: scale(units_a_second),
                ticks_per_sec: units_a_second,
            }),
        }
    }
}

impl<const X86: bool> System for Darwin<X86> {
    type Reader = Reader;
    const APART_S: i64 = 1_700_000_000;
    // On Arm absolute time is the counter.
    const STEERED: bool = X86;

    fn on(memory: Vec<AtomicU64>) -> Self {
        // SAFETY: the memory lives as long as the writer, which alone writes it while
        // the writer does; moving a vector does not move what it holds.
        let writer = unsafe { Writer::new(memory.as_ptr().cast_mut().cast(), Self::CPU) };
        Darwin { memory, writer }
    }

    fn length() -> usize {
        LENGTH
    }

    fn memory(&self) -> &[AtomicU64] {
        &self.memory
    }

    fn publish(&mut self, truth: impl FnOnce() -> Truth) {
        self.writer.update(|| Self::contents(&truth()));
    }

    fn reader(&self) -> Reader {
        // SAFETY: the tests drop their readers before the page.
        unsafe { Reader::new(self.memory.as_ptr().cast(), Self::CPU) }
    }

    fn read(reader: &Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable> {
        let frame = reader.frame(counter)?;
        // The wall clock says whether there is a line at all.
        let wall = frame.wall()?.to_timespec().as_nanos();
        Ok(Reading { monotonic: frame.uptime()?.as_nanos(), wall })
    }

    fn exact(truth: &Truth, counter: u64) -> Reading {
        let ticks = u128::from(counter - truth.origin);
        let at_origin = Self::absolute_at_origin(truth);
        let (units, monotonic, hertz) = if X86 {
            let (shift, nt_scale) = nt(truth.hertz);
            let ns = ((ticks * u128::from(nt_scale)) << shift) / (1 << 32);
            (ns as u64, i128::from(at_origin) + ns as i128, 1_000_000_000)
        } else {
            let units = i128::from(at_origin) + ticks as i128;
            (ticks as u64, units * NANOS / i128::from(truth.hertz), truth.hertz)
        };
        let passed = u128::from(units) * u128::from(scale(hertz)) + u128::from(truth.frac);
        let sec = i128::from(truth.sec) + i128::from(truth.apart_s) + (passed >> 64) as i128;
        Reading { monotonic, wall: exact_nanos(sec, passed as u64) }
    }

    fn resolution_ns(truth: &Truth, ticks: u64) -> i128 {
        // A unit of absolute time, and the scale's, rounded down by less than one of its.
        let unit = if X86 { 1 } else { NANOS / i128::from(truth.hertz) + 1 };
        let lost = if X86 { i128::from(ticks) << nt(truth.hertz).0 >> 32 } else { 0 };
        2 + unit + lost
    }

    fn most_ticks(truth: &Truth) -> (u64, Option<Unreadable>) {
        if !X86 {
            return (truth.hertz - 1, Some(Unreadable::Stale));
        }
        // The last tick that makes less than 10^9 ns.
        let (shift, nt_scale) = nt(truth.hertz);
        let enough = (1_000_000_000u128 << 32).div_ceil(u128::from(nt_scale) << shift);
        (enough as u64 - 1, Some(Unreadable::Stale))
    }

    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable)) {
        if X86 {
            poke(&self.memory, 0x68, 4, 0);
            check("NT_GENERATION zero", Unreadable::Busy);
        }
        poke(&self.memory, Self::TICK, 8, 0);
        check("TimeStamp_tick zero", Unreadable::Disabled);
    }

    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable)) {
        let on = Self::contents(&truth);
        self.writer.update(|| Contents { wall: None, ..on });
        check(self, "no wall clock", Unreadable::Disabled);
        if let Absolute::Aarch64 { offset, always_on, .. } = on.absolute {
            for (user_timebase, want) in
                [(0, Unreadable::Disabled), (4, Unreadable::Device { number: 4 })]
            {
                let absolute = Absolute::Aarch64 { offset, always_on, user_timebase };
                self.writer.update(|| Contents { absolute, ..on });
                check(self, "USER_TIMEBASE", want);
            }
        }
        let before_1970 =
            on.wall.map(|wall| TimeOfDay { time: BinaryTime { sec: -1, frac: 0 }, ..wall });
        self.writer.update(|| Contents { wall: before_1970, ..on });
        let wild = Unreadable::Wild { field: "TimeStamp_sec", value: u64::MAX };
        check(self, "a negative second", wild);
        let stopped = on.wall.map(|wall| TimeOfDay { ticks_per_sec: 0, ..wall });
        self.writer.update(|| Contents { wall: stopped, ..on });
        check(self, "no ticks in a second", Unreadable::Stale);
    }
}

#[test]
fn continuous_and_approximate_time() {
    let truth = Truth { origin: 500, hertz: 24_000_000, sec: 10, frac: 0, apart_s: 0 };
    let mut page = Aarch64::new();
    page.publish(|| truth);
    let reader = page.reader();
    assert_eq!(reader.approximate(), Ok(240_000_000));
    let frame = reader.frame(|| 500 + 24).expect("an answer");
    assert_eq!(frame.absolute, 240_000_024);
    assert_eq!(frame.uptime().expect("a frequency").to_string(), "10.000001000");
    assert_eq!(frame.monotonic().expect("a frequency").to_string(), "3610.000001000");
    // A counter that goes on in sleep has an offset of its own.
    let on = Aarch64::contents(&truth);
    let absolute = Absolute::Aarch64 { offset: 0, user_timebase: 2, always_on: Some(1_000) };
    page.writer.update(|| Contents { absolute, approximate: None, wall: None, ..on });
    let frame = reader.frame(|| 500).expect("an answer");
    assert_eq!((frame.absolute, frame.continuous()), (500, 1_500));
    assert_eq!(frame.uptime(), Err(Unreadable::Missing), "nothing says how long a tick is");
    assert_eq!(reader.approximate(), Err(Unreadable::Missing));

    let mut page = X86_64::new();
    page.publish(|| truth);
    let frame = page.reader().frame(|| 500 + 24).expect("an answer");
    assert_eq!(frame.uptime().expect("nanoseconds").to_string(), "10.000000999", "scale rounds");
    assert_eq!(frame.continuous(), frame.absolute + 3_600_000_000_000);
}

/// The factor that is 1.6 % wrong at 24 MHz would show in the first microsecond.
#[test]
fn an_hour_at_24_mhz() {
    let truth = Truth { origin: 0, hertz: 24_000_000, sec: 10, frac: 0, apart_s: 0 };
    let mut page = Aarch64::new();
    page.publish(|| truth);
    let frame = page.reader().frame(|| 3_600 * 24_000_000).expect("an answer");
    assert_eq!(frame.uptime().expect("a frequency").to_string(), "3610.000000000");
    assert_eq!(frame.wall(), Err(Unreadable::Stale));
}

/// Two updates at one counter value: the second starts a tick later, on its own line.
#[test]
fn a_tick_is_used_once() {
    let truth = Truth { origin: 24, hertz: 24_000_000, sec: 10, frac: 0, apart_s: 0 };
    let mut page = Aarch64::new();
    let mut ticks = Vec::new();
    for _ in 0..3 {
        page.publish(|| truth);
        ticks.push(
            page.reader().frame(|| 24).expect("an answer").contents.wall.map(|wall| wall.tick),
        );
        for counter in [24, 24 + 1, 24 + 24] {
            assert_eq!(page.read_at(counter), Ok(Aarch64::exact(&truth, counter)));
        }
    }
    assert_eq!(ticks, [240_000_000, 240_000_001, 240_000_002].map(Some));
    // Not for ever: a line that starts in a second is no line.
    let frame = page.reader().frame(|| 24 - 24).expect("an answer");
    assert!(frame.wall().is_ok());
    page.publish(|| Truth { sec: 11, ..truth });
    page.publish(|| truth);
    assert_eq!(page.read_at(24), Err(Unreadable::Stale));
}

/// A TSC far below 1 GHz, and numbers that do not fit.
#[test]
fn absolute_time_beyond_64_bits_is_refused() {
    let truth = Truth { origin: 0, hertz: 20_000_000, sec: 10, frac: 0, apart_s: 0 };
    let mut page = X86_64::new();
    let absolute = Absolute::X86_64 { tsc_base: 0, scale: u32::MAX, shift: 31, ns_base: 0 };
    page.writer.update(|| Contents { absolute, ..X86_64::contents(&truth) });
    assert!(page.reader().frame(|| 1 << 32).is_ok());
    assert_eq!(page.reader().frame(|| 1 << 34), Err(Unreadable::Stale));
    let absolute = Absolute::X86_64 { tsc_base: 0, scale: 0, shift: 0, ns_base: 0 };
    page.writer.update(|| Contents { absolute, ..X86_64::contents(&truth) });
    let wild = Unreadable::Wild { field: "NT_SCALE", value: 0 };
    assert_eq!(page.reader().frame(|| 1), Err(wild));
}
