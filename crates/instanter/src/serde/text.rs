//! As text, which is how the types are without `#[serde(with = …)]`.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde_core::de::{Deserialize, Deserializer, Visitor};
use serde_core::ser::{Error as _, Serialize, Serializer};

use crate::{Duration, Error, Time, Zoned};

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.utc().rfc3339().as_str())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Zoned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let zone = self.zone();
        if zone.name().is_none() && zone.table().is_some() {
            let what = "its zone has no name in the tz database";
            return Err(S::Error::custom(format_args!("{self} in {zone}: {what}")));
        }
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let expecting = "a text as in RFC 3339, 2023-11-14T22:13:20Z";
        deserializer.deserialize_str(Text { expecting, of: PhantomData })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let expecting = "a text of a length of time, 1h15m30.5s";
        deserializer.deserialize_str(Text { expecting, of: PhantomData })
    }
}

impl<'de> Deserialize<'de> for Zoned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Zoned, D::Error> {
        let expecting = "a text as in RFC 9557, 2024-07-01T12:00:00+02:00[Europe/Berlin]";
        deserializer.deserialize_str(Text { expecting, of: PhantomData })
    }
}

struct Text<T> {
    expecting: &'static str,
    of: PhantomData<T>,
}

impl<T: FromStr<Err = Error>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
