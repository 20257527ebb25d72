//! The library as C has it: installed into a folder of the test's, found by pkg-config,
//! linked in every way, from C, C++ and Python.
//!
//! What this machine lacks, a compiler or a target, is told by name and reason.

mod installation;
mod layout;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use installation::{Installation, has, install, installed, run};

/// The warnings that a careful C program is compiled with.
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"];

fn skipped(name: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(name)
}

fn header() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/instanter.h");
    std::fs::read_to_string(file).unwrap()
}

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = header();
    let code = header.rsplit_once("extern \"C\" {").expect("declarations for C++").1;
    let outside = code.split("/**").map(|part| part.split_once("*/").map_or(part, |part| part.1));
    let mut names = BTreeSet::new();
    for part in outside {
        for (at, _) in part.match_indices('(') {
            let start = part[..at].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = &part[start.map_or(0, |start| start + 1)..at];
            if name.starts_with("instanter_") {
                names.insert(name.to_owned());
            }
        }
    }
    assert!(names.len() > 40, "{names:?}");
    names
}

/// A way from a source to a program.
struct Way {
    name: &'static str,
    compiler: &'static str,
    language: &'static [&'static str],
    link: Link,
}

enum Link {
    /// With the shared library.
    Shared,
    /// With the static library, and the C library shared.
    Archive,
    /// With everything in the program.
    Static,
}

const C99: &[&str] = &["-std=c99", "-x", "c"];
const CPP: &[&str] = &["-std=c++11", "-x", "c++"];

const WAYS: &[Way] = &[
    Way { name: "c-shared", compiler: "cc", language: C99, link: Link::Shared },
    Way { name: "c-archive", compiler: "cc", language: C99, link: Link::Archive },
    Way { name: "c-static", compiler: "cc", language: C99, link: Link::Static },
    Way { name: "cpp-shared", compiler: "g++", language: CPP, link: Link::Shared },
    Way { name: "cpp-static", compiler: "g++", language: CPP, link: Link::Static },
];

impl Way {
    /// Why it cannot be gone here.
    fn why_not(&self) -> Option<String> {
        [self.compiler, "pkg-config"]
            .into_iter()
            .find(|tool| !has(tool))
            .map(|tool| format!("{tool} is not installed"))
    }

    /// Compiles a source and returns the command that runs the program.
    fn build(&self, installation: &Installation, source: &Path) -> Command {
        let stem = source.file_stem().unwrap().to_string_lossy();
        let program = installation.prefix.join(format!("{stem}-{}", self.name));
        let mut compiler = Command::new(self.compiler);
        compiler.args(STRICT).args(self.language).arg(source).args(["-x", "none", "-o"]);
        compiler.arg(&program).args(installation.pkg_config(&["--cflags"]));
        match self.link {
            Link::Shared => compiler.args(installation.pkg_config(&["--libs"])),
            Link::Archive => {
                let mut beside = installation.pkg_config(&["--static", "--libs-only-l"]);
                beside.retain(|word| word != "-linstanter");
                compiler.arg(installation.libdir().join("libinstanter.a")).args(beside)
            }
            Link::Static => {
                compiler.arg("-static").args(installation.pkg_config(&["--static", "--libs"]))
            }
        };
        // For the programs that have threads of their own.
        run(compiler.arg("-lpthread"));
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", installation.libdir());
        command
    }
}

/// Compiles and runs a program in all ways that are to be had here.
fn in_every_way(name: &str, ways: impl Iterator<Item = &'static Way>) {
    for way in ways {
        if let Some(reason) = way.why_not() {
            skipped(&format!("{name} {}", way.name), &reason);
            continue;
        }
        let told = run(&mut way.build(installed(), &source(name)));
        println!("{name} {}: {}", way.name, told.trim());
    }
}

#[test]
fn every_function_with_nulls_and_wrong_sizes() {
    in_every_way("nulls.c", WAYS.iter());
}

#[test]
fn the_test_of_nulls_has_every_function() {
    let program = std::fs::read_to_string(source("nulls.c")).unwrap();
    for name in declared() {
        assert!(program.contains(&format!("{name}(")), "nulls.c does not call {name}");
    }
}

#[test]
fn random_inputs_beside_the_c_library() {
    in_every_way("against_libc.c", WAYS.iter().filter(|way| way.compiler == "cc"));
}

#[test]
fn threads_signals_and_children() {
    in_every_way("concurrency.c", WAYS.iter().filter(|way| way.compiler == "cc"));
}

const MUSL: Way = Way { name: "musl", compiler: "musl-gcc", language: C99, link: Link::Static };

#[test]
fn a_static_program_with_musl() {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let mut rustc = Command::new("rustc");
    let library = run(rustc.args(["--print", "target-libdir", "--target", &target]));
    let why_not = MUSL.why_not().or_else(|| {
        let there = Path::new(library.trim()).exists();
        (!there).then(|| format!("rustup has not installed the target {target}"))
    });
    if let Some(reason) = why_not {
        return skipped("a_static_program_with_musl", &reason);
    }
    let installation = install("installed-musl", &["--target", &target]);
    for name in ["nulls.c", "against_libc.c", "concurrency.c"] {
        let told = run(&mut MUSL.build(&installation, &source(name)));
        println!("{name} {}: {}", MUSL.name, told.trim());
    }
}

