//! The pages of other systems that a keeper keeps, read by the readers made for them.

use std::sync::atomic::AtomicU64;

use crate::simulated::{Counter, cases};
use instanter_keeper::{Clock, ClockSource, Timekeeper, Timespec, Timex, adj, sta};
use instanter_page::vmclock::{CounterId, status};
use instanter_page::{Cpu, Unreadable, darwin, freebsd, openbsd, vmclock, windows};
use proptest::prelude::*;

/// What a page says of the keeper's clocks, as far as it has them, and what it may be
/// behind them by, in nanoseconds.
#[derive(Debug)]
struct Shown {
    clock: Clock,
    time: Timespec,
    behind_ns: i128,
}

type Update = dyn FnMut(&Timekeeper);
type Read = dyn Fn(u64) -> Result<Vec<Shown>, Unreadable>;

/// A page of another system.
struct Page {
    name: &'static str,
    update: Box<Update>,
    read: Box<Read>,
}

/// Memory that lives as long as the test.
fn memory(length: usize) -> *mut u8 {
    let words: Vec<_> = (0..length.div_ceil(8)).map(|_| AtomicU64::new(0)).collect();
    words.leak().as_mut_ptr().cast()
}

fn shown(clock: Clock, time: Timespec, behind_ns: i128) -> Shown {
    Shown { clock, time, behind_ns }
}

fn freebsd_page() -> Page {
    let start = memory(freebsd::LENGTH);
    // SAFETY: leaked memory, which nobody else writes.
    let (mut writer, reader) =
        unsafe { (freebsd::Writer::new(start), freebsd::Reader::new(start, Cpu::X86_64)) };
    Page {
        name: "FreeBSD",
        update: Box::new(move |keeper: &Timekeeper| writer.update(|| keeper.freebsd_contents())),
        read: Box::new(move |counter| {
            let frame = reader.frame(|| counter)?;
            Ok(vec![
                shown(Clock::Realtime, frame.wall().to_timespec(), 1),
                shown(Clock::Monotonic, frame.uptime().to_timespec(), 1),
                // As its own library rounds it.
                shown(Clock::Realtime, frame.pair().realtime, 2),
            ])
        }),
    }
}

fn openbsd_page() -> Page {
    let start = memory(openbsd::LENGTH);
    // SAFETY: as above.
    let (mut writer, reader) =
        unsafe { (openbsd::Writer::new(start), openbsd::Reader::new(start, Cpu::Aarch64)) };
    Page {
        name: "OpenBSD",
        update: Box::new(move |keeper: &Timekeeper| writer.update(|| keeper.openbsd_contents())),
        read: Box::new(move |counter| {
            let frame = reader.frame(|| counter)?;
            Ok(vec![
                shown(Clock::Realtime, frame.wall().to_timespec(), 1),
                shown(Clock::Boottime, frame.since_boot().to_timespec(), 1),
                shown(Clock::Monotonic, frame.awake().to_timespec(), 1),
            ])
        }),
    }
}

fn darwin_page(cpu: Cpu) -> Page {
    let start = memory(darwin::LENGTH);
    // SAFETY: as above.
    let (mut writer, reader) =
        unsafe { (darwin::Writer::new(start, cpu), darwin::Reader::new(start, cpu)) };
    let update = move |keeper: &Timekeeper| {
        writer.update(|| keeper.darwin_contents(cpu).expect("a wide counter"));
    };
    Page {
        name: if cpu == Cpu::X86_64 { "Darwin on x86-64" } else { "Darwin on AArch64" },
        update: Box::new(update),
        read: Box::new(move |counter| {
            let frame = reader.frame(|| counter)?;
            // A nanosecond of absolute time, and one of rounding.
            let mut all = vec![shown(Clock::Realtime, frame.wall()?.to_timespec(), 2)];
            match cpu {
                Cpu::X86_64 => all.push(shown(Clock::Raw, frame.uptime()?, 2)),
                Cpu::Aarch64 => assert_eq!(frame.absolute, counter),
            }
            Ok(all)
        }),
    }
}

fn windows_page() -> Page {
    let start = memory(windows::LENGTH);
    // SAFETY: as above.
    let (mut writer, reader) =
        unsafe { (windows::Writer::new(start), windows::Reader::new(start, None)) };
    let update = move |keeper: &Timekeeper| {
        writer.update(|| keeper.windows_contents().expect("a wide counter"));
    };
    Page {
        name: "Windows",
        update: Box::new(update),
        read: Box::new(move |counter| {
            let frame = reader.frame(|| counter)?;
            Ok(vec![
                shown(Clock::Realtime, frame.system_time()?, 251),
                shown(Clock::Boottime, frame.interrupt_time()?, 251),
                shown(Clock::Monotonic, frame.unbiased_interrupt_time()?, 351),
            ])
        }),
    }
}

