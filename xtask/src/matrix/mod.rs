//! Our programs on kernels and CPUs other than this machine's.
//!
//! The rows of all parts make one table, which README quotes. Every kernel and every
//! suite has a time limit; what exceeds it is killed, and its row fails.
//!
//! Whatever has to be fetched or built is kept in one cache folder,
//! `target/matrix` unless `INSTANTER_MATRIX_CACHE` names another, and removing
//! that folder is always safe. What a machine lacks (an emulator, root, the
//! network) makes rows that are skipped, each with its reason, never rows that
//! fail.

mod check;
mod debian;
mod guest;
mod initramfs;
mod kept;
mod kernels;
mod library;
mod limited;
mod linker;
mod progress;
mod qemu;
mod report;
mod running;
mod setup;
mod suites;
mod sysroot;
mod systems;
mod table;
mod tracees;
mod tracing;
mod verdict;
mod wasi;
mod wine;

use anyhow::{Context, Result, bail};
use report::{Line, Outcome, Tally};
use running::Run;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use crate::repository;

/// What is to be run, and where its table goes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Only the rows whose name contains this
    #[arg(long, value_name = "PATTERN", default_value = "", global = true)]
    only: String,
    /// Leave out what shows least beyond the rest, as CI does: some kernels, some CPUs'
    /// suites, and linking
    #[arg(long, conflicts_with_all = ["readme", "kept"], global = true)]
    brief: bool,
    /// Run only what has not passed yet; the table shows the others' results, with their
    /// days, as they were kept in the cache folder
    #[arg(long, global = true)]
    kept: bool,
    /// Write the table to this file, in Markdown
    #[arg(long, value_name = "FILE", conflicts_with = "readme", global = true)]
    table: Option<PathBuf>,
    /// Write the table to README.md, in the place of the one that is there
    #[arg(long, global = true)]
    readme: bool,
}

/// The parts of the matrix. Without one: all.
#[derive(clap::Subcommand, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Install the emulators that the kernels run in (as root)
    Setup,
    /// Check that the libraries build for other CPUs, and the workspace for other systems
    Check,
    /// Boot real kernels in an emulator and compare their time with ours
    Kernels,
    /// Run the libraries' tests on other CPUs, emulated, and on x86 of 32 bits
    Suites,
    /// Run the command on other systems: in WebAssembly, on kernels of AArch64 (there `fake` and
    /// `trace`), and for Windows under Wine
    Programs,
    /// Run nothing, and show the results that were kept of earlier runs
    Table,
}

/// A part with rows.
struct Section {
    part: Part,
    names: fn() -> Vec<String>,
    run: fn(&mut Run) -> Result<()>,
}

/// In the order of the table.
const SECTIONS: &[Section] = &[
    Section { part: Part::Kernels, names: kernels::names, run: kernels::run },
    Section { part: Part::Suites, names: suites::names, run: suites::run },
    Section { part: Part::Programs, names: wasi::names, run: wasi::run },
    Section { part: Part::Programs, names: tracing::names, run: tracing::run },
    Section { part: Part::Programs, names: wine::names, run: wine::run },
    Section { part: Part::Check, names: check::names, run: check::run },
];

/// Runs what is asked for, and closes with the table and a line that counts its rows.
pub(crate) fn run(arguments: &Arguments) -> Result<Tally> {
    let Arguments { part, only, brief, kept, readme, .. } = arguments;
    let whole = part.is_none_or(|part| part == Part::Table) && only.is_empty();
    if *readme && !whole {
        bail!("--readme is for the whole table, so without --only, and without a part but `table`");
    }
    let cache = cache()?;
    let setup = match part {
        None | Some(Part::Setup) => setup::run(&cache)?,
        _ => Vec::new(),
    };
    if *part == Some(Part::Setup) {
        return Ok(report::close(&setup, 0));
    }
    let is_asked =
        |section: &&Section| part.is_none_or(|part| part == section.part || part == Part::Table);
    let asked: Vec<&Section> = SECTIONS.iter().filter(is_asked).collect();
    let names = asked.iter().flat_map(|section| (section.names)());
    let count = names.filter(|name| name.contains(only)).count();
    if count == 0 {
        bail!("no row has {only:?} in its name");
    }
    if *part == Some(Part::Table) {
        let mut kept = kept::all(&cache)?;
        let names = asked.iter().flat_map(|section| (section.names)());
        let names = names.filter(|name| name.contains(only));
        let lines: Vec<Line> =
            names.map(|name| kept.remove(&name).unwrap_or_else(|| Line::not_run(name))).collect();
        show(arguments, &lines)?;
        let (passed, skipped) = lines.iter().partition::<Vec<&Line>, _>(|line| line.passed);
        return Ok(Tally { passed: passed.len(), failed: 0, skipped: skipped.len() });
    }
    let earlier = if *kept { kept::all(&cache)? } else { BTreeMap::new() };
    let mut run = Run::new(cache, only, *brief, earlier, count);
    for section in asked {
        (section.run)(&mut run)?;
    }
    run.progress.close();
    show(arguments, &run.lines)?;
    for row in &run.rows {
        if let Outcome::Skipped(reason) = &row.outcome {
            println!("skipped {}: {reason}", row.name);
        }
    }
    Ok(report::close(&run.rows, run.kept))
}

/// Prints the table, and writes it where that is asked for.
fn show(Arguments { table, readme, .. }: &Arguments, lines: &[Line]) -> Result<()> {
    let markdown = table::markdown(lines);
    println!("\n{markdown}");
    if let Some(file) = table {
        fs::write(file, &markdown).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if *readme {
        table::replace(&repository().join("README.md"), &markdown)?;
    }
    Ok(())
}

fn cache() -> Result<PathBuf> {
    let folder = match env::var_os("INSTANTER_MATRIX_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => repository().join("target/matrix"),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.canonicalize()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table was printed by this program, so a row that one of the two lacks is a
    /// row that was added or renamed without running it.
    #[test]
    fn the_readme_has_these_rows() {
        let readme = fs::read_to_string(repository().join("README.md")).unwrap();
        let quoted = table::names(&readme).unwrap();
        let ours: Vec<String> = SECTIONS.iter().flat_map(|section| (section.names)()).collect();
        assert_eq!(quoted, ours, "`cargo xtask matrix --readme` writes the table");
    }
}
