//! Telling that a file has changed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file, which may not be there, and the state in which it was seen.
#[derive(Debug)]
pub(crate) struct Watch {
    path: Option<PathBuf>,
    stamp: Option<Stamp>,
}

/// What tells one state of a file from another.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    #[cfg(unix)]
    file: (u64, u64),
    /// Of the link itself, which a file may be put under without a new one.
    link: Option<SystemTime>,
    modified: Option<SystemTime>,
    length: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        let about = std::fs::metadata(path).ok()?;
        Some(Stamp {
            #[cfg(unix)]
            file: {
                use std::os::unix::fs::MetadataExt;
                (about.dev(), about.ino())
            },
            link: std::fs::symlink_metadata(path).and_then(|link| link.modified()).ok(),
            modified: about.modified().ok(),
            length: about.len(),
        })
    }
}

impl Watch {
    pub(crate) const NOTHING: Watch = Watch { path: None, stamp: None };

    /// Looks at a file. This comes before it is read: a change in between is then
    /// seen at the next look, rather than never.
    pub(crate) fn at(path: &Path) -> Watch {
        Watch { path: Some(path.to_owned()), stamp: Stamp::of(path) }
    }

    pub(crate) fn has_changed(&self) -> bool {
        self.path.as_ref().is_some_and(|path| Stamp::of(path) != self.stamp)
    }
}
