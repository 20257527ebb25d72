//! Writing by a pattern.

use core::fmt;

use super::Pattern;
use super::operation::{Case, Field, Fused, Operation, Pad, shape};
use crate::month::MONTH_NAMES;
use crate::text::digits;
use crate::text::rfc2822::MONTHS;
use crate::text::rfc3339::significant_digits;
use crate::{DateTime, Error, Offset};

/// Why a text could not be written: a byte, so that a step's result is a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Room,
    Writer,
    UnixSeconds,
}

impl From<Failure> for Error {
    #[cold]
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Room => Error::room("the buffer is shorter than the text"),
            Failure::Writer => Error::room("the writer failed"),
            Failure::UnixSeconds => Error::overflow("the moment in 64-bit seconds"),
        }
    }
}

/// Where a text goes, piece by piece.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure>;

    /// So many bytes, known to the compiler.
    #[inline(always)]
    fn put_array<const N: usize>(&mut self, bytes: &[u8; N]) -> Result<(), Failure> {
        self.put(bytes)
    }
}

/// A caller's buffer.
pub(super) struct Buffer<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) length: usize,
}

impl Sink for Buffer<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.bytes.get_mut(self.length..self.length + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length += bytes.len();
                Ok(())
            }
            None => Err(Failure::Room),
        }
    }

    #[inline(always)]
    fn put_array<const N: usize>(&mut self, bytes: &[u8; N]) -> Result<(), Failure> {
        match self.bytes.get_mut(self.length..).and_then(|rest| rest.first_chunk_mut()) {
            Some(place) => {
                *place = *bytes;
                self.length += N;
                Ok(())
            }
            None => Err(Failure::Room),
        }
    }
}

/// A formatter or a string.
pub(super) struct Formatted<'a, W: ?Sized>(pub(super) &'a mut W);

impl<W: fmt::Write + ?Sized> Sink for Formatted<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // Pieces are ASCII, or parts of the pattern cut at ASCII, or the zone's
        // abbreviation.
        let text = str::from_utf8(bytes).unwrap_or_default();
        self.0.write_str(text).map_err(|_| Failure::Writer)
    }
}

/// What is to be written.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) local: DateTime,
    pub(super) offset: Offset,
    pub(super) zone: Option<&'a str>,
}

#[inline]
pub(super) fn print(
    pattern: &Pattern<'_>,
    moment: &Moment<'_>,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let (date, time) = (moment.local.date(), moment.local.time());
    let mut rest = pattern.operations();
    while let [operation, after @ ..] = rest {
        rest = after;
        match operation.fused {
            Fused::No => {}
            Fused::Date if date.year() as u64 > 9999 => {}
            Fused::Date => {
                let mut text = *b"0000-00-00";
                let year = date.year() as u32;
                let pair = |number: u8| digits::PAIRS[usize::from(number)];
                text[..2].copy_from_slice(&pair((year / 100) as u8));
                text[2..4].copy_from_slice(&pair((year % 100) as u8));
                text[5..7].copy_from_slice(&pair(date.month()));
                text[8..].copy_from_slice(&pair(date.day()));
                sink.put_array(&text)?;
                rest = after.get(4..).unwrap_or_default();
                continue;
            }
            Fused::Clock => {
                let [hour, minute, second] =
                    [time.hour(), time.minute(), time.second()].map(u32::from);
                sink.put_array(&digits::clock(hour, minute, second).to_le_bytes())?;
                rest = after.get(4..).unwrap_or_default();
                continue;
            }
        }
        match operation.field {
            Field::Literal | Field::Space => match pattern.literal(operation) {
                &[byte] => sink.put_array(&[byte])?,
                &[first, second] => sink.put_array(&[first, second])?,
                literal => sink.put(literal)?,
            },
            Field::Character => sink.put_array(&[operation.width])?,
            Field::Month => pair(sink, operation, date.month())?,
            Field::Day => pair(sink, operation, date.day())?,
            Field::Hour => pair(sink, operation, time.hour())?,
            Field::Minute => pair(sink, operation, time.minute())?,
            Field::Second => pair(sink, operation, time.second())?,
            Field::Year if operation.is_plain() && date.year() as u64 <= 9999 => {
                let year = date.year() as u32;
                let [a, b] = digits::PAIRS[(year / 100) as usize];
                let [c, d] = digits::PAIRS[(year % 100) as usize];
                sink.put_array(&[a, b, c, d])?;
            }
            Field::MonthShort if operation.is_plain() => {
                sink.put_array(&MONTH_LETTERS[usize::from(date.month() & 15)])?;
            }
            Field::WeekdayShort if operation.is_plain() => {
                sink.put_array(&WEEKDAY_LETTERS[usize::from(date.weekday().sunday_zero())])?;
            }
            Field::Offset if operation.width == shape::MINUTES => {
                let (hours, minutes, _) = moment.offset.abs_hms();
                let sign = if moment.offset.seconds() < 0 { b'-' } else { b'+' };
                if hours >= 100 {
                    print_rare(operation, moment, sink)?;
                    continue;
                }
                let [a, b] = digits::PAIRS[usize::from(hours)];
                let [c, d] = digits::PAIRS[usize::from(minutes)];
                sink.put_array(&[sign, a, b, c, d])?;
            }
            _ => print_rare(operation, moment, sink)?,
        }
    }
    Ok(())
}

