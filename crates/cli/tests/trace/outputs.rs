//! What is printed, and into which files.

use super::{compile, output, trace};

#[test]
fn the_report_fits_and_is_plain() {
    let test = "the_report_fits_and_is_plain";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    for columns in [40, 60, 80, 120] {
        let mut command = trace(&[], &program.path, &["m", "2000000", "n", "3", "t", "10"]);
        let output = output(command.env("COLUMNS", columns.to_string()));
        let text = String::from_utf8_lossy(&output.stderr);
        if text.contains("not allowed") {
            return super::skipped(test, "no tracing here");
        }
        assert!(text.contains("monotonic (counts.c:") || columns < 120, "{text}");
        let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains("2,000,360 reads of time, 0 system calls"), "{text}");
        assert!(!text.contains('\x1b'), "colours in a pipe: {text:?}");
        for line in text.lines() {
            let width = line.chars().count();
            assert!(width <= columns, "{width} > {columns}: {line:?} in\n{text}");
        }
    }
}

#[test]
fn folded_stacks_and_a_flame_graph() {
    let test = "folded_stacks_and_a_flame_graph";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    let (folded, svg) = (program.folder.path().join("f"), program.folder.path().join("f.svg"));
    let options = ["--folded", folded.to_str().unwrap(), "--svg", svg.to_str().unwrap()];
    let output = output(&mut trace(&options, &program.path, &["b", "50", "m", "8"]));
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("not allowed") {
        return super::skipped(test, "no tracing here");
    }
    let lines = std::fs::read_to_string(&folded).unwrap();
    let counted = |end: &str| -> u64 {
        let lines = lines.lines().filter_map(|line| line.rsplit_once(' '));
        lines.filter(|(stack, _)| stack.contains(end)).map(|(_, n)| n.parse::<u64>().unwrap()).sum()
    };
    assert_eq!(counted(";main;both;monotonic;"), 58, "{lines}");
    assert_eq!(counted(";main;both;realtime;"), 50, "{lines}");
    let picture = std::fs::read_to_string(&svg).unwrap();
    assert!(picture.contains("<svg") && picture.contains("monotonic"), "{picture}");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_program_runs() {
    for option in ["--output", "--folded", "--svg"] {
        let output = output(&mut trace(&[option, "/nowhere/to/be"], "echo", &["ran"]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{option}: {said}");
        assert!(said.contains("/nowhere/to/be"), "{option}: {said}");
        assert_eq!(output.stdout, b"", "{option}: it ran");
    }
}

#[test]
fn a_program_that_reads_no_clock() {
    let output = output(&mut trace(&["--svg", "/dev/null"], "/bin/true", &[]));
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("not allowed") {
        return super::skipped("a_program_that_reads_no_clock", "no tracing here");
    }
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("no clock was read"), "{said}");
}
