//! A run: which rows are wanted, and what has come of those that have ended.

use super::kept;
use super::progress::Progress;
use super::report::{How, Line, Row};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One run.
pub(super) struct Run {
    pub(super) cache: PathBuf,
    /// What the names of the wanted rows contain.
    pub(super) only: String,
    /// Whether what shows least beyond the rest is left out.
    pub(super) brief: bool,
    pub(super) progress: Progress,
    /// Rows of earlier runs that need not run again.
    earlier: BTreeMap<String, Line>,
    /// How many of those were met.
    pub(super) kept: usize,
    /// The table so far.
    pub(super) lines: Vec<Line>,
    /// All that was tried in this run.
    pub(super) rows: Vec<Row>,
}

impl Run {
    /// Prepares to run so many rows.
    pub(super) fn new(
        cache: PathBuf,
        only: &str,
        brief: bool,
        earlier: BTreeMap<String, Line>,
        count: usize,
    ) -> Run {
        let progress = Progress::of(count);
        let only = only.to_owned();
        Run { cache, only, brief, progress, earlier, kept: 0, lines: vec![], rows: vec![] }
    }

    /// Whether a row is to be run now; it has begun if so.
    pub(super) fn begins(&mut self, name: &str) -> bool {
        if !name.contains(&self.only) {
            return false;
        }
        if let Some(line) = self.earlier.remove(name) {
            self.kept += 1;
            self.progress.end();
            self.lines.push(line);
            return false;
        }
        self.progress.begin(name);
        true
    }

    /// A row has ended.
    pub(super) fn ended(&mut self, name: &str, how: How, rows: Vec<Row>) -> Result<()> {
        let line = Line::of(name, how, &rows);
        // A row that was run in part is not what the table is to say of it.
        if !self.brief {
            kept::keep(&self.cache, &line)?;
        }
        self.lines.push(line);
        self.rows.extend(rows);
        self.progress.end();
        Ok(())
    }
}
