//! Where tests change a local zone's file.

use std::path::{Path, PathBuf};

use super::find::Environment;

/// A folder that is there as long as the test.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("zone-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// `TZ` is not set, and in the place of `/etc/localtime` there is a file of
    /// this folder.
    pub(super) fn environment(&self) -> Environment {
        Environment { tz: None, tzdir: None, localtime: self.0.join("localtime") }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns the path of a zone's file.
pub(super) fn file(name: &str) -> PathBuf {
    Path::new("/usr/share/zoneinfo").join(name)
}
