//! Wrong arguments and things that are not there: the input is quoted, and the
//! exit code tells the two apart.

use predicates::str::contains;

use super::{instanter, text};

#[test]
fn wrong_arguments_are_quoted() {
    let table: &[(&[&str], &str)] = &[
        (&["frobnicate"], "frobnicate"),
        (&["--frobnicate"], "--frobnicate"),
        (&["clocks", "--pid", "seven"], "seven"),
        (&["clocks", "--pid", "0"], "0"),
        (&["clocks", "--systohc", "--hctosys"], "--hctosys"),
        (&["clocks", "--systohc", "--pid", "1"], "--pid"),
        (&["clocks", "--utc", "--local"], "--local"),
        (&["vdso", "--pid", "4194305"], "4194305"),
        (&["vdso", "--pid", "1", "--file", "x"], "--file"),
        (&["vdso", "dump"], "FILE"),
        (&["--color", "pink"], "pink"),
        (&["now", "surplus"], "surplus"),
        (&["zone", "UTC", "--list"], "--list"),
        (&["zone", "UTC", "--from", "1990"], "--transitions"),
        (&["zone", "UTC", "--transitions", "--from", "soon"], "soon"),
        (&["zone", "UTC", "--transitions", "--to", "2147485548"], "2147485548"),
        (&["date", "@0", "--lines"], "--lines"),
        (&["date", "--format", "%Y-%Q"], "pattern byte 4, at \"Q\" in \"%Y-%Q\""),
        (&["date", "@0", "--parse", "%Y-%"], "pattern byte 4, at the end"),
        (&["date", "--format", "%F", "--go", "2006"], "--go"),
        (&["date", "@0", "--parse", "%F", "--parse-go", "2006"], "--parse-go"),
        (&["date", "--gap", "sideways"], "sideways"),
    ];
    for (args, quoted) in table {
        instanter(args).assert().code(2).stderr(contains(*quoted)).stdout("");
    }
}

#[test]
fn what_is_not_there_is_quoted() {
    let table: &[(&[&str], &str)] = &[
        (&["clocks", "--pid", "4194304"], "4194304"),
        (&["clocks", "--device", "/no/such/device"], "\"/no/such/device\""),
        (&["clocks", "--device", "/dev/null"], "\"/dev/null\""),
        (&["vdso", "--pid", "4194304"], "4194304"),
        (&["vdso", "--file", "/no/such/file"], "\"/no/such/file\""),
        (&["vdso", "--file", "/dev/null"], "\"/dev/null\""),
        (&["vdso", "dump", "/no/such/folder/file"], "\"/no/such/folder/file\""),
        (&["zone", "Mars/Olympus"], "\"Mars/Olympus\""),
        (&["zone", "../../etc/passwd"], "\"../../etc/passwd\""),
        (&["zone", "/dev/null"], "\"/dev/null\""),
        (&["zone", "/etc/passwd", "--transitions"], "\"/etc/passwd\": TZif data, byte 0"),
        (&["zone", "EST5EDT,M13.2.0,M11.1.0"], "byte 9, at \"13.2.0,M11.1.0\""),
        (&["date", "@0", "--in", "Mars/Olympus"], "\"Mars/Olympus\""),
        (&["date", "@0", "--to", ""], "zone name \"\""),
    ];
    for (args, quoted) in table {
        instanter(args).assert().code(1).stderr(contains(*quoted)).stdout("");
    }
}

#[test]
fn a_hardware_clock_that_is_not_there() {
    // Where there is one, this would set it.
    if std::path::Path::new("/sys/class/rtc/rtc0").exists() {
        return super::skipped("a_hardware_clock_that_is_not_there", "there is one");
    }
    for arg in ["--systohc", "--hctosys"] {
        let absent = contains("there is no hardware clock");
        instanter(&["clocks", arg]).assert().code(1).stderr(absent).stdout("");
    }
}

#[test]
fn an_unknown_source_is_warned_of() {
    for value in ["VDSO", "page ", "\u{1b}[31m"] {
        let quoted = format!("INSTANTER_SOURCE={value:?}");
        instanter(&["now"])
            .env("INSTANTER_SOURCE", value)
            .assert()
            .code(0)
            .stderr(contains(quoted));
    }
    for value in ["", "page", "vdso", "syscall"] {
        instanter(&["now"]).env("INSTANTER_SOURCE", value).assert().code(0).stderr("");
    }
}

#[test]
fn help_teaches() {
    for subcommand in
        ["now", "clocks", "vdso", "explain", "bench", "watch", "report", "zone", "date"]
    {
        let help = text(&mut instanter(&[subcommand, "--help"]));
        assert!(help.contains("Examples:") && help.contains("Exit status:"), "{help}");
        assert!(help.lines().all(|line| line == line.trim_end()), "{help:?}");
        let brief = text(&mut instanter(&[subcommand, "-h"]));
        assert!(brief.len() < help.len() && !brief.contains("Examples:"), "{brief}");
    }
    assert!(text(&mut instanter(&["--version"])).starts_with("instanter "));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let table: &[&[&str]] = &[
        &["clocks"],
        &["zone", "--list"],
        // Would go on for a million years.
        &["zone", "America/New_York", "--transitions", "--to", "1000000"],
        &["date", "@0"],
    ];
    for args in table {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instanter"))
            .args(*args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {output:?}");
    }
}
