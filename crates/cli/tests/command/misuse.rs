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
        (&["keeper"], "serve"),
        (&["keeper", "serve"], "<NAME>"),
        (&["keeper", "serve", ""], "a clock's name cannot be empty"),
        (&["keeper", "serve", "x", "--from", "ntp"], "'ntp'"),
        (&["keeper", "serve", "x", "--from", "ptp"], "ptp=/dev/ptp0"),
        (&["keeper", "serve", "x", "--from", "chrony", "--script", "y"], "--script"),
        (&["keeper", "serve", "x", "--tick", "1s"], "1ms to 500ms"),
        (&["keeper", "serve", "x", "--tick", "5"], "expected a unit"),
        (&["keeper", "serve", "x", "--step-above=-1s"], "more than nothing"),
        (&["keeper", "read", "x", "--count", "3"], "--watch"),
        (&["keeper", "read", "x", "--watch", "--bench"], "--bench"),
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
        (
            &["keeper", "read", "no such clock"],
            "\"/dev/shm/instanter-no such clock\": open: ENOENT",
        ),
        (&["keeper", "read", "/etc/passwd"], "\"/etc/passwd\": it is no shared clock"),
        (&["keeper", "read", "/dev/null"], "\"/dev/null\": it is not a regular file"),
        (&["keeper", "serve", "/no/such/folder/clock"], "\"/no/such/folder/clock\""),
        (&["keeper", "serve", "/dev/null"], "\"/dev/null\": it is not a regular file"),
        (&["keeper", "serve", "x", "--from", "ptp=/no/such/ptp"], "\"/no/such/ptp\""),
        (&["keeper", "serve", "x", "--from", "ptp=/dev/null"], "\"/dev/null\" is no PTP clock"),
        (&["keeper", "serve", "x", "--script", "/no/such/file"], "\"/no/such/file\""),
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
    let table: &[&[&str]] = &[
        &["now"],
        &["clocks"],
        &["vdso"],
        &["explain"],
        &["bench"],
        &["watch"],
        &["report"],
        &["zone"],
        &["date"],
        &["doctor"],
        &["completions"],
        &["man"],
        &["fake"],
        &["trace"],
        &["keeper", "serve"],
        &["keeper", "read"],
    ];
    for subcommand in table {
        let help = text(instanter(subcommand).arg("--help"));
        assert!(help.contains("Examples:") && help.contains("Exit status:"), "{help}");
        assert!(help.lines().all(|line| line == line.trim_end()), "{help:?}");
        let brief = text(instanter(subcommand).arg("-h"));
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
