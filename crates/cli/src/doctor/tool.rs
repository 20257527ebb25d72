//! Other programs of the system's, asked with a time limit.

use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What a program said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is not installed.
    Absent,
    /// It ran: standard output.
    Said(String),
    /// It could not say: its complaint, or why it was stopped.
    Failed(String),
}

/// How long a program may take. A daemon on this machine answers in milliseconds;
/// `chronyc` and `pmc` wait for one that does not.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

/// What is read of what a program says.
const LONGEST: u64 = 64 << 10;

/// Where programs of the administrator's are, which `PATH` may leave out.
const FOLDERS: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";

/// Runs a program with nothing on its standard input, and waits at most `limit`.
pub(crate) fn ask(program: &str, args: &[&str], limit: Duration) -> Answer {
    let path = match std::env::var("PATH") {
        Ok(path) if !path.is_empty() => format!("{path}:{FOLDERS}"),
        _ => FOLDERS.to_owned(),
    };
    let started = Command::new(program)
        .args(args)
        .env("PATH", &path)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match started {
        Ok(child) => wait(child, program, limit),
        Err(error) if error.kind() == ErrorKind::NotFound => Answer::Absent,
        // Denied by a folder of PATH that is closed to us, and in none of the others.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && !is_in(&path, program) => {
            Answer::Absent
        }
        Err(error) => Answer::Failed(format!("{program} cannot be run: {error}")),
    }
}

/// Whether one of the folders has such a file, as far as can be seen.
fn is_in(path: &str, program: &str) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(program).exists())
}

fn wait(mut child: Child, program: &str, limit: Duration) -> Answer {
    let deadline = Instant::now() + limit;
    let (out, err) = (gather(child.stdout.take()), gather(child.stderr.take()));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            _ => break None,
        }
    };
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        return Answer::Failed(format!(
            "{program} gave no answer within {} s",
            limit.as_secs_f64()
        ));
    };
    // A grandchild may hold the pipe open; what has not come by then does not count.
    let text = |from: mpsc::Receiver<String>| from.recv_timeout(LIMIT).unwrap_or_default();
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Answer::Said(out);
    }
    let complaint = err.lines().chain(out.lines()).map(str::trim).find(|line| !line.is_empty());
    Answer::Failed(match complaint {
        Some(line) => format!("{program}: {line}"),
        None => format!("{program} ended with {status}"),
    })
}

/// Reads in a thread, so that no pipe fills up.
fn gather(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    if let Some(mut from) = from {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.by_ref().take(LONGEST).read_to_end(&mut bytes);
            // The rest is taken and left, so that the program can come to its end.
            let _ = std::io::copy(&mut from, &mut std::io::sink());
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    receive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_answer_fail_hang_or_are_absent() {
        let generous = Duration::from_secs(60);
        let shell = |script| ask("sh", &["-c", script], generous);
        assert_eq!(shell("echo yes; echo no >&2"), Answer::Said("yes\n".to_owned()));
        assert_eq!(shell("echo; echo why >&2; exit 3"), Answer::Failed("sh: why".to_owned()));
        assert_eq!(ask("no-such-program-here", &[], generous), Answer::Absent);
        let Answer::Failed(why) = ask("sleep", &["600"], Duration::from_millis(50)) else {
            panic!("a program that hangs was waited for");
        };
        assert_eq!(why, "sleep gave no answer within 0.05 s");
        // More than a pipe holds.
        let Answer::Said(text) = shell("yes | head -c 200000") else { panic!("it ends") };
        assert_eq!(text.len() as u64, LONGEST);
    }
}
