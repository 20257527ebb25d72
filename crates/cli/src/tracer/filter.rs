//! The seccomp filter: which system calls stop, so that all others cost nothing.

use std::io;

use nix::libc::{self, sock_filter};

use super::cpu::ARCHITECTURE;
use super::space::SCRATCH_EACH;
use super::stop::Stop;

/// When a system call of a number stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// If an argument, a pointer, is not null.
    NotNull(u32),
    /// If it is null.
    Null(u32),
    /// If an argument is none of these numbers (as an `int`).
    NoneOf(u32, Vec<u32>),
    /// If an argument is one of these numbers (as an `int`).
    OneOf(u32, Vec<u32>),
    /// The same, unless the last argument is this number.
    OneOfWithout {
        argument: u32,
        values: Vec<u32>,
        password: u64,
    },
    /// If an argument, masked, is one of these numbers, and another is not null.
    MaskedAndNotNull {
        argument: u32,
        mask: u32,
        values: Vec<u32>,
        pointer: u32,
    },
    /// If each of these arguments, masked, is this number: argument, mask, number.
    AllMasked(Vec<(u32, u32, u32)>),
}

/// A program for the kernel's filter machine.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    program: Vec<sock_filter>,
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;

/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const CPU: u32 = 4;
const ARGUMENTS: u32 = 16;

fn plain(code: u16, value: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k: value }
}

fn branch(value: u32, if_equal: u8, otherwise: u8) -> sock_filter {
    sock_filter { code: EQUAL, jt: if_equal, jf: otherwise, k: value }
}

impl Filter {
    /// A file is mapped, and is code.
    pub(crate) fn maps_code() -> (i64, When) {
        const PROTECTION: u32 = 2;
        const FLAGS: u32 = 3;
        let executable = (PROTECTION, libc::PROT_EXEC as u32, libc::PROT_EXEC as u32);
        let of_a_file = (FLAGS, libc::MAP_ANONYMOUS as u32, 0);
        (libc::SYS_mmap, When::AllMasked(vec![executable, of_a_file]))
    }

    /// Stops at these system calls and lets all others pass.
    pub(crate) fn stop_at(calls: &[(i64, When)]) -> Filter {
        let allow = plain(RETURN, libc::SECCOMP_RET_ALLOW);
        let mut program = vec![
            plain(LOAD, CPU),
            branch(ARCHITECTURE, 1, 0),
            // Of another CPU: such a program is not started in the first place.
            allow,
            plain(LOAD, NUMBER),
        ];
        for (number, when) in calls {
            let test = when.test();
            // The tests are too long for a conditional jump's byte; they return anyway.
            program.push(branch(*number as u32, 1, 0));
            program.push(plain(JUMP, test.len() as u32));
            program.extend(test);
        }
        program.push(allow);
        Filter { program }
    }

    /// Puts this process, and all that it starts, under the filter.
    ///
    /// # Errors
    /// The kernel has no seccomp, or forbids it here.
    pub(super) fn apply(&self) -> io::Result<()> {
        let program = libc::sock_fprog {
            len: self.program.len() as u16,
            filter: self.program.as_ptr().cast_mut(),
        };
        // SAFETY: the kernel copies the program; no memory of ours changes.
        unsafe {
            let install = || {
                libc::syscall(
                    libc::SYS_seccomp,
                    libc::SECCOMP_SET_MODE_FILTER,
                    0,
                    &raw const program,
                )
            };
            if install() == 0 {
                return Ok(());
            }
            // Without privilege one may do so who can gain none.
            if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && install() == 0 {
                return Ok(());
            }
        }
        Err(io::Error::last_os_error())
    }

    /// Puts a stopped process, and all that it starts, under this filter as well.
    ///
    /// # Errors
    /// The kernel forbids it, or a thread has a filter of its own.
    pub(crate) fn apply_to(&self, stop: &mut Stop<'_>) -> io::Result<()> {
        let place = stop.scratch().ok_or_else(|| io::Error::other("no scratch memory is left"))?;
        let mut bytes = vec![0; size_of::<libc::sock_fprog>()];
        let length = bytes.len() as u64;
        bytes[..2].copy_from_slice(&(self.program.len() as u16).to_ne_bytes());
        let pointer = std::mem::offset_of!(libc::sock_fprog, filter);
        bytes[pointer..pointer + 8].copy_from_slice(&(place + length).to_ne_bytes());
        for step in &self.program {
            bytes.extend(step.code.to_ne_bytes());
            bytes.extend([step.jt, step.jf]);
            bytes.extend(step.k.to_ne_bytes());
        }
        if bytes.len() as u64 > SCRATCH_EACH {
            return Err(io::Error::other("the filter is longer than scratch memory"));
        }
        stop.write(place, &bytes)?;
        let mode = u64::from(libc::SECCOMP_SET_MODE_FILTER);
        let install = [mode, libc::SECCOMP_FILTER_FLAG_TSYNC, place, 0, 0, 0];
        let mut answer = stop.inject(libc::SYS_seccomp, install);
        // As at the start: without privilege one may do so who can gain none.
        if answer.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EACCES)) {
            let [option, on] = [libc::PR_SET_NO_NEW_PRIVS as u64, 1];
            stop.inject(libc::SYS_prctl, [option, on, 0, 0, 0, 0])?;
            answer = stop.inject(libc::SYS_seccomp, install);
        }
        match answer? {
            0 => Ok(()),
            thread => Err(io::Error::other(format!("thread {thread} has a filter of its own"))),
        }
    }
}

