//! Why a page of another system than Linux gives no answer.

use core::fmt;

/// Why a page gave no answer. In each case the system is to be asked instead.
///
/// ```
/// use instanter_page::Unreadable;
/// assert_eq!(
///     Unreadable::Wild { field: "tk_current", value: 9 }.to_string(),
///     "tk_current is 9, which no system writes"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The page kept changing, or was left in the middle of an update.
    Busy,
    /// The page says that programs are to ask the system (`ENOSYS` of the C
    /// library's function).
    Disabled,
    /// The page is of another version than the one known here.
    Version {
        /// The version found.
        found: u32,
    },
    /// Time counts by something else than the CPU's own counter: a device that
    /// would have to be opened and mapped, or one that nobody but the kernel reads.
    Device {
        /// The page's own number for it.
        number: u32,
    },
    /// Nobody has updated the page for so long that its line no longer holds.
    Stale,
    /// The clock is there, and its keeper says that it is not to be trusted.
    Untrusted {
        /// The page's own number for its state.
        status: u32,
    },
    /// This page does not have the clock, or not the field that it takes.
    Missing,
    /// A field holds what no system writes: this is no such page.
    Wild {
        /// The field, by its name in the system's header.
        field: &'static str,
        /// What it holds.
        value: u64,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Busy => f.write_str("the page kept changing"),
            Unreadable::Disabled => {
                f.write_str("not readable here: the page says that the system is to be asked")
            }
            Unreadable::Version { found } => {
                write!(f, "the page is of version {found}, which is not known here")
            }
            Unreadable::Device { number } => {
                write!(f, "not readable here: time counts by another device (number {number})")
            }
            Unreadable::Stale => f.write_str("nobody has updated the page for too long"),
            Unreadable::Untrusted { status } => {
                write!(f, "the clock is not to be trusted (status {status})")
            }
            Unreadable::Missing => f.write_str("the page does not have this clock"),
            Unreadable::Wild { field, value } => {
                write!(f, "{field} is {value}, which no system writes")
            }
        }
    }
}

impl core::error::Error for Unreadable {}
