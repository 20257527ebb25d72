//! Behind a seccomp filter.

use instanter_clock::{
    Clock, Source, coarse_pair, epoch, pair, pin, prepare, snapshot, source, survey,
};

use crate::{Outcome, Role, Test, ensure, play};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "sandbox_denies_with_eperm", why_not: no_seccomp, run: || denied("EPERM") },
    Test { name: "sandbox_denies_with_enosys", why_not: no_seccomp, run: || denied("ENOSYS") },
    Test {
        name: "sandbox_denies_everything_before_the_first_read",
        why_not: no_seccomp,
        run: || play("strict", &[]),
    },
    Test {
        name: "a_million_reads_make_no_system_call",
        why_not: no_page,
        run: || play("silent", &[]),
    },
    Test {
        name: "the_first_read_opens_no_file_and_allocates_nothing",
        why_not: no_auxv_call,
        run: || play("frugal", &[]),
    },
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "denied", run: in_denied },
    Role { name: "strict", run: in_strict },
    Role { name: "silent", run: in_silent },
    Role { name: "frugal", run: in_frugal },
];

fn denied(errno: &str) -> Outcome {
    play("denied", &[("INSTANTER_TEST_ERRNO", errno)])
}

pub(super) fn no_seccomp() -> Option<String> {
    // SAFETY: asks whether filters exist, with a null program.
    unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, 0, 0, 0) };
    let errno = std::io::Error::last_os_error().raw_os_error();
    (errno != Some(libc::EFAULT)).then(|| "the kernel has no seccomp filters".to_owned())
}

fn no_page() -> Option<String> {
    if source(Clock::REALTIME) != Source::Page {
        return Some("the page is not used on this machine".to_owned());
    }
    no_seccomp()
}

fn no_auxv_call() -> Option<String> {
    if survey().auxv.origin != instanter_clock::AuxvOrigin::Prctl {
        return Some("the kernel has no PR_GET_AUXV".to_owned());
    }
    no_page()
}

const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// Installs a filter: the listed system calls are answered with `listed`, all
/// others with `others`.
pub(super) fn install(calls: &[libc::c_long], listed: u32, others: u32) {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let mut program = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0)];
    for (index, call) in calls.iter().enumerate() {
        program.push(libc::sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            // Over the remaining comparisons and the answer to the others.
            jt: (calls.len() - index) as u8,
            jf: 0,
            k: *call as u32,
        });
    }
    program.push(statement(libc::BPF_RET | libc::BPF_K, others));
    program.push(statement(libc::BPF_RET | libc::BPF_K, listed));
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: a program of the given length, which the kernel copies and checks.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const filter, 0, 0), 0);
    }
}

fn time_calls() -> Vec<libc::c_long> {
    #[allow(unused_mut, reason = "x86 has more")]
    let mut calls = vec![libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_gettimeofday];
    #[cfg(target_arch = "x86_64")]
    calls.push(libc::SYS_time);
    #[cfg(target_arch = "x86")]
    // `clock_gettime64` and `clock_getres_time64`, which `libc` does not name.
    calls.extend([libc::SYS_time, 403, 406]);
    calls
}

/// Page and vDSO need no system call, so they go on; the last link gives a clear
/// error, and nothing gives a zero.
fn in_denied() -> Outcome {
    let name = std::env::var("INSTANTER_TEST_ERRNO").map_err(|error| error.to_string())?;
    let errno = if name == "EPERM" { libc::EPERM } else { libc::ENOSYS };
    install(&time_calls(), libc::SECCOMP_RET_ERRNO | errno as u32, libc::SECCOMP_RET_ALLOW);
    // Whatever serves in user space still serves; the proof falls back on the
    // vDSO's word.
    let user_space = survey().functions.is_ok()
        && instanter_clock::kernel_clock_source().is_some_and(|name| name.as_str() == "tsc");
    for start in [Source::Page, Source::Vdso] {
        pin(start);
        match pair() {
            Ok(pair) => ensure(pair.realtime.sec > 1_600_000_000, || format!("{pair:?}"))?,
            Err(error) => ensure(!user_space && error.is_denied(), || format!("{start}: {error}"))?,
        }
    }
    pin(Source::Syscall);
    let errors = [
        pair().err(),
        coarse_pair().err(),
        snapshot().err(),
        Clock::REALTIME.now().err(),
        Clock::MONOTONIC.now_relaxed().err(),
        Clock::MONOTONIC_COARSE.now().err(),
        Clock::THREAD_CPU.now().err(),
        Clock::TAI.resolution().err(),
    ];
    for (index, error) in errors.into_iter().enumerate() {
        let error = error.ok_or_else(|| format!("call {index} gave an answer"))?;
        ensure(error.is_denied() && error.errno() == errno, || error.to_string())?;
        ensure(error.to_string().contains(&name), || error.to_string())?;
    }
    let _ = epoch();
    Ok(())
}

/// A sandbox that lets nothing through but what a process needs to end, entered
/// before the first read: nothing can be found, and the error says so.
fn in_strict() -> Outcome {
    let calls = [libc::SYS_write, libc::SYS_exit_group, libc::SYS_munmap, libc::SYS_brk];
    install(&calls, libc::SECCOMP_RET_ALLOW, EPERM);
    let error = pair().err().ok_or("an answer out of nowhere")?;
    ensure(error.is_denied(), || error.to_string())
}

/// After the first read no system call is made: any would end the process.
fn in_silent() -> Outcome {
    prepare();
    let calls = [libc::SYS_write, libc::SYS_exit_group];
    install(&calls, libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_KILL_PROCESS);
    let mut folded = 0u64;
    for _ in 0..1_000_000 {
        let Ok(pair) = pair() else { return Err("no answer".to_owned()) };
        folded = folded.wrapping_add(u64::from(pair.realtime.nsec));
    }
    let others = [
        coarse_pair().is_ok(),
        snapshot().is_ok(),
        Clock::BOOTTIME.now().is_ok(),
        Clock::MONOTONIC_RAW.now().is_ok(),
        Clock::TAI.now_relaxed().is_ok(),
        epoch() == epoch(),
    ];
    // Ends here and now: leaving main would make system calls.
    // SAFETY: never returns.
    unsafe { libc::_exit(i32::from(others.contains(&false) || folded == 0)) }
}

/// The first read makes none of the calls that a file, memory, a thread or a lock
/// take: any would end the process.
fn in_frugal() -> Outcome {
    #[allow(unused_mut, reason = "x86 has more")]
    let mut calls = vec![
        libc::SYS_openat,
        libc::SYS_mmap,
        libc::SYS_brk,
        libc::SYS_mremap,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_futex,
        libc::SYS_read,
    ];
    #[cfg(target_arch = "x86_64")]
    calls.push(libc::SYS_open);
    install(&calls, libc::SECCOMP_RET_KILL_PROCESS, libc::SECCOMP_RET_ALLOW);
    let found = pair().is_ok() && instanter_clock::PAGE.is_proved();
    // SAFETY: never returns.
    unsafe { libc::_exit(i32::from(!found)) }
}
