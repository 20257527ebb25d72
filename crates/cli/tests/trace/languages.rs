//! Programs that are not C's.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{report, site, skipped, source};

/// `go`, in the places where distributions put it, or where `INSTANTER_GO` says.
fn go() -> Option<PathBuf> {
    let named = std::env::var_os("INSTANTER_GO").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("go"));
    let usual = ["/usr/lib/go/bin/go", "/usr/local/go/bin/go"].map(PathBuf::from);
    named.into_iter().chain(in_path).chain(usual).find(|path| path.is_file())
}

#[test]
fn go_reads_in_user_space() {
    let test = "go_reads_in_user_space";
    let Some(go) = go() else { return skipped(test, "no go") };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    // With symbols, and without: frame pointers and the runtime's table remain.
    let made = Command::new(go)
        .args(["build", "-o"])
        .arg(&program)
        .arg(source("main.go"))
        .env("GOCACHE", folder.path().join("cache"))
        .env("GOFLAGS", "-mod=mod")
        .env("GO111MODULE", "off")
        .env("GOTOOLCHAIN", "local")
        .output()
        .unwrap();
    if !made.status.success() {
        return skipped(test, &String::from_utf8_lossy(&made.stderr));
    }
    let Some((report, output)) = report(test, &[], &program, &[]) else { return };
    assert_eq!(output.stdout, b"true true\n");
    // time.Now reads both clocks.
    assert_eq!(site(&report, "main.busy", "CLOCK_REALTIME"), (10_000, 0), "{report:#}");
    assert_eq!(site(&report, "main.busy", "CLOCK_MONOTONIC"), (10_000, 0), "{report:#}");
    assert_eq!(site(&report, "main.since", "CLOCK_MONOTONIC"), (5_001, 0), "{report:#}");
    assert_eq!(report["reads"]["system_calls"], 0, "{report:#}");
    let busy = report["sites"].as_array().unwrap().iter().find(|at| at["function"] == "main.busy");
    assert_eq!(busy.unwrap()["through"], "time.Now");
    assert!(busy.unwrap()["file"].as_str().unwrap().ends_with("main.go"));
}

fn interpreter(test: &str, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        skipped(test, &format!("no {name}"));
    }
    found
}

/// Runs a script that reads the clock so often, and looks whether it was counted.
fn script(test: &str, name: &str, words: &[&str], reads: &str, calls: u64) {
    let Some(path) = interpreter(test, name) else { return };
    // A shim that starts the real one is a tree.
    let Some((report, output)) = report(test, &["--children"], Path::new(&path), words) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let clocks = report["clocks"].as_array().unwrap();
    let clock = clocks.iter().find(|clock| clock["name"] == reads);
    let got = clock.map_or(0, |clock| clock["calls"].as_u64().unwrap());
    assert!(got >= calls && got < calls + 2_000, "{got} {reads}: {report:#}");
}

#[test]
fn python_reads_in_user_space() {
    let code = "import time\nfor i in range(3000): time.monotonic()";
    script("python_reads_in_user_space", "python3", &["-c", code], "CLOCK_MONOTONIC", 3000);
}

#[test]
fn perl_reads_in_user_space() {
    let code = "use Time::HiRes 'clock_gettime'; clock_gettime(1) for 1..3000";
    script("perl_reads_in_user_space", "perl", &["-e", code], "CLOCK_MONOTONIC", 3000);
}
