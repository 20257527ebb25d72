//! A bar that shows how far a large file has been read.

use std::fs::File;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

/// Shorter files are done before anybody looks.
const LARGE: u64 = 1 << 20;

/// A bar on a terminal for a large file; hidden else, and where the results go to
/// the terminal themselves.
pub(super) fn bar() -> ProgressBar {
    let length = || {
        let file = stdin_as_file()?;
        let about = file.metadata().ok()?;
        (about.is_file() && about.len() > LARGE).then_some(about.len())
    };
    let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
    match length().filter(|_| watched) {
        Some(length) => {
            let form = "{wide_bar} {bytes} of {total_bytes}, {eta} left";
            let style = ProgressStyle::with_template(form);
            ProgressBar::new(length)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }
        None => ProgressBar::hidden(),
    }
}

#[cfg(unix)]
fn stdin_as_file() -> Option<File> {
    use std::os::fd::AsFd;
    Some(File::from(io::stdin().as_fd().try_clone_to_owned().ok()?))
}

#[cfg(windows)]
fn stdin_as_file() -> Option<File> {
    use std::os::windows::io::AsHandle;
    Some(File::from(io::stdin().as_handle().try_clone_to_owned().ok()?))
}
