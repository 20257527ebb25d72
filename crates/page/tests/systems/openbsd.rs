//! OpenBSD's timekeep page.

use std::sync::atomic::AtomicU64;

use instanter_page::openbsd::{LENGTH, Reader, Timekeep, Writer};
use instanter_page::{BinaryTime, Cpu, Unreadable};

use crate::freebsd::by_32_bits;
use crate::harness::{NANOS, Reading, System, Truth, poke};

const GENERATION: usize = 72;

pub struct OpenBsd {
    memory: Vec<AtomicU64>,
    writer: Writer,
}

fn scale(truth: &Truth) -> u64 {
    ((1u128 << 64) / u128::from(truth.hertz)) as u64
}

fn timekeep(truth: &Truth) -> Timekeep {
    Timekeep {
        scale: scale(truth),
        offset_count: truth.origin as u32,
        offset: BinaryTime { sec: truth.sec as i64, frac: truth.frac },
        naptime: BinaryTime { sec: 40, frac: 1 << 63 },
        boottime: BinaryTime { sec: truth.apart_s, frac: 0 },
        user: 2,
        counter_mask: u32::MAX,
    }
}

impl System for OpenBsd {
    type Reader = Reader;
    const APART_S: i64 = 1_700_000_000;
    const STEERED: bool = true;

    fn on(memory: Vec<AtomicU64>) -> Self {
        // SAFETY: the memory lives as long as the writer, which alone writes it while
        // the writer does; moving a vector does not move what it holds.
        let writer = unsafe { Writer::new(memory.as_ptr().cast_mut().cast()) };
        OpenBsd { memory, writer }
    }

    fn length() -> usize {
        LENGTH
    }

    fn memory(&self) -> &[AtomicU64] {
        &self.memory
    }

    fn publish(&mut self, truth: impl FnOnce() -> Truth) {
        self.writer.update(|| timekeep(&truth()));
    }

    fn reader(&self) -> Reader {
        // SAFETY: the tests drop their readers before the page.
        unsafe { Reader::new(self.memory.as_ptr().cast(), Cpu::X86_64) }
    }

    fn read(reader: &Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable> {
        let pair = reader.pair(counter)?;
        Ok(Reading { monotonic: pair.monotonic.as_nanos(), wall: pair.realtime.as_nanos() })
    }

    fn exact(truth: &Truth, counter: u64) -> Reading {
        let start = u128::from(truth.sec) << 64 | u128::from(truth.frac);
        let passed = u128::from(counter - truth.origin) * u128::from(scale(truth));
        let monotonic = by_32_bits(start + passed);
        Reading { monotonic, wall: monotonic + i128::from(truth.apart_s) * NANOS }
    }

    fn resolution_ns(_: &Truth, ticks: u64) -> i128 {
        2 + ((i128::from(ticks) * NANOS) >> 64)
    }

    fn most_ticks(_: &Truth) -> (u64, Option<Unreadable>) {
        ((1 << 31) - 1, None)
    }

    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable)) {
        poke(&self.memory, GENERATION, 4, 0);
        check("generation zero", Unreadable::Busy);
    }

    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable)) {
        self.writer.update(|| Timekeep { user: 0, ..timekeep(&truth) });
        check(self, "tk_user", Unreadable::Disabled);
        for user in [3, -1] {
            self.writer.update(|| Timekeep { user, ..timekeep(&truth) });
            check(self, "an unknown counter", Unreadable::Device { number: user as u32 });
        }
        self.publish(|| truth);
        poke(&self.memory, 0, 4, 1);
        check(self, "another version", Unreadable::Version { found: 1 });
    }
}

#[test]
fn three_clocks() {
    let truth = Truth { origin: 0, hertz: 1 << 30, sec: 100, frac: 1 << 62, apart_s: 1_000 };
    let mut page = OpenBsd::new();
    page.publish(|| truth);
    let clocks = page.reader().clocks(|| 1 << 29).expect("an answer");
    assert_eq!(clocks.monotonic.to_string(), "100.750000000");
    assert_eq!(clocks.uptime.to_string(), "60.250000000", "less 40.5 s of sleep");
    assert_eq!(clocks.realtime.to_string(), "1100.750000000");
}

/// The number of a counter means another one on another CPU.
#[test]
fn which_counter_on_which_cpu() {
    let truth = Truth { origin: 0, hertz: 1 << 30, sec: 100, frac: 0, apart_s: 0 };
    let mut page = OpenBsd::new();
    // SAFETY: as for `OpenBsd::reader`.
    let arm = unsafe { Reader::new(page.memory.as_ptr().cast(), Cpu::Aarch64) };
    page.publish(|| truth);
    assert_eq!(arm.frame(|| 0), Err(Unreadable::Device { number: 2 }), "an erratum");
    page.writer.update(|| Timekeep { user: 1, ..timekeep(&truth) });
    assert!(arm.frame(|| 0).is_ok() && page.reader().frame(|| 0).is_ok());
    let wild = [
        (Timekeep { counter_mask: 6, ..timekeep(&truth) }, "tk_counter_mask", 6),
        (Timekeep { scale: 0, ..timekeep(&truth) }, "tk_scale", 0),
    ];
    for (timekeep, field, value) in wild {
        page.writer.update(|| timekeep);
        assert_eq!(page.read_at(0), Err(Unreadable::Wild { field, value }));
    }
}
