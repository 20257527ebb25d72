//! Compiling the layouts of Go's `time` package: the text of a certain moment,
//! Monday 2 January 2006, 15:04:05 MST, in the form that is wanted.

use super::operation::{Case, Field, Operation, Operations, Pad, shape};
use super::strftime::attempt;
use crate::Error;

pub(super) const fn compile(text: &str) -> Result<Operations<'_>, Error> {
    let bytes = text.as_bytes();
    let mut operations = attempt!(Operations::new(bytes));
    let mut at = 0;
    while at < bytes.len() {
        match element(bytes, at) {
            Some(operation) => {
                attempt!(operations.push(operation));
                at += operation.length as usize;
            }
            None => {
                attempt!(operations.push_literal(Field::Literal, at));
                at += 1;
            }
        }
    }
    operations.fuse();
    Ok(operations)
}

const fn byte_at(bytes: &[u8], at: usize) -> u8 {
    if at < bytes.len() { bytes[at] } else { 0 }
}

/// Whether `word` stands at `at`.
const fn stands(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    let mut index = 0;
    while index < word.len() {
        if byte_at(bytes, at + index) != word[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Returns the element that begins at `at`. Which of several that fit is taken is
/// Go's `nextStdChunk`: the longest, but `_2006` is a year after an underscore.
const fn element(bytes: &[u8], at: usize) -> Option<Operation> {
    match bytes[at] {
        b'J' | b'M' => name(bytes, at),
        b'0' => zero(bytes, at),
        b'1' if byte_at(bytes, at + 1) == b'5' => Some(Operation::new(Field::Hour, at, 2)),
        b'1' => Some(Operation::new(Field::Month, at, 1).padded(Pad::None)),
        b'2' if stands(bytes, at, b"2006") => Some(Operation::new(Field::Year, at, 4).exact()),
        b'2' => Some(Operation::new(Field::Day, at, 1).padded(Pad::None)),
        b'_' if stands(bytes, at, b"_2006") => None,
        b'_' if stands(bytes, at, b"_2") => {
            Some(Operation::new(Field::Day, at, 2).padded(Pad::Spaces))
        }
        b'_' if stands(bytes, at, b"__2") => {
            Some(Operation::new(Field::DayOfYear, at, 3).padded(Pad::Spaces).exact())
        }
        b'3' => Some(Operation::new(Field::Hour12, at, 1).padded(Pad::None)),
        b'4' => Some(Operation::new(Field::Minute, at, 1).padded(Pad::None)),
        b'5' => Some(Operation::new(Field::Second, at, 1).padded(Pad::None)),
        b'P' if stands(bytes, at, b"PM") => {
            Some(Operation::new(Field::HalfDay, at, 2).cased(Case::Upper))
        }
        b'p' if stands(bytes, at, b"pm") => {
            Some(Operation::new(Field::HalfDay, at, 2).cased(Case::Lower))
        }
        b'-' => offset(bytes, at, 0),
        b'Z' => offset(bytes, at, shape::ZULU),
        mark @ (b'.' | b',') => fraction(bytes, at, mark),
        _ => None,
    }
}

/// Names, which must not go on with a small letter, as `Mont` does.
const fn name(bytes: &[u8], at: usize) -> Option<Operation> {
    let ends = !byte_at(bytes, at + 3).is_ascii_lowercase();
    let (field, length) = if stands(bytes, at, b"January") {
        (Field::MonthName, 7)
    } else if stands(bytes, at, b"Jan") && ends {
        (Field::MonthShort, 3)
    } else if stands(bytes, at, b"Monday") {
        (Field::WeekdayName, 6)
    } else if stands(bytes, at, b"Mon") && ends {
        (Field::WeekdayShort, 3)
    } else if stands(bytes, at, b"MST") {
        (Field::ZoneName, 3)
    } else {
        return None;
    };
    Some(Operation::new(field, at, length))
}

const fn zero(bytes: &[u8], at: usize) -> Option<Operation> {
    let (field, length) = match byte_at(bytes, at + 1) {
        b'1' => (Field::Month, 2),
        b'2' => (Field::Day, 2),
        b'3' => (Field::Hour12, 2),
        b'4' => (Field::Minute, 2),
        b'5' => (Field::Second, 2),
        b'6' => (Field::YearOfCentury, 2),
        b'0' if byte_at(bytes, at + 2) == b'2' => (Field::DayOfYear, 3),
        _ => return None,
    };
    Some(Operation::new(field, at, length).exact())
}

const fn offset(bytes: &[u8], at: usize, zulu: u8) -> Option<Operation> {
    let (shape, length) = if stands(bytes, at + 1, b"070000") {
        (shape::MINUTES | shape::SECONDS, 7)
    } else if stands(bytes, at + 1, b"07:00:00") {
        (shape::COLON | shape::MINUTES | shape::SECONDS, 9)
    } else if stands(bytes, at + 1, b"0700") {
        (shape::MINUTES, 5)
    } else if stands(bytes, at + 1, b"07:00") {
        (shape::COLON | shape::MINUTES, 6)
    } else if stands(bytes, at + 1, b"07") {
        (0, 3)
    } else {
        return None;
    };
    Some(Operation::new(Field::Offset, at, length).wide(shape | zulu).exact())
}

/// A point or comma and then zeros or nines, which no other digit follows.
const fn fraction(bytes: &[u8], at: usize, mark: u8) -> Option<Operation> {
    let digit = byte_at(bytes, at + 1);
    if !matches!(digit, b'0' | b'9') {
        return None;
    }
    let mut end = at + 1;
    while byte_at(bytes, end) == digit {
        end += 1;
    }
    // Go reads more than nine and writes what it has; nine it is here.
    let digits = if end - at - 1 > 9 { 9 } else { (end - at - 1) as u8 };
    if byte_at(bytes, end).is_ascii_digit() {
        return None;
    }
    let field = if digit == b'0' { Field::Fraction } else { Field::FractionAsNeeded };
    Some(Operation::new(field, at, end - at).wide(digits).marked(mark).exact())
}
