//! Where text goes: how wide it may be, whether it has colours, and writing it.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use crate::failure::{Failure, Outcome, Status};
use crate::sheet::Sheet;

/// Prose wider than this is hard to read, however wide the terminal.
const WIDEST_PROSE: usize = 92;

/// Prose in a pipe, where nobody says how wide it may be.
const PROSE_IN_A_PIPE: usize = 80;

/// Less than this is not a width that somebody meant.
const NARROWEST: usize = 20;

/// Standard output, as the user wants it.
pub(crate) struct Screen {
    colors: ColorChoice,
    json: bool,
    width: Option<usize>,
}

impl Screen {
    pub(crate) fn new(colors: ColorChoice, json: bool) -> Screen {
        Screen { colors, json, width: width() }
    }

    /// Starts a text that fits.
    pub(crate) fn sheet(&self) -> Sheet {
        let prose = self.width.unwrap_or(PROSE_IN_A_PIPE).min(WIDEST_PROSE);
        Sheet::new(prose, self.width)
    }

    /// Prints a report: as JSON where that was asked for, else as text.
    pub(crate) fn print<T: Serialize>(
        &self,
        report: &T,
        text: impl FnOnce(&T, &mut Sheet),
        status: Status,
    ) -> Outcome {
        let written = if self.json {
            let mut json = serde_json::to_string_pretty(report)
                .map_err(|error| Failure::new(format!("cannot print as JSON: {error}")))?;
            json.push('\n');
            write_all(&mut io::stdout().lock(), json.as_bytes())
        } else {
            let mut sheet = self.sheet();
            text(report, &mut sheet);
            let stdout = AutoStream::new(io::stdout(), self.colors);
            write_all(&mut stdout.lock(), sheet.finish().as_bytes())
        };
        written
            .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
        Ok(status)
    }

    /// Starts a text for standard error.
    pub(crate) fn sheet_for_stderr(&self) -> Sheet {
        let width = width_of(|| size_of(io::stderr()));
        Sheet::new(width.unwrap_or(PROSE_IN_A_PIPE).min(WIDEST_PROSE), width)
    }

    /// Starts a text for a file: its tables are as wide as they like.
    pub(crate) fn sheet_for_file(&self) -> Sheet {
        Sheet::new(PROSE_IN_A_PIPE, None)
    }

    /// Prints a text on standard error, with colours where they are wanted.
    pub(crate) fn print_to_stderr(&self, text: &str) -> io::Result<()> {
        let stderr = AutoStream::new(io::stderr(), self.colors);
        write_all(&mut stderr.lock(), text.as_bytes())
    }

    /// Takes the colours out of a text that somebody else prints on standard error, where
    /// they are not wanted.
    pub(crate) fn for_stderr(&self, text: String) -> String {
        match AutoStream::new(io::stderr(), self.colors).current_choice() {
            ColorChoice::Never => anstream::adapter::strip_str(&text).to_string(),
            _ => text,
        }
    }

    /// How wide output may be; `None` in a pipe.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether standard output should have colours.
    pub(crate) fn has_colour(&self) -> bool {
        match self.colors {
            ColorChoice::Never => false,
            ColorChoice::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            _ => true,
        }
    }

    /// Whether output is to be JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person sees it as it is written.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Writes a text, of which more may follow. Says whether somebody still reads.
    pub(crate) fn put(&self, text: &str) -> Result<bool, Failure> {
        let stdout = AutoStream::new(io::stdout(), self.colors);
        let mut out = stdout.lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"))),
        }
    }

    /// Writes lines as they come: too many for a sheet, or in a form that is
    /// not the screen's to choose. A reader that goes away ends it.
    pub(crate) fn stream(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Prints bytes as they are.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    pub(crate) fn print_bytes(&self, bytes: &[u8]) -> Outcome {
        if io::stdout().is_terminal() {
            return Err(Failure::new(
                "\"-\" is a terminal: the image is binary, send it into a file or a pipe",
            ));
        }
        write_all(&mut io::stdout().lock(), bytes).map_err(|error| {
            Failure::new(format!("cannot write to \"-\", standard output: {error}"))
        })?;
        Ok(Status::Fine)
    }
}

/// Writes it all; a reader that has gone away (`| head`) wants no more.
fn write_all(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    match to.write_all(bytes).and_then(|()| to.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The width that the user set, or the terminal's; `None` in a pipe.
fn width() -> Option<usize> {
    width_of(|| size_of(io::stdout()))
}

type Size = (terminal_size::Width, terminal_size::Height);

fn width_of(terminal: impl FnOnce() -> Option<Size>) -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    set.or_else(|| terminal().map(|(width, _)| usize::from(width.0)))
        .filter(|&width| width >= NARROWEST)
}

#[cfg(unix)]
fn size_of(stream: impl std::os::fd::AsFd) -> Option<Size> {
    terminal_size::terminal_size_of(stream)
}

#[cfg(windows)]
fn size_of(stream: impl std::os::windows::io::AsHandle) -> Option<Size> {
    terminal_size::terminal_size_of(stream)
}

/// WebAssembly is not told of terminals.
#[cfg(not(any(unix, windows)))]
fn size_of<T>(_: T) -> Option<Size> {
    None
}
