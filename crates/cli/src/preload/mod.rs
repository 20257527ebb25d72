//! `instanter preload`: an unmodified program with this project's clock and calendar
//! functions in the place of the C library's.

mod check;
mod find;
mod target;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::args::PreloadArgs;
use crate::failure::{Failure, Outcome};
use crate::screen::Screen;

/// The dynamic linker's list of libraries that come before all others.
const LIST: &str = "LD_PRELOAD";

pub(crate) fn run(args: &PreloadArgs, screen: &Screen) -> Outcome {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failure::new("no command was given"));
    };
    let library = find::library()?;
    target::check(program)?;
    let list = list(&library, std::env::var_os(LIST).as_deref());
    if args.check {
        return check::run(program, rest, &library, &list, args.runs, screen);
    }
    let error = Command::new(program).args(rest).env(LIST, list).exec();
    Err(Failure::new(format!("cannot run {program:?}: {error}")))
}

/// The library, and after it what the list held already.
fn list(library: &Path, before: Option<&OsStr>) -> OsString {
    let mut list = library.as_os_str().to_owned();
    if let Some(before) = before.filter(|before| !before.is_empty()) {
        list.push(":");
        list.push(before);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays() {
        let table = [(None, "/a.so"), (Some(""), "/a.so"), (Some("b.so c.so"), "/a.so:b.so c.so")];
        for (before, want) in table {
            assert_eq!(list(Path::new("/a.so"), before.map(OsStr::new)), want, "{before:?}");
        }
    }
}
