//! As numbers, for `#[serde(with = …)]`.

use core::fmt;
use core::marker::PhantomData;

use serde_core::de::{Deserializer, Visitor};
use serde_core::ser::{Error as _, Serialize, Serializer};

use crate::{Duration, Time};

/// How a value is a number.
trait Form {
    type Value: Copy;

    /// What is asked for where something else is found.
    const EXPECTING: &'static str;

    fn write<S: Serializer>(value: Self::Value, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Value, D::Error>;
    /// Of a whole number; nothing where it does not fit.
    fn of_integer(number: i128) -> Option<Self::Value>;

    /// Of a fraction, for the forms that have such.
    fn of_float<E: serde_core::de::Error>(
        number: f64,
        visitor: &Number<Self>,
    ) -> Result<Self::Value, E>
    where
        Self: Sized,
    {
        Err(E::invalid_type(serde_core::de::Unexpected::Float(number), visitor))
    }
}

struct Number<F>(PhantomData<F>);

impl<F: Form> Number<F> {
    fn beyond<E: serde_core::de::Error>(self, number: impl fmt::Display) -> E {
        E::custom(format_args!("{number} is out of range: expected {}", F::EXPECTING))
    }
}

impl<F: Form> Visitor<'_> for Number<F> {
    type Value = F::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(F::EXPECTING)
    }

    fn visit_i64<E: serde_core::de::Error>(self, number: i64) -> Result<F::Value, E> {
        self.visit_i128(number.into())
    }

    fn visit_u64<E: serde_core::de::Error>(self, number: u64) -> Result<F::Value, E> {
        self.visit_i128(number.into())
    }

    fn visit_i128<E: serde_core::de::Error>(self, number: i128) -> Result<F::Value, E> {
        F::of_integer(number).ok_or_else(|| self.beyond(number))
    }

    fn visit_u128<E: serde_core::de::Error>(self, number: u128) -> Result<F::Value, E> {
        match i128::try_from(number) {
            Ok(number) => self.visit_i128(number),
            Err(_) => Err(self.beyond(number)),
        }
    }

    fn visit_f64<E: serde_core::de::Error>(self, number: f64) -> Result<F::Value, E> {
        F::of_float(number, &self)
    }
}

/// A number that may be missing.
struct Perhaps<F>(PhantomData<F>);

impl<'de, F: Form> Visitor<'de> for Perhaps<F> {
    type Value = Option<F::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, or nothing", F::EXPECTING)
    }

    fn visit_none<E: serde_core::de::Error>(self) -> Result<Option<F::Value>, E> {
        Ok(None)
    }

    fn visit_unit<E: serde_core::de::Error>(self) -> Result<Option<F::Value>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<F::Value>, D::Error> {
        F::read(from).map(Some)
    }
}

/// What `serialize_some` takes.
struct As<F: Form>(F::Value);

impl<F: Form> Serialize for As<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::write(self.0, serializer)
    }
}

