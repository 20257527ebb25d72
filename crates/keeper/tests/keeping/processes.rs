//! One process keeps a page, another reads it, through memory that they share.
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicU64, Ordering};

use crate::page::{proved, update};
use crate::simulated::{Counter, cases};
use instanter_keeper::{Timespec, Timex, adj};
use instanter_page::linux::{LAYOUTS, Place, Writer};

const PAGE_SIZE: usize = 4096;

/// Maps the first two pages of a file: the clocks' page, and one for the test.
fn map(file: i32, protection: i32) -> *mut AtomicU64 {
    // SAFETY: a new mapping, anywhere, which is never unmapped.
    let start = unsafe {
        libc::mmap(std::ptr::null_mut(), 2 * PAGE_SIZE, protection, libc::MAP_SHARED, file, 0)
    };
    assert_ne!(start, libc::MAP_FAILED, "mmap");
    start.cast()
}

/// What the two tell each other.
struct Talk {
    words: *const AtomicU64,
}

impl Talk {
    fn word(&self, index: usize) -> &AtomicU64 {
        // SAFETY: the second page of the mapping, which lives as long as the process.
        unsafe { &*self.words.add(PAGE_SIZE / 8 + index) }
    }
    /// The counter of both processes: each look at it is later than the last.
    fn count(&self, by: u64) -> u64 {
        self.word(0).fetch_add(by, Ordering::AcqRel)
    }
    fn reader_is_ready(&self) -> &AtomicU64 {
        self.word(1)
    }
    fn keeper_is_done(&self) -> &AtomicU64 {
        self.word(2)
    }
}

#[test]
fn another_process_reads_what_this_one_keeps() {
    // SAFETY: a name that ends in zero; the file is this test's alone.
    let file = unsafe { libc::memfd_create(c"clock".as_ptr(), 0) };
    assert!(file >= 0, "memfd_create");
    // SAFETY: as above.
    assert_eq!(unsafe { libc::ftruncate(file, 2 * PAGE_SIZE as i64) }, 0);
    let memory = map(file, libc::PROT_READ | libc::PROT_WRITE);
    let talk = Talk { words: memory };
    let place = Place { start: memory.cast(), page_size: PAGE_SIZE, layout: &LAYOUTS[0] };
    let start = Counter::new(1_000_000_000, 64);
    talk.word(0).store(start.read(), Ordering::Relaxed);
    let mut keeper = start.keeper();
    // SAFETY: a page that only this process may write, and only here.
    let mut writer = unsafe { Writer::new(place) };
    writer.update(|| keeper.contents());

    // SAFETY: the child touches only memory and leaves without unwinding; it neither
    // allocates nor takes a lock.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // Its own view of the page, which it cannot write.
        let view = Place { start: map(file, libc::PROT_READ).cast(), ..place };
        let reader = proved(view, &keeper, talk.count(0));
        talk.reader_is_ready().store(1, Ordering::Release);
        let (mut last, mut answered, mut wrong) = (Timespec::default(), 0u64, false);
        while talk.keeper_is_done().load(Ordering::Acquire) == 0 || answered == 0 {
            let Some(all) = reader.snapshot(|| talk.count(3)) else { continue };
            let apart = all.realtime.as_nanos() - all.monotonic.as_nanos();
            wrong |= all.monotonic < last || apart != 1_700_000_000_000_000_000;
            (last, answered) = (all.monotonic, answered + 1);
        }
        // SAFETY: ends the child, and nothing of the parent's.
        unsafe { libc::_exit(i32::from(wrong)) };
    }
    assert!(child > 0, "fork");
    let mut status = 0;
    // SAFETY: room for the status.
    let has_ended =
        |status: &mut i32, flags| unsafe { libc::waitpid(child, status, flags) } == child;
    while talk.reader_is_ready().load(Ordering::Acquire) == 0 {
        assert!(!has_ended(&mut status, libc::WNOHANG), "the child refused the page: {status}");
        std::thread::yield_now();
    }
    for turn in 0..cases(20_000, 2_000_000) {
        let freq = if turn % 2 == 0 { 500 << 16 } else { -(500 << 16) };
        let mut timex = Timex { modes: adj::FREQUENCY, freq, ..Timex::default() };
        update(&mut writer, &mut keeper, |keeper| {
            keeper.adjust(talk.count(100_000), &mut timex).expect("a valid request");
        });
    }
    talk.keeper_is_done().store(1, Ordering::Release);
    assert!(has_ended(&mut status, 0), "waitpid");
    assert_eq!(status, 0, "the child saw time go back, or half an update");
}