#[test]
fn in_a_sandbox() {
    in_every_way("denied.c", WAYS.iter().filter(|way| way.name == "c-shared"));
}

#[test]
fn what_is_async_signal_safe_allocates_nothing() {
    in_every_way("async_signal.c", WAYS.iter().filter(|way| way.name == "c-shared"));
    let program = std::fs::read_to_string(source("async_signal.c")).unwrap();
    let header = header();
    let mut count = 0;
    for part in header.split("/**").filter(|part| part.contains(" * Async-signal-safe.\n")) {
        let declaration = part.split_once("*/").unwrap().1;
        let name = declaration.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap();
        assert!(program.contains(&format!("CALL({name}(")), "async_signal.c does not call {name}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_header_alone() {
    let languages: [(&str, &[&str]); 5] = [
        ("cc", &["-std=c99", "-x", "c"]),
        ("cc", &["-std=c11", "-x", "c", "-Wconversion"]),
        ("cc", &["-std=gnu17", "-x", "c"]),
        ("g++", &["-std=c++11", "-x", "c++"]),
        ("g++", &["-std=c++17", "-x", "c++"]),
    ];
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/instanter.h");
    for (compiler, language) in languages {
        if !has(compiler) {
            skipped("the_header_alone", &format!("{compiler} is not installed"));
            continue;
        }
        let mut command = Command::new(compiler);
        run(command.args(STRICT).args(language).arg("-fsyntax-only").arg(&header));
    }
}

#[test]
fn the_shared_library_exports_what_the_header_declares() {
    if !has("nm") {
        return skipped("the_shared_library_exports_what_the_header_declares", "no nm");
    }
    let library = installed().libdir().join("libinstanter.so");
    let told = run(Command::new("nm").args(["--dynamic", "--defined-only"]).arg(library));
    let names = told.lines().filter_map(|line| line.split_whitespace().nth(2));
    let exported: BTreeSet<String> = names.map(ToOwned::to_owned).collect();
    assert_eq!(exported, declared());
}

#[test]
fn the_files_that_are_installed() {
    let libdir = installed().libdir();
    let version = env!("CARGO_PKG_VERSION");
    let shared = format!("libinstanter.so.{version}");
    for (link, want) in [("libinstanter.so", "libinstanter.so.0"), ("libinstanter.so.0", &shared)] {
        assert_eq!(std::fs::read_link(libdir.join(link)).unwrap(), Path::new(want), "{link}");
    }
    if !has("readelf") {
        return skipped("the_files_that_are_installed", "no readelf to show the soname");
    }
    let told = run(Command::new("readelf").arg("-d").arg(libdir.join(shared)));
    assert!(told.contains("Library soname: [libinstanter.so.0]"), "{told}");
    if has("pkg-config") {
        assert_eq!(installed().pkg_config(&["--modversion"]), [version]);
    }
}

#[test]
fn python() {
    if !has("python3") {
        return skipped("python", "python3 is not installed");
    }
    let library = installed().libdir().join("libinstanter.so");
    let told = run(Command::new("python3").arg(source("from_python.py")).arg(library));
    assert!(told.starts_with("agrees"), "{told}");
}

#[test]
fn the_example_writes_a_log() {
    let way = &WAYS[0];
    if let Some(reason) = way.why_not() {
        return skipped("the_example_writes_a_log", &reason);
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/log.c");
    let mut command = way.build(installed(), &example);
    let mut child = command
        .env("TZ", "Asia/Kolkata")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo words\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    for (line, want) in lines.into_iter().zip(["one", "two words"]) {
        let (stamp, text) = line.split_once(' ').unwrap();
        let then: instanter::Time = stamp.parse().unwrap();
        let ago = instanter::now().since(then);
        assert!((0..60).contains(&ago.as_seconds()), "{line}: {ago} ago");
        assert!(stamp.ends_with("+05:30") && stamp.len() == 29, "{line}");
        assert_eq!(text, want);
    }
}

/// The first example in C of a text, without what comes before each line.
fn first_c_program(text: &str, before: &str) -> String {
    let bare = |line| if line == before.trim_end() { "" } else { line };
    let lines = text.lines().map(|line| line.strip_prefix(before).unwrap_or(bare(line)));
    let program: Vec<&str> = lines
        .skip_while(|line| !line.starts_with("#include"))
        .take_while(|line| *line != "}")
        .collect();
    assert!(program.len() > 5, "no program in {text}");
    program.join("\n") + "\n}\n"
}

#[test]
fn the_programs_in_the_readme_and_the_header() {
    let way = &WAYS[0];
    if let Some(reason) = way.why_not() {
        return skipped("the_programs_in_the_readme_and_the_header", &reason);
    }
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let of_readme = readme.split("```c\n").nth(1).expect("an example in C");
    for (name, program) in [
        ("readme", first_c_program(of_readme, "")),
        ("header", first_c_program(&header(), " *     ")),
    ] {
        let file = installed().prefix.join(format!("{name}.c"));
        std::fs::write(&file, program).unwrap();
        let told = run(&mut way.build(installed(), &file));
        assert!(told.starts_with("20"), "{name}: {told}");
    }
}
