//! `date --lines`: many texts from standard input, bad ones among them.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::instanter;

#[test]
fn a_result_a_line() {
    let input = "@1\n2024-07-01\r\n2024-07-01 12:00+02:00";
    for args in [&["date", "--lines", "--in", "UTC"][..], &["date", "-", "--in", "UTC"]] {
        instanter(args)
            .write_stdin(input)
            .assert()
            .code(0)
            .stdout("1970-01-01T00:00:01Z\n2024-07-01T00:00:00Z\n2024-07-01T10:00:00Z\n")
            .stderr("");
    }
    instanter(&["date", "-"]).write_stdin("").assert().code(0).stdout("").stderr("");
}

#[test]
fn bad_lines_are_told_by_number() {
    let input: &[u8] = b"@1\nnonsense\n@2\n\n2024-07-01T\xFF\n@3\n";
    let output = instanter(&["date", "-", "--to", "UTC"]).write_stdin(input).output();
    let output = output.expect("the command starts");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out, "1970-01-01T00:00:01Z\n1970-01-01T00:00:02Z\n1970-01-01T00:00:03Z\n");
    let errors: Vec<&str> = err.lines().collect();
    let want = [
        "instanter: line 2: cannot read \"nonsense\": byte 0",
        "instanter: line 4: cannot read \"\": byte 0",
        "instanter: line 5: cannot read \"2024-07-01T\\xff\": byte 11",
    ];
    assert_eq!(errors.len(), want.len(), "{err}");
    for (error, want) in errors.iter().zip(want) {
        assert!(error.starts_with(want), "{error}, want {want}");
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn json_has_an_object_a_line() {
    let output = instanter(&["date", "-", "--json"]).write_stdin("@1\n@2.5\n").output();
    let output = String::from_utf8(output.expect("the command starts").stdout).expect("UTF-8");
    let unix: Vec<String> = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["unix"].to_string())
        .collect();
    assert_eq!(unix, ["\"1.000000000\"", "\"2.500000000\""]);
}

/// Who sends a line and waits for the answer gets it.
#[test]
fn answers_do_not_wait_for_the_end() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
        .args(["date", "-", "--to", "UTC"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for second in 0..3 {
        writeln!(input, "@{second}").expect("it reads");
        let answer = answers.next().expect("an answer").expect("UTF-8");
        assert_eq!(answer, format!("1970-01-01T00:00:0{second}Z"));
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

/// A file of more than a megabyte, whose progress nobody watches here.
#[test]
fn a_large_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("stamps");
    let lines: String =
        (0..120_000).map(|number| format!("@{}\n", 1_700_000_000 + number)).collect();
    assert!(lines.len() > 1 << 20);
    std::fs::write(&file, &lines).expect("it can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_instanter"))
        .args(["date", "-", "--format", "@%s", "--to", "Europe/Berlin"])
        .stdin(std::fs::File::open(&file).expect("it is there"))
        .output()
        .expect("the command starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output.stderr);
    assert!(output.stdout == lines.as_bytes(), "the same seconds come out");
}
