//! Signals that come while clocks are read: does the stack lead from the vDSO's image to its
//! caller, and does the program go on?

use super::image;
use super::readings::clock;
use std::ffi::c_void;
use std::hint::black_box;
use std::mem;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// More do not come, however slow the machine is.
const MOST: u64 = 200;
/// Reads after each signal was asked for: some ticks of the kernel's long, where each takes
/// a microsecond.
const BATCH: u64 = 20_000;
const FRAMES: u64 = 64;

/// Where the kernel's vDSO begins and ends.
static KERNELS: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
static HANDLED: AtomicU64 = AtomicU64::new(0);
static INSIDE: AtomicU64 = AtomicU64::new(0);
static LED: AtomicU64 = AtomicU64::new(0);
static IN_KERNELS: AtomicU64 = AtomicU64::new(0);

// The compiler's own library, which unwinds for every language.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        see: extern "C" fn(*mut c_void, *mut c_void) -> i32,
        argument: *mut c_void,
    ) -> i32;
    fn _Unwind_GetRegionStart(context: *mut c_void) -> usize;
}

/// Reads the monotonic clock until so many signals came while the image was at work, and
/// prints how many there were of what.
pub fn until(wanted: u64) {
    let kernels = image::kernels();
    KERNELS[0].store(kernels.start as u64, Relaxed);
    KERNELS[1].store(kernels.end as u64, Relaxed);
    // It loads what it needs at its first use, and that must not be in a handler.
    leads_to(0);
    // SAFETY: the handler makes a call of the vDSO's, and unwinds, while this thread does
    // nothing but read the clock; it is of the kind that the flag says.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO;
        assert_eq!(libc::sigaction(libc::SIGVTALRM, &raw const action, ptr::null_mut()), 0);
    }
    let mut reads = 0;
    for _ in 0..MOST {
        // One at a time, and not one every so often: on a slow machine the next would come
        // before the last one's handler has ended. Of the time that the program itself is at
        // work: the rest is the tracer's, and the signal would come there.
        let soon = libc::timeval { tv_sec: 0, tv_usec: 300 };
        let once = libc::itimerval {
            it_interval: libc::timeval { tv_sec: 0, tv_usec: 0 },
            it_value: soon,
        };
        // SAFETY: the kernel reads the structure.
        unsafe {
            assert_eq!(libc::setitimer(libc::ITIMER_VIRTUAL, &raw const once, ptr::null_mut()), 0);
        }
        interrupted(BATCH);
        reads += BATCH;
        if INSIDE.load(Relaxed) >= wanted {
            break;
        }
    }
    // The last one that was asked for may be still to come.
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let never = libc::itimerval { it_interval: never, it_value: never };
    // SAFETY: the kernel reads the structure.
    unsafe { libc::setitimer(libc::ITIMER_VIRTUAL, &raw const never, ptr::null_mut()) };
    let counts = [&HANDLED, &INSIDE, &LED, &IN_KERNELS];
    let [handled, inside, led, kernels] = counts.map(|count| count.load(Relaxed));
    print!("signals reads {reads} handled {handled} inside {inside} led {led} ");
    println!("kernels {kernels}");
}

#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn interrupted(count: u64) {
    for _ in 0..count {
        black_box(clock(libc::CLOCK_MONOTONIC));
    }
}

#[unsafe(no_mangle)]
extern "C" fn on_signal(_: i32, _: *mut libc::siginfo_t, context: *mut c_void) {
    black_box(clock(libc::CLOCK_BOOTTIME));
    HANDLED.fetch_add(1, Relaxed);
    // SAFETY: the kernel gives a handler of this kind where the program was.
    let at = instruction(unsafe { &*context.cast::<libc::ucontext_t>() });
    if image::place().contains(&at) {
        INSIDE.fetch_add(1, Relaxed);
        if leads_to(interrupted as *const () as usize) {
            LED.fetch_add(1, Relaxed);
        }
    }
    let [start, end] = [&KERNELS[0], &KERNELS[1]].map(|end| end.load(Relaxed) as usize);
    if (start..end).contains(&at) {
        IN_KERNELS.fetch_add(1, Relaxed);
    }
}

#[cfg(target_arch = "aarch64")]
fn instruction(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.pc as usize
}

#[cfg(target_arch = "x86_64")]
fn instruction(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
}

/// Whether a function is among the callers.
fn leads_to(function: usize) -> bool {
    struct Search {
        function: usize,
        left: u64,
        found: bool,
    }
    extern "C" fn see(context: *mut c_void, search: *mut c_void) -> i32 {
        // SAFETY: what was given to `_Unwind_Backtrace` below, which nobody else uses; and
        // its own context.
        let (search, start) =
            unsafe { (&mut *search.cast::<Search>(), _Unwind_GetRegionStart(context)) };
        search.found |= start == search.function;
        search.left = search.left.saturating_sub(1);
        // Anything but 0 ends it.
        i32::from(search.found || search.left == 0)
    }
    let mut search = Search { function, left: FRAMES, found: false };
    // SAFETY: the function is of the type that the library calls; it ends with it.
    unsafe { _Unwind_Backtrace(see, (&raw mut search).cast()) };
    search.found
}
