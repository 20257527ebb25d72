//! The file: its name, whose it is, and what stands at its head.

use core::ffi::CStr;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use linux_raw_sys::general as nr;

use super::{Error, LENGTH, NotOurFile, NotOurPage};
use crate::sys::{self, Descriptor, File, Mapping};

/// Where a shared clock is: a path.
///
/// ```
/// use instanter_clock::shared::SharedPath;
/// assert_eq!(SharedPath::of("lab")?.to_string(), "/dev/shm/instanter-lab");
/// assert_eq!(SharedPath::of("/run/lab.clock")?.to_string(), "/run/lab.clock");
/// assert!(SharedPath::of("").is_err());
/// # Ok::<(), instanter_clock::shared::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SharedPath {
    /// Ends in at least one zero.
    bytes: [u8; 1024],
    length: usize,
}

impl SharedPath {
    /// Returns the path that a name stands for: `/dev/shm/instanter-NAME`, or the name
    /// itself if it has a `/` in it.
    ///
    /// # Errors
    /// [`Error::Name`] for an empty name, one with a zero byte, and one that is too long
    /// (255 bytes in a folder, 1023 in all).
    pub fn of(name: &str) -> Result<SharedPath, Error> {
        const PREFIX: &[u8] = b"/dev/shm/instanter-";
        // What a file's name may be long, less the "instanter-".
        const LONGEST: usize = 255 - 10;
        let wrong = |why| Err(Error::Name { why });
        let prefix = if name.contains('/') { b"" } else { PREFIX };
        if name.is_empty() {
            return wrong("a clock's name cannot be empty");
        }
        if name.contains('\0') {
            return wrong("a clock's name cannot contain a zero byte");
        }
        let mut bytes = [0; 1024];
        let length = prefix.len() + name.len();
        if length >= bytes.len() || !prefix.is_empty() && name.len() > LONGEST {
            return wrong("a clock's name cannot be so long");
        }
        bytes[..prefix.len()].copy_from_slice(prefix);
        bytes[prefix.len()..length].copy_from_slice(name.as_bytes());
        Ok(SharedPath { bytes, length })
    }

    /// Returns it as the kernel wants it.
    #[must_use]
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}

impl fmt::Display for SharedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.bytes[..self.length]).unwrap_or_default())
    }
}

impl fmt::Debug for SharedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", str::from_utf8(&self.bytes[..self.length]).unwrap_or_default())
    }
}

/// Refuses a file that others could have written. Returns its length.
pub(super) fn check(descriptor: &Descriptor, trusts_root: bool) -> Result<u64, Error> {
    let file = File::of(descriptor).map_err(Error::kernel("statx"))?;
    let own = file.owner == sys::effective_user() || trusts_root && file.owner == 0;
    let wrong = if !file.is_regular {
        NotOurFile::NotRegular
    } else if !own {
        NotOurFile::Owner { owner: file.owner }
    } else if file.mode & 0o022 != 0 {
        NotOurFile::Writable { mode: file.mode }
    } else if file.links > 1 {
        NotOurFile::Links { links: file.links }
    } else {
        return Ok(file.size);
    };
    Err(Error::File(wrong))
}

/// The random number that the kernel gives each boot.
pub(super) fn boot() -> Result<[u64; 2], Error> {
    let unknown = Error::Page(NotOurPage::UnknownBoot);
    let mut text = [0; 40];
    let length =
        sys::read_file(c"/proc/sys/kernel/random/boot_id", &mut text).map_err(|_| unknown)?;
    let mut boot = 0u128;
    let mut digits = 0;
    for &byte in &text[..length] {
        if let Some(digit) = char::from(byte).to_digit(16) {
            boot = boot << 4 | u128::from(digit);
            digits += 1;
        }
    }
    if digits == 32 { Ok([(boot >> 64) as u64, boot as u64]) } else { Err(unknown) }
}

/// Where what is not the page's begins: the words of the head, then those of the status.
const HEAD: usize = 3072;

