//! The image in this process.

use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

use instanter_clock::vdso::Image;
use instanter_page::linux::Place;
use instanter_vdso::layout::{
    CONTROL_BEFORE, Control, Function, NOWHERE, PRIVATE_BEFORE, Private, SHARED_BEFORE, SLOT,
    Shared, TABLE_BEFORE, Table,
};

pub(crate) type ClockGettime = unsafe extern "C" fn(i32, *mut libc::timespec) -> i32;
pub(crate) type Gettimeofday = unsafe extern "C" fn(*mut libc::timeval, *mut libc::timezone) -> i32;
pub(crate) type Time = unsafe extern "C" fn(*mut i64) -> i64;

pub(crate) struct Mapped {
    base: *mut u8,
    pub(crate) kernel: ClockGettime,
    pub(crate) clock_gettime: ClockGettime,
    pub(crate) gettimeofday: Gettimeofday,
    pub(crate) time: Time,
}

// SAFETY: the memory stays mapped, and what lies there are atomics and code.
unsafe impl Sync for Mapped {}
// SAFETY: as above.
unsafe impl Send for Mapped {}

impl Mapped {
    pub(crate) fn new() -> Option<Mapped> {
        let bytes = instanter_vdso::IMAGE?;
        // SAFETY: asks for a word of the auxiliary vector.
        let kernel = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) } as usize;
        if kernel == 0 {
            let _ = writeln!(std::io::stderr(), "skipped live: this process has no vDSO");
            return None;
        }
        // SAFETY: the first page of a vDSO is readable.
        let head = unsafe { std::slice::from_raw_parts(kernel as *const u8, 4096) };
        let length = Image::extent(head).unwrap();
        // SAFETY: its length says its header.
        let vdso = unsafe { std::slice::from_raw_parts(kernel as *const u8, length) };
        let vdso = Image::parse(vdso).unwrap();
        let size = TABLE_BEFORE + bytes.len();
        // SAFETY: fresh memory, filled in before it is made executable.
        let base = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let memory = libc::mmap(
                std::ptr::null_mut(),
                size + SLOT,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                -1,
                0,
            );
            assert_ne!(memory, libc::MAP_FAILED);
            let base = (memory as usize).next_multiple_of(SLOT) as *mut u8;
            let base = base.add(TABLE_BEFORE.next_multiple_of(SLOT));
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), base, bytes.len());
            let read_exec = libc::PROT_READ | libc::PROT_EXEC;
            assert_eq!(libc::mprotect(base.cast(), bytes.len(), read_exec), 0);
            base
        };
        let own = Image::parse_file(bytes).unwrap();
        let at = |name: &str| {
            base as usize
                + own.function(&format!("__vdso_{name}"), Some("LINUX_2.6")).unwrap().offset
        };
        let kernels = |function: Function| {
            let name = format!("__vdso_{}", function.name());
            vdso.function(&name, None).map_or(0, |found| kernel + found.offset)
        };
        // SAFETY: these are functions of these types.
        let mapped = unsafe {
            Mapped {
                base,
                kernel: std::mem::transmute::<usize, ClockGettime>(kernels(Function::ClockGettime)),
                clock_gettime: std::mem::transmute::<usize, ClockGettime>(at("clock_gettime")),
                gettimeofday: std::mem::transmute::<usize, Gettimeofday>(at("gettimeofday")),
                time: std::mem::transmute::<usize, Time>(at("time")),
            }
        };
        for function in Function::ALL {
            let address = kernels(function) as u64;
            mapped.private().kernel[function as usize].store(address, Relaxed);
        }
        mapped.private().vdso[0].store(kernel as u64, Relaxed);
        mapped.private().vdso[1].store((kernel + length) as u64, Relaxed);
        mapped.private().process.store(7, Relaxed);
        mapped.look_nowhere();
        Some(mapped)
    }

    /// Without a page: the kernel's function is called.
    pub(crate) fn look_nowhere(&self) {
        let page = &self.private().page;
        page.nowhere.store(NOWHERE, Relaxed);
        page.state.store(0, Relaxed);
        page.head.store((&raw const page.nowhere) as u64, Relaxed);
    }

    /// At a page that somebody keeps.
    pub(crate) fn look_at(&self, place: Place, mode: u32) {
        let page = &self.private().page;
        let head = place.start as usize + place.layout.record;
        page.head.store(head as u64, Relaxed);
        page.tail.store((head + place.layout.shape.mult()) as u64, Relaxed);
        page.state.store(u64::from(mode) << 32, Relaxed);
    }

    /// At this machine's, where that can be proved.
    pub(crate) fn look_at_the_kernels(&self) -> bool {
        instanter_clock::prepare();
        let frame = instanter_clock::PAGE.frame(instanter_counter::ordered);
        let (Some(place), Ok(frame)) = (instanter_clock::PAGE.place(), frame) else {
            let _ = writeln!(
                std::io::stderr(),
                "skipped live: the kernel's page has no line of the counter"
            );
            return false;
        };
        self.look_at(place, frame.mode);
        true
    }

    fn part<T>(&self, before: usize) -> &T {
        // SAFETY: mapped by `new`, all zero at first, which every part may be.
        unsafe { &*self.base.wrapping_sub(before).cast() }
    }

    pub(crate) fn private(&self) -> &Private {
        self.part(PRIVATE_BEFORE)
    }

    pub(crate) fn control(&self) -> &Control {
        self.part(CONTROL_BEFORE)
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.part(SHARED_BEFORE)
    }

    pub(crate) fn table(&self) -> &Table {
        self.part(TABLE_BEFORE)
    }

    pub(crate) fn read(&self, clock: i32) -> i128 {
        read(self.clock_gettime, clock)
    }
}

// A call site of its own.
#[inline(never)]
pub(crate) fn read(function: ClockGettime, clock: i32) -> i128 {
    let mut now = libc::timespec { tv_sec: -1, tv_nsec: -1 };
    // SAFETY: a function of this type, and memory for its answer.
    assert_eq!(unsafe { function(clock, &raw mut now) }, 0, "clock {clock}");
    assert!((0..1_000_000_000).contains(&now.tv_nsec), "clock {clock}: {}", now.tv_nsec);
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}
