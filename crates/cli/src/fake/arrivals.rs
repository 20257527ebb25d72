//! The times at which packets came, as the kernel writes them beside a packet: they become what
//! the tree's date was then.
//!
//! Only who asks for them pays: when a process does, a second filter makes its calls of
//! `recvmsg` stop from then on, and those of all that it starts.

use std::collections::HashSet;
use std::io;

use nix::libc;

use super::clocks::{Clocks, real};
use super::waits::{from_pair, signed};
use crate::tracer::status::Status;
use crate::tracer::{Filter, Stop, When};

/// `SO_TIMESTAMP`, `SO_TIMESTAMPNS` and `SO_TIMESTAMPING`, old and new. The messages that come of
/// them have the same numbers.
pub(super) const OPTIONS: [u32; 6] = [
    libc::SO_TIMESTAMP as u32,
    libc::SO_TIMESTAMPNS as u32,
    libc::SO_TIMESTAMPING as u32,
    NEW_TIMESTAMP,
    64,
    65,
];
const NEW_TIMESTAMP: u32 = 63;

/// What `ioctl` tells of the last packet: `SIOCGSTAMP`, in microseconds, and `SIOCGSTAMPNS`, old
/// and new.
const LAST: [(u32, i128); 4] = [(0x8906, 1000), (0x8907, 1), (0x8010_8906, 1000), (0x8010_8907, 1)];

/// No message of the kernel's is that long.
const LONGEST: usize = 1 << 16;

pub(super) fn filtered() -> (i64, When) {
    (libc::SYS_ioctl, When::OneOf(1, LAST.map(|(request, _)| request).to_vec()))
}

/// The processes whose calls stop.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    followed: HashSet<i32>,
}

impl Arrivals {
    pub(super) fn follows(&self, pid: i32) -> bool {
        self.followed.contains(&pid)
    }

    /// Whether a call may return such times.
    pub(super) fn are_returned(&self, stop: &Stop<'_>) -> bool {
        match stop.call.number {
            libc::SYS_recvmsg | libc::SYS_recvmmsg => self.follows(stop.pid),
            number => number == libc::SYS_ioctl,
        }
    }

    /// At the exit of `setsockopt`: a process has asked for such times.
    ///
    /// # Errors
    /// It cannot be followed.
    pub(super) fn follow(&mut self, stop: &mut Stop<'_>) -> io::Result<()> {
        let filters = |tid| Status::of(tid).number("Seccomp_filters");
        let own = filters(std::process::id() as i32);
        // One with a filter of its own may be killed by it for the call that adds another one.
        if own.is_none() || filters(stop.tid) != own.map(|own| own + 1) {
            return Err(io::Error::other("it has a filter of its own, or the kernel is old"));
        }
        let calls = [libc::SYS_recvmsg, libc::SYS_recvmmsg];
        Filter::stop_at(&calls.map(|call| (call, When::Always))).apply_to(stop)?;
        self.followed.insert(stop.pid);
        Ok(())
    }

    /// A process has made another one, which is under the same filters. So is what a process
    /// becomes.
    pub(super) fn began(&mut self, pid: i32, parent: i32) {
        if self.follows(parent) {
            self.followed.insert(pid);
        } else {
            // Another one may have had its number.
            self.followed.remove(&pid);
        }
    }
}

/// At the exit of a call that may have returned such times.
pub(super) fn leave(stop: &Stop<'_>, clocks: &Clocks) {
    let result = stop.registers.result();
    let [_, second, third, ..] = stop.call.arguments;
    match stop.call.number {
        libc::SYS_recvmsg if result >= 0 => messages(stop, clocks, second),
        libc::SYS_recvmmsg => {
            const EACH: u64 = size_of::<libc::mmsghdr>() as u64;
            (0..result.max(0) as u64).for_each(|at| messages(stop, clocks, second + at * EACH));
        }
        libc::SYS_ioctl if result == 0 => {
            if let Some((_, unit)) = LAST.iter().find(|(request, _)| *request == second as u32) {
                shift(stop, clocks, third, *unit);
            }
        }
        _ => {}
    }
}