fn vmclock_page() -> Page {
    let start = memory(vmclock::LENGTH);
    // SAFETY: as above.
    let (mut writer, reader) =
        unsafe { (vmclock::Writer::new(start), vmclock::Reader::new(start)) };
    let update = move |keeper: &Timekeeper| {
        writer.update(|| keeper.vmclock_contents(CounterId::Tsc).expect("a wide counter"));
    };
    Page {
        name: "vmclock",
        update: Box::new(update),
        read: Box::new(move |counter| {
            let frame = reader.frame(|| counter)?;
            Ok(vec![shown(Clock::Realtime, frame.utc()?.to_timespec(), 1)])
        }),
    }
}

fn pages() -> Vec<Page> {
    vec![
        freebsd_page(),
        openbsd_page(),
        darwin_page(Cpu::X86_64),
        darwin_page(Cpu::Aarch64),
        windows_page(),
        vmclock_page(),
    ]
}

/// Shows a keeper on every page.
fn publish(pages: &mut [Page], keeper: &Timekeeper) {
    for page in pages {
        (page.update)(keeper);
    }
}

/// Compares every page with the keeper, and counts what is not the same nanosecond.
fn compare(pages: &[Page], keeper: &Timekeeper, counter: u64) -> (u32, u32) {
    let (mut same, mut behind) = (0, 0);
    for page in pages {
        let read = (page.read)(counter).unwrap_or_else(|error| panic!("{}: {error}", page.name));
        for Shown { clock, time, behind_ns } in read {
            let own = keeper.clocks().time(clock, counter);
            let by = own.as_nanos() - time.as_nanos();
            assert!(
                (0..=behind_ns).contains(&by),
                "{}, {clock:?}: {time}, which is {by} ns behind {own}",
                page.name
            );
            // Where a page can hold the very nanosecond, it nearly always does.
            if behind_ns == 1 {
                (same, behind) = (same + u32::from(by == 0), behind + u32::from(by != 0));
            }
        }
    }
    (same, behind)
}

/// A counter that has not been near its end, as the pages without a mask need it.
fn counter(hertz: u64) -> Counter {
    Counter { cycles: 5_000_000_000, ..Counter::new(hertz, 64) }
}

#[test]
fn each_layout_reads_back_what_the_keeper_says() {
    for hertz in [24_000_000, 1_000_000_000, 2_100_000_000, 3_579_545_000] {
        let mut counter = counter(hertz);
        let mut keeper = counter.keeper();
        let mut pages = pages();
        keeper.tick(counter.pass_ns(3_000_000_123));
        keeper.set_tai(counter.read(), 37).expect("awake");
        let mut frequency = Timex { modes: adj::FREQUENCY, freq: -77 << 16, ..Timex::default() };
        keeper.adjust(counter.read(), &mut frequency).expect("a valid request");
        publish(&mut pages, &keeper);
        let (mut same, mut behind) = (0, 0);
        for step in 0..cases(2_000, 200_000) {
            let now = counter.pass_ns(u64::from(step) * 31_337 % 9_000_000);
            if step % 3 == 0 {
                keeper.tick(now);
                publish(&mut pages, &keeper);
            }
            if step % 500 == 250 {
                let by = Timespec::new(-5 + i64::from(step % 11), 999_999_999);
                keeper.step_realtime(now, by).expect("a time");
                publish(&mut pages, &keeper);
            }
            if step % 500 == 400 {
                keeper.suspend(now, Some(Timespec::new(0, 0))).expect("it was awake");
                let slept = Timespec::new(3, 141_592_653);
                keeper.resume(now, Some(slept)).expect("it slept");
                publish(&mut pages, &keeper);
            }
            let (more, less) = compare(&pages, &keeper, now);
            (same, behind) = (same + more, behind + less);
        }
        assert!(behind * 100 < same, "{hertz} Hz: {same} the same, {behind} a nanosecond behind");
        // As long after the tick as every page goes: half a turn of 32 bits, and a second.
        let half_ns = (1_000_000_000 << 31) / hertz;
        compare(&pages, &keeper, counter.pass_ns(half_ns.min(1_000_000_000) - 50_000_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64, 4_096)))]

    /// Where the old line ends, the new one is not behind it: on no page, however wildly
    /// the keeper steers.
    #[test]
    fn no_page_goes_back_at_a_tick(
        hertz in prop_oneof![Just(24_000_000u64), 20_000_000..5_000_000_000u64],
        steps in proptest::collection::vec((1..40_000_000u64, -500i64..=500), 1..60),
    ) {
        let mut counter = counter(hertz);
        let mut keeper = counter.keeper();
        keeper.tick(counter.pass_ns(1_000_000_007));
        let mut pages = pages();
        publish(&mut pages, &keeper);
        for (ns, ppm) in steps {
            let now = counter.pass_ns(ns);
            let before: Vec<_> = pages.iter().map(|page| (page.read)(now)).collect();
            let mut timex = Timex { modes: adj::FREQUENCY, freq: ppm << 16, ..Timex::default() };
            keeper.adjust(now, &mut timex).expect("a valid request");
            publish(&mut pages, &keeper);
            for (page, before) in pages.iter().zip(before) {
                let after = (page.read)(now);
                let (Ok(before), Ok(after)) = (before, after) else {
                    return Err(TestCaseError::fail(page.name));
                };
                for (before, after) in before.iter().zip(&after) {
                    prop_assert!(
                        after.time >= before.time,
                        "{}, {:?}: {} after {}", page.name, after.clock, after.time, before.time
                    );
                }
            }
        }
    }
}