macro_rules! with {
    ($(#[$doc:meta])* $name:ident, $form:ident, $value:ident, $json:literal) => {
        $(#[$doc])*
        pub mod $name {
            use core::marker::PhantomData;
            use serde_core::{Deserializer, Serializer};
            use super::{$form, Form};
            use crate::$value;

            /// Writes the number. `#[serde(with = …)]` calls it.
            ///
            /// # Errors
            /// For a value that has no such number, and those of the format.
            ///
            /// ```
            #[doc = concat!("use instanter::{", stringify!($value), ", serde::", stringify!($name), "};")]
            #[doc = concat!("let value: ", stringify!($value), " = ", stringify!($name),
                "::deserialize(&mut serde_json::Deserializer::from_str(", stringify!($json), "))?;")]
            /// let mut json = Vec::new();
            #[doc = concat!(stringify!($name),
                "::serialize(&value, &mut serde_json::Serializer::new(&mut json))?;")]
            #[doc = concat!("assert_eq!(json, ", stringify!($json), ".as_bytes());")]
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            pub fn serialize<S: Serializer>(value: &$value, serializer: S) -> Result<S::Ok, S::Error> {
                $form::write(*value, serializer)
            }

            /// Reads the number. `#[serde(with = …)]` calls it.
            ///
            /// # Errors
            /// For what is no such number, or out of range; and those of the format.
            ///
            /// ```
            #[doc = concat!("use instanter::serde::", stringify!($name), ";")]
            /// let mut json = serde_json::Deserializer::from_str("\"soon\"");
            #[doc = concat!("let error = ", stringify!($name), "::deserialize(&mut json).unwrap_err();")]
            /// assert!(error.to_string().starts_with("invalid type: string \"soon\", expected"));
            /// ```
            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$value, D::Error> {
                $form::read(deserializer)
            }

            #[doc = concat!("The same for an `Option<", stringify!($value), ">`.")]
            ///
            /// ```
            /// #[derive(serde::Serialize, serde::Deserialize)]
            /// struct Job {
            #[doc = concat!("    #[serde(default, with = \"instanter::serde::", stringify!($name), "::option\")]")]
            #[doc = concat!("    told: Option<instanter::", stringify!($value), ">,")]
            /// }
            #[doc = concat!("let some = format!(r#\"{{\"told\":{}}}\"#, ", stringify!($json), ");")]
            /// for text in [&some, r#"{"told":null}"#] {
            ///     let job: Job = serde_json::from_str(text)?;
            ///     assert_eq!(job.told.is_some(), text == some);
            ///     assert_eq!(serde_json::to_string(&job)?, text);
            /// }
            /// let job: Job = serde_json::from_str("{}")?;
            /// assert!(job.told.is_none());
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            pub mod option {
                use super::*;
                use crate::serde::number::{As, Perhaps};

                /// Writes the number, or that there is none.
                ///
                /// # Errors
                /// As where there is always one.
                pub fn serialize<S: Serializer>(
                    value: &Option<$value>,
                    serializer: S,
                ) -> Result<S::Ok, S::Error> {
                    match value {
                        Some(value) => serializer.serialize_some(&As::<$form>(*value)),
                        None => serializer.serialize_none(),
                    }
                }

                /// Reads the number, if there is one.
                ///
                /// # Errors
                /// As where there is always one.
                pub fn deserialize<'de, D: Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Option<$value>, D::Error> {
                    deserializer.deserialize_option(Perhaps::<$form>(PhantomData))
                }
            }
        }
    };
}

/// A form that is a whole number, of 64 bits in every format.
trait Whole {
    type Value: Copy + fmt::Display;

    /// As a [`Form`]'s.
    const EXPECTING: &'static str;

    /// The number of a value, which may be longer than that.
    fn number(value: Self::Value) -> i128;
    fn of(number: i64) -> Self::Value;
}

impl<W: Whole> Form for W {
    type Value = W::Value;
    const EXPECTING: &'static str = W::EXPECTING;

    fn write<S: Serializer>(value: W::Value, serializer: S) -> Result<S::Ok, S::Error> {
        let beyond = |_| {
            let what = W::EXPECTING;
            S::Error::custom(format_args!("{value} does not fit into {what}, of 64 bits"))
        };
        serializer.serialize_i64(i64::try_from(W::number(value)).map_err(beyond)?)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<W::Value, D::Error> {
        deserializer.deserialize_i64(Number::<W>(PhantomData))
    }

    fn of_integer(number: i128) -> Option<W::Value> {
        i64::try_from(number).ok().map(W::of)
    }
}

with! {
    /// A [`Time`](crate::Time) as seconds since 1970-01-01 00:00:00 UTC, rounded towards the
    /// past. All moments fit.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Event {
    ///     #[serde(with = "instanter::serde::unix_seconds")]
    ///     at: instanter::Time,
    /// }
    /// let event: Event = serde_json::from_str(r#"{"at":1700000000}"#)?;
    /// assert_eq!(event.at.unix_seconds(), 1_700_000_000);
    /// assert_eq!(serde_json::to_string(&event)?, r#"{"at":1700000000}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    unix_seconds, UnixSeconds, Time, "1700000000"
}

struct UnixSeconds;

impl Whole for UnixSeconds {
    type Value = Time;
    const EXPECTING: &'static str = "an integer, seconds since 1970";

    fn number(time: Time) -> i128 {
        time.unix_seconds().into()
    }

    fn of(number: i64) -> Time {
        Time::from_unix_seconds(number)
    }
}

with! {
    /// A [`Time`](crate::Time) as milliseconds since 1970-01-01 00:00:00 UTC, rounded
    /// towards the past; within ±292 million years.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Event {
    ///     #[serde(with = "instanter::serde::unix_millis")]
    ///     at: instanter::Time,
    /// }
    /// let event: Event = serde_json::from_str(r#"{"at":1700000000123}"#)?;
    /// assert_eq!(event.at.unix_seconds(), 1_700_000_000);
    /// assert_eq!(serde_json::to_string(&event)?, r#"{"at":1700000000123}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    unix_millis, UnixMillis, Time, "1700000000123"
}

struct UnixMillis;

impl Whole for UnixMillis {
    type Value = Time;
    const EXPECTING: &'static str = "an integer, milliseconds since 1970";

