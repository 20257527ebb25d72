//! `instanter vdso dump`: the image as a file for readelf and objdump.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::{Loaded, hex};
use crate::failure::{Outcome, Status};
use crate::files;
use crate::screen::Screen;
use crate::sheet::Sheet;

#[derive(Debug, Serialize)]
struct Report {
    of: String,
    file: String,
    bytes: usize,
    base: Option<String>,
}

pub(super) fn run(loaded: &Loaded, to: &OsStr, force: bool, screen: &Screen) -> Outcome {
    // What is written should be an image, not whatever lay there.
    loaded.image()?;
    if to == "-" {
        return screen.print_bytes(&loaded.bytes);
    }
    let path = Path::new(to);
    let mut file = files::create(path, force)?;
    file.write_all(&loaded.bytes).map_err(|error| files::cannot_write(path, &error))?;
    let report = Report {
        of: loaded.of.clone(),
        file: to.to_string_lossy().into_owned(),
        bytes: loaded.bytes.len(),
        base: loaded.base.map(hex),
    };
    screen.print(&report, write, Status::Fine)
}

fn write(report: &Report, sheet: &mut Sheet) {
    let (of, file, bytes) = (&report.of, &report.file, report.bytes);
    sheet.prose(0, &format!("Wrote the image of {of} to {file:?}: {bytes} bytes."));
}
