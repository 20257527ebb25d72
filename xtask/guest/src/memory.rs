//! Memory for the little that the library allocates, such as the texts of errors. None is
//! given back: the program runs once, and for seconds.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 64 * 1024;

struct Memory {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: each byte is handed out once, as `used` only grows.
unsafe impl Sync for Memory {}

#[global_allocator]
static MEMORY: Memory = Memory { bytes: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

// SAFETY: what is handed out lies within the bytes, aligned as asked for, and overlaps
// nothing else that is.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.bytes.get().cast::<u8>();
        // Room for the alignment of the start, too.
        let taken = layout.size() + layout.align();
        let used = self.used.fetch_add(taken, Ordering::Relaxed);
        if used.saturating_add(taken) > SIZE {
            return core::ptr::null_mut();
        }
        let place = start.wrapping_add(used);
        place.wrapping_add(place.align_offset(layout.align()))
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
