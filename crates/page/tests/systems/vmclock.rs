//! A hypervisor's vmclock page.

use std::sync::atomic::AtomicU64;

use instanter_page::vmclock::{Abi, CounterId, LENGTH, Reader, TimeType, Writer, flag, status};
use instanter_page::{BinaryTime, Unreadable};

use crate::harness::{NANOS, Reading, System, Truth, exact_nanos, peek, poke};

const SIZE: usize = 4;
const SEQUENCE: usize = 12;

pub struct Guest {
    memory: Vec<AtomicU64>,
    writer: Writer,
}

const SHIFT: u8 = 24;

fn period(truth: &Truth) -> u64 {
    ((1u128 << (64 + SHIFT)) / u128::from(truth.hertz)) as u64
}

/// The monotonic clock is told as TAI, and the wall clock is UTC.
fn abi(truth: &Truth) -> Abi {
    Abi {
        counter_id: CounterId::Tsc,
        time_type: TimeType::Tai,
        disruption_marker: truth.sec,
        flags: flag::TAI_OFFSET_VALID
            | flag::TIME_MAXIMUM_ERROR_VALID
            | flag::PERIOD_MAXIMUM_ERROR_VALID,
        status: status::SYNCHRONIZED,
        smearing_hint: 0,
        tai_offset_s: truth.apart_s as i16,
        leap_indicator: 0,
        period_shift: SHIFT,
        counter_value: truth.origin,
        period: period(truth),
        period_estimated_error: 0,
        period_maximum_error: period(truth) / 1_000_000 * 50,
        time: BinaryTime { sec: truth.sec as i64, frac: truth.frac },
        time_estimated_error_ns: 0,
        time_maximum_error_ns: 1_000,
        vm_generation: 1,
    }
}

impl System for Guest {
    type Reader = Reader;
    const APART_S: i64 = -37;
    const STEERED: bool = true;

    fn on(memory: Vec<AtomicU64>) -> Self {
        // SAFETY: the memory lives as long as the writer, which alone writes it while
        // the writer does; moving a vector does not move what it holds.
        let writer = unsafe { Writer::new(memory.as_ptr().cast_mut().cast()) };
        Guest { memory, writer }
    }

    fn length() -> usize {
        LENGTH
    }

    fn memory(&self) -> &[AtomicU64] {
        &self.memory
    }

    fn publish(&mut self, truth: impl FnOnce() -> Truth) {
        self.writer.update(|| abi(&truth()));
    }

    fn reader(&self) -> Reader {
        // SAFETY: the tests drop their readers before the page.
        unsafe { Reader::new(self.memory.as_ptr().cast()) }
    }

    fn read(reader: &Reader, counter: &dyn Fn() -> u64) -> Result<Reading, Unreadable> {
        let frame = reader.frame(counter)?;
        Ok(Reading {
            monotonic: frame.time()?.to_timespec().as_nanos(),
            wall: frame.utc()?.to_timespec().as_nanos(),
        })
    }

    fn exact(truth: &Truth, counter: u64) -> Reading {
        let ticks = u128::from(counter - truth.origin);
        let passed = ticks * u128::from(period(truth)) / (1 << SHIFT) + u128::from(truth.frac);
        let sec = i128::from(truth.sec) + (passed >> 64) as i128;
        let monotonic = exact_nanos(sec, passed as u64);
        Reading { monotonic, wall: monotonic + i128::from(truth.apart_s) * NANOS }
    }

    fn resolution_ns(_: &Truth, ticks: u64) -> i128 {
        2 + ((i128::from(ticks) * NANOS) >> (64 + SHIFT))
    }

    fn most_ticks(_: &Truth) -> (u64, Option<Unreadable>) {
        (1 << 50, None)
    }

    fn busy(&self, check: &mut dyn FnMut(&str, Unreadable)) {
        poke(&self.memory, SEQUENCE, 4, peek(&self.memory, SEQUENCE, 4) | u64::from(1u32.to_le()));
        check("seq_count is odd", Unreadable::Busy);
    }

