//! Notices by inotify, waited for by a thread.
//!
//! What is watched is folders, for names that come and go in them: a file is
//! mostly replaced, not written to, and a watch of the file alone would stay with
//! the old one. Every folder counts that a path comes by, as links do: an update of
//! the tz database may exchange the file that `/etc/localtime` leads to, or a whole
//! folder. Only the file at the end is watched itself, for whoever writes to it;
//! and what counts is that it is closed, since half a file is no news.
//!
//! # References
//! [inotify(7)](https://man7.org/linux/man-pages/man7/inotify.7.html)

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::chain;
use crate::Error;
use crate::error::Kind;
use crate::local::follow::Follower;

/// What is watched of a folder: entries that come, go and are exchanged.
const ENTRIES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ONLYDIR);

/// What is watched of the file: that it has been written, and who may read it.
const CONTENT: WatchFlags = WatchFlags::CLOSE_WRITE.union(WatchFlags::ATTRIB);

/// It reads and decodes one small file at a time.
const STACK_BYTES: usize = 128 * 1024;

/// A thread that waits for notices.
pub(crate) struct Notices {
    line: Arc<Line>,
    thread: JoinHandle<()>,
    process: u32,
}

/// What the thread waits at. Both sides have it; it is closed with the last.
struct Line {
    inotify: OwnedFd,
    /// Rung by other threads, to stop or to look again.
    bell: OwnedFd,
    stop: AtomicBool,
}

/// What is watched.
struct Watches {
    line: Arc<Line>,
    /// By the number that the kernel gave: the names that count in a folder, or
    /// none for a file.
    names: BTreeMap<i32, Vec<OsString>>,
}

fn not_notified(error: &dyn std::fmt::Display) -> Error {
    Kind::NotNotified { what: error.to_string() }.into()
}

impl Notices {
    /// Begins to watch what the local zone depends on, and starts the thread.
    ///
    /// # Errors
    /// Where there is no inotify, its limits are reached, or there is no thread.
    pub(crate) fn start(follower: &'static Follower) -> Result<Notices, Error> {
        let line = Line::new().map_err(|error| not_notified(&std::io::Error::from(error)))?;
        let line = Arc::new(line);
        let mut watches = Watches { line: Arc::clone(&line), names: BTreeMap::new() };
        // The thread begins with the same; here it is done for the error.
        watches
            .renew(follower.watched().as_deref())
            .map_err(|error| not_notified(&std::io::Error::from(error)))?;
        let thread = std::thread::Builder::new()
            .name("instanter-zone".into())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                if watches.serve(follower).is_err() {
                    follower.notices_have_ended();
                }
            })
            .map_err(|error| not_notified(&error))?;
        Ok(Notices { line, thread, process: std::process::id() })
    }

    /// Whether the thread is there: in a child made by `fork` it is not.
    pub(crate) fn is_running(&self) -> bool {
        self.process == std::process::id() && !self.thread.is_finished()
    }

    /// Has the thread look at what the local zone depends on now.
    pub(crate) fn look_again(&self) {
        if self.is_running() {
            self.line.ring();
        }
    }

    /// Stops the thread, and returns when it is gone.
    pub(crate) fn stop(self) {
        self.line.stop.store(true, Ordering::Release);
        // A child made by fork has the bell in common with its parent, and no
        // thread that it could wait for.
        if self.process == std::process::id() {
            self.line.ring();
            // It does not panic; if it did, it would be gone all the same.
            let _ = self.thread.join();
        }
    }
}

impl Line {
    fn new() -> Result<Line, Errno> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Line { inotify, bell, stop: AtomicBool::new(false) })
    }

    fn ring(&self) {
        // It fails only where it has been rung 2⁶⁴ times and not been heard.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }
}

impl Watches {
    /// Watches and reads, in this order and over again, until it is to stop.
    fn serve(&mut self, follower: &'static Follower) -> Result<(), Errno> {
        loop {
            let path = follower.watched();
            self.renew(path.as_deref())?;
            follower.reload();
            // What was read may now depend on another path.
            let mut again = follower.watched() != path;
            while !again {
                self.wait()?;
                if self.line.stop.load(Ordering::Acquire) {
                    return Ok(());
                }
                // Not one after the other: both are to be emptied.
                again = self.bell_has_rung()? | self.has_news()?;
            }
            if self.line.stop.load(Ordering::Acquire) {
                return Ok(());
            }
        }
    }

