//! The names of days and months in the C locale, which are the calendar's.

use instanter_civil::{MONTH_NAMES, Weekday};

/// From Sunday, as C counts them.
const DAYS: [&str; 7] = {
    let mut days = [""; 7];
    let mut number = 0;
    while number < days.len() {
        days[number] = Weekday::Sunday.plus(number as i64).name();
        number += 1;
    }
    days
};

/// Returns the name of a day of the week, 0 (Sunday) to 6.
pub(crate) fn day(number: i32) -> Option<&'static str> {
    DAYS.get(usize::try_from(number).ok()?).copied()
}

/// Returns the name of a month, 0 to 11.
pub(crate) fn month(number: i32) -> Option<&'static str> {
    MONTH_NAMES.get(usize::try_from(number).ok()?).copied()
}

/// Returns its first three letters.
pub(crate) fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}
