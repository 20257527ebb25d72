//! Why the command could not do what it was asked, and how a script sees that.

use std::fmt;
use std::process::ExitCode;

/// How a run ended that printed what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// All is as it should be.
    Fine,
    /// The answer is right and something about it is not: a clock that needs
    /// system calls though nobody asked for them.
    Degraded,
    /// What a program that was run ended with.
    Child(u8),
    /// The answer is that something is wrong: a clock that programs suffer from.
    Bad,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        match status {
            Status::Fine => ExitCode::SUCCESS,
            Status::Degraded => ExitCode::from(1),
            Status::Child(status) => ExitCode::from(status),
            Status::Bad => ExitCode::from(2),
        }
    }
}

/// What was asked for is not there, or cannot be had. The message quotes the
/// input and is meant for a person.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), code: 1 }
    }

    /// The same with another exit status than 1.
    pub(crate) fn with_code(self, code: u8) -> Failure {
        Failure { code, ..self }
    }

    /// The exit status.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<instanter_clock::Error> for Failure {
    fn from(error: instanter_clock::Error) -> Failure {
        Failure::new(error.to_string())
    }
}

/// What each subcommand returns.
pub(crate) type Outcome = Result<Status, Failure>;
