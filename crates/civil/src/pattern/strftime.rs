//! Compiling the patterns of `strftime` and `strptime`.

use super::operation::{Case, Field, Operation, Operations, Pad, shape};
use crate::Error;

/// Tries, as `?` does, but in a constant.
macro_rules! attempt {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}
pub(super) use attempt;

pub(super) const fn compile(text: &str) -> Result<Operations<'_>, Error> {
    let bytes = text.as_bytes();
    let mut operations = attempt!(Operations::new(bytes));
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            at = attempt!(conversion(bytes, at, &mut operations));
        } else {
            let field = if is_space(bytes[at]) { Field::Space } else { Field::Literal };
            attempt!(operations.push_literal(field, at));
            at += 1;
        }
    }
    operations.fuse();
    Ok(operations)
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

const fn byte_at(bytes: &[u8], at: usize) -> u8 {
    if at < bytes.len() { bytes[at] } else { 0 }
}

/// Compiles the conversion that begins with the `%` at `start`; returns where it
/// ends.
const fn conversion(
    bytes: &[u8],
    start: usize,
    operations: &mut Operations<'_>,
) -> Result<usize, Error> {
    let mut at = start + 1;
    let mut operation = Operation::new(Field::Literal, start, 0);
    let mut swap = false;
    loop {
        match byte_at(bytes, at) {
            b'-' => operation.pad = Pad::None,
            b'_' => operation.pad = Pad::Spaces,
            b'0' => operation.pad = Pad::Zeros,
            b'^' => operation.case = Case::Upper,
            b'#' => swap = true,
            _ => break,
        }
        at += 1;
    }
    let flagged = at > start + 1;
    let width_at = at;
    let mut width = 0;
    while byte_at(bytes, at).is_ascii_digit() {
        width = width * 10 + (bytes[at] - b'0') as usize;
        if width > 255 {
            return Err(Error::pattern(bytes, width_at, "a width of at most 255"));
        }
        at += 1;
    }
    operation.width = width as u8;

    // A point before f, colons before z.
    if byte_at(bytes, at) == b'.' {
        return fraction(bytes, start, at + 1, operations);
    }
    if byte_at(bytes, at) == b':' || byte_at(bytes, at) == b'z' {
        if flagged || width > 0 {
            return Err(Error::pattern(bytes, start + 1, "an offset without flags and width"));
        }
        return offset(bytes, start, at, operations);
    }

    // The C locale has no other numbers and eras; so these say nothing.
    let modifier = byte_at(bytes, at);
    let modified = matches!(modifier, b'E' | b'O');
    at += modified as usize;
    let letter = byte_at(bytes, at);
    let allowed = match modifier {
        b'E' => matches!(letter, b'c' | b'C' | b'x' | b'X' | b'y' | b'Y'),
        b'O' => matches!(
            letter,
            b'd' | b'e'
                | b'H'
                | b'I'
                | b'm'
                | b'M'
                | b'S'
                | b'u'
                | b'U'
                | b'V'
                | b'w'
                | b'W'
                | b'y'
        ),
        _ => true,
    };
    if !allowed {
        return Err(Error::pattern(bytes, at, "a conversion that E or O goes with"));
    }

    let (field, pad, usual_case) = match letter {
        b'a' => (Field::WeekdayShort, Pad::Usual, Case::Upper),
        b'A' => (Field::WeekdayName, Pad::Usual, Case::Upper),
        b'b' | b'h' => (Field::MonthShort, Pad::Usual, Case::Upper),
        b'B' => (Field::MonthName, Pad::Usual, Case::Upper),
        b'C' => (Field::Century, Pad::Usual, Case::AsIs),
        b'd' => (Field::Day, Pad::Usual, Case::AsIs),
        b'e' => (Field::Day, Pad::Spaces, Case::AsIs),
        b'f' | b'N' => (Field::Nanosecond, Pad::Usual, Case::AsIs),
        b'g' => (Field::IsoYearOfCentury, Pad::Usual, Case::AsIs),
        b'G' => (Field::IsoYear, Pad::Usual, Case::AsIs),
        b'H' => (Field::Hour, Pad::Usual, Case::AsIs),
        b'I' => (Field::Hour12, Pad::Usual, Case::AsIs),
        b'j' => (Field::DayOfYear, Pad::Usual, Case::AsIs),
        b'k' => (Field::Hour, Pad::Spaces, Case::AsIs),
        b'l' => (Field::Hour12, Pad::Spaces, Case::AsIs),
        b'm' => (Field::Month, Pad::Usual, Case::AsIs),
        b'M' => (Field::Minute, Pad::Usual, Case::AsIs),
        b'p' => (Field::HalfDay, Pad::Usual, Case::Lower),
        b'P' => (Field::HalfDay, Pad::Usual, Case::Lower),
        b'q' => (Field::Quarter, Pad::Usual, Case::AsIs),
        b's' => (Field::UnixSecond, Pad::Usual, Case::AsIs),
        b'S' => (Field::Second, Pad::Usual, Case::AsIs),
        b'u' => (Field::WeekdayMondayOne, Pad::Usual, Case::AsIs),
        b'U' => (Field::WeekFromSunday, Pad::Usual, Case::AsIs),
        b'V' => (Field::IsoWeek, Pad::Usual, Case::AsIs),
        b'w' => (Field::WeekdaySundayZero, Pad::Usual, Case::AsIs),
        b'W' => (Field::WeekFromMonday, Pad::Usual, Case::AsIs),
        b'y' => (Field::YearOfCentury, Pad::Usual, Case::AsIs),
        b'Y' => (Field::Year, Pad::Usual, Case::AsIs),
        b'Z' => (Field::ZoneName, Pad::Usual, Case::Lower),
        _ => {
            if flagged && !matches!(operation.pad, Pad::Usual) || width > 0 {
                let what = "a conversion that takes this flag or width";
                return Err(Error::pattern(bytes, at, what));
            }
            let case = operation.case;
            attempt!(shorthand(bytes, start, at, case, operations));
            return Ok(at + 1);
        }
    };
    operation.field = field;
    if matches!(operation.pad, Pad::Usual) {
        operation.pad = pad;
    }
    if matches!(field, Field::Nanosecond) && width > 9 {
        return Err(Error::pattern(bytes, width_at, "at most 9 digits of a fraction"));
    }
    if letter == b'P' {
        operation.case = Case::Lower;
    } else if swap && !matches!(usual_case, Case::AsIs) {
        operation.case = usual_case;
    }
    operation.length = (at + 1 - start) as u16;
    attempt!(operations.push(operation));
    Ok(at + 1)
}