/// The first letters of the months, by their numbers; a byte masked to four bits is
/// an index.
static MONTH_LETTERS: [[u8; 3]; 16] = {
    let mut letters = [[0; 3]; 16];
    let mut month = 0;
    while month < 12 {
        if let Some(name) = MONTHS[month].as_bytes().first_chunk::<3>() {
            letters[month + 1] = *name;
        }
        month += 1;
    }
    letters
};

/// The first letters of the weekdays, from Sunday.
static WEEKDAY_LETTERS: [[u8; 3]; 7] =
    [*b"Sun", *b"Mon", *b"Tue", *b"Wed", *b"Thu", *b"Fri", *b"Sat"];

#[inline(never)]
fn print_rare(
    operation: &Operation,
    moment: &Moment<'_>,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let (date, time) = (moment.local.date(), moment.local.time());
    let of_year = i64::from(date.day_of_year());
    match operation.field {
        Field::Century => number(sink, operation, date.year().div_euclid(100), 2),
        Field::YearOfCentury => number(sink, operation, date.year().rem_euclid(100), 2),
        Field::IsoYear => number(sink, operation, date.iso_week().year(), 4),
        Field::IsoYearOfCentury => {
            number(sink, operation, date.iso_week().year().rem_euclid(100), 2)
        }
        Field::IsoWeek => pair(sink, operation, date.iso_week().week()),
        Field::WeekFromSunday => {
            let weekday = i64::from(date.weekday().sunday_zero());
            number(sink, operation, (of_year + 6 - weekday) / 7, 2)
        }
        Field::WeekFromMonday => {
            let weekday = i64::from(date.weekday().monday_one()) - 1;
            number(sink, operation, (of_year + 6 - weekday) / 7, 2)
        }
        Field::Quarter => number(sink, operation, i64::from(date.quarter()), 1),
        Field::MonthName => name(sink, operation, MONTH_NAMES[usize::from(date.month() - 1)]),
        Field::DayOfYear => number(sink, operation, of_year, 3),
        Field::WeekdayName => name(sink, operation, date.weekday().name()),
        Field::WeekdayMondayOne => {
            number(sink, operation, i64::from(date.weekday().monday_one()), 1)
        }
        Field::WeekdaySundayZero => {
            number(sink, operation, i64::from(date.weekday().sunday_zero()), 1)
        }
        Field::Hour12 => pair(sink, operation, time.hour_12().0),
        Field::HalfDay => name(sink, operation, if time.hour_12().1 { "PM" } else { "AM" }),
        Field::Nanosecond => fraction(sink, b"", time.nanosecond(), usize::from(operation.width)),
        Field::Fraction => {
            fraction(sink, &[operation.mark], time.nanosecond(), usize::from(operation.width))
        }
        Field::FractionAsNeeded => {
            let most = if operation.width == 0 { 9 } else { usize::from(operation.width) };
            let cut = time.nanosecond() / 10u32.pow(9 - most as u32) * 10u32.pow(9 - most as u32);
            match significant_digits(cut) {
                0 => Ok(()),
                count => fraction(sink, &[operation.mark], time.nanosecond(), count),
            }
        }
        Field::UnixSecond => match moment.local.to_unix(moment.offset) {
            Ok((seconds, _)) => number(sink, operation, seconds, 1),
            Err(_) => Err(Failure::UnixSeconds),
        },
        Field::Year => number(sink, operation, date.year(), 4),
        Field::MonthShort => name(sink, operation, MONTHS[usize::from(date.month() - 1)]),
        Field::WeekdayShort => name(sink, operation, date.weekday().short_name()),
        Field::Offset => offset(sink, operation.width, moment.offset),
        _ => match moment.zone {
            Some(zone) => name(sink, operation, zone),
            // As Go does where it knows no name.
            None => offset(sink, shape::MINUTES, moment.offset),
        },
    }
}

/// A number below 100 that usually has two digits.
#[inline(always)]
fn pair(sink: &mut impl Sink, operation: &Operation, value: u8) -> Result<(), Failure> {
    if operation.pad == Pad::Usual && operation.width <= 2 {
        return sink.put_array(&digits::PAIRS[usize::from(value)]);
    }
    number(sink, operation, i64::from(value), 2)
}

