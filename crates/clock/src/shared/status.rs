//! What a publisher says of its clock beside the line.

use core::fmt;

use super::file::STATUS_WORDS;
use crate::Leap;

/// Whether a clock is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Its publisher updates it.
    #[default]
    Kept,
    /// Its publisher has ended, and said so.
    Ended,
}

/// A short text: up to 64 bytes of UTF-8.
///
/// ```
/// use instanter_clock::shared::Label;
/// assert_eq!(Label::new("ptp=/dev/ptp0").as_str(), "ptp=/dev/ptp0");
/// assert_eq!(Label::new(&"é".repeat(40)).as_str().chars().count(), 32, "cut");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Label {
    bytes: [u8; 64],
}

impl Label {
    /// Makes one, cut where it is too long.
    #[must_use]
    pub fn new(text: &str) -> Label {
        let mut bytes = [0; 64];
        let length = text.floor_char_boundary(bytes.len());
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Label { bytes }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|&byte| byte == 0).unwrap_or(self.bytes.len());
        // Whatever a file holds, this is text.
        let text = &self.bytes[..length];
        str::from_utf8(text).unwrap_or_else(|error| {
            str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default()
        })
    }
}

impl Default for Label {
    fn default() -> Label {
        Label { bytes: [0; 64] }
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a publisher says of its clock, at its last update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether it is kept.
    pub state: State,
    /// The process that keeps it: filled in by [`Publisher`](super::Publisher).
    pub process: u32,
    /// What it follows, in words.
    pub source: Label,
    /// How often it is updated, in nanoseconds.
    pub tick_ns: u64,
    /// The age of the last update from which on nobody keeps it, in nanoseconds.
    pub stale_after_ns: u64,
    /// How far it was ahead of what it follows, in nanoseconds, when last compared.
    pub ahead_ns: i64,
    /// How far it may have been from what it follows, in nanoseconds, at this update;
    /// `u64::MAX` where nobody knows.
    pub bound_ns: u64,
    /// By how many parts in a thousand million it may part from that bound meanwhile.
    pub drift_ppb: u32,
    /// How far what it follows may itself be from UTC, in nanoseconds; `u64::MAX` where
    /// nobody knows.
    pub source_bound_ns: u64,
    /// Whether what it follows counts as synchronised.
    pub synchronized: bool,
    /// Where a leap second stands.
    pub leap: Leap,
    /// The frequency correction, in units of 2^-16 parts per million.
    pub frequency: i64,
    /// Updates of this publisher.
    pub updates: u64,
    /// Steps of the wall clock by this publisher.
    pub steps: u64,
}

impl Default for Status {
    /// A clock of which nothing is known, updated every 100 ms and stale after a second.
    fn default() -> Status {
        Status {
            state: State::Kept,
            process: 0,
            source: Label::default(),
            tick_ns: 100_000_000,
            stale_after_ns: 1_000_000_000,
            ahead_ns: 0,
            bound_ns: u64::MAX,
            drift_ppb: 0,
            source_bound_ns: u64::MAX,
            synchronized: false,
            leap: Leap::None,
            frequency: 0,
            updates: 0,
            steps: 0,
        }
    }
}

const LEAPS: [Leap; 5] = [Leap::None, Leap::Insert, Leap::Delete, Leap::InProgress, Leap::Occurred];

/// Words before the source's text.
const NUMBERS: usize = 16;

impl Status {
    /// Returns how far the clock may be from what it follows when its last update is so
    /// old, in nanoseconds; `None` where nobody knows.
    ///
    /// ```
    /// use instanter_clock::shared::Status;
    /// let status = Status { bound_ns: 1_000, drift_ppb: 500_000, ..Status::default() };
    /// assert_eq!(status.bound_at(2_000_000_000), Some(1_001_000));
    /// assert_eq!(Status::default().bound_at(0), None);
    /// ```
    #[must_use]
    pub fn bound_at(&self, age_ns: u64) -> Option<u64> {
        if self.bound_ns == u64::MAX {
            return None;
        }
        let drift_ns = u128::from(age_ns) * u128::from(self.drift_ppb) / 1_000_000_000;
        Some(self.bound_ns.saturating_add(u64::try_from(drift_ns).unwrap_or(u64::MAX)))
    }

    pub(super) fn words(&self) -> [u64; STATUS_WORDS] {
        let mut words = [0; STATUS_WORDS];
        let leap = LEAPS.iter().position(|&leap| leap == self.leap).unwrap_or(0);
        let numbers = [
            u64::from(self.state == State::Ended),
            u64::from(self.process),
            self.tick_ns,
            self.stale_after_ns,
            self.ahead_ns as u64,
            self.bound_ns,
            u64::from(self.drift_ppb),
            self.source_bound_ns,
            u64::from(self.synchronized),
            leap as u64,
            self.frequency as u64,
            self.updates,
            self.steps,
        ];
        words[..numbers.len()].copy_from_slice(&numbers);
        for (word, bytes) in words[NUMBERS..].iter_mut().zip(self.source.bytes.as_chunks::<8>().0) {
            *word = u64::from_ne_bytes(*bytes);
        }
        words
    }

    /// Takes whatever words there are: who may write them is trusted, and no number among
    /// them can do more than be wrong.
    pub(super) fn of(words: &[u64; STATUS_WORDS]) -> Status {
        let mut source = Label::default();
        for (word, bytes) in words[NUMBERS..].iter().zip(source.bytes.as_chunks_mut::<8>().0) {
            *bytes = word.to_ne_bytes();
        }
        Status {
            state: if words[0] == 0 { State::Kept } else { State::Ended },
            process: words[1] as u32,
            source,
            tick_ns: words[2],
            stale_after_ns: words[3],
            ahead_ns: words[4] as i64,
            bound_ns: words[5],
            drift_ppb: words[6] as u32,
            source_bound_ns: words[7],
            synchronized: words[8] != 0,
            leap: *LEAPS.get(words[9] as usize).unwrap_or(&Leap::None),
            frequency: words[10] as i64,
            updates: words[11],
            steps: words[12],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let status = Status {
            state: State::Ended,
            process: 4_194_304,
            source: Label::new("a text as long as there is room for, which is sixty-four bytes.."),
            tick_ns: 1,
            stale_after_ns: 2,
            ahead_ns: -3,
            bound_ns: 4,
            drift_ppb: 5,
            source_bound_ns: 6,
            synchronized: true,
            leap: Leap::Occurred,
            frequency: -7,
            updates: 8,
            steps: 9,
        };
        assert_eq!(Status::of(&status.words()), status);
        assert_eq!(Status::of(&Status::default().words()), Status::default());
    }

    #[test]
    fn any_words_are_a_status() {
        for word in [0, 1, u64::MAX, 0x8080_8080_8080_8080, 0x41c3_41c3_41c3_41c3] {
            let status = Status::of(&[word; STATUS_WORDS]);
            let _ = (status.source.as_str(), status.bound_at(u64::MAX));
        }
    }
}
