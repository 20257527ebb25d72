//! Commands that are given so long, and are killed with all that they started.

use anyhow::{Context, Result};
use duct::{Expression, cmd};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file for what a row's command or console says: the row's name is made a file's.
pub(super) fn log(cache: &Path, name: &str) -> Result<PathBuf> {
    let logs = cache.join("logs");
    fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;
    Ok(logs.join(format!("{}.log", name.replace([' ', '=', ','], "-"))))
}

/// How a command ended.
pub(super) enum Ended {
    Well,
    Badly,
    /// It was killed.
    TooLate,
}

/// How much is shown of what a command said that ended badly.
const LINES: usize = 40;

/// Runs a command, with all that it says in a file, and the end of that shown unless all is
/// well: a machine that runs this for others may keep its files to itself.
pub(super) fn run(command: &Expression, limit: Duration, log: &Path) -> Result<Ended> {
    let ended = watched(command, limit, log)?;
    if !matches!(ended, Ended::Well) {
        let said = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
        print!("{}", last_lines(&String::from_utf8_lossy(&said)));
    }
    Ok(ended)
}

/// The last lines of a text, each behind a mark.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter().map(|line| format!("  | {line}\n")).collect()
}

fn watched(command: &Expression, limit: Duration, log: &Path) -> Result<Ended> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let running = command
        .stdin_null()
        .stdout_file(file.try_clone()?)
        .stderr_file(file)
        .unchecked()
        .before_spawn(|command| {
            // A group of its own, so that its children can be found.
            command.process_group(0);
            Ok(())
        })
        .start()?;
    match running.wait_timeout(limit)? {
        Some(ended) if ended.status.success() => Ok(Ended::Well),
        Some(_) => Ok(Ended::Badly),
        None => {
            for leader in running.pids() {
                // The shell's own, as not every machine has a program for it.
                let kill = format!("kill -s KILL -- -{leader}");
                cmd!("sh", "-c", kill).unchecked().run()?;
            }
            running.wait()?;
            Ok(Ended::TooLate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn the_end_of_a_long_text_is_shown() {
        assert_eq!(last_lines(""), "");
        assert_eq!(last_lines("one\ntwo"), "  | one\n  | two\n");
        let long: String = (1..=LINES + 7).map(|line| format!("{line}\n")).collect();
        let shown = last_lines(&long);
        assert_eq!(shown.lines().count(), LINES);
        assert!(shown.starts_with("  | 8\n") && shown.ends_with("  | 47\n"));
    }

    #[test]
    fn what_takes_too_long_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let ended = |script: &str, limit| {
            run(&cmd!("sh", "-c", script), Duration::from_millis(limit), &log).unwrap()
        };
        assert!(matches!(ended("echo well", 60_000), Ended::Well));
        assert_eq!(fs::read_to_string(&log).unwrap(), "well\n");
        assert!(matches!(ended("echo badly >&2; exit 3", 60_000), Ended::Badly));
        assert_eq!(fs::read_to_string(&log).unwrap(), "badly\n");
        // Both the shell and what it waits for hold the log open; neither may live on.
        let start = Instant::now();
        assert!(matches!(ended("sleep 1000 & echo $!; wait", 500), Ended::TooLate));
        assert!(start.elapsed() < Duration::from_secs(500));
        let child = fs::read_to_string(&log).unwrap();
        let status = format!("/proc/{}/stat", child.trim());
        let gone = || match fs::read_to_string(&status) {
            // Dead, and not yet fetched by its new parent.
            Ok(stat) => stat.contains(") Z "),
            Err(_) => true,
        };
        while !gone() {
            assert!(start.elapsed() < Duration::from_secs(500), "{child} lives");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
