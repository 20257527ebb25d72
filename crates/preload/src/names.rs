//! The names of days and months in the C locale.

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns the name of a day of the week, 0 (Sunday) to 6.
pub(crate) fn day(number: i32) -> Option<&'static str> {
    DAYS.get(usize::try_from(number).ok()?).copied()
}

/// Returns the name of a month, 0 to 11.
pub(crate) fn month(number: i32) -> Option<&'static str> {
    MONTHS.get(usize::try_from(number).ok()?).copied()
}

/// Returns its first three letters.
pub(crate) fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}
