//! Completions and manual pages: shells and formatters take them.

use std::io::Write;
use std::process::{Command, Stdio};

use predicates::str::contains;

use super::{instanter, skipped, text};

/// Runs a program on a text; what it complains of, or nothing where it is not
/// installed.
fn complaints(program: &str, args: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    // Beside the reading: both pipes hold only so much.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it writes");
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        said += &format!("{}", output.status);
    }
    Some(said)
}

#[test]
fn shells_take_the_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&mut instanter(&["completions", shell]));
        assert!(script.contains("doctor") && script.contains("transitions"), "{shell}: {script}");
        match complaints(shell, &["-n", "/dev/stdin"], &script) {
            Some(said) => assert_eq!(said, "", "{shell} -n"),
            None => skipped("shells_take_the_completions", &format!("no {shell}")),
        }
    }
    for shell in ["elvish", "powershell"] {
        assert!(text(&mut instanter(&["completions", shell])).contains("doctor"), "{shell}");
    }
    instanter(&["completions", "cmd.exe"]).assert().code(2).stderr(contains("cmd.exe"));
}

#[test]
fn bash_completes() {
    let script = text(&mut instanter(&["completions", "bash"]));
    let ask = format!(
        "{script}\nCOMP_WORDS=(instanter doc); COMP_CWORD=1; _instanter instanter doc instanter\n\
         echo \"${{COMPREPLY[@]}}\"\n\
         COMP_WORDS=(instanter doctor --only cl); COMP_CWORD=3; _instanter instanter cl --only\n\
         echo \"${{COMPREPLY[@]}}\"\n"
    );
    let output = match Command::new("bash").args(["--norc", "-c", &ask]).output() {
        Ok(output) => output,
        Err(error) => return skipped("bash_completes", &format!("bash: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "doctor\nclock-source\n", "{output:?}");
}

#[test]
fn formatters_take_the_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("share/man1");
    let listed = text(&mut instanter(&["man", "--dir", pages.to_str().expect("text")]));
    let mut count = 0;
    for file in listed.lines() {
        let page = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        count += 1;
        match complaints("mandoc", &["-T", "lint", "-W", "warning"], &page) {
            Some(_) => {
                // It reports to standard output. It misses a date: there is none, so that
                // the same sources make the same page. And it finds two spaces where lists
                // of values begin, which do no harm.
                let output =
                    Command::new("mandoc").args(["-T", "lint", "-W", "warning", file]).output();
                let output = output.expect("it was there");
                let said = String::from_utf8_lossy(&output.stdout);
                let accepted = ["missing date", "skipping paragraph macro"];
                let left: Vec<_> = said
                    .lines()
                    .filter(|line| !accepted.iter().any(|known| line.contains(known)))
                    .collect();
                assert!(left.is_empty(), "{file}: {left:?}");
            }
            None => skipped("formatters_take_the_pages", "no mandoc"),
        }
        match complaints("groff", &["-man", "-Tutf8", "-ww"], &page) {
            Some(said) => assert_eq!(said, "", "groff {file}"),
            None => skipped("formatters_take_the_pages", "no groff"),
        }
        if let Some(said) = complaints("man", &["--warnings", "-l", file], "") {
            assert_eq!(said, "", "man {file}");
        }
    }
    assert!(count >= 13, "{listed}");
}

#[test]
fn pages_by_name() {
    let table: &[(&[&str], &str)] = &[
        (&["man"], "INSTANTER"),
        (&["man", "doctor"], "INSTANTER\\-DOCTOR"),
        (&["man", "vdso dump"], "INSTANTER\\-VDSO\\-DUMP"),
    ];
    for (args, title) in table {
        let page = text(&mut instanter(args));
        assert!(page.starts_with(&format!(".TH \"{title}\" 1 ")), "{args:?}: {page}");
    }
    instanter(&["man", "nonsense"]).assert().code(1).stderr(contains("\"nonsense\"")).stdout("");
    instanter(&["man", "--dir", "/proc/no/such"])
        .assert()
        .code(1)
        .stderr(contains("/proc/no/such"));
}