/// Words of the head.
const MAGIC: usize = 0;
const VERSION: usize = 1;
const BOOT: usize = 2;
/// The first word of the status.
const STATUS: usize = 8;

/// `INSTCLK` and a byte that is no text, so that a machine of the other byte order
/// does not take it for its own.
const MAGIC_WORD: u64 = u64::from_ne_bytes(*b"INSTCLK\xfe");
const VERSION_WORD: u64 = 1;

/// Words that the file has for a status.
pub(super) const STATUS_WORDS: usize = 64;

/// The words of a mapped file that are not the page's.
///
/// All are written and read as the page's are: relaxed, under its sequence number. Only
/// the first is stored last of all, when the file has become one of ours.
#[derive(Debug)]
pub(super) struct Words {
    start: *mut u8,
}

impl Words {
    /// # Safety
    /// The mapping must be [`LENGTH`] bytes long and outlive this; where it is read-only,
    /// nothing may be stored.
    pub(super) unsafe fn of(mapping: &Mapping) -> Words {
        Words { start: mapping.start().wrapping_add(HEAD) }
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        assert!(index < STATUS + STATUS_WORDS);
        // SAFETY: the words of the file's first page from `HEAD` on, within it, aligned,
        // and mapped for as long as this lives, as `of` was promised.
        unsafe { AtomicU64::from_ptr(self.start.cast::<u64>().add(index)) }
    }

    pub(super) fn load_status(&self) -> [u64; STATUS_WORDS] {
        core::array::from_fn(|index| self.word(STATUS + index).load(Ordering::Relaxed))
    }

    pub(super) fn store_status(&self, words: &[u64; STATUS_WORDS]) {
        for (index, &word) in words.iter().enumerate() {
            self.word(STATUS + index).store(word, Ordering::Relaxed);
        }
    }

    /// Whether the file is one of ours, and of this boot.
    pub(super) fn check(&self, boot: [u64; 2]) -> Result<(), NotOurPage> {
        match self.word(MAGIC).load(Ordering::Acquire) {
            MAGIC_WORD => {}
            0 => return Err(NotOurPage::Empty),
            found => return Err(NotOurPage::Magic { found }),
        }
        let version = self.word(VERSION).load(Ordering::Relaxed);
        if version != VERSION_WORD {
            return Err(NotOurPage::Version { found: version });
        }
        let found = [BOOT, BOOT + 1].map(|index| self.word(index).load(Ordering::Relaxed));
        if found == boot { Ok(()) } else { Err(NotOurPage::OtherBoot) }
    }

    /// Makes it none of ours until [`mark`](Words::mark).
    pub(super) fn unmark(&self) {
        self.word(MAGIC).store(0, Ordering::Release);
    }

    /// Makes it one of ours: what was stored before is seen by who sees this.
    pub(super) fn mark(&self, boot: [u64; 2]) {
        self.word(VERSION).store(VERSION_WORD, Ordering::Relaxed);
        for (index, word) in boot.into_iter().enumerate() {
            self.word(BOOT + index).store(word, Ordering::Relaxed);
        }
        self.word(MAGIC).store(MAGIC_WORD, Ordering::Release);
    }
}

/// Flags with which a file is opened that may be anything: a pipe must not make us wait.
pub(super) const WARY: u32 = nr::O_NOFOLLOW | nr::O_NONBLOCK | nr::O_NOCTTY;

/// Refuses a file of another length.
pub(super) fn check_length(bytes: u64) -> Result<(), Error> {
    match bytes {
        0 => Err(Error::Page(NotOurPage::Empty)),
        _ if bytes != LENGTH as u64 => Err(Error::Page(NotOurPage::Length { bytes })),
        _ => Ok(()),
    }
}

const _: () = assert!(HEAD >= super::LAYOUT.length());
const _: () = assert!(HEAD + 8 * (STATUS + STATUS_WORDS) <= super::PAGE);