/// `%.f` and `%.3f`; `at` is after the point.
const fn fraction(
    bytes: &[u8],
    start: usize,
    at: usize,
    operations: &mut Operations<'_>,
) -> Result<usize, Error> {
    let digit = byte_at(bytes, at);
    let (field, width, at) = match digit {
        b'1'..=b'9' => (Field::Fraction, digit - b'0', at + 1),
        _ => (Field::FractionAsNeeded, 0, at),
    };
    if byte_at(bytes, at) != b'f' {
        return Err(Error::pattern(bytes, at, "f, or a digit and f, after the point"));
    }
    attempt!(operations.push(Operation::new(field, start, at + 1 - start).wide(width)));
    Ok(at + 1)
}

/// `%z`, `%:z`, `%::z` and `%:::z`; `at` is at the first colon or the z.
const fn offset(
    bytes: &[u8],
    start: usize,
    at: usize,
    operations: &mut Operations<'_>,
) -> Result<usize, Error> {
    let mut end = at;
    while end < at + 3 && byte_at(bytes, end) == b':' {
        end += 1;
    }
    if byte_at(bytes, end) != b'z' {
        return Err(Error::pattern(bytes, end, "z after one to three colons"));
    }
    let width = match end - at {
        0 => shape::MINUTES,
        1 => shape::COLON | shape::MINUTES,
        2 => shape::COLON | shape::MINUTES | shape::SECONDS,
        _ => shape::COLON | shape::AS_NEEDED,
    };
    let operation = Operation::new(Field::Offset, start, end + 1 - start).wide(width);
    attempt!(operations.push(operation));
    Ok(end + 1)
}

/// Adds what a shorthand stands for, or a single character.
const fn shorthand(
    bytes: &[u8],
    start: usize,
    at: usize,
    case: Case,
    operations: &mut Operations<'_>,
) -> Result<(), Error> {
    let parts: &[u8] = match byte_at(bytes, at) {
        b'%' => b"%",
        b'n' => b"\n",
        b't' => b"\t",
        // The fields by letters of their own, each one of `letter_field`.
        b'c' => b"a b e H:M:S Y",
        b'D' | b'x' => b"m/d/y",
        b'F' => b"Y-m-d",
        b'r' => b"I:M:S p",
        b'R' => b"H:M",
        b'T' | b'X' => b"H:M:S",
        b'+' => b"a b e H:M:S Z Y",
        _ => return Err(Error::pattern(bytes, at, "a conversion of strftime")),
    };
    let mut index = 0;
    while index < parts.len() {
        let byte = parts[index];
        let operation = match byte {
            b'a' => Operation::new(Field::WeekdayShort, start, 0),
            b'b' => Operation::new(Field::MonthShort, start, 0),
            b'd' => Operation::new(Field::Day, start, 0),
            b'e' => Operation::new(Field::Day, start, 0).padded(Pad::Spaces),
            b'H' => Operation::new(Field::Hour, start, 0),
            b'I' => Operation::new(Field::Hour12, start, 0),
            b'm' => Operation::new(Field::Month, start, 0),
            b'M' => Operation::new(Field::Minute, start, 0),
            b'p' => Operation::new(Field::HalfDay, start, 0),
            b'S' => Operation::new(Field::Second, start, 0),
            b'y' => Operation::new(Field::YearOfCentury, start, 0),
            b'Y' => Operation::new(Field::Year, start, 0),
            b'Z' => Operation::new(Field::ZoneName, start, 0),
            _ => Operation::character(byte, start),
        };
        attempt!(operations.push(operation.cased(case)));
        index += 1;
    }
    Ok(())
}