/// A number of at least so many digits, or as wide as the pattern says.
fn number(
    sink: &mut impl Sink,
    operation: &Operation,
    value: i64,
    usual: usize,
) -> Result<(), Failure> {
    let mut place = [b'0'; 20];
    let start = digits::decimal(&mut place, value.unsigned_abs());
    let (width, fill) = match operation.pad {
        Pad::None => (usize::from(operation.width), b' '),
        Pad::Spaces => (usual.max(usize::from(operation.width)), b' '),
        _ => (usual.max(usize::from(operation.width)), b'0'),
    };
    let negative = value < 0;
    if !negative && width <= 20 && fill == b'0' {
        return sink.put(&place[start.min(20 - width)..]);
    }
    // The sign counts for the width that a pattern gives, not for the usual one.
    let counted = usize::from(negative && usize::from(operation.width) > usual);
    let missing = width.saturating_sub(20 - start + counted);
    if negative && fill == b'0' {
        sink.put(b"-")?;
    }
    fill_up(sink, fill, missing)?;
    if negative && fill != b'0' {
        sink.put(b"-")?;
    }
    sink.put(&place[start..])
}

fn fill_up(sink: &mut impl Sink, fill: u8, count: usize) -> Result<(), Failure> {
    for _ in 0..count {
        sink.put(&[fill])?;
    }
    Ok(())
}

/// A name, after spaces or zeros up to the pattern's width.
#[inline]
fn name(sink: &mut impl Sink, operation: &Operation, name: &str) -> Result<(), Failure> {
    if operation.case == Case::AsIs && operation.width == 0 {
        return sink.put(name.as_bytes());
    }
    let width = usize::from(operation.width);
    let fill = if operation.pad == Pad::Zeros { b'0' } else { b' ' };
    fill_up(sink, fill, width.saturating_sub(name.len()))?;
    if operation.case == Case::AsIs {
        return sink.put(name.as_bytes());
    }
    // Letters one by one; anything else in whole pieces, so that it stays UTF-8.
    for piece in name.split_inclusive(|letter: char| letter.is_ascii()) {
        let Some((last, before)) = piece.as_bytes().split_last() else { continue };
        if !last.is_ascii() {
            sink.put(piece.as_bytes())?;
            continue;
        }
        if !before.is_empty() {
            sink.put(before)?;
        }
        match operation.case {
            Case::Upper => sink.put(&[last.to_ascii_uppercase()])?,
            _ => sink.put(&[last.to_ascii_lowercase()])?,
        }
    }
    Ok(())
}

/// A mark and so many digits of a fraction; 0 for nine.
fn fraction(
    sink: &mut impl Sink,
    mark: &[u8],
    nanosecond: u32,
    count: usize,
) -> Result<(), Failure> {
    let mut text = [b'0'; 9];
    text[..8].copy_from_slice(&digits::eight(nanosecond / 10).to_le_bytes());
    text[8] += (nanosecond % 10) as u8;
    sink.put(mark)?;
    sink.put(&text[..if count == 0 { 9 } else { count }])
}

fn offset(sink: &mut impl Sink, bits: u8, offset: Offset) -> Result<(), Failure> {
    if bits & shape::ZULU != 0 && offset == Offset::UTC {
        return sink.put(b"Z");
    }
    let (hours, minutes, seconds) = offset.abs_hms();
    let with_seconds = bits & shape::SECONDS != 0 || bits & shape::AS_NEEDED != 0 && seconds != 0;
    let with_minutes = bits & shape::MINUTES != 0
        || bits & shape::AS_NEEDED != 0 && (minutes != 0 || with_seconds);
    let colon: &[u8] = if bits & shape::COLON != 0 { b":" } else { b"" };
    sink.put(if offset.seconds() < 0 { b"-" } else { b"+" })?;
    if hours >= 100 {
        sink.put(b"1")?;
    }
    sink.put(&digits::PAIRS[usize::from(hours % 100)])?;
    if with_minutes {
        sink.put(colon)?;
        sink.put(&digits::PAIRS[usize::from(minutes)])?;
    }
    if with_seconds {
        sink.put(colon)?;
        sink.put(&digits::PAIRS[usize::from(seconds)])?;
    }
    Ok(())
}

/// Anything that takes bytes; what went wrong is kept.
#[cfg(feature = "std")]
pub(super) struct Io<'a, W: ?Sized> {
    pub(super) writer: &'a mut W,
    pub(super) failed: Option<std::io::Error>,
}

#[cfg(feature = "std")]
impl<W: std::io::Write + ?Sized> Sink for Io<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.writer.write_all(bytes).map_err(|error| {
            self.failed = Some(error);
            Failure::Writer
        })
    }
}
