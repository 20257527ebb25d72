//! `instanter vdso dump`: the image as a file for readelf and objdump.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::{Loaded, hex};
use crate::failure::{Failure, Outcome, Status};
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
    let file = to.to_string_lossy().into_owned();
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(to).and_then(|mut opened| opened.write_all(&loaded.bytes)).map_err(|error| {
        Failure::new(match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{file:?} exists already; --force overwrites it")
            }
            _ => format!("cannot write {file:?}: {error}"),
        })
    })?;
    let report = Report {
        of: loaded.of.clone(),
        file,
        bytes: loaded.bytes.len(),
        base: loaded.base.map(hex),
    };
    screen.print(&report, write, Status::Fine)
}

fn write(report: &Report, sheet: &mut Sheet) {
    let (of, file, bytes) = (&report.of, &report.file, report.bytes);
    sheet.prose(0, &format!("Wrote the image of {of} to {file:?}: {bytes} bytes."));
}
