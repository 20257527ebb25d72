//! Reads of the CPU's counter that raised `SIGSEGV`: each is answered here, and the thread
//! goes on after it.

use std::path::Path;

use nix::libc;
use nix::sys::ptrace;
use nix::unistd::Pid;

use super::cpu::{self, CounterRead};
use super::remote;

/// `si_code` of what the CPU and not another process has caused.
const SI_KERNEL: i32 = 128;

/// How a stopped thread was about to read the counter, and where, if that is why it got
/// `SIGSEGV`.
pub(super) fn cause(tid: i32) -> Option<(CounterRead, cpu::Registers)> {
    let about = ptrace::getsiginfo(Pid::from_raw(tid)).ok()?;
    if about.si_signo != libc::SIGSEGV || about.si_code != SI_KERNEL {
        return None;
    }
    let registers = cpu::get(tid).ok()?;
    let mut code = [0; 3];
    let got = remote::read_some(tid, registers.instruction(), &mut code).ok()?;
    Some((CounterRead::at(code.get(..got)?)?, registers))
}

/// Has it read `value`.
pub(super) fn answer(
    tid: i32,
    how: CounterRead,
    mut registers: cpu::Registers,
    value: u64,
) -> std::io::Result<()> {
    registers.counter_was_read(how, value, || processor(tid));
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
