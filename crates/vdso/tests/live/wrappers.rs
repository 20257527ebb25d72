//! Ways through wrappers: however many there are, the call site is the one in front of them.

use std::arch::global_asm;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use instanter_vdso::layout::{COUNT, FRAMES, KEPT, READY, WORDS, frame_key, place};

use crate::mapped::{ClockGettime, Mapped};

// `from_two` calls a wrapper at two places with one stack pointer; the wrapper calls itself as
// often as it is told and then a clock's function. Each has its return address 8 bytes behind
// its stack pointer.
global_asm!(
    ".text",
    ".globl from_two, wrapper_back, function_back, first_back, second_back",
    ".globl with_word, word_back",
    "wrapper:",
    "sub rsp, 8",
    "test edx, edx",
    "jz 2f",
    "dec edx",
    "call wrapper",
    "wrapper_back:",
    "add rsp, 8",
    "ret",
    "2:",
    "mov rax, rdi",
    "mov edi, 1",
    "call rax",
    "function_back:",
    "add rsp, 8",
    "ret",
    "from_two:",
    "push rbx",
    "push r12",
    "push r13",
    "mov rbx, rdi",
    "mov r12, rsi",
    "mov r13, rdx",
    "call wrapper",
    "first_back:",
    "mov rdi, rbx",
    "mov rsi, r12",
    "mov rdx, r13",
    "call wrapper",
    "second_back:",
    "pop r13",
    "pop r12",
    "pop rbx",
    "ret",
    "with_word:",
    "push rdx",
    "mov rax, rdi",
    "mov edi, 1",
    "call rax",
    "word_back:",
    "add rsp, 8",
    "ret",
);

unsafe extern "C" {
    fn from_two(function: ClockGettime, out: *mut libc::timespec, wrappers: usize);
    fn wrapper_back();
    fn function_back();
    fn first_back();
    fn second_back();
    /// Calls the function with a word where a return address is said to be.
    fn with_word(function: ClockGettime, out: *mut libc::timespec, word: usize);
    fn word_back();
}

/// As who unwinds would write it: the return address lies so far behind the stack pointer.
fn know_wrapper(mapped: &Mapped, address: u64, return_at: i32) {
    let key = frame_key(7, address);
    let frames = &mapped.table().frames;
    let free = (0..).map(|probe| (place(key, FRAMES) + probe) & (FRAMES - 1));
    let index = { free }.find(|index| frames[*index].key.load(Relaxed) == 0).unwrap();
    let frame = &frames[index];
    frame.return_at.store(return_at, Relaxed);
    frame.caller_at.store(return_at + 8, Relaxed);
    frame.frame_at.store(KEPT, Relaxed);
    frame.key.store(key, SeqCst);
}

/// Addresses of call sites, and how often each has read.
fn counts(mapped: &Mapped) -> Vec<(u64, u64)> {
    let sites = mapped.table().sites.iter().filter(|site| site.state.load(SeqCst) == READY);
    let mut counts: Vec<_> =
        sites.map(|site| (site.address.load(Relaxed), site.count.load(Relaxed))).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn call_sites_are_told_apart_through_any_number_of_wrappers() {
    crate::both_ways(|mapped| {
        for back in [wrapper_back, function_back] {
            know_wrapper(&mapped, back as *const () as u64, 8);
        }
        mapped.control().flags.store(COUNT, SeqCst);
        mapped.control().untimed.store(63, SeqCst);
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // One more than can be remembered, too.
        let depths = 0..=WORDS;
        for _ in 0..300 {
            for wrappers in depths.clone() {
                // SAFETY: it calls a function of this type, with memory for its answer.
                unsafe { from_two(mapped.clock_gettime, &raw mut now, wrappers) };
            }
        }
        mapped.control().flags.store(0, SeqCst);
        let [first, second] = [first_back, second_back].map(|back| back as *const () as u64);
        let each = 300 * depths.count() as u64;
        assert_eq!(counts(&mapped), [(first, each), (second, each)]);
    });
}

/// Where a stack ends, there is a zero: no way leads there, and free places have it, too.
#[test]
fn a_zero_is_no_way_that_is_remembered() {
    crate::both_ways(|mapped| {
        know_wrapper(&mapped, word_back as *const () as u64, 0);
        mapped.control().flags.store(COUNT, SeqCst);
        mapped.control().untimed.store(63, SeqCst);
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        for word in [0x1000, 0].repeat(300) {
            // SAFETY: it calls a function of this type, with memory for its answer.
            unsafe { with_word(mapped.clock_gettime, &raw mut now, word) };
        }
        mapped.control().flags.store(0, SeqCst);
        assert_eq!(counts(&mapped), [(0, 300), (0x1000, 300)]);
    });
}