    fn wait(&self) -> Result<(), Errno> {
        let at = |line| PollFd::new(line, PollFlags::IN);
        loop {
            match poll(&mut [at(&self.line.inotify), at(&self.line.bell)], None) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn bell_has_rung(&self) -> Result<bool, Errno> {
        match rustix::io::read(&self.line.bell, &mut [0; 8]) {
            Ok(_) => Ok(true),
            Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes all notices there are. Returns whether one of them matters.
    fn has_news(&self) -> Result<bool, Errno> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut notices = Reader::new(&self.line.inotify, &mut buffer);
        let mut news = false;
        loop {
            match notices.next() {
                // The queue has run over: whatever was in it may have mattered.
                Ok(notice) if notice.events().contains(ReadFlags::QUEUE_OVERFLOW) => news = true,
                Ok(notice) => {
                    news |= self.names.get(&notice.wd()).is_some_and(|names| {
                        let name = notice.file_name().map(|name| name.to_bytes());
                        // Without a name: of the file itself, or of a folder that is gone.
                        name.is_none_or(|it| names.iter().any(|name| name.as_bytes() == it))
                    });
                }
                Err(Errno::AGAIN) => return Ok(news),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Watches what a path depends on now, and nothing else any more.
    fn renew(&mut self, path: Option<&Path>) -> Result<(), Errno> {
        let mut names: BTreeMap<i32, Vec<OsString>> = BTreeMap::new();
        let mut watch = |place: &Path, flags, name: Option<&OsStr>| {
            match inotify::add_watch(&self.line.inotify, place, flags) {
                Ok(number) => names.entry(number).or_default().extend(name.map(OsStr::to_owned)),
                // Gone in the meantime: the folder that it was in tells of it.
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(error) => return Err(error),
            }
            Ok(())
        };
        if let Some(path) = path {
            let end = chain::follow(path, |folder, name| watch(folder, ENTRIES, Some(name)))?;
            if let Some(file) = end.filter(|end| !end.is_dir()) {
                match watch(&file, CONTENT, None) {
                    // Who may not read it now may be allowed to, which its folder
                    // does not tell; the look once a minute remains.
                    Err(Errno::ACCESS) => {}
                    other => other?,
                }
            }
        }
        let before = std::mem::replace(&mut self.names, names);
        for number in before.keys().filter(|number| !self.names.contains_key(number)) {
            // It is gone already where what it watched is.
            let _ = inotify::remove_watch(&self.line.inotify, *number);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::folder::Folder;

    #[test]
    fn only_what_matters_is_news() {
        let folder = Folder::new("news");
        let local = folder.0.join("localtime");
        std::fs::write(&local, "").unwrap();
        let line = Arc::new(Line::new().unwrap());
        let mut watches = Watches { line, names: BTreeMap::new() };
        watches.renew(Some(&local)).unwrap();

        let other = folder.0.join("other");
        std::fs::write(&other, "").unwrap();
        assert_eq!(watches.has_news(), Ok(false), "another file of the folder");
        std::fs::write(&local, "new").unwrap();
        assert_eq!(watches.has_news(), Ok(true));
        assert_eq!(watches.has_news(), Ok(false), "told once");

        // More than the queue holds, none of which matters.
        let most = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
        let most = most.ok().and_then(|most| most.trim().parse().ok()).unwrap_or(16_384);
        for _ in 0..most {
            std::fs::remove_file(&other).unwrap();
            std::fs::write(&other, "").unwrap();
        }
        assert_eq!(watches.has_news(), Ok(true), "what ran over may have mattered");

        watches.renew(None).unwrap();
        std::fs::write(&local, "newer").unwrap();
        assert_eq!(watches.has_news(), Ok(false), "nothing is watched any more");
    }
}
