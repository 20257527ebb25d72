//! `instanter report`: a page about this machine's clock, in one file.
//!
//! | file | subject |
//! |---|---|
//! | `facts` | everything gathered, before anything is written |
//! | `page`, `page.css` | the page as a whole and its look |
//! | `verdict`, `walk`, `costs`, `tables`, `coherence`, `drift` | its sections |
//! | `svg` | drawings |
//!
//! The markup is made by maud, which escapes every text: names of hosts, zones and
//! symbols come from outside.

mod coherence;
mod costs;
mod drift;
mod facts;
mod page;
mod svg;
mod tables;
#[cfg(test)]
mod tests;
mod verdict;
mod walk;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::args::ReportArgs;
use crate::doctor::verdict::Level;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::sheet::Sheet;
use facts::{Facts, Steps};

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    file: String,
    bytes: usize,
    level: Level,
    summary: String,
}

pub(crate) fn run(args: &ReportArgs, screen: &Screen) -> Outcome {
    let name = args.file.display().to_string();
    let cannot = |error: io::Error| Failure::new(format!("cannot write {name:?}: {error}"));
    // What cannot be written is said before anybody waits for it.
    let file = Target::open(&args.file).map_err(cannot)?;
    let steps = Steps::new();
    let facts = Facts::gather(args.length, &steps);
    steps.done();
    let facts = facts.inspect_err(|_| file.forget())?;
    let page = page::page(&facts);
    if name == "-" {
        screen.stream(|out| out.write_all(page.as_bytes()))?;
        return Ok(Status::Fine);
    }
    file.write(page.as_bytes()).map_err(cannot)?;
    let written = Written {
        file: name,
        bytes: page.len(),
        level: facts.verdict.level,
        summary: facts.verdict.summary,
    };
    screen.print(&written, write, Status::Fine)
}

fn write(written: &Written, sheet: &mut Sheet) {
    sheet.prose(0, &format!("{}: {}.", written.level.word(), written.summary));
    sheet.prose(0, &format!("Wrote {:?}: {} KB.", written.file, written.bytes.div_ceil(1_000)));
}

/// The file, opened before there is anything to write.
struct Target<'a> {
    /// `None`: standard output.
    file: Option<File>,
    path: &'a Path,
    is_new: bool,
}

impl Target<'_> {
    fn open(path: &Path) -> io::Result<Target<'_>> {
        if path.as_os_str() == "-" {
            return Ok(Target { file: None, path, is_new: false });
        }
        let is_new = !path.exists();
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        Ok(Target { file: Some(file), path, is_new })
    }

    fn write(self, bytes: &[u8]) -> io::Result<()> {
        let Some(mut file) = self.file else { return Ok(()) };
        // A device or a pipe has no length.
        if file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        file.write_all(bytes)?;
        file.flush()
    }

    /// Takes an empty file away again.
    fn forget(&self) {
        if self.is_new && self.file.is_some() {
            // It matters less than the failure that is about to be told.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
