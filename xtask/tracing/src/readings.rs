//! What the programs print of a clock: a reading between two of the counter.

use std::fmt;

/// `reading NAME before shown after`
pub struct Reading {
    pub clock: String,
    /// The counter, before and after.
    pub before: u64,
    pub after: u64,
    /// Nanoseconds.
    pub shown: i128,
}

impl Reading {
    /// The readings among a program's lines.
    pub fn all(output: &str) -> Result<Vec<Reading>, String> {
        let lines = output.lines().filter_map(|line| line.strip_prefix("reading "));
        let readings: Vec<Reading> = lines
            .map(|line| Reading::parse(line).ok_or_else(|| format!("no reading: {line:?}")))
            .collect::<Result<_, _>>()?;
        if readings.is_empty() { Err(format!("no readings in {output:?}")) } else { Ok(readings) }
    }

    fn parse(line: &str) -> Option<Reading> {
        let mut words = line.split(' ');
        let clock = words.next()?.to_owned();
        let (before, shown) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Reading { clock, before, shown, after: words.next()?.parse().ok()? })
    }

    /// How many ticks it took.
    pub fn width(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { clock, before, shown, after } = self;
        write!(f, "{clock} {shown} ns at ticks {before} to {after}")
    }
}
