//! Commands that are given so long, and are killed with all that they started.

use anyhow::{Context, Result};
use duct::{Expression, cmd};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

/// How a command ended.
pub(super) enum Ended {
    Well,
    Badly,
    /// It was killed.
    TooLate,
}

/// Runs a command, with all that it says in a file.
pub(super) fn run(command: &Expression, limit: Duration, log: &Path) -> Result<Ended> {
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
    fn what_takes_too_long_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let ended = |script: &str, limit| {
            run(&cmd!("sh", "-c", script), Duration::from_millis(limit), &log).unwrap()
        };
        assert!(matches!(ended("echo well", 60_000), Ended::Well));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "well\n");
        assert!(matches!(ended("echo badly >&2; exit 3", 60_000), Ended::Badly));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "badly\n");
        // Both the shell and what it waits for hold the log open; neither may live on.
        let start = Instant::now();
        assert!(matches!(ended("sleep 1000 & echo $!; wait", 500), Ended::TooLate));
        assert!(start.elapsed() < Duration::from_secs(500));
        let child = std::fs::read_to_string(&log).unwrap();
        let status = format!("/proc/{}/stat", child.trim());
        let gone = || match std::fs::read_to_string(&status) {
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
