//! What may be wrong with a shared clock.

use core::fmt;

use instanter_page::linux::Refusal;
use linux_raw_sys::errno as nr;

use super::Condition;
use crate::sys::Errno;

/// Why a shared clock cannot be published or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The kernel did not do what was asked.
    Kernel {
        /// The call.
        call: &'static str,
        /// Its error number, as in `errno.h`.
        errno: i32,
    },
    /// A name that no file can have.
    Name {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file that is not to be trusted, or would be spoilt.
    File(NotOurFile),
    /// A file that holds no page of ours, or none to be read here.
    Page(NotOurPage),
    /// Another process publishes there.
    Locked,
    /// The page shows no line that can be read.
    Refused(Refusal),
    /// The clock is not kept any more.
    Gone {
        /// How it ended.
        condition: Condition,
        /// Nanoseconds since the last update, by the clock's own monotonic clock.
        age_ns: u64,
    },
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOurFile {
    /// A folder, a device, a pipe.
    NotRegular,
    /// Somebody else's.
    Owner {
        /// The owner's user id.
        owner: u32,
    },
    /// Others may write it.
    Writable {
        /// The permission bits.
        mode: u32,
    },
    /// It has several names, so it may be something else as well.
    Links {
        /// How many.
        links: u32,
    },
}

/// What is wrong with what a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOurPage {
    /// Not as long as two pages.
    Length {
        /// How long it is, in bytes.
        bytes: u64,
    },
    /// Nobody has published yet.
    Empty,
    /// The first words are not ours.
    Magic {
        /// What stands there.
        found: u64,
    },
    /// Written by another version.
    Version {
        /// Which.
        found: u64,
    },
    /// Written before the machine was booted, or on another machine: its line counts
    /// another counter.
    OtherBoot,
    /// Which boot of the machine this is cannot be found out.
    UnknownBoot,
}

impl Error {
    pub(super) fn kernel(call: &'static str) -> impl Fn(Errno) -> Error {
        move |Errno(errno)| Error::Kernel { call, errno }
    }

    /// Whether there is no such clock, or nobody has published it yet.
    ///
    /// ```
    /// use instanter_clock::shared::{Reader, SharedPath};
    /// let error = Reader::open(&SharedPath::of("/no/such/clock")?).unwrap_err();
    /// assert!(error.is_absent());
    /// assert_eq!(error.to_string(), "open: ENOENT, there is no such file");
    /// # Ok::<(), instanter_clock::shared::Error>(())
    /// ```
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match *self {
            Error::Kernel { errno, .. } => errno.unsigned_abs() == nr::ENOENT,
            Error::Page(why) => why == NotOurPage::Empty,
            _ => false,
        }
    }

    /// Whether it was kept and is not kept any more: it may be again.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Error::Gone { .. })
    }

    /// Whether another process publishes there.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        *self == Error::Locked
    }
}

/// What an error number means here, where that can be said.
fn meaning(errno: u32) -> Option<(&'static str, &'static str)> {
    Some(match errno {
        nr::ENOENT => ("ENOENT", "there is no such file"),
        nr::EACCES => ("EACCES", "no permission"),
        nr::EPERM => ("EPERM", "no permission, or a sandbox forbids the call"),
        nr::ELOOP => ("ELOOP", "it is a symbolic link"),
        nr::EISDIR => ("EISDIR", "it is a folder"),
        nr::ENOTDIR => ("ENOTDIR", "a part of the path is no folder"),
        nr::ENXIO => ("ENXIO", "it is a pipe, a socket or a device without a driver"),
        nr::EEXIST => ("EEXIST", "somebody made it just now"),
        nr::ENOSPC => ("ENOSPC", "no room is left there"),
        nr::EROFS => ("EROFS", "nothing can be written there"),
        nr::ENODEV => ("ENODEV", "it cannot be mapped into memory"),
        nr::ENOSYS => ("ENOSYS", "a sandbox or an old kernel lacks the call"),
        nr::ENAMETOOLONG => ("ENAMETOOLONG", "the name is too long"),
        nr::EMFILE => ("EMFILE", "the process has no file descriptor left"),
        _ => return None,
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Kernel { call, errno } => match meaning(errno.unsigned_abs()) {
                Some((name, meaning)) => write!(f, "{call}: {name}, {meaning}"),
                None => write!(f, "{call}: error {errno}"),
            },
            Error::Name { why } => f.write_str(why),
            Error::File(why) => why.fmt(f),
            Error::Page(why) => why.fmt(f),
            Error::Locked => f.write_str("another process keeps it"),
            Error::Refused(refusal) => write!(f, "it shows no clock that can be read: {refusal}"),
            Error::Gone { condition, age_ns } => {
                let (seconds, millis) = (age_ns / 1_000_000_000, age_ns / 1_000_000 % 1_000);
                write!(f, "{condition}; its last update is {seconds}.{millis:03} s old")
            }
        }
    }
}

impl fmt::Display for NotOurFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotOurFile::NotRegular => f.write_str("it is not a regular file"),
            NotOurFile::Owner { owner } => {
                write!(f, "it belongs to user {owner}, whom this process does not trust")
            }
            NotOurFile::Writable { mode } => {
                write!(f, "others than its owner may write it (mode {mode:04o})")
            }
            NotOurFile::Links { links } => {
                write!(f, "it has {links} names, so it may be something else as well")
            }
        }
    }
}

impl fmt::Display for NotOurPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotOurPage::Length { bytes } => {
                write!(f, "it is no shared clock: {bytes} bytes long, not {}", super::LENGTH)
            }
            NotOurPage::Empty => f.write_str("nobody has published a clock there yet"),
            NotOurPage::Magic { found } => {
                write!(f, "it is no shared clock: {found:#018x} stands where its mark would be")
            }
            NotOurPage::Version { found } => {
                write!(f, "it is a shared clock of version {found}, which is not known here")
            }
            NotOurPage::OtherBoot => {
                f.write_str("it was left by another boot of the machine, or by another machine")
            }
            NotOurPage::UnknownBoot => f.write_str(
                "which boot of the machine this is cannot be read from \
                 /proc/sys/kernel/random/boot_id",
            ),
        }
    }
}

impl core::error::Error for Error {}