/// The times in what stands beside a packet, of which there is a `struct msghdr` at this place.
fn messages(stop: &Stop<'_>, clocks: &Clocks, header: u64) {
    let word = |at: usize| stop.read(header + at as u64).map(u64::from_ne_bytes);
    let control = word(std::mem::offset_of!(libc::msghdr, msg_control));
    let length = word(std::mem::offset_of!(libc::msghdr, msg_controllen));
    let (Ok(control @ 1..), Ok(length @ 1..)) = (control, length) else { return };
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(LONGEST).min(LONGEST)];
    let Ok(got) = stop.read_some(control, &mut bytes) else { return };
    for (at, unit) in times(&bytes[..got]) {
        shift(stop, clocks, control + at as u64, unit);
    }
}

/// Where times are in a packet's control messages, and their unit in nanoseconds.
fn times(control: &[u8]) -> Vec<(usize, i128)> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    let mut times = Vec::new();
    let mut at = 0;
    while let Some(header) = control.get(at..at + HEADER) {
        let half =
            |at: usize| header[at..].first_chunk().map_or(0, |half| i32::from_ne_bytes(*half));
        let length = header.first_chunk().map_or(0, |word| usize::from_ne_bytes(*word));
        let (level, kind) = (half(8), half(12).cast_unsigned());
        if length < HEADER {
            break;
        }
        // Of several the first one is by the system's clock, the others by a device's.
        if level == libc::SOL_SOCKET && OPTIONS.contains(&kind) && length >= HEADER + 16 {
            let is_timeval = kind == OPTIONS[0] || kind == NEW_TIMESTAMP;
            times.push((at + HEADER, if is_timeval { 1000 } else { 1 }));
        }
        let Some(next) = length.checked_next_multiple_of(8).and_then(|it| at.checked_add(it))
        else {
            break;
        };
        at = next;
    }
    times
}

/// Has a time show the tree's date. Zeros are none.
fn shift(stop: &Stop<'_>, clocks: &Clocks, place: u64, unit: i128) {
    let time = stop.read(place).ok().and_then(|bytes| from_pair(bytes, unit));
    if let Some(time @ 1..) = time {
        let shows = |time| clocks.shows(stop.space.view as usize, libc::CLOCK_REALTIME, time);
        // The kernel has cut it off, and a clock that goes faster makes much of that: so it is
        // the latest that it may have been, and no packet comes before it was sent.
        let shown = shows(time + unit - 1).min(shows(real(libc::CLOCK_REALTIME)));
        // It was just written there.
        let _ = stop.write(place, &signed(shown, unit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(level: i32, kind: u32, data: usize) -> Vec<u8> {
        let mut bytes = (16 + data).to_ne_bytes().to_vec();
        bytes.extend(level.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.resize((16 + data).next_multiple_of(8), 0);
        bytes
    }

    #[test]
    fn times_are_found_among_other_messages() {
        let all = [
            message(libc::SOL_SOCKET, 29, 16),
            message(libc::IPPROTO_IP, 29, 16),
            message(libc::SOL_SOCKET, 2, 12),
            message(libc::SOL_SOCKET, 35, 16),
            message(libc::SOL_SOCKET, 37, 48),
            message(libc::SOL_SOCKET, 63, 16),
            message(libc::SOL_SOCKET, 64, 15),
        ]
        .concat();
        assert_eq!(times(&all), [(16, 1000), (112, 1), (144, 1), (208, 1000)]);
        assert_eq!(times(&all[..all.len() - 33]), [(16, 1000), (112, 1), (144, 1), (208, 1000)]);
        assert_eq!(times(&[]), []);
        let endless = [usize::MAX.to_ne_bytes(), [0; 8], [0; 8]].concat();
        assert_eq!(times(&endless), []);
        assert_eq!(times(&[0; 64]), []);
    }
}
