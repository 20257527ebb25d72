//! Reading by a pattern.

use super::fields::Fields;
use super::operation::{Case, Field, Operation, Pad, shape};
use super::{Dialect, Pattern, go_zone, strftime};
use crate::month::MONTH_NAMES;
use crate::text::cursor::Cursor;
use crate::{Date, Error, Offset, Weekday};

/// A text that is being read.
struct Reader<'a> {
    cursor: Cursor<'a>,
    fields: Fields<'a>,
    /// Whether numbers may have spaces before them.
    lenient: bool,
}

pub(super) fn read<'a>(pattern: &Pattern<'_>, text: &'a str) -> Result<Fields<'a>, Error> {
    let mut reader = Reader {
        cursor: Cursor::new(text.as_bytes()),
        fields: Fields::default(),
        lenient: matches!(pattern.dialect, Dialect::Strftime),
    };
    let operations = pattern.operations();
    for (index, operation) in operations.iter().enumerate() {
        let start = reader.cursor.at;
        let agrees = match operation.field {
            Field::Literal => {
                reader.literal(pattern.literal(operation))?;
                true
            }
            Field::Space => {
                reader.skip_space();
                true
            }
            Field::Character if strftime::is_space(operation.width) => {
                reader.skip_space();
                true
            }
            Field::Character => {
                reader.literal(&[operation.width])?;
                true
            }
            _ => reader.field(operation)?,
        };
        if !agrees {
            let what = "what the text says before in other words";
            return Err(Error::conflict_at(text.as_bytes(), start, what));
        }
        // Go reads a fraction after seconds even if the layout has none.
        if operation.field == Field::Second && !reader.lenient {
            let next = operations.get(index + 1).map(|operation| operation.field);
            if !matches!(next, Some(Field::Fraction | Field::FractionAsNeeded)) {
                reader.optional_fraction()?;
            }
        }
    }
    reader.cursor.end()?;
    Ok(reader.fields)
}

