//! The auxiliary vector: what the kernel told this process when it started.

use linux_raw_sys::auxvec;

use super::{Auxv, AuxvOrigin};
use crate::sys::{self, Errno};

/// Words for the copy: a kernel passes some twenty entries of two words.
const WORDS: usize = 128;

impl Auxv {
    /// Reads this process's auxiliary vector.
    pub(crate) fn read() -> Auxv {
        let mut words = [0usize; WORDS];
        if sys::get_auxv(&mut words).is_ok() {
            return Auxv::parse(&words, AuxvOrigin::Prctl);
        }
        match read_proc(&mut words) {
            Ok(length) => Auxv::parse(&words[..length], AuxvOrigin::Proc),
            Err(_) => Auxv::NOTHING,
        }
    }

    /// Takes out what matters from pairs of a type and a value, up to `AT_NULL`
    /// or the end.
    pub(crate) fn parse(words: &[usize], origin: AuxvOrigin) -> Auxv {
        let mut auxv = Auxv { origin, ..Auxv::NOTHING };
        for (index, pair) in words.chunks_exact(2).enumerate() {
            let value = pair[1];
            match pair[0] as u32 {
                auxvec::AT_NULL => break,
                auxvec::AT_SYSINFO_EHDR => auxv.vdso = (value != 0).then_some(value),
                auxvec::AT_PAGESZ if value.is_power_of_two() => auxv.page_size = value,
                auxvec::AT_HWCAP2 => auxv.hwcap2 = value,
                auxvec::AT_SECURE => auxv.secure = value != 0,
                auxvec::AT_RANDOM => (auxv.random, auxv.random_index) = (value, index),
                auxvec::AT_EXECFN => auxv.program_name = value,
                _ => {}
            }
        }
        auxv
    }
}

/// Returns how many words the file had.
fn read_proc(words: &mut [usize; WORDS]) -> Result<usize, Errno> {
    let mut bytes = [0u8; WORDS * size_of::<usize>()];
    let length = sys::read_file(c"/proc/self/auxv", &mut bytes)?;
    let read = bytes[..length].as_chunks::<{ size_of::<usize>() }>().0;
    for (word, bytes) in words.iter_mut().zip(read) {
        *word = usize::from_ne_bytes(*bytes);
    }
    Ok(read.len())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn table() {
        let nothing = Auxv { origin: AuxvOrigin::Prctl, ..Auxv::NOTHING };
        let table: &[(&[usize], Auxv)] = &[
            (&[], nothing),
            (&[33], nothing),
            (&[33, 0, 0, 0], nothing),
            (&[0, 0, 33, 0x1000], nothing),
            (&[33, 0x1000], Auxv { vdso: Some(0x1000), ..nothing }),
            (&[6, 16384, 0, 0], Auxv { page_size: 16384, ..nothing }),
            (&[6, 0, 0, 0], nothing),
            (&[6, 4097, 0, 0], nothing),
            (
                &[23, 1, 25, 0x77, 0, 0],
                Auxv { secure: true, random: 0x77, random_index: 1, ..nothing },
            ),
        ];
        for (words, want) in table {
            assert_eq!(Auxv::parse(words, AuxvOrigin::Prctl), *want, "auxv {words:x?}");
        }
    }

    #[test]
    fn both_ways_agree_with_the_c_library() {
        // SAFETY: getauxval only reads.
        let (vdso, page_size) =
            unsafe { (libc::getauxval(libc::AT_SYSINFO_EHDR), libc::getauxval(libc::AT_PAGESZ)) };
        let auxv = Auxv::read();
        assert_eq!(auxv.vdso.unwrap_or(0), vdso as usize);
        assert_eq!(auxv.page_size, page_size as usize);
        let mut words = [0; WORDS];
        let length = read_proc(&mut words).expect("/proc is mounted");
        let proc = Auxv::parse(&words[..length], auxv.origin);
        assert_eq!(proc, auxv);
    }
}