    fn off(&mut self, truth: Truth, check: &mut dyn FnMut(&Self, &str, Unreadable)) {
        let on = abi(&truth);
        for status in [status::UNKNOWN, status::INITIALIZING, status::UNRELIABLE, 99] {
            self.writer.update(|| Abi { status, ..on });
            check(self, "clock_status", Unreadable::Untrusted { status: status.into() });
        }
        for (number, want) in [(255, Unreadable::Missing), (2, Unreadable::Device { number: 2 })] {
            self.writer.update(|| Abi { counter_id: CounterId::Other(number), ..on });
            check(self, "counter_id", want);
        }
        for time_type in [TimeType::Monotonic, TimeType::Other(3), TimeType::Other(4)] {
            self.writer.update(|| Abi { time_type, ..on });
            check(self, "time_type", Unreadable::Missing);
        }
        self.writer.update(|| Abi { flags: 0, ..on });
        check(self, "TAI, and nobody says how far from UTC", Unreadable::Missing);
        self.writer.update(|| Abi { period_shift: 64, ..on });
        let wild = Unreadable::Wild { field: "counter_period_shift", value: 64 };
        check(self, "counter_period_shift", wild);
        self.publish(|| truth);
        for (size, want) in [
            (87, Unreadable::Missing),
            (32, Unreadable::Missing),
            (31, Unreadable::Wild { field: "size", value: 31 }),
        ] {
            poke(&self.memory, SIZE, 4, u32::to_le(size).into());
            check(self, "size", want);
        }
        poke(&self.memory, SIZE, 4, u32::to_le(4_096).into());
        poke(&self.memory, 8, 2, u16::to_le(2).into());
        check(self, "version", Unreadable::Version { found: 2 });
        poke(&self.memory, 0, 4, 0);
        check(self, "magic", Unreadable::Wild { field: "magic", value: 0 });
    }
}

#[test]
fn the_error_grows() {
    let truth = Truth { origin: 0, hertz: 1 << 30, sec: 77, frac: 0, apart_s: -37 };
    let mut page = Guest::new();
    page.publish(|| truth);
    let after = |seconds: u64| {
        let frame = page.reader().frame(|| seconds << 30).expect("a page");
        frame.maximum_error().expect("a bound").to_timespec().as_nanos()
    };
    assert_eq!(after(0), 1_000);
    // 50 ppm of ten seconds; the period's error is a whole number of its units.
    assert!((after(10) - 501_000).abs() <= 1, "{}", after(10));
    page.writer.update(|| Abi { flags: flag::TAI_OFFSET_VALID, ..abi(&truth) });
    let frame = page.reader().frame(|| 0).expect("a page");
    assert_eq!(frame.maximum_error(), Err(Unreadable::Missing));
}

/// All fields, as bytes: little-endian on every CPU.
#[test]
fn byte_for_byte() {
    let mut page = Guest::new();
    let mut number = 0x1000_0000_0000_0000u64;
    let mut next = || {
        number += 0x0123_4567_89ab_cdef;
        number
    };
    let abi = Abi {
        counter_id: CounterId::ArmVirtual,
        time_type: TimeType::Utc,
        disruption_marker: next(),
        flags: next(),
        status: 3,
        smearing_hint: 2,
        tai_offset_s: -37,
        leap_indicator: 5,
        period_shift: 9,
        counter_value: next(),
        period: next(),
        period_estimated_error: next(),
        period_maximum_error: next(),
        time: BinaryTime { sec: next() as i64, frac: next() },
        time_estimated_error_ns: next(),
        time_maximum_error_ns: next(),
        vm_generation: next(),
    };
    page.writer.update(|| abi);
    let mut bytes = Vec::new();
    bytes.extend(b"VCLK");
    bytes.extend(112u32.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(2u32.to_le_bytes());
    bytes.extend(abi.disruption_marker.to_le_bytes());
    bytes.extend(abi.flags.to_le_bytes());
    bytes.extend([0, 0, 3, 2]);
    bytes.extend((-37i16).to_le_bytes());
    bytes.extend([5, 9]);
    for word in [
        abi.counter_value,
        abi.period,
        abi.period_estimated_error,
        abi.period_maximum_error,
        abi.time.sec as u64,
        abi.time.frac,
        abi.time_estimated_error_ns,
        abi.time_maximum_error_ns,
        abi.vm_generation,
    ] {
        bytes.extend(word.to_le_bytes());
    }
    let got: Vec<u8> = page
        .memory
        .iter()
        .flat_map(|word| word.load(std::sync::atomic::Ordering::Relaxed).to_ne_bytes())
        .collect();
    assert_eq!(got, bytes);
    assert_eq!(page.reader().frame(|| 5).map(|frame| frame.abi), Ok(abi));
    page.writer.set_size(4_096);
    page.writer.update(|| abi);
    assert_eq!(page.reader().frame(|| 5).map(|frame| frame.size), Ok(4_096));
}
