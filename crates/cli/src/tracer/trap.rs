//! Reads of the CPU's counter that raised `SIGSEGV`: each is answered here, and the thread
//! goes on after it.

use std::io;
use std::path::Path;

use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;

use super::cpu::{self, CounterRead};
use super::{inject, remote};

/// `si_code` of what the CPU and not another process has caused.
const SI_KERNEL: i32 = 128;

/// Arguments of `prctl`: reads of the counter raise `SIGSEGV` in this thread, and in all that
/// it starts by `fork` and `clone`. What it becomes by `execve` may read it again on AArch64,
/// and not on x86-64.
const TRAP: [u64; 6] = [libc::PR_SET_TSC as u64, libc::PR_TSC_SIGSEGV as u64, 0, 0, 0, 0];

/// Has reads of the counter trapped in this thread, until it becomes another program.
///
/// # Errors
/// This kernel cannot.
pub(super) fn set() -> io::Result<()> {
    let [option, value, ..] = TRAP;
    // SAFETY: a switch of this thread; no memory is touched.
    let done = unsafe { libc::prctl(option as i32, value, 0, 0, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The same in a stopped thread.
///
/// # Errors
/// This kernel cannot, or a filter of the program's forbids it.
pub(super) fn set_in(tid: i32, gate: u64) -> io::Result<()> {
    inject::call(tid, gate, libc::SYS_prctl, TRAP).map(drop)
}

/// Why [`set`] fails, for people.
pub(super) fn described(error: &io::Error) -> String {
    if error.raw_os_error() != Some(libc::EINVAL) {
        return format!("the counter cannot be trapped here: {error}");
    }
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    too_old(release.trim())
}

fn too_old(release: &str) -> String {
    let this = if release.is_empty() { "an older one" } else { release };
    format!("--trap-tsc takes {}, and this is {this}", cpu::TRAPS_SINCE)
}

/// How a stopped thread was about to read the counter, and where, if that is why it got
/// `SIGSEGV`.
pub(super) fn cause(tid: i32) -> Option<(CounterRead, cpu::Registers)> {
    let about = ptrace::getsiginfo(Pid::from_raw(tid)).ok()?;
    if about.si_signo != libc::SIGSEGV || about.si_code != SI_KERNEL {
        return None;
    }
    let registers = cpu::get(tid).ok()?;
    let mut code = [0; 4];
    let got = remote::read_some(tid, registers.instruction(), &mut code).ok()?;
    Some((CounterRead::at(code.get(..got)?)?, registers))
}

/// Has it read what the counter shows.
pub(super) fn answer(
    tid: i32,
    how: CounterRead,
    mut registers: cpu::Registers,
    counter: impl FnOnce() -> u64,
) -> io::Result<()> {
    registers.counter_was_read(how, counter, || processor(tid));
    Ok(cpu::set(tid, &registers)?)
}

/// On which CPU a thread was last, as `rdtscp` tells it: the node in front of 12 bits.
fn processor(tid: i32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{tid}/stat")).unwrap_or_default();
    // Field 39; the second one may have anything in it, up to its last parenthesis.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let Some(number) = fields.split_whitespace().nth(36).and_then(|text| text.parse::<u32>().ok())
    else {
        return 0;
    };
    let node =
        |node: &u32| Path::new(&format!("/sys/devices/system/cpu/cpu{number}/node{node}")).exists();
    (0..64).find(node).unwrap_or(0) << 12 | number & 0xfff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_that_cannot_is_named() {
        let said = too_old("5.10.0-35-arm64");
        assert!(said.starts_with("--trap-tsc takes Linux "), "{said}");
        assert!(said.contains(cpu::TRAPS_SINCE) && said.ends_with("this is 5.10.0-35-arm64"));
        assert!(too_old("").ends_with("this is an older one"), "no release is known");
        let refused = described(&io::Error::from_raw_os_error(libc::EINVAL));
        assert!(refused.starts_with("--trap-tsc takes Linux "), "{refused}");
        let other = described(&io::Error::from_raw_os_error(libc::EPERM));
        assert!(other.starts_with("the counter cannot be trapped here: "), "{other}");
    }
}
