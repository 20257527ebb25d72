//! What a compiled pattern consists of.

use crate::Error;

/// Operations that a pattern can have.
pub(crate) const CAPACITY: usize = 48;

/// What an operation writes or reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Field {
    /// A part of the pattern's own text.
    Literal,
    /// The same, spaces only: reads any number of spaces.
    Space,
    /// One character, in `width`: a part of a shorthand's expansion.
    Character,
    Year,
    Century,
    YearOfCentury,
    IsoYear,
    IsoYearOfCentury,
    IsoWeek,
    WeekFromSunday,
    WeekFromMonday,
    Quarter,
    Month,
    MonthName,
    MonthShort,
    Day,
    DayOfYear,
    WeekdayName,
    WeekdayShort,
    WeekdayMondayOne,
    WeekdaySundayZero,
    Hour,
    Hour12,
    HalfDay,
    Minute,
    Second,
    /// `width` digits of the fraction; 0 for nine.
    Nanosecond,
    /// The same after a point or comma, which is in `case`.
    Fraction,
    /// Point and digits without trailing zeros; nothing if there are none.
    FractionAsNeeded,
    UnixSecond,
    /// In the shape that the bits of `width` tell.
    Offset,
    ZoneName,
}

/// What fills a number or a name up to its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Pad {
    /// As is usual for the field.
    Usual,
    Zeros,
    Spaces,
    None,
}

/// The case of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Case {
    AsIs,
    Upper,
    Lower,
}

/// The shapes of an offset, bits of `width`.
pub(crate) mod shape {
    /// `Z` for zero.
    pub(crate) const ZULU: u8 = 1;
    /// Colons between the parts.
    pub(crate) const COLON: u8 = 2;
    /// Minutes, always.
    pub(crate) const MINUTES: u8 = 4;
    /// Seconds, always.
    pub(crate) const SECONDS: u8 = 8;
    /// Minutes and seconds where they are not zero.
    pub(crate) const AS_NEEDED: u8 = 16;
}

/// Whether this operation and the four after it are one that is often wanted, and
/// quickly written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Fused {
    No,
    /// Year, month and day, with hyphens.
    Date,
    /// Hour, minute and second, with colons.
    Clock,
}

/// One step of writing or reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) field: Field,
    pub(crate) pad: Pad,
    pub(crate) case: Case,
    /// Reads exactly as many digits as it writes.
    pub(crate) exact: bool,
    pub(crate) fused: Fused,
    pub(crate) width: u8,
    /// The fraction's mark, `.` or `,`.
    pub(crate) mark: u8,
    /// Where in the pattern's text it is.
    pub(crate) start: u16,
    pub(crate) length: u16,
}

impl Operation {
    pub(crate) const fn new(field: Field, start: usize, length: usize) -> Operation {
        Operation {
            field,
            pad: Pad::Usual,
            case: Case::AsIs,
            exact: false,
            fused: Fused::No,
            width: 0,
            mark: b'.',
            start: start as u16,
            length: length as u16,
        }
    }

    pub(crate) const fn padded(self, pad: Pad) -> Operation {
        Operation { pad, ..self }
    }

    pub(crate) const fn wide(self, width: u8) -> Operation {
        Operation { width, ..self }
    }

    pub(crate) const fn cased(self, case: Case) -> Operation {
        Operation { case, ..self }
    }

    pub(crate) const fn exact(self) -> Operation {
        Operation { exact: true, ..self }
    }

    pub(crate) const fn marked(self, mark: u8) -> Operation {
        Operation { mark, ..self }
    }

    /// Without flags and width.
    #[inline(always)]
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.pad, Pad::Usual) && matches!(self.case, Case::AsIs) && self.width == 0
    }

    /// The field, if it is of one byte, as the letter it is told by.
    pub(crate) const fn character(byte: u8, start: usize) -> Operation {
        Operation::new(Field::Character, start, 0).wide(byte)
    }
}

/// A list of operations that grows while a pattern is compiled.
pub(crate) struct Operations<'a> {
    text: &'a [u8],
    pub(crate) list: [Operation; CAPACITY],
    pub(crate) length: usize,
}

impl<'a> Operations<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Result<Operations<'a>, Error> {
        if text.len() > u16::MAX as usize {
            return Err(Error::pattern(text, u16::MAX as usize, "at most 65,535 bytes"));
        }
        let list = [Operation::new(Field::Literal, 0, 0); CAPACITY];
        Ok(Operations { text, list, length: 0 })
    }

    pub(crate) const fn push(&mut self, operation: Operation) -> Result<(), Error> {
        if self.length == CAPACITY {
            let what = "the end: a pattern has at most 48 parts";
            return Err(Error::pattern(self.text, operation.start as usize, what));
        }
        self.list[self.length] = operation;
        self.length += 1;
        Ok(())
    }

    /// Adds a byte of the pattern's text, to the last part if that is text, too.
    pub(crate) const fn push_literal(&mut self, field: Field, at: usize) -> Result<(), Error> {
        if self.length > 0 {
            let last = &mut self.list[self.length - 1];
            if last.field as u8 == field as u8 && last.start as usize + last.length as usize == at {
                last.length += 1;
                return Ok(());
            }
        }
        self.push(Operation::new(field, at, 1))
    }

    /// Marks where dates and times begin that are written at once.
    pub(crate) const fn fuse(&mut self) {
        let mut at = 0;
        while at + 5 <= self.length {
            if self.is_run(at, Field::Year, Field::Month, Field::Day, b'-') {
                self.list[at].fused = Fused::Date;
            } else if self.is_run(at, Field::Hour, Field::Minute, Field::Second, b':') {
                self.list[at].fused = Fused::Clock;
            }
            at += 1;
        }
    }

    const fn is_run(&self, at: usize, a: Field, b: Field, c: Field, between: u8) -> bool {
        self.is_field(at, a)
            && self.is_byte(at + 1, between)
            && self.is_field(at + 2, b)
            && self.is_byte(at + 3, between)
            && self.is_field(at + 4, c)
    }

    const fn is_field(&self, at: usize, field: Field) -> bool {
        self.list[at].field as u8 == field as u8 && self.list[at].is_plain()
    }

    const fn is_byte(&self, at: usize, byte: u8) -> bool {
        let operation = &self.list[at];
        match operation.field {
            Field::Character => operation.width == byte,
            Field::Literal => operation.length == 1 && self.text[operation.start as usize] == byte,
            _ => false,
        }
    }
}