    fn number(time: Time) -> i128 {
        time.unix_millis()
    }

    fn of(number: i64) -> Time {
        Time::from_unix_millis(number)
    }
}

with! {
    /// A [`Time`](crate::Time) as microseconds since 1970-01-01 00:00:00 UTC, rounded
    /// towards the past; within ±292,000 years.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Event {
    ///     #[serde(with = "instanter::serde::unix_micros")]
    ///     at: instanter::Time,
    /// }
    /// let event: Event = serde_json::from_str(r#"{"at":1700000000123456}"#)?;
    /// assert_eq!(event.at.unix_seconds(), 1_700_000_000);
    /// assert_eq!(serde_json::to_string(&event)?, r#"{"at":1700000000123456}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    unix_micros, UnixMicros, Time, "1700000000123456"
}

struct UnixMicros;

impl Whole for UnixMicros {
    type Value = Time;
    const EXPECTING: &'static str = "an integer, microseconds since 1970";

    fn number(time: Time) -> i128 {
        time.unix_micros()
    }

    fn of(number: i64) -> Time {
        Time::from_unix_micros(number)
    }
}

with! {
    /// A [`Time`](crate::Time) as nanoseconds since 1970-01-01 00:00:00 UTC, exact;
    /// from 1677 to 2262.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Event {
    ///     #[serde(with = "instanter::serde::unix_nanos")]
    ///     at: instanter::Time,
    /// }
    /// let event: Event = serde_json::from_str(r#"{"at":1700000000123456789}"#)?;
    /// assert_eq!(event.at.unix_seconds(), 1_700_000_000);
    /// assert_eq!(serde_json::to_string(&event)?, r#"{"at":1700000000123456789}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    unix_nanos, UnixNanos, Time, "1700000000123456789"
}

struct UnixNanos;

impl Whole for UnixNanos {
    type Value = Time;
    const EXPECTING: &'static str = "an integer, nanoseconds since 1970";

    fn number(time: Time) -> i128 {
        time.unix_nanos()
    }

    fn of(number: i64) -> Time {
        Time::from_unix_nanos(number.into())
    }
}

with! {
    /// A [`Duration`](crate::Duration) as nanoseconds. All lengths fit.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Span {
    ///     #[serde(with = "instanter::serde::nanos")]
    ///     took: instanter::Duration,
    /// }
    /// let span: Span = serde_json::from_str(r#"{"took":-1500}"#)?;
    /// assert_eq!(span.took.to_string(), "-1.5µs");
    /// assert_eq!(serde_json::to_string(&span)?, r#"{"took":-1500}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    nanos, Nanos, Duration, "-1500"
}

struct Nanos;

impl Whole for Nanos {
    type Value = Duration;
    const EXPECTING: &'static str = "an integer, nanoseconds";

    fn number(length: Duration) -> i128 {
        length.as_nanos().into()
    }

    fn of(number: i64) -> Duration {
        Duration::from_nanos(number)
    }
}

with! {
    /// A [`Duration`](crate::Duration) as seconds in floating point, written as the nearest
    /// `f64` and read to the nearest nanosecond: exact up to 97 days, and to 2 µs at the
    /// ends. What is no number, infinite, or beyond ±292 years is an error.
    ///
    /// ```
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Span {
    ///     #[serde(with = "instanter::serde::seconds_f64")]
    ///     took: instanter::Duration,
    /// }
    /// let span: Span = serde_json::from_str(r#"{"took":0.25}"#)?;
    /// assert_eq!(span.took.as_millis(), 250);
    /// assert_eq!(serde_json::to_string(&span)?, r#"{"took":0.25}"#);
    /// let error = serde_json::from_str::<Span>(r#"{"took":1e300}"#).err().unwrap();
    /// assert!(error.to_string().contains("1000000000000"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    seconds_f64, SecondsF64, Duration, "-1.5"
}

struct SecondsF64;

impl Form for SecondsF64 {
    type Value = Duration;
    const EXPECTING: &'static str = "a number, seconds";

    fn write<S: Serializer>(length: Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(length.as_seconds_f64())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        deserializer.deserialize_f64(Number::<Self>(PhantomData))
    }

    fn of_integer(seconds: i128) -> Option<Duration> {
        let nanos = seconds.checked_mul(1_000_000_000)?;
        i64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    fn of_float<E: serde_core::de::Error>(
        seconds: f64,
        _: &Number<SecondsF64>,
    ) -> Result<Duration, E> {
        Duration::from_seconds_f64(seconds).map_err(E::custom)
    }
}