#[test]
fn a_suspended_machine_and_a_counter_that_only_the_kernel_reads() {
    let mut counter = counter(1_000_000_000);
    let mut keeper = counter.keeper();
    keeper.tick(counter.pass_ns(1_000));
    let mut pages = pages();
    publish(&mut pages, &keeper);
    keeper.suspend(counter.read(), None).expect("awake");
    publish(&mut pages, &keeper);
    for page in &pages {
        let want = match page.name {
            "vmclock" => Unreadable::Untrusted { status: status::UNRELIABLE.into() },
            _ => Unreadable::Disabled,
        };
        assert_eq!((page.read)(counter.read()).expect_err(page.name), want, "{}", page.name);
    }
    keeper.resume(counter.read(), None).expect("asleep");
    publish(&mut pages, &keeper);
    compare(&pages, &keeper, counter.read());

    let hidden = ClockSource::new("hidden", counter.source.frequency(), 64);
    let keeper = Timekeeper::new(hidden, counter.read(), Timespec::new(1_700_000_000, 0));
    publish(&mut pages, &keeper);
    for page in pages.iter().filter(|page| page.name != "vmclock") {
        assert_eq!((page.read)(counter.read()).expect_err(page.name), Unreadable::Disabled);
    }
}

/// A page with a mask shows a narrow counter, even across its end; one without has
/// nothing to say.
#[test]
fn narrow_counters() {
    for bits in [24, 32, 48] {
        let mut counter = Counter::new(3_579_545, bits);
        let mut keeper = counter.keeper();
        assert!(keeper.darwin_contents(Cpu::X86_64).is_none());
        assert!(keeper.darwin_contents(Cpu::Aarch64).is_none());
        assert!(keeper.windows_contents().is_none());
        assert!(keeper.vmclock_contents(CounterId::Tsc).is_none());
        let mut pages = [freebsd_page(), openbsd_page()];
        for _ in 0..50 {
            publish(&mut pages, &keeper);
            let now = counter.pass_ns(100_000_000);
            compare(&pages, &keeper, now);
            keeper.tick(now);
        }
    }
}

#[test]
fn what_vmclock_says_of_the_discipline() {
    let mut counter = counter(1_000_000_000);
    let mut keeper = counter.keeper();
    let page = |keeper: &Timekeeper| keeper.vmclock_contents(CounterId::Tsc).expect("wide");
    assert_eq!(page(&keeper).status, status::FREERUNNING);
    assert_eq!(page(&keeper).time_maximum_error_ns, 16_000_000_000, "nobody told it better");
    assert_eq!(page(&keeper).flags & vmclock::flag::TAI_OFFSET_VALID, 0);
    keeper.set_tai(counter.read(), 37).expect("awake");
    let mut timex = Timex {
        modes: adj::STATUS | adj::MAXERROR | adj::ESTERROR,
        status: sta::PLL | sta::INS,
        maxerror: 250,
        esterror: 20,
        ..Timex::default()
    };
    keeper.adjust(counter.read(), &mut timex).expect("a valid request");
    // The leap second is noticed at the next second, at which the error grows.
    keeper.tick(counter.pass_ns(1_000_000_000));
    let told = page(&keeper);
    assert_eq!((told.status, told.leap_indicator), (status::SYNCHRONIZED, 1));
    assert_eq!((told.time_maximum_error_ns, told.time_estimated_error_ns), (750_000, 20_000));
    assert_eq!(told.tai_offset_s, -37);
    assert_ne!(told.flags & vmclock::flag::TAI_OFFSET_VALID, 0);
}
