//! Files that somebody named: programs found, results written.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::{ffi::OsStrExt, fs::MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::{getegid, geteuid};

use crate::failure::Failure;

/// Creates a file to write to. One that exists is not overwritten, unless `force`.
///
/// # Errors
/// Where it cannot be made; the message quotes the name.
pub(crate) fn create(path: &Path, force: bool) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(format!("{path:?} exists already; --force overwrites it"))
        }
        _ => cannot_write(path, &error),
    })
}

/// What is said when writing fails.
pub(crate) fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {path:?}: {error}"))
}

/// Finds a program as the shell does. `Err` says that it is nowhere.
pub(crate) fn program(name: &OsStr) -> Result<PathBuf, String> {
    if name.as_bytes().contains(&b'/') {
        return Ok(PathBuf::from(name));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let executable = |path: &PathBuf| {
        path.metadata().is_ok_and(|about| about.is_file() && about.mode() & 0o111 != 0)
    };
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(executable)
        .ok_or_else(|| format!("{name:?} is not in any folder of PATH"))
}

/// Whether a program of this kind would run as another user or group than this one.
pub(crate) fn runs_as_somebody_else(about: &Metadata) -> bool {
    about.mode() & 0o4000 != 0 && about.uid() != geteuid().as_raw()
        || about.mode() & 0o2000 != 0 && about.gid() != getegid().as_raw()
}
