//! The memory that every process of the tree shares with us: what we decide, and what
//! they count.
//!
//! System V shared memory, because a process can attach it by a number alone, without a
//! file descriptor and without `/proc`, and because it is gone when the last process is
//! that has it, however that one ended.

use std::io;
use std::ptr::NonNull;

use instanter_vdso::layout::{Control, SLOT, Shared, TABLE_BYTES, Table};
use nix::libc;

/// One piece of shared memory, attached here.
#[derive(Debug)]
struct Segment {
    id: i32,
    at: NonNull<u8>,
}

// SAFETY: what lies there are atomics, and the memory stays until the last owner drops.
unsafe impl Send for Segment {}
// SAFETY: as above.
unsafe impl Sync for Segment {}

impl Segment {
    fn new(bytes: usize, mode: i32) -> io::Result<Segment> {
        // SAFETY: makes fresh memory, all zero, and attaches it where there is room.
        unsafe {
            let id = libc::shmget(libc::IPC_PRIVATE, bytes, libc::IPC_CREAT | mode);
            if id < 0 {
                return Err(io::Error::last_os_error());
            }
            let at = libc::shmat(id, std::ptr::null(), 0);
            let failure = io::Error::last_os_error();
            // It goes with the last process that has it; Linux lets others attach until then.
            libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut());
            match NonNull::new(at.cast()) {
                Some(at) if at.as_ptr() as isize != -1 => Ok(Segment { id, at }),
                _ => Err(failure),
            }
        }
    }
}

impl Segment {
    /// Makes a user its owner, beside us who have created it.
    fn give(&self, user: u32) -> io::Result<()> {
        // SAFETY: all fields are numbers; the segment lives, and two of its fields change.
        unsafe {
            let mut about: libc::shmid_ds = std::mem::zeroed();
            if libc::shmctl(self.id, libc::IPC_STAT, &raw mut about) == 0 {
                about.shm_perm.uid = user;
                if libc::shmctl(self.id, libc::IPC_SET, &raw mut about) == 0 {
                    return Ok(());
                }
            }
        }
        Err(io::Error::last_os_error())
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: attached by `new`, and nobody borrows it any more.
        unsafe { libc::shmdt(self.at.as_ptr().cast()) };
    }
}

/// What is shared: see [`instanter_vdso::layout`].
#[derive(Debug)]
pub(crate) struct Memory {
    control: Segment,
    written: Segment,
    counted: bool,
}

impl Memory {
    /// With the table of call sites if reads are to be counted.
    ///
    /// # Errors
    /// The system has no shared memory, or not enough.
    pub(crate) fn new(counted: bool) -> io::Result<Memory> {
        let table = if counted { TABLE_BYTES } else { 0 };
        Ok(Memory {
            control: Segment::new(SLOT, 0o600)?,
            written: Segment::new(SLOT + table, 0o600)?,
            counted,
        })
    }

    pub(crate) fn control(&self) -> &Control {
        // SAFETY: the segment is as long, page-aligned, and zeros are valid.
        unsafe { self.control.at.cast().as_ref() }
    }

    pub(crate) fn shared(&self) -> &Shared {
        // SAFETY: the last slot of the segment; as above.
        unsafe { self.written.at.add(self.table_bytes()).cast().as_ref() }
    }

    /// Where reads are counted, if they are.
    pub(crate) fn table(&self) -> Option<&Table> {
        // SAFETY: the segment begins with it then; as above.
        self.counted.then(|| unsafe { self.written.at.cast().as_ref() })
    }

    pub(super) fn table_bytes(&self) -> usize {
        if self.counted { TABLE_BYTES } else { 0 }
    }

    /// Lets a process of this user attach it meanwhile. Nobody else of that user can afterwards:
    /// what we decide is for processes to read.
    ///
    /// # Errors
    /// It cannot be had for that user.
    pub(super) fn lend<T>(&self, user: u32, what: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let own = nix::unistd::geteuid().as_raw();
        if user == own {
            return what();
        }
        let all = [&self.control, &self.written];
        let result = all.iter().try_for_each(|segment| segment.give(user)).and_then(|()| what());
        all.iter().try_for_each(|segment| segment.give(own))?;
        result
    }

    pub(super) fn control_id(&self) -> i32 {
        self.control.id
    }

    pub(super) fn written_id(&self) -> i32 {
        self.written.id
    }
}
