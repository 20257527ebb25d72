//! Clocks that processes share through a file in memory.
//!
//! A kernel keeps one page for all; any process may keep another. A [`Publisher`] writes
//! one into a file, mostly in `/dev/shm`, as a kernel writes its own: under a sequence
//! number, as a line that turns the CPU's counter into time. Any number of [`Reader`]s, in
//! other processes, read it as they would read the kernel's: for a few nanoseconds more than
//! the counter itself takes, without a system call. What clock that is, the publisher decides: one that follows another time
//! server than the machine does, one that a test moves, one that runs at double speed.
//! `instanter keeper serve` keeps such clocks with the crate `instanter-keeper`.
//!
//! ```
//! use instanter_clock::page::Line;
//! use instanter_clock::page::linux::{Contents, Record};
//! use instanter_clock::shared::{Publisher, Reader, SharedPath, State, Status};
//!
//! # let name = std::format!("example-{}", std::process::id());
//! let path = SharedPath::of(&name)?; // /dev/shm/instanter-NAME
//! let mut publisher = Publisher::open(&path)?;
//! publisher.update(|| {
//!     // A clock that stood at 100 s just now, on a counter of 1 GHz.
//!     let origin = instanter_counter::ordered();
//!     let line = Line { origin, mult: 1 << 23, shift: 23, mask: u64::MAX };
//!     let record = Record { line, bases: [(100, 0); 12] };
//!     let contents =
//!         Contents { mode: 1, disciplined: record, raw: record, max_cycles: 1 << 40, hrtimer_res: 1 };
//!     (contents, Status { stale_after_ns: 5_000_000_000, ..Status::default() })
//! });
//!
//! // In any other process of this user, or of all users if root publishes:
//! let reader = Reader::open(&path)?;
//! assert_eq!(reader.pair()?.realtime.sec, 100);
//!
//! // Who ends says so, and no reader goes on by itself.
//! drop(publisher);
//! assert!(reader.pair().is_err_and(|error| error.is_gone()));
//! # std::fs::remove_file(path.as_c_str().to_str().unwrap()).unwrap();
//! # Ok::<(), instanter_clock::shared::Error>(())
//! ```
//!
//! # What is in the file
//!
//! Two pages of 4096 bytes, each laid out as Linux 6.17 lays out its own for x86-64, with the
//! clock mode 1 for "the CPU's counter", on any CPU; and from byte 3072 on the [`Status`].
//! The first page is the one that is read. The second says the same a moment later: should a
//! publisher be killed in the middle of an update, so that the first can never be read again,
//! the second still tells readers since when, and a successor where to go on.
//!
//! # What is checked
//!
//! | by | what | otherwise |
//! |---|---|---|
//! | both | a regular file, of this user (a reader also trusts root), which nobody else may write | [`Error::File`] |
//! | both | its length, its first words, the version; of this boot of the machine | [`Error::Page`] |
//! | publisher | no other publisher has it | [`Error::Locked`] |
//! | reader, first | the line is one, and counts the CPU's counter | [`Error::Refused`] |
//! | reader, each time | the sequence number is even and stays; mode, `shift` and `mult` are what they were; the last update is not too old | [`Error::Gone`] |
//!
//! A file that its owner cuts short kills who reads it (`SIGBUS`), so let nobody own one whom
//! you do not trust. A [`Publisher::in_memory`] is sealed against that.

mod error;
mod file;
mod publisher;
mod reader;
mod status;

pub use error::{Error, NotOurFile, NotOurPage};
pub use file::SharedPath;
pub use publisher::Publisher;
pub use reader::{Condition, Reader, Reading};
pub use status::{Label, State, Status};

use instanter_page::linux::{Cpu, Layout, Place, Shape};

/// How the two pages are laid out: as the page of Linux 6.17 and later.
///
/// ```
/// use instanter_clock::page::linux::LAYOUTS;
/// use instanter_clock::shared::LAYOUT;
/// let linux = LAYOUTS.iter().find(|row| row.stride == LAYOUT.stride).unwrap();
/// assert_eq!((linux.record, linux.shape), (LAYOUT.record, LAYOUT.shape));
/// ```
pub static LAYOUT: Layout = Layout {
    kernels: "a shared clock",
    // Its meaning of the clock modes is what counts here.
    cpu: Cpu::X86_64,
    pages_before_vdso: 0,
    namespace_page: None,
    record: 0,
    stride: 232,
    shape: Shape::WithMaxCycles,
    hrtimer_res: 2328,
};

/// The clock mode of a page whose clocks count the CPU's counter.
pub const MODE_COUNTER: u32 = 1;

const PAGE: usize = 4096;
const LENGTH: usize = 2 * PAGE;

/// The page that is read.
fn live(start: *const u8) -> Place {
    Place { start, page_size: PAGE, layout: &LAYOUT }
}

/// The page behind it.
fn spare(start: *const u8) -> Place {
    live(start.wrapping_add(PAGE))
}
