//! The memory that every process of the tree shares with us: what we decide, and what
//! they count.
//!
//! System V shared memory, because a process can attach it by a number alone, without a
//! file descriptor and without `/proc`, and because it is gone when the last process is
//! that has it, however that one ended.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::ptr::NonNull;

use instanter_vdso::layout::{Control, SLOT, Shared, TABLE_BYTES, Table};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::SigSet;

use super::inject;

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

/// Makes two segments, of so many bytes, which go with the last process that has them; Linux lets
/// others attach them until then.
///
/// What was made has to be attached before it can be marked to go: who does both, and is killed in
/// between, leaves it behind. So another process makes them, and marks them as soon as this one
/// has them or is no more.
fn segments(bytes: [usize; 2]) -> io::Result<[Segment; 2]> {
    let (mut told, tell) = io::pipe()?;
    let (waits, has_them) = io::pipe()?;
    // SAFETY: the child allocates nothing and takes no lock, which another thread might have.
    let maker = match unsafe { libc::fork() } {
        -1 => return Err(io::Error::last_os_error()),
        0 => {
            drop((told, has_them));
            make(bytes, tell, waits)
        }
        maker => maker,
    };
    drop((tell, waits));
    let mut next = || {
        let mut answer = [0; 4];
        told.read_exact(&mut answer)?;
        match i32::from_ne_bytes(answer) {
            id @ 0.. => Segment::attach(id),
            error => Err(io::Error::from_raw_os_error(-error)),
        }
    };
    let all = (next(), next());
    drop(has_them);
    inject::wait_for(maker)?;
    Ok([all.0?, all.1?])
}

/// What the other process does: tells the segments' ids, or errors below zero.
fn make(bytes: [usize; 2], mut tell: PipeWriter, mut waits: PipeReader) -> ! {
    // Only what cannot be blocked ends it too early.
    let _ = SigSet::all().thread_block();
    let ids = bytes.map(|bytes| {
        // SAFETY: makes fresh memory.
        let id = unsafe { libc::shmget(libc::IPC_PRIVATE, bytes, libc::IPC_CREAT | 0o600) };
        let answer = if id < 0 { -Errno::last_raw() } else { id };
        let _ = tell.write_all(&answer.to_ne_bytes());
        id
    });
    // It ends when nobody has the other end.
    let _ = waits.read(&mut [0]);
    for id in ids {
        // SAFETY: who has it attached keeps it. What could not be made has no such id.
        unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) };
    }
    // SAFETY: nothing of the parent's is to be run or written out here.
    unsafe { libc::_exit(0) }
}

impl Segment {
    fn attach(id: i32) -> io::Result<Segment> {
        // SAFETY: attaches memory, all zero, where there is room.
        let at = unsafe { libc::shmat(id, std::ptr::null(), 0) };
        let failure = io::Error::last_os_error();
        match NonNull::new(at.cast()) {
            Some(at) if at.as_ptr() as isize != -1 => Ok(Segment { id, at }),
            _ => Err(failure),
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
        // SAFETY: attached before, and nobody borrows it any more.
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
        let [control, written] = segments([SLOT, SLOT + table])?;
        Ok(Memory { control, written, counted })
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
