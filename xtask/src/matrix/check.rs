//! Whether the libraries build for CPUs and C libraries other than this one's, and the
//! workspace for other systems (`systems`).

use super::library::Library;
use super::report::{Outcome, Row};
use crate::repository;
use anyhow::Result;
use std::path::Path;
use std::time::{Duration, Instant};

const TARGETS: &[&str] = &[
    "aarch64-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "powerpc64le-unknown-linux-gnu",
    "powerpc64-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
    "loongarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

/// Crates that are built together, and what they stand on.
const SETS: &[(&str, &[&str])] = &[
    (
        "-Zbuild-std=core",
        &["instanter-counter", "instanter-page", "instanter-keeper", "instanter-clock"],
    ),
    (
        "-Zbuild-std=core,alloc,std,panic_abort",
        &["instanter", "instanter-abi", "instanter-civil", "instanter-preload", "instanter-zone"],
    ),
];

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    TARGETS.iter().copied().chain(super::systems::targets()).map(str::to_owned).collect()
}

/// Checks every row whose name contains `only`.
pub(super) fn run(cache: &Path, only: &str) -> Result<Vec<Row>> {
    let library = Library::find(cache);
    let target_folder = cache.join("check").display().to_string();
    let manifest = repository().join("Cargo.toml").display().to_string();
    let mut rows = Vec::new();
    for target in TARGETS.iter().filter(|target| target.contains(only)) {
        for (foundation, crates) in SETS {
            let start = Instant::now();
            let (took, outcome) = match &library {
                Err(reason) => (Duration::ZERO, Outcome::Skipped(format!("{reason:#}"))),
                Ok(library) => {
                    let shared = [
                        "check",
                        "--quiet",
                        "--manifest-path",
                        &manifest,
                        "--target-dir",
                        &target_folder,
                    ];
                    let packages = crates.iter().flat_map(|package| ["--package", package]);
                    let built_for = ["--target", target, foundation];
                    let arguments = shared.into_iter().chain(packages).chain(built_for);
                    let built = library.cargo(arguments).unchecked().run()?;
                    let outcome = if built.status.success() {
                        Outcome::Passed
                    } else {
                        Outcome::Failed("does not build, see above".to_owned())
                    };
                    (start.elapsed(), outcome)
                }
            };
            rows.push(Row {
                name: (*target).to_owned(),
                took,
                subject: crates.join(", "),
                outcome,
            });
        }
    }
    rows.extend(super::systems::run(cache, only)?);
    Ok(rows)
}
