//! The copy of the tz database in the program, if the feature `tzdb` is on.

#[cfg(not(feature = "tzdb"))]
mod disabled;
#[cfg(feature = "tzdb")]
mod enabled;

#[cfg(not(feature = "tzdb"))]
pub(crate) use disabled::{find, names, version};
#[cfg(feature = "tzdb")]
pub(crate) use enabled::{find, names, version};

use alloc::string::String;
use alloc::vec::Vec;

use crate::Table;

/// Returns the version of the copy of the tz database in the program, such as
/// `2025b`; `None` without the feature `tzdb`.
///
/// ```
/// assert_eq!(instanter_zone::embedded_version().is_some(), cfg!(feature = "tzdb"));
/// ```
#[must_use]
pub fn embedded_version() -> Option<&'static str> {
    version()
}

/// Returns the names of the copy of the tz database in the program: none without
/// the feature `tzdb`.
///
/// ```
/// let names = instanter_zone::embedded_names();
/// assert_eq!(names.len() > 500, cfg!(feature = "tzdb"));
/// ```
#[must_use]
pub fn embedded_names() -> Vec<String> {
    names()
}

impl Table {
    /// Makes a table of a zone of the copy of the tz database in the program, by
    /// its name in capital or small letters. This needs no operating system.
    ///
    /// ```
    /// use instanter_zone::Table;
    /// let table = Table::embedded("europe/paris");
    /// assert_eq!(table.is_some(), cfg!(feature = "tzdb"));
    /// ```
    #[must_use]
    pub fn embedded(name: &str) -> Option<Table> {
        Some(Table::new(find(name)?.1))
    }
}
