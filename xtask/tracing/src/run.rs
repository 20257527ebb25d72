//! A command that is run to its end.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What takes longer hangs. Emulated on a busy machine, none takes a fifth of it.
const LONGEST: Duration = Duration::from_secs(200);

/// What a command said, and how it ended.
pub struct Ended {
    /// The status, or 128 and the signal's number.
    pub status: i32,
    pub output: String,
    pub complaint: String,
}

impl Ended {
    /// An error, with all that was said, unless the command ended well.
    pub fn well(self) -> Result<Ended, String> {
        if self.status == 0 { Ok(self) } else { Err(self.described("it failed")) }
    }

    /// What is wrong, with all that was said.
    pub fn described(&self, wrong: &str) -> String {
        let Ended { status, output, complaint } = self;
        format!("{wrong}: status {status}, {output:?}, {complaint:?}")
    }
}

/// Runs `instanter` with these words.
pub fn instanter(words: &[&str]) -> Result<Ended, String> {
    ended(Command::new("/bin/instanter").args(words)).map_err(|why| format!("{words:?}: {why}"))
}

fn ended(command: &mut Command) -> Result<Ended, String> {
    use std::os::unix::process::ExitStatusExt;
    // Files never fill up as pipes do.
    let (output, complaint) = ("/output", "/complaint");
    let file = |path| File::create(path).map_err(|error| format!("{path}: {error}"));
    let mut child = command
        .env("PATH", "/bin")
        .stdin(Stdio::null())
        .stdout(file(output)?)
        .stderr(file(complaint)?)
        .spawn()
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if start.elapsed() > LONGEST {
            // What it traces ends with it.
            let _ = child.kill().and_then(|()| child.wait().map(drop));
            return Err(format!("killed after {} s", LONGEST.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    };
    let text = |path| {
        let bytes = fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let status = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(-1);
    Ok(Ended { status, output: text(output), complaint: text(complaint) })
}
