//! A data page made by a test, and a kernel that keeps it.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use instanter_page::linux::{Layout, Place, Proof, Reader, Refusal, base, prove};
use instanter_page::{Line, Timespec};

pub const PAGE_SIZE: usize = 4096;
pub const NAMESPACE: u32 = i32::MAX as u32;

/// A 2.1 GHz counter, as Linux describes one.
pub const LINE: Line = Line { origin: 1_000_000_000, mult: 7_988_915, shift: 24, mask: u64::MAX };

/// Memory laid out as a kernel's data pages are.
pub struct DataPages {
    words: Vec<AtomicU64>,
    first: usize,
    pub layout: &'static Layout,
}

impl DataPages {
    /// Makes pages that hold [`LINE`] for both records and plausible bases.
    pub fn new(layout: &'static Layout) -> DataPages {
        let pages = DataPages::zeroed(layout);
        pages.fill(0);
        pages
    }

    /// Makes pages of zeros.
    pub fn zeroed(layout: &'static Layout) -> DataPages {
        let words = (layout.pages_before_vdso + 1) * PAGE_SIZE / 8;
        let words: Vec<_> = (0..words).map(|_| AtomicU64::new(0)).collect();
        let misaligned = words.as_ptr().addr() % PAGE_SIZE;
        let first = (PAGE_SIZE - misaligned) % PAGE_SIZE / 8;
        DataPages { words, first, layout }
    }

    /// Fills in the page `page` pages from the start.
    pub fn fill(&self, page: usize) {
        for record in [0, self.layout.stride] {
            self.set_line(page, record, LINE);
            self.word(page, record).store(1 << 32 | 2, Ordering::Relaxed);
            for index in 0..base::COUNT {
                self.set_base(page, record, index, Self::base(index));
            }
        }
        self.word(page, self.layout.hrtimer_res).store(1, Ordering::Relaxed);
    }

    /// The base that `new` gives a clock: different for each, and the coarse ones
    /// equal to the fine ones at the origin.
    pub fn base(index: usize) -> (i64, u64) {
        let sec = |index: usize| 1_700_000_000 + 1_000 * index as i64;
        let nanos = |index: usize| 5_000 * (index as u64 + 1);
        match index {
            base::REALTIME_COARSE => (sec(base::REALTIME), nanos(base::REALTIME)),
            base::MONOTONIC_COARSE => (sec(base::MONOTONIC), nanos(base::MONOTONIC)),
            _ => (sec(index), nanos(index) << LINE.shift),
        }
    }

    pub fn place(&self) -> Place {
        Place {
            start: self.words[self.first..].as_ptr().cast(),
            page_size: PAGE_SIZE,
            layout: self.layout,
        }
    }

    /// The word at `offset` bytes into the first record of a page.
    pub fn word(&self, page: usize, offset: usize) -> &AtomicU64 {
        let bytes = page * PAGE_SIZE + self.layout.record + offset;
        assert_eq!(bytes % 8, 0);
        &self.words[self.first + bytes / 8]
    }

    pub fn set_head(&self, mode: u32, sequence: u32) {
        self.word(0, 0).store(u64::from(mode) << 32 | u64::from(sequence), Ordering::Release);
    }

    pub fn set_line(&self, page: usize, record: usize, line: Line) {
        let shape = self.layout.shape;
        let rate = u64::from(line.shift) << 32 | u64::from(line.mult);
        self.word(page, record + 8).store(line.origin, Ordering::Relaxed);
        self.word(page, record + shape.mask()).store(line.mask, Ordering::Relaxed);
        self.word(page, record + shape.mult()).store(rate, Ordering::Relaxed);
    }

    pub fn set_base(&self, page: usize, record: usize, index: usize, (sec, nsec): (i64, u64)) {
        let at = record + self.layout.shape.bases() + 16 * index;
        self.word(page, at).store(sec as u64, Ordering::Relaxed);
        self.word(page, at + 8).store(nsec, Ordering::Relaxed);
    }

    /// Changes the page as a kernel does: odd sequence number, the change, even
    /// sequence number.
    pub fn update(&self, change: impl FnOnce(&DataPages)) {
        let sequence = self.word(0, 0);
        sequence.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::Release);
        change(self);
        sequence.fetch_add(1, Ordering::Release);
    }

    /// What an honest kernel answers for a clock at a counter value.
    pub fn answer(index: usize, counter: u64) -> Timespec {
        let (sec, nsec) = Self::base(index);
        match index {
            base::REALTIME_COARSE | base::MONOTONIC_COARSE => Timespec::new(sec, nsec as u32),
            _ => LINE.at(counter, sec, nsec),
        }
    }

    /// Proves these pages for `reader` at `counter` with an honest kernel.
    pub fn prove(&self, reader: &Reader, counter: u64) -> Result<Proof, Refusal> {
        let kernel = |index| Some(Self::answer(index, counter));
        // SAFETY: the pages live as long as the test that reads them.
        unsafe { prove(reader, self.place(), || counter, kernel, Some(1)) }
    }
}

/// Pages in a layout, and a reader that has proved them at the origin.
pub fn proved(layout: &'static Layout) -> (DataPages, Reader) {
    let pages = DataPages::new(layout);
    let reader = Reader::new();
    pages.prove(&reader, LINE.origin).expect("an honest page");
    (pages, reader)
}
