//! Telling that a file has changed.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// File systems tell times to so much, at worst: two seconds on FAT. Linux's own
/// step with its tick, 4 ms or so.
const COARSEST: Duration = Duration::from_secs(2);

/// A file, which may not be there, and the state in which it was seen.
#[derive(Debug)]
pub(crate) struct Watch {
    path: Option<PathBuf>,
    stamp: Option<Stamp>,
    /// It had changed so shortly before that another change may leave the same stamp.
    fresh: bool,
}

/// What tells one state of a file from another.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    #[cfg(unix)]
    file: (u64, u64),
    /// When its inode was changed: one put in its place may have the number of the
    /// old, its length and, unpacked from the same archive, its time, but not this.
    #[cfg(unix)]
    status: (i64, i64),
    /// Of the link itself, which a file may be put under without a new one.
    link: Option<SystemTime>,
    modified: Option<SystemTime>,
    length: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        let about = std::fs::metadata(path).ok()?;
        Some(Stamp {
            #[cfg(unix)]
            file: (about.dev(), about.ino()),
            #[cfg(unix)]
            status: (about.ctime(), about.ctime_nsec()),
            link: std::fs::symlink_metadata(path).and_then(|link| link.modified()).ok(),
            modified: about.modified().ok(),
            length: about.len(),
        })
    }

    /// Whether the last change is no older than what times can tell apart.
    fn is_fresh(&self) -> bool {
        let now = SystemTime::now();
        #[cfg(unix)]
        let changed = u64::try_from(self.status.0)
            .ok()
            .and_then(|s| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(s)));
        #[cfg(not(unix))]
        let changed = self.modified;
        // One that is to come, by a clock that was put back, tells nothing.
        changed.is_some_and(|at| now.duration_since(at).is_ok_and(|age| age <= COARSEST))
    }
}

impl Watch {
    pub(crate) const NOTHING: Watch = Watch { path: None, stamp: None, fresh: false };

    /// Looks at a file. This comes before it is read: a change in between is then
    /// seen at the next look, rather than never.
    pub(crate) fn at(path: &Path) -> Watch {
        let stamp = Stamp::of(path);
        let fresh = stamp.as_ref().is_some_and(Stamp::is_fresh);
        Watch { path: Some(path.to_owned()), stamp, fresh }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the file has changed, or may have without a trace.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.path.as_ref().is_some_and(|path| self.fresh || Stamp::of(path) != self.stamp)
    }
}
