//! The names of the months.

/// The English names of the months, January first.
///
/// ```
/// assert_eq!(instanter_civil::MONTH_NAMES[1], "February");
/// ```
pub const MONTH_NAMES: [&str; 12] = [
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
