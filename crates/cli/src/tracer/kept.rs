//! The auxiliary vector as the kernel keeps it: a copy, which `/proc/self/auxv` and
//! `prctl(PR_GET_AUXV)` show. Some runtimes look there and not on the stack: Go's as a
//! library, Rust programs without a C library.

use std::io;

use nix::libc::{self, SYS_prctl};

use super::{inject, remote};

/// Words of `struct prctl_mm_map`: eleven addresses in the kernel's order, the vector, its
/// length (below) and no descriptor (above) in one.
const MAP_WORDS: usize = 13;
/// Which fields of `/proc/PID/stat`, counted from 1, these addresses are. There is none for the
/// end of the heap, which a new program has at its beginning.
const FIELDS: [usize; 11] = [26, 27, 45, 46, 47, 47, 28, 48, 49, 50, 51];

/// Puts the vector on the program's stack, of `place` (address, bytes), in its place.
/// `scratch` is memory that the program may write.
///
/// # Errors
/// This kernel does not allow it.
pub(super) fn replace(tid: i32, gate: u64, place: (u64, u64), scratch: u64) -> io::Result<()> {
    let (address, bytes) = place;
    let set = |what: i32, address: u64, length: u64| {
        let arguments = [libc::PR_SET_MM as u64, what as u64, address, length, 0, 0];
        inject::call(tid, gate, SYS_prctl, arguments)
    };
    if set(libc::PR_SET_MM_AUXV, address, bytes).is_ok() {
        return Ok(());
    }
    // Who has no `CAP_SYS_RESOURCE` may change it together with all that lies beside it.
    let stat = std::fs::read_to_string(format!("/proc/{tid}/stat"))?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields: Vec<u64> =
        fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
    let mut map = [0_u64; MAP_WORDS];
    for (word, field) in map.iter_mut().zip(FIELDS) {
        *word = *fields.get(field - 3).ok_or(io::ErrorKind::InvalidData)?;
    }
    map[11] = address;
    map[12] = u64::from(u32::MAX) << 32 | bytes;
    let mut memory = [0; 8 * MAP_WORDS];
    for (place, word) in memory.chunks_exact_mut(8).zip(map) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    remote::write(tid, scratch, &memory)?;
    set(libc::PR_SET_MM_MAP, scratch, memory.len() as u64).map(drop)
}