/// Keeps a value; false if there is another one already.
fn keep<T: PartialEq + Copy>(slot: &mut Option<T>, value: T) -> bool {
    *slot.get_or_insert(value) == value
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        while self.cursor.peek().is_some_and(strftime::is_space) {
            self.cursor.at += 1;
        }
    }

    /// The text itself. In a Go layout, spaces stand for any number of spaces, but at
    /// least one unless the text is over.
    fn literal(&mut self, literal: &[u8]) -> Result<(), Error> {
        let mut rest = literal;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte == b' ' && !self.lenient {
                if !matches!(self.cursor.peek(), None | Some(b' ')) {
                    return Err(self.cursor.error("a space, as in the layout"));
                }
                while self.cursor.take(b' ') {}
                while let [b' ', after @ ..] = rest {
                    rest = after;
                }
            } else if !self.cursor.take(byte) {
                return Err(self.cursor.error("the pattern's own text"));
            }
        }
        Ok(())
    }

    /// A number of up to so many digits; of exactly as many where the layout says
    /// so. `strptime` skips spaces before each, Go where the layout has them.
    fn number(
        &mut self,
        operation: &Operation,
        digits: usize,
        low: i64,
        high: i64,
        what: &'static str,
    ) -> Result<i64, Error> {
        if self.lenient {
            self.skip_space();
        } else if operation.pad == Pad::Spaces {
            for _ in 1..digits {
                self.cursor.take(b' ');
            }
        }
        if operation.exact && operation.pad != Pad::Spaces {
            return self.cursor.number(digits as u32, low, high, what);
        }
        let mut most = digits.max(usize::from(operation.width).min(18));
        if self.lenient {
            // As the C library: a digit after which no other can follow within
            // the bounds is the last, so that 8 is a day in 8235.
            let mut value = 0;
            let digits = self.cursor.rest().iter().take(most);
            let digits = digits.take_while(|byte| byte.is_ascii_digit());
            let fits = |byte: &&u8| {
                let fits = value * 10 <= high;
                value = value * 10 + i64::from(**byte - b'0');
                fits
            };
            most = digits.take_while(fits).count().max(1);
        }
        self.cursor.number_up_to(most, low, high, what)
    }

    /// A year, in `strptime` with a sign or without. Bounded by the calendar.
    fn year(&mut self, operation: &Operation, what: &'static str) -> Result<i64, Error> {
        if self.lenient {
            self.skip_space();
            if matches!(self.cursor.peek(), Some(b'+' | b'-')) {
                let start = self.cursor.at;
                let negative = self.cursor.take_any(b"+-") == Some(b'-');
                let year = self.cursor.number_up_to(12, 0, Date::MAX.year(), what)?;
                let year = if negative { -year } else { year };
                if year < Date::MIN.year() {
                    return Err(self.cursor.error_at(start, what));
                }
                return Ok(year);
            }
        }
        self.number(operation, 4, 0, Date::MAX.year(), what)
    }

    /// Reads a field and keeps it; false if it was there before and is another now.
    fn field(&mut self, operation: &Operation) -> Result<bool, Error> {
        macro_rules! number {
            ($slot:ident, $digits:expr, $range:expr, $what:expr) => {{
                let (low, high) = (*$range.start(), *$range.end());
                let value = self.number(operation, $digits, low, high, $what)?;
                Ok(keep(&mut self.fields.$slot, value as _))
            }};
        }
        match operation.field {
            Field::Year => {
                let year = self.year(operation, "a year")?;
                Ok(keep(&mut self.fields.year, year))
            }
            Field::IsoYear => {
                let year = self.year(operation, "the year of a week")?;
                Ok(keep(&mut self.fields.iso_year, year))
            }
            Field::Century => number!(century, 2, 0..=99, "a century, two digits"),
            Field::YearOfCentury => {
                number!(year_of_century, 2, 0..=99, "a year of two digits")
            }
            Field::IsoYearOfCentury => {
                number!(iso_year_of_century, 2, 0..=99, "a year of two digits")
            }
            Field::IsoWeek => number!(iso_week, 2, 1..=53, "a week, 01 to 53"),
            Field::WeekFromSunday => number!(week_from_sunday, 2, 0..=53, "a week, 00 to 53"),
            Field::WeekFromMonday => number!(week_from_monday, 2, 0..=53, "a week, 00 to 53"),
            Field::Quarter => number!(quarter, 1, 1..=4, "a quarter, 1 to 4"),
            Field::Month => number!(month, 2, 1..=12, "a month, 01 to 12"),
            Field::Day => number!(day, 2, 1..=31, "a day, 01 to 31"),
            Field::DayOfYear => number!(day_of_year, 3, 1..=366, "a day of the year"),
            Field::Hour => number!(hour, 2, 0..=23, "an hour, 00 to 23"),
            Field::Hour12 => {
                // Go takes 0 for 12.
                let low = i64::from(self.lenient);
                let hour = self.number(operation, 2, low, 12, "an hour, 01 to 12")? as u8;
                Ok(keep(&mut self.fields.hour_12, if hour == 0 { 12 } else { hour }))
            }
            Field::Minute => number!(minute, 2, 0..=59, "a minute, 00 to 59"),
            Field::Second => number!(second, 2, 0..=60, "a second, 00 to 60"),
            Field::MonthName | Field::MonthShort => {
                let index = self.name(operation, &MONTH_NAMES, "a month's name")?;
                Ok(keep(&mut self.fields.month, index as u8 + 1))
            }
            Field::WeekdayName | Field::WeekdayShort => {
                let names = Weekday::ALL.map(Weekday::name);
                let index = self.name(operation, &names, "a weekday's name")?;
                Ok(keep(&mut self.fields.weekday, Weekday::ALL[index]))
            }
            Field::WeekdayMondayOne => {
                let number = self.number(operation, 1, 1, 7, "a weekday, 1 to 7")?;
                let weekday = Weekday::ALL[(number - 1) as usize];
                Ok(keep(&mut self.fields.weekday, weekday))
            }
            Field::WeekdaySundayZero => {
                let number = self.number(operation, 1, 0, 6, "a weekday, 0 to 6")?;
                Ok(keep(&mut self.fields.weekday, Weekday::Sunday.plus(number)))
            }
            Field::HalfDay => self.half_day(operation),
            Field::Nanosecond => {
                let most = if operation.width == 0 { 9 } else { usize::from(operation.width) };
                let digits = self.cursor.count_digits(most).max(1) as u32;
                let value = self.cursor.number(digits, 0, i64::MAX, "digits of a fraction")?;
                let nanosecond = value as u32 * 10u32.pow(9 - digits);
                Ok(keep(&mut self.fields.nanosecond, nanosecond))
            }
            Field::Fraction => {
                if self.cursor.take_any(self.marks()).is_none() {
                    return Err(self.cursor.error("a point and the digits of a fraction"));
                }
                let nanosecond = if operation.exact {
                    let digits = u32::from(operation.width);
                    let what = "as many digits of the fraction as the layout has";
                    self.cursor.number(digits, 0, i64::MAX, what)? as u32 * 10u32.pow(9 - digits)
                } else {
                    self.cursor.fraction()?
                };
                Ok(keep(&mut self.fields.nanosecond, nanosecond))
            }
            Field::FractionAsNeeded => self.optional_fraction(),
            Field::UnixSecond => self.unix_seconds(),
            Field::Offset => {
                let offset = self.offset(operation)?;
                Ok(keep(&mut self.fields.offset, offset))
            }
            _ => self.zone_name(),
        }
    }

    /// What may begin a fraction.
    fn marks(&self) -> &'static [u8] {
        if self.lenient { b"." } else { b".," }
    }

    /// A fraction, if a mark and a digit come next.
    fn optional_fraction(&mut self) -> Result<bool, Error> {
        let [mark, digit, ..] = *self.cursor.rest() else { return Ok(true) };
        if !self.marks().contains(&mark) || !digit.is_ascii_digit() {
            return Ok(true);
        }
        self.cursor.at += 1;
        let nanosecond = self.cursor.fraction()?;
        Ok(keep(&mut self.fields.nanosecond, nanosecond))
    }

    /// A name in full, or its first three letters, small or capital. Go takes only
    /// the one that the layout has.
    fn name(
        &mut self,
        operation: &Operation,
        names: &[&str],
        what: &'static str,
    ) -> Result<usize, Error> {
        let full = matches!(operation.field, Field::MonthName | Field::WeekdayName);
        for length in [usize::MAX, 3] {
            if !self.lenient && full != (length == usize::MAX) {
                continue;
            }
            for (index, name) in names.iter().enumerate() {
                let name = &name.as_bytes()[..name.len().min(length)];
                let text = self.cursor.rest().get(..name.len());
                if text.is_some_and(|text| text.eq_ignore_ascii_case(name)) {
                    self.cursor.at += name.len();
                    return Ok(index);
                }
            }
        }
        Err(self.cursor.error(what))
    }

    fn half_day(&mut self, operation: &Operation) -> Result<bool, Error> {
        let afternoon = match (self.cursor.rest().first_chunk::<2>(), operation.case) {
            (Some(text), _) if self.lenient => {
                match &text.map(|letter| letter.to_ascii_uppercase()) {
                    b"AM" => Some(false),
                    b"PM" => Some(true),
                    _ => None,
                }
            }
            (Some(b"AM"), Case::Upper) | (Some(b"am"), Case::Lower) => Some(false),
            (Some(b"PM"), Case::Upper) | (Some(b"pm"), Case::Lower) => Some(true),
            _ => None,
        };
        let Some(afternoon) = afternoon else { return Err(self.cursor.error("AM or PM")) };
        self.cursor.at += 2;
        Ok(keep(&mut self.fields.afternoon, afternoon))
    }

    fn unix_seconds(&mut self) -> Result<bool, Error> {
        self.skip_space();
        let start = self.cursor.at;
        let negative = self.cursor.take_any(b"+-") == Some(b'-');
        let mut value = 0i64;
        let first = self.cursor.at;
        while let Some(digit) = self.cursor.digit() {
            let digit = i64::from(digit);
            let digit = if negative { -digit } else { digit };
            match value.checked_mul(10).and_then(|value| value.checked_add(digit)) {
                Some(sum) => value = sum,
                None => return Err(self.cursor.error_at(start, "seconds that fit into 64 bits")),
            }
        }
        if self.cursor.at == first {
            return Err(self.cursor.error("seconds since 1970"));
        }
        Ok(keep(&mut self.fields.unix_seconds, value))
    }

    fn offset(&mut self, operation: &Operation) -> Result<Offset, Error> {
        let bits = operation.width;
        let zulu = self.lenient || bits & shape::ZULU != 0;
        if self.lenient {
            self.skip_space();
        }
        if zulu && self.cursor.take(b'Z') {
            return Ok(Offset::UTC);
        }
        let Some(sign) = self.cursor.take_any(b"+-") else {
            return Err(self.cursor.error("an offset with its sign"));
        };
        // Go's bounds include 24 hours and 60 minutes.
        let [hour, sixty] = if self.lenient { [99, 59] } else { [24, 60] };
        let mut size = self.cursor.number(2, 0, hour, "two digits of the offset's hours")? * 3600;
        let mut colon = bits & shape::COLON != 0;
        for (unit, needed) in [(60, bits & shape::MINUTES), (1, bits & shape::SECONDS)] {
            if self.lenient {
                // Whatever is there: with colons or without.
                let at = self.cursor.at;
                let has_colon = self.cursor.take(b':');
                if self.cursor.count_digits(2) < 2 || unit == 1 && has_colon != colon {
                    self.cursor.at = at;
                    break;
                }
                colon = has_colon;
            } else if needed == 0 {
                break;
            } else if colon {
                self.cursor.expect(b':', "a colon in the offset")?;
            }
            size += self.cursor.number(2, 0, sixty, "two digits of the offset")? * unit;
        }
        Offset::from_seconds(if sign == b'-' { -size as i32 } else { size as i32 })
    }

    fn zone_name(&mut self) -> Result<bool, Error> {
        let start = self.cursor.at;
        let length = if self.lenient {
            let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-');
            self.cursor.rest().iter().take_while(of_name).count()
        } else {
            go_zone::length(self.cursor.rest())
        };
        if length == 0 {
            return Err(self.cursor.error("the abbreviation of a time zone"));
        }
        self.cursor.at += length;
        let name = self.cursor.piece(start, self.cursor.at);
        Ok(keep(&mut self.fields.zone, name))
    }
}
