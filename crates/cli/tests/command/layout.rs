//! How text looks: no escape codes in a pipe, no trailing spaces, and it fits.

use predicates::str::contains;

use super::{REPORTS, instanter, text};

#[test]
fn a_pipe_gets_plain_text() {
    for args in REPORTS {
        let text = text(&mut instanter(args));
        assert!(!text.is_empty() && !text.contains('\u{1b}'), "{args:?}: {text:?}");
        for line in text.lines() {
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
    }
}

#[test]
fn colours_are_there_on_request_only() {
    instanter(&["now", "--color", "always"]).assert().stdout(contains("\u{1b}["));
    instanter(&["now", "--color=always", "--help"]).assert().stdout(contains("\u{1b}["));
    for command in [
        instanter(&["now", "--color", "never"]).env("CLICOLOR_FORCE", "1"),
        instanter(&["now"]).env("NO_COLOR", "1"),
        instanter(&["now", "--json", "--color", "always"]).env_remove("NO_COLOR"),
    ] {
        assert!(!text(command).contains('\u{1b}'), "{command:?}");
    }
}

#[test]
fn it_fits() {
    for width in [60, 80, 200] {
        for args in REPORTS {
            let text = text(instanter(args).env("COLUMNS", width.to_string()));
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{args:?} at {width}: {line:?}");
            }
        }
    }
}

#[test]
fn nonsense_widths_do_no_harm() {
    for width in ["0", "1", "-5", "wide", "99999999999999999999", "20"] {
        instanter(&["clocks"]).env("COLUMNS", width).assert().code(0).stderr("");
    }
}
