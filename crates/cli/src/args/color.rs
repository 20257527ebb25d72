//! `--color`, also where the command line is not understood.

use std::ffi::OsString;

use clap::ValueEnum;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }

    /// What the command line says, as far as it can be told before it is
    /// parsed: help and errors come out of the parsing itself.
    pub(crate) fn foretell(args: impl Iterator<Item = OsString>) -> Color {
        let args: Vec<_> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
        let of = |word: &str| Color::from_str(word, false).ok();
        let joined = args.iter().find_map(|arg| of(arg.strip_prefix("--color=")?));
        let apart = || {
            args.windows(2).find(|pair| pair[0] == "--color").and_then(|pair| of(pair[1].as_str()))
        };
        joined.or_else(apart).unwrap_or(Color::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_foretold() {
        let table: &[(&[&str], Color)] = &[
            (&[], Color::Auto),
            (&["--color=never", "now"], Color::Never),
            (&["now", "--color", "always"], Color::Always),
            (&["--color"], Color::Auto),
            (&["--color=pink"], Color::Auto),
        ];
        for (args, want) in table {
            let got = Color::foretell(args.iter().map(OsString::from));
            assert_eq!(got, *want, "foretell({args:?})");
        }
    }
}
