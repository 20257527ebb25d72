//! Any bytes as the time page of another system than Linux: an answer or a reason, no
//! panic, nothing outside the page; and a keeper can take it over.
#![no_main]

use std::sync::atomic::AtomicU64;

use instanter_page::{Cpu, darwin, freebsd, openbsd, vmclock, windows};
use libfuzzer_sys::fuzz_target;

/// The longest of the pages, and the hypervisor's behind it.
const WORDS: usize = windows::LENGTH.div_ceil(8);
const HYPERVISOR_WORDS: usize = windows::HYPERVISOR_LENGTH / 8;

fuzz_target!(|input: (u64, Vec<u8>)| {
    let (counter, bytes) = input;
    let mut words = [0u64; WORDS + HYPERVISOR_WORDS];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
        let mut padded = [0; 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_le_bytes(padded);
    }
    // As they are, and with what the layouts check first as it should be, so that the
    // rest is reached.
    explore(words, counter);
    for (at, value) in [(0, 1), (1, 0)] {
        let mut right = words;
        right[0] = 1 << 32 | value;
        right[1] = at;
        explore(right, counter);
    }
    words[0] = u64::from(u32::from_le_bytes(*b"VCLK")) | 112 << 32;
    words[1] = 1 | 1 << 16;
    words[windows::LENGTH / 8 - 1] |= 1 << 48;
    explore(words, counter);
});

fn explore(words: [u64; WORDS + HYPERVISOR_WORDS], counter: u64) {
    let memory = words.map(AtomicU64::new);
    let start: *const u8 = memory.as_ptr().cast();
    for cpu in [Cpu::X86_64, Cpu::Aarch64] {
        // SAFETY: the memory is longer than each page, aligned, and outlives the readers.
        let (freebsd, openbsd, darwin) = unsafe {
            (
                freebsd::Reader::new(start, cpu),
                openbsd::Reader::new(start, cpu),
                darwin::Reader::new(start, cpu),
            )
        };
        let _ = freebsd.pair(|| counter).map(|pair| pair.realtime.to_string());
        let _ = openbsd.clocks(|| counter).map(|clocks| clocks.uptime.to_string());
        if let Ok(frame) = darwin.frame(|| counter) {
            let _ = (frame.wall(), frame.uptime(), frame.monotonic(), frame.approximate());
            let _ = darwin.approximate();
        }
    }
    // SAFETY: as above; the hypervisor's page is behind the other.
    let (vmclock, hypervisor) = unsafe {
        let behind = memory[WORDS..].as_ptr().cast();
        (vmclock::Reader::new(start), windows::HypervisorPage::new(behind))
    };
    if let Ok(frame) = vmclock.frame(|| counter) {
        let _ = (frame.time(), frame.utc(), frame.maximum_error());
    }
    for hypervisor in [None, Some(hypervisor)] {
        // SAFETY: as above.
        let windows = unsafe { windows::Reader::new(start, hypervisor) };
        let _ = (windows.coarse(), windows.unbiased_coarse(), windows.major_version());
        if let Ok(frame) = windows.frame(|| counter) {
            let _ =
                (frame.system_time(), frame.unbiased_interrupt_time(), frame.performance_time());
            let _ = (frame.coarse(), frame.unbiased_coarse());
        }
    }
}
