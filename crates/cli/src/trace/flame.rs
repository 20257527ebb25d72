//! Folded stacks, the input of flame graphs, and a flame graph.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::tally::Tally;
use crate::tracer::symbols::Frame;

/// Folds the stacks of all reads: a line each, the outermost frame first, what is read
/// last, and the number of calls.
pub(super) fn fold(tally: &Tally) -> Vec<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for ((place, read), reads) in &tally.reads {
        let Some(stack) = tally.stacks.get(place.stack) else { continue };
        let program = tally.programs.get(place.program);
        let command = program.map_or("", |about| about.command.as_str());
        let name = command.split(' ').next().unwrap_or_default();
        let mut line = clean(crate::tracer::symbols::short(name));
        // The vDSO's own functions are the same for all.
        let frames = stack.iter().filter(|frame| !frame.module.starts_with('['));
        for frame in frames.collect::<Vec<&Frame>>().into_iter().rev() {
            line.push(';');
            line.push_str(&clean(&frame.name()));
        }
        line.push(';');
        line.push_str(&clean(&super::report::read_name(*read)));
        *counts.entry(line).or_default() += reads.calls;
    }
    counts.into_iter().map(|(line, count)| format!("{line} {count}")).collect()
}

/// Semicolons part frames, and a line ends a stack.
fn clean(name: &str) -> String {
    name.replace(';', ":").replace(['\n', '\r'], " ")
}

/// Writes folded stacks.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write_folded(lines: &[String], file: File) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.flush()
}

/// Draws a flame graph.
///
/// # Errors
/// The file cannot be written.
pub(super) fn draw(lines: &[String], command: &[String], file: File) -> io::Result<()> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = "Reads of time".to_owned();
    options.subtitle = Some(command.join(" "));
    options.count_name = "reads".to_owned();
    let lines = lines.iter().map(String::as_str);
    inferno::flamegraph::from_lines(&mut options, lines, BufWriter::new(file))
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use nix::unistd::Pid;

    use super::*;
    use crate::trace::tally::{Place, Program, Read};

    #[test]
    fn stacks_fold_and_draw() {
        let frame = |name: &str, module: &str| Frame {
            function: Some(name.to_owned()),
            file: None,
            line: None,
            module: module.to_owned(),
            address: 0,
        };
        let mut tally = Tally::default();
        tally.programs.push(Program {
            process: Pid::from_raw(1),
            parent: None,
            command: "/bin/a b".to_owned(),
            started: Instant::now(),
            ended: None,
            counted: true,
        });
        let stack = tally.stack(vec![
            frame("inside", "[vdso]"),
            frame("f<a;b>", "/bin/a"),
            frame("main", "/bin/a"),
        ]);
        let read = Read { function: "clock_gettime", clock: Some(1) };
        for thread in [1, 2, 2] {
            let place = Place { program: 0, thread: Pid::from_raw(thread), stack };
            tally.read_by_system_call(place, read, true);
        }
        let lines = fold(&tally);
        assert_eq!(lines, ["a;main;f<a:b>;CLOCK_MONOTONIC 3"]);
        let folder = tempfile::tempdir().unwrap();
        let svg = folder.path().join("a.svg");
        draw(&lines, &["a".to_owned()], File::create(&svg).unwrap()).unwrap();
        let text = std::fs::read_to_string(&svg).unwrap();
        assert!(text.contains("</svg>") && text.contains("f&lt;a:b&gt; (3 reads"), "{text}");
    }
}
