//! Writing a recording.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::Serialize;

use super::record::{Head, Sample};
use crate::failure::Failure;

/// A file that grows by a line a sample, and is whole up to the last of them at any
/// time.
pub(crate) struct Recorder {
    file: File,
    name: String,
}

impl Recorder {
    /// Begins a recording. A file that exists is not overwritten, unless `force`.
    ///
    /// # Errors
    /// Where it cannot be made; the message quotes the name.
    pub(crate) fn create(path: &Path, force: bool, head: &Head) -> Result<Recorder, Failure> {
        let name = path.display().to_string();
        let mut options = OpenOptions::new();
        options.write(true);
        if force {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let file = options.open(path).map_err(|error| {
            Failure::new(match error.kind() {
                ErrorKind::AlreadyExists => {
                    format!("{name:?} exists already; --force overwrites it")
                }
                _ => format!("cannot write {name:?}: {error}"),
            })
        })?;
        let mut recorder = Recorder { file, name };
        recorder.line(head)?;
        Ok(recorder)
    }

    pub(crate) fn write(&mut self, sample: &Sample) -> Result<(), Failure> {
        self.line(sample)
    }

    fn line<T: Serialize>(&mut self, line: &T) -> Result<(), Failure> {
        // One write a line, so that a reader who follows sees whole lines.
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::from)
            .and_then(|text| self.file.write_all((text + "\n").as_bytes()));
        written.map_err(|error| Failure::new(format!("cannot write {:?}: {error}", self.name)))
    }
}