impl When {
    /// Instructions that always return.
    fn test(&self) -> Vec<sock_filter> {
        let stop = plain(RETURN, libc::SECCOMP_RET_TRACE);
        let allow = plain(RETURN, libc::SECCOMP_RET_ALLOW);
        let low = |argument: u32| plain(LOAD, ARGUMENTS + 8 * argument);
        let high = |argument: u32| plain(LOAD, ARGUMENTS + 8 * argument + 4);
        match self {
            When::Always => vec![stop],
            When::NotNull(argument) => {
                vec![low(*argument), branch(0, 0, 2), high(*argument), branch(0, 1, 0), stop, allow]
            }
            When::Null(argument) => {
                vec![low(*argument), branch(0, 0, 3), high(*argument), branch(0, 0, 1), stop, allow]
            }
            When::NoneOf(argument, values) => {
                let mut test = vec![low(*argument)];
                for value in values {
                    test.extend([branch(*value, 0, 1), allow]);
                }
                test.push(stop);
                test
            }
            When::OneOf(argument, values) => {
                let mut test = vec![low(*argument)];
                for value in values {
                    test.extend([branch(*value, 0, 1), stop]);
                }
                test.push(allow);
                test
            }
            When::OneOfWithout { argument, values, password } => {
                let (lower, upper) = (*password as u32, (password >> 32) as u32);
                let mut test =
                    vec![low(5), branch(lower, 0, 3), high(5), branch(upper, 0, 1), allow];
                test.extend(When::OneOf(*argument, values.clone()).test());
                test
            }
            When::MaskedAndNotNull { argument, mask, values, pointer } => {
                let mut test = vec![low(*argument), plain(AND, *mask)];
                let tail = When::NotNull(*pointer).test();
                for (index, value) in values.iter().enumerate() {
                    // To the tail, over the remaining comparisons and `allow`.
                    let over = values.len() - index;
                    test.push(branch(*value, over as u8, 0));
                }
                test.push(allow);
                test.extend(tail);
                test
            }
            When::AllMasked(all) => {
                let mut test = Vec::new();
                for (argument, mask, value) in all {
                    test.extend([low(*argument), plain(AND, *mask), branch(*value, 1, 0), allow]);
                }
                test.push(stop);
                test
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel's machine does with a program.
    fn run(program: &[sock_filter], number: i64, arguments: [u64; 6]) -> u32 {
        let mut data = Vec::new();
        data.extend((number as u32).to_ne_bytes());
        data.extend(ARCHITECTURE.to_ne_bytes());
        data.extend(0_u64.to_ne_bytes());
        for argument in arguments {
            data.extend(argument.to_ne_bytes());
        }
        let (mut at, mut value) = (0, 0);
        loop {
            let step = program[at];
            at += 1;
            match step.code {
                LOAD => {
                    let word = data[step.k as usize..][..4].try_into().unwrap();
                    value = u32::from_ne_bytes(word);
                }
                AND => value &= step.k,
                EQUAL => at += usize::from(if value == step.k { step.jt } else { step.jf }),
                JUMP => at += step.k as usize,
                RETURN => return step.k,
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn calls_are_told_apart() {
        let filter = Filter::stop_at(&[
            (7, When::Always),
            (8, When::NotNull(3)),
            (9, When::NoneOf(2, vec![0, 0xffff_ffff])),
            (10, When::OneOf(0, vec![1, 5])),
            (
                11,
                When::MaskedAndNotNull { argument: 1, mask: 0x7f, values: vec![0, 9], pointer: 3 },
            ),
            (13, When::Null(1)),
            (12, When::OneOfWithout { argument: 0, values: vec![1, 5], password: 7 << 32 | 9 }),
            (14, When::AllMasked(vec![(2, 4, 4), (3, 0x20, 0)])),
        ]);
        let table = [
            (6, [0; 6], false),
            (7, [0; 6], true),
            (8, [1, 1, 1, 0, 1, 1], false),
            (8, [0, 0, 0, 1, 0, 0], true),
            (8, [0, 0, 0, 1 << 32, 0, 0], true),
            (9, [1, 1, 0, 1, 1, 1], false),
            (9, [1, 1, u64::MAX, 1, 1, 1], false),
            (9, [1, 1, 0xffff_ffff, 1, 1, 1], false),
            (9, [0, 0, 5, 0, 0, 0], true),
            (10, [5, 0, 0, 0, 0, 0], true),
            (10, [2, 1, 5, 0, 0, 0], false),
            (11, [0, 0x180, 0, 1, 0, 0], true),
            (11, [0, 0x180, 0, 0, 0, 0], false),
            (11, [0, 0x189, 0, 1, 0, 0], true),
            (11, [0, 0x181, 0, 1, 0, 0], false),
            (13, [1, 0, 1, 1, 1, 1], true),
            (13, [0, 1, 0, 0, 0, 0], false),
            (13, [0, 1 << 32, 0, 0, 0, 0], false),
            (12, [1; 6], true),
            (12, [2; 6], false),
            (12, [5, 0, 0, 0, 0, 7 << 32 | 8], true),
            (12, [5, 0, 0, 0, 0, 8 << 32 | 9], true),
            (12, [5, 0, 0, 0, 0, 7 << 32 | 9], false),
            (13, [1; 6], false),
            (14, [0, 0, 5, 0x12, 0, 0], true),
            (14, [0, 0, 3, 0x12, 0, 0], false),
            (14, [0, 0, 5, 0x22, 0, 0], false),
            (14, [4, 4, 3, 0x22, 4, 4], false),
        ];
        for (number, arguments, want) in table {
            let verdict = run(&filter.program, number, arguments);
            let want = if want { libc::SECCOMP_RET_TRACE } else { libc::SECCOMP_RET_ALLOW };
            assert_eq!(verdict, want, "{number} {arguments:?}");
        }
    }
}
