//! Programs that are not C's.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{is_no_mistake, report, site, skipped, source};

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
        let errors = String::from_utf8_lossy(&made.stderr);
        is_no_mistake("main.go", &errors);
        return skipped(test, &errors);
    }
    let Some((report, output)) = report(test, &[], &program, &[]) else { return };
    assert_eq!(output.stdout, b"true true\n");
    // time.Now reads both clocks.
    assert_eq!(site(&report, "main.busy", "CLOCK_REALTIME"), (10_000, 0), "{report:#}");
    assert_eq!(site(&report, "main.busy", "CLOCK_MONOTONIC"), (10_000, 0), "{report:#}");
    assert_eq!(site(&report, "main.since", "CLOCK_MONOTONIC"), (5_001, 0), "{report:#}");
    assert_eq!(report["reads"]["system_calls"], 0, "{report:#}");
    let sites = report["sites"].as_array().unwrap().iter();
    let pair = sites.filter(|at| at["function"] == "main.pair" && at["calls"] == 3_000).count();
    assert_eq!(pair, 4, "two call sites, two clocks: {report:#}");
    // Each thread by itself, and none of its reads as another's.
    assert_eq!(site(&report, "main.one", "CLOCK_REALTIME"), (12_000, 0), "{report:#}");
    let threads = report["threads"].as_array().unwrap().iter();
    let busy_threads = threads.filter(|thread| thread["calls"].as_u64() >= Some(8_000)).count();
    assert!(busy_threads >= 3, "each of three has read both clocks 4,000 times: {report:#}");
    let busy = report["sites"].as_array().unwrap().iter().find(|at| at["function"] == "main.busy");
    assert_eq!(busy.unwrap()["through"], "time.Now");
    assert!(busy.unwrap()["file"].as_str().unwrap().ends_with("main.go"));
}

/// A program made by a compiler; nothing, and a reason, where that is not there.
fn made(test: &str, compiler: &[&str], name: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let mut command = Command::new(compiler[0]);
    match command.args(&compiler[1..]).arg("-o").arg(&program).arg(source(name)).output() {
        Ok(output) if output.status.success() => Some((folder, program)),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            is_no_mistake(name, &errors);
            skipped(test, &errors);
            None
        }
        Err(error) => {
            skipped(test, &format!("{}: {error}", compiler[0]));
            None
        }
    }
}

/// Reads from a function whose name begins and ends so, as people write it.
fn named(report: &serde_json::Value, start: &str, end: &str, reads: &str) -> u64 {
    let sites = report["sites"].as_array().unwrap().iter();
    let of = sites.filter(|site| {
        let name = site["function"].as_str().unwrap_or_default();
        name.starts_with(start) && name.ends_with(end) && site["reads"] == reads
    });
    of.map(|site| site["calls"].as_u64().unwrap()).sum()
}

#[test]
fn rust_names_are_readable() {
    let test = "rust_names_are_readable";
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    for flags in [&["-g", "-O", "--edition=2021"][..], &["-g", "-Cpanic=abort"]] {
        let compiler = [&[rustc.as_str(), "--crate-name=program"], flags].concat();
        let Some((_folder, program)) = made(test, &compiler, "main.rs") else { return };
        let Some((report, output)) = report(test, &[], &program, &[]) else { return };
        assert_eq!(output.stdout, b"true\n");
        assert_eq!(named(&report, "program::spin", "", "CLOCK_MONOTONIC"), 5001, "{report:#}");
        // A method of a generic type in a module, as the compiler names it.
        let busy = named(&report, "program::work::Worker<", "busy", "CLOCK_REALTIME")
            + named(&report, "<program::work::Worker<u64>>", "busy", "CLOCK_REALTIME");
        assert_eq!(busy, 300, "{report:#}");
        let sites = report["sites"].as_array().unwrap();
        assert!(sites[0]["file"].as_str().unwrap().ends_with("main.rs"), "{report:#}");
    }
}

#[test]
fn cpp_names_are_readable() {
    let test = "cpp_names_are_readable";
    for flags in [&["c++", "-g", "-O2"][..], &["c++", "-g", "-O2", "-static"]] {
        let Some((_folder, program)) = made(test, flags, "main.cc") else { return };
        let Some((report, output)) = report(test, &[], &program, &[]) else { return };
        assert_eq!(output.stdout, b"1\n");
        let busy = site(&report, "work::Worker<int>::busy()", "CLOCK_MONOTONIC");
        let date = site(&report, "work::date(int)", "CLOCK_REALTIME");
        assert_eq!((busy, date), ((5000, 0), (300, 0)), "{report:#}");
        let through = report["sites"][0]["through"].as_str().unwrap();
        assert!(through.ends_with("steady_clock::now()"), "{through}");
    }
}

#[test]
fn java_reads_in_user_space() {
    let test = "java_reads_in_user_space";
    if interpreter(test, "javac").is_none() {
        return;
    }
    let Some(java) = interpreter(test, "java") else { return };
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("javac").arg("-d").arg(folder.path()).arg(source("Main.java")).output();
    let made = made.unwrap();
    if !made.status.success() {
        let errors = String::from_utf8_lossy(&made.stderr);
        is_no_mistake("main.go", &errors);
        return skipped(test, &errors);
    }
    let words = ["-cp", folder.path().to_str().unwrap(), "Main"];
    let Some((report, output)) = report(test, &["--children"], &java, &words) else { return };
    assert_eq!(output.stdout, b"true\n", "{}", String::from_utf8_lossy(&output.stderr));
    // It reads for itself, too, and always in these.
    let nanos = named(&report, "os::javaTimeNanos", "()", "CLOCK_MONOTONIC");
    assert!((20_000..40_000).contains(&nanos), "{nanos}: {report:#}");
    let millis = named(&report, "os::javaTimeMillis", "()", "CLOCK_REALTIME");
    let older = named(&report, "os::javaTimeMillis", "()", "gettimeofday");
    assert!((10_000..15_000).contains(&(millis + older)), "{millis} {older}: {report:#}");
}

#[test]
fn code_that_node_makes_has_its_name() {
    let test = "code_that_node_makes_has_its_name";
    let Some(node) = interpreter(test, "node") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (script, folded) = (folder.path().join("script.js"), folder.path().join("folded"));
    let code =
        "function date(n) { let s = 0; for (let i = 0; i < n; i++) s += Date.now() & 1; return s; }
console.log(date(20000) >= 0);";
    std::fs::write(&script, code).unwrap();
    // The map of names is a file in /tmp, whatever one says.
    let log = format!("--logfile={}", folder.path().join("log").display());
    let mut words = vec!["--perf-basic-prof", "--interpreted-frames-native-stack"];
    words.extend(["--no-logfile-per-isolate", &log, script.to_str().unwrap()]);
    let options = ["--folded", folded.to_str().unwrap()];
    let Some((report, output)) = report(test, &options, &node, &words) else { return };
    for program in report["programs"].as_array().unwrap() {
        let _ = std::fs::remove_file(format!("/tmp/perf-{}.map", program["process"]));
    }
    if !output.status.success() {
        return skipped(test, &String::from_utf8_lossy(&output.stderr));
    }
    let lines = std::fs::read_to_string(&folded).unwrap();
    let count = |line: &str| line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
    let ours = lines.lines().filter(|line| {
        line.split(';').any(|name| name.contains("date ") && name.contains("script.js"))
    });
    let calls: u64 = ours.filter_map(count).sum();
    assert!((20_000..21_000).contains(&calls), "{calls}: {lines}");
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
