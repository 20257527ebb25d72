//! Real programs with this library and without, in many zones: the same output, to the
//! byte. What each takes is printed, and not judged.
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]

mod server;
mod subjects;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use subjects::Subject;

/// Values of `TZ`: not set, empty, names, a POSIX string, a path, garbage, leap seconds.
const ZONES: [Option<&str>; 10] = [
    None,
    Some(""),
    Some("Europe/Berlin"),
    Some("America/New_York"),
    Some("Asia/Kolkata"),
    Some("Australia/Lord_Howe"),
    Some("EST5EDT,M3.2.0,M11.1.0"),
    Some(":/usr/share/zoneinfo/Asia/Tokyo"),
    Some("Mars/Phobos"),
    Some("right/Europe/Paris"),
];

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder for files");
    let library = library();
    let mut failed = false;
    println!("{:<28} {:>10} {:>10} {:>8}", "program", "with", "without", "ratio");
    for subject in subjects::all(folder.path()) {
        if !exists(subject.program) {
            skip(&subject.name, "the program is not here");
            continue;
        }
        failed |= !compare(&subject, &library);
    }
    failed |= !allocators(&library);
    failed |= !server::check(&library, folder.path());
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn skip(name: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The library, which cargo puts beside this test.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.parent().expect("a file is in a folder");
    let library = folder.join("libinstanter_preload.so");
    assert!(library.is_file(), "{} is not there", library.display());
    library
}

fn command(subject: &Subject, zone: Option<&str>, preload: Option<&str>) -> Command {
    let mut command = Command::new(subject.program);
    command.args(&subject.args).envs(subject.environment.iter().copied());
    command.env("LC_ALL", "C").env_remove("TZ").env_remove("LD_PRELOAD");
    if let Some(zone) = zone {
        command.env("TZ", zone);
    }
    if let Some(library) = preload {
        command.env("LD_PRELOAD", library);
    }
    command
}

fn run(command: &mut Command) -> (Output, Duration) {
    let start = Instant::now();
    let output = command.output().expect("the program starts");
    (output, start.elapsed())
}

fn compare(subject: &Subject, library: &Path) -> bool {
    let library = library.to_str().expect("a path in UTF-8");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut same = true;
    for zone in ZONES {
        let (plain, took) = run(&mut command(subject, zone, None));
        without.push(took);
        let (preloaded, took) = run(&mut command(subject, zone, Some(library)));
        with.push(took);
        if plain.stdout.is_empty() {
            println!("{}: no output: {}", subject.name, String::from_utf8_lossy(&plain.stderr));
            same = false;
        }
        if plain != preloaded {
            println!(
                "{} differs with TZ={zone:?}: {}",
                subject.name,
                difference(&plain, &preloaded)
            );
            same = false;
        }
    }
    let median = |mut all: Vec<Duration>| {
        all.sort();
        all[all.len() / 2].as_secs_f64() * 1e3
    };
    let (with, without) = (median(with), median(without));
    println!("{:<28} {with:>7.1} ms {without:>7.1} ms {:>7.2}×", subject.name, without / with);
    same
}

/// The first line that differs.
fn difference(plain: &Output, preloaded: &Output) -> String {
    let text = |output: &Output| {
        let all = [output.stdout.as_slice(), b"\nstderr: ", &output.stderr].concat();
        format!("{}\n{}", String::from_utf8_lossy(&all), output.status)
    };
    let (plain, preloaded) = (text(plain), text(preloaded));
    let mut lines = plain.lines().zip(preloaded.lines());
    match lines.find(|(one, other)| one != other) {
        Some((one, other)) => format!("{other:?}, want {one:?}"),
        None => "one is longer".to_owned(),
    }
}

/// With another allocator, before and after this library in the order of search.
fn allocators(library: &Path) -> bool {
    let mut same = true;
    for name in ["libjemalloc.so.2", "libtcmalloc_minimal.so.4"] {
        let found = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
            .map(|folder| Path::new(folder).join(name))
            .into_iter()
            .find(|path| path.is_file());
        let Some(allocator) = found else {
            skip(name, "it is not here");
            continue;
        };
        let (library, allocator) = (library.display(), allocator.display());
        for order in [format!("{library}:{allocator}"), format!("{allocator}:{library}")] {
            let subject = Subject::new("date", "date", &["-d", "@1720000000", "+%c %Z %z"]);
            let (plain, _) = run(&mut command(&subject, Some("Europe/Berlin"), None));
            let (preloaded, _) = run(&mut command(&subject, Some("Europe/Berlin"), Some(&order)));
            if plain != preloaded {
                println!("{order}: {}", difference(&plain, &preloaded));
                same = false;
            }
        }
    }
    same
}
