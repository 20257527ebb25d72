//! What one look at the clocks yields, as a line of a recording.
//!
//! A recording is JSON, one object a line: first a [`Head`], then a [`Sample`] for
//! each look. `JSON.md` describes the fields. Numbers that may pass 2^53 are decimal
//! strings.

use serde::{Deserialize, Serialize};

use crate::doctor::coherence::Matrix;

/// Version of the format. Another one is refused; new fields do not change it.
pub(crate) const FORMAT: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The version of the format, and what tells a recording from other files.
    pub(crate) instanter_watch: u32,
    /// Of the program that recorded.
    pub(crate) version: String,
    /// When it began, in RFC 3339.
    pub(crate) utc: String,
    /// The CPU's name for its counter.
    pub(crate) counter: String,
    /// Seconds between two looks.
    pub(crate) interval_s: f64,
    /// The device whose clock is read too.
    pub(crate) device: Option<String>,
}

/// One look at the clocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) clocks: Clocks,
    /// Nanoseconds within which all clocks were read: zero where one counter value
    /// served them all.
    pub(crate) width_ns: u64,
    /// Changes when time was disturbed; a string.
    #[serde(with = "text")]
    pub(crate) epoch: i64,
    /// Who serves the wall clock: `page`, `vdso` or `syscall`.
    pub(crate) source: String,
    /// What the kernel counts.
    pub(crate) clock_source: Option<String>,
    /// What a reading of the wall clock costs.
    pub(crate) cost_ns: f64,
    /// By how much the kernel is told to steer, in parts per million.
    pub(crate) steered_ppm: Option<f64>,
    /// Whether the kernel counts the wall clock as synchronised.
    pub(crate) synchronized: Option<bool>,
    /// How the CPUs' counters agree, where it was measured anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coherence: Option<Matrix>,
}

/// Nanoseconds that each clock shows; strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clocks {
    #[serde(with = "text")]
    pub(crate) realtime: i64,
    #[serde(with = "text")]
    pub(crate) monotonic: i64,
    #[serde(with = "text")]
    pub(crate) monotonic_raw: i64,
    #[serde(with = "text")]
    pub(crate) boottime: i64,
    #[serde(with = "text")]
    pub(crate) tai: i64,
    /// The device's, if one was named.
    #[serde(with = "maybe_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<i64>,
}

/// One of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Realtime,
    Monotonic,
    Raw,
    Boottime,
    Tai,
    Device,
}

impl Which {
    pub(crate) const ALL: [Which; 6] = {
        use Which::*;
        [Realtime, Monotonic, Raw, Boottime, Tai, Device]
    };

    /// Its word on the command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Which::Realtime => "realtime",
            Which::Monotonic => "monotonic",
            Which::Raw => "raw",
            Which::Boottime => "boottime",
            Which::Tai => "tai",
            Which::Device => "device",
        }
    }

    pub(crate) fn of(self, clocks: &Clocks) -> Option<i64> {
        Some(match self {
            Which::Realtime => clocks.realtime,
            Which::Monotonic => clocks.monotonic,
            Which::Raw => clocks.monotonic_raw,
            Which::Boottime => clocks.boottime,
            Which::Tai => clocks.tai,
            Which::Device => return clocks.device,
        })
    }
}

/// Integers as decimal strings.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a whole number")))
    }
}

/// The same where there may be none.
mod maybe_text {
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => to.collect_str(number),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        super::text::deserialize(from).map(Some)
    }
}
