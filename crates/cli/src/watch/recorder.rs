//! Writing a recording.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::record::{Head, Sample};
use crate::failure::Failure;
use crate::files;

/// A file that grows by a line a sample, and is whole up to the last of them at any
/// time.
pub(crate) struct Recorder {
    file: File,
    path: PathBuf,
}

impl Recorder {
    /// Begins a recording. A file that exists is not overwritten, unless `force`.
    ///
    /// # Errors
    /// Where it cannot be made; the message quotes the name.
    pub(crate) fn create(path: &Path, force: bool, head: &Head) -> Result<Recorder, Failure> {
        let file = files::create(path, force)?;
        let mut recorder = Recorder { file, path: path.to_owned() };
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
        written.map_err(|error| files::cannot_write(&self.path, &error))
    }
}
