//! The side that writes.

use instanter_page::linux::{Contents, Frame, Writer};
use linux_raw_sys::general as nr;

use super::file::{WARY, Words, boot, check, check_length};
use super::{Error, LENGTH, NotOurPage, SharedPath, State, Status, live, spare};
use crate::sys::{self, Descriptor, Errno, Mapping};

/// Publishes a clock in a file that other processes map.
///
/// There is one for a file: a second is refused, in this process and in others, for as
/// long as the first lives. When it is dropped, the clock is marked as ended. The file
/// stays: a successor goes on in it, and readers with it.
///
/// See the [module](super) for an example.
#[derive(Debug)]
pub struct Publisher {
    live: Writer,
    spare: Writer,
    words: Words,
    boot: [u64; 2],
    process: u32,
    /// What was published last.
    last: Option<(Contents, Status)>,
    /// What a predecessor of this boot left.
    left: Option<Frame>,
    _mapping: Mapping,
    /// Holds the lock.
    pub(crate) descriptor: Descriptor,
}

// SAFETY: it owns its mapping and its descriptor, and is used by one thread at a time.
unsafe impl Send for Publisher {}

/// How a file is made: its owner writes it, all may read it.
const MODE: u32 = 0o644;

impl Publisher {
    /// `open(path)` — Takes the file at `path` for a clock, made if there is none, and
    /// locks it.
    ///
    /// # Errors
    /// [`Error::Locked`] while another publisher has it; [`Error::File`] and
    /// [`Error::Page`] for a file that is not ours, which is left as it is;
    /// [`Error::Kernel`].
    pub fn open(path: &SharedPath) -> Result<Publisher, Error> {
        let path = path.as_c_str();
        let make = WARY | nr::O_RDWR | nr::O_CREAT | nr::O_EXCL;
        // Not at once with O_CREAT, which a folder that all may write refuses for files
        // of others, and says less why.
        let descriptor = match Descriptor::open(path, WARY | nr::O_RDWR) {
            Err(Errno(errno)) if errno.unsigned_abs() == linux_raw_sys::errno::ENOENT => {
                let made = Descriptor::open_or_make(path, make, MODE);
                let made = made.map_err(Error::kernel("open"))?;
                // Whatever the process's mask says.
                made.set_mode(MODE).map_err(Error::kernel("fchmod"))?;
                made
            }
            opened => opened.map_err(Error::kernel("open"))?,
        };
        Publisher::own(descriptor)
    }

    /// `in_memory()` — Makes a clock that has no name, for processes that get its
    /// descriptor. It is sealed: nobody can cut it short, nor map it for writing.
    ///
    /// # Errors
    /// [`Error::Kernel`]; the seal needs Linux 5.1.
    ///
    /// ```
    /// use instanter_clock::shared::Publisher;
    /// let publisher = Publisher::in_memory()?;
    /// assert!(publisher.left().is_none());
    /// # Ok::<(), instanter_clock::shared::Error>(())
    /// ```
    pub fn in_memory() -> Result<Publisher, Error> {
        let descriptor =
            Descriptor::memory(c"instanter-clock").map_err(Error::kernel("memfd_create"))?;
        descriptor.set_mode(MODE).map_err(Error::kernel("fchmod"))?;
        let publisher = Publisher::own(descriptor)?;
        let seals = nr::F_SEAL_SHRINK | nr::F_SEAL_GROW | nr::F_SEAL_FUTURE_WRITE | nr::F_SEAL_SEAL;
        publisher.descriptor.seal(seals).map_err(Error::kernel("fcntl(F_ADD_SEALS)"))?;
        Ok(publisher)
    }

    fn own(descriptor: Descriptor) -> Result<Publisher, Error> {
        let size = check(&descriptor, false)?;
        descriptor.try_lock().map_err(|Errno(errno)| {
            if errno.unsigned_abs() == linux_raw_sys::errno::EAGAIN {
                Error::Locked
            } else {
                Error::Kernel { call: "flock", errno }
            }
        })?;
        let boot = boot()?;
        if size == 0 {
            descriptor.write_zeros(LENGTH).map_err(Error::kernel("write"))?;
        } else {
            check_length(size)?;
        }
        let mapping = Mapping::of(&descriptor, LENGTH, true).map_err(Error::kernel("mmap"))?;
        let start = mapping.start().cast_const();
        // SAFETY: as long as that, and kept by the publisher.
        let words = unsafe { Words::of(&mapping) };
        let mut left = None;
        match words.check(boot) {
            // SAFETY: two pages that were just mapped.
            Ok(()) => left = unsafe { newest(start) },
            Err(NotOurPage::Empty | NotOurPage::OtherBoot) => words.unmark(),
            Err(other) => return Err(Error::Page(other)),
        }
        // SAFETY: two pages, mapped for as long as the writers live; by the lock, they are
        // the only ones.
        let [live, spare] = [live(start), spare(start)].map(|place| unsafe { Writer::new(place) });
        Ok(Publisher {
            live,
            spare,
            words,
            boot,
            process: sys::process_id(),
            last: None,
            left,
            _mapping: mapping,
            descriptor,
        })
    }

    /// `left()` — Returns what a predecessor left in the file since the machine was booted:
    /// the last line that readers can have used.
    ///
    /// Who goes on from there (as `Timekeeper::take_over` of `instanter-keeper` does) lets no
    /// reader see the monotonic clock go back.
    #[must_use]
    pub fn left(&self) -> Option<&Frame> {
        self.left.as_ref()
    }

    /// `update(make)` — Publishes what `make` returns.
    ///
    /// Readers wait, for at most some microseconds before they go elsewhere, from before
    /// `make` is called: so it should read the counter, do its arithmetic, and nothing else
    /// (see [`Writer::update`]).
    pub fn update(&mut self, make: impl FnOnce() -> (Contents, Status)) {
        let mut made = None;
        self.live.update(|| {
            let (contents, mut status) = make();
            status.process = self.process;
            // The page's sequence number stands for these words as well: it is odd
            // by now, and even again after them.
            self.words.store_status(&status.words());
            made = Some((contents, status));
            contents
        });
        let Some((contents, status)) = made else { return };
        if self.last.is_none() {
            self.words.mark(self.boot);
        }
        self.spare.update(|| contents);
        self.last = Some((contents, status));
    }

    /// `end()` — Marks the clock as ended, and gives up the file: what dropping does.
    pub fn end(self) {}
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some((contents, status)) = self.last {
            // The line stays, so that readers can tell how old it is; the mode is that of
            // clocks that cannot be read.
            self.update(|| {
                (Contents { mode: 0, ..contents }, Status { state: State::Ended, ..status })
            });
        }
    }
}

/// Returns the newer of the two pages, unless it was left in the middle of an update.
///
/// # Safety
/// Two pages must be readable at `start`.
unsafe fn newest(start: *const u8) -> Option<Frame> {
    // SAFETY: the caller's.
    let page = unsafe { Frame::read(live(start), instanter_counter::ordered) };
    // SAFETY: the caller's.
    page.or_else(|_| unsafe { Frame::read(spare(start), instanter_counter::ordered) }).ok()
}
