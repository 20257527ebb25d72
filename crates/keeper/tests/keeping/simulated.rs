//! A counter that a test makes up: narrow or wide, fast or slow, with jumps.

use instanter_keeper::{ClockSource, Frequency, Timekeeper, Timespec};

/// The wall clock at the start of most tests: 2023-11-14 22:13:20 UTC.
pub const START: Timespec = Timespec { sec: 1_700_000_000, nsec: 0 };

/// A counter, and how far it really got.
#[derive(Clone, Debug)]
pub struct Counter {
    pub source: ClockSource,
    /// Cycles since ever; the counter shows the low bits.
    pub cycles: u128,
}

impl Counter {
    pub fn new(hertz: u64, bits: u32) -> Counter {
        let frequency = Frequency::hertz(hertz).expect("a frequency");
        let source = ClockSource::new("simulated", frequency, bits).continuous().readable_as(1);
        // Not at zero, and soon to wrap.
        let cycles = (1u128 << bits) - u128::from(hertz / 2);
        Counter { source, cycles }
    }

    /// What a program reads.
    pub fn read(&self) -> u64 {
        self.cycles as u64 & self.source.mask()
    }

    /// Lets so many cycles pass.
    pub fn pass(&mut self, cycles: u64) -> u64 {
        self.cycles += u128::from(cycles);
        self.read()
    }

    pub fn pass_ns(&mut self, ns: u64) -> u64 {
        self.pass(self.source.frequency().cycles_in_ns(ns))
    }

    pub fn keeper(&self) -> Timekeeper {
        Timekeeper::new(self.source, self.read(), START)
    }
}

/// How many of something random to try: a few, or with `INSTANTER_TEST_ALL=1` many.
pub fn cases(few: u32, many: u32) -> u32 {
    if std::env::var_os("INSTANTER_TEST_ALL").is_some() { many } else { few }
}
