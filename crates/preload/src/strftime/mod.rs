//! `strftime`, of which this does the C locale, and in others what does not depend on
//! the locale.
//!
//! The fields are taken as they are, since a program may pass any numbers: month 13 is
//! printed as `14`, weekday 9 as `?`. So this works on numbers and not on dates.

mod locale;
mod output;

use core::ffi::{CStr, c_char};

use libc::tm;

pub(crate) use locale::Locale;
use output::{Case, Full, Output};

use crate::names;

/// Why no text was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The room is not enough.
    Full,
    /// The locale has its own ways: the C library's function is to be called.
    Elsewhere,
}

impl From<Full> for Stop {
    fn from(_: Full) -> Stop {
        Stop::Full
    }
}

/// What the time zone and the search for a Unix time are asked.
pub(crate) trait Ask {
    /// Does what `tzset` does, and returns `tzname`.
    fn tzname(&mut self) -> [*const c_char; 2];
    /// Does what `mktime` does.
    fn mktime(&mut self, fields: &mut tm) -> i64;
}

/// What `%c`, the longest of the conversions that stand for several, takes at most: five
/// numbers of eleven characters and the rest.
const LONGEST_PARTS: usize = 80;

/// Flags, width and modifier of a conversion.
#[derive(Clone, Copy)]
struct Spec {
    /// `_`, `-` or `0`; 0 if there is none.
    pad: u8,
    width: i32,
    /// `E` or `O`; 0 if there is none.
    modifier: u8,
    upper: bool,
    change_case: bool,
}

impl Spec {
    fn case(self) -> Case {
        if self.upper { Case::Upper } else { Case::AsIs }
    }
}

/// One call of `strftime`.
pub(crate) struct Call<'a, A> {
    pub fields: &'a tm,
    pub locale: Locale,
    pub ask: A,
    /// Whether the locale is C's, and whether its names are, once it has been asked.
    pub is_c: Option<bool>,
    pub has_names_of_c: Option<bool>,
}

impl<A: Ask> Call<'_, A> {
    /// Writes what a format says, and a zero. Returns the length, without the zero.
    ///
    /// # Safety
    /// So many bytes must be writable at `to`, unless it is null; the format must end with
    /// a zero.
    pub(crate) unsafe fn write(
        &mut self,
        to: *mut u8,
        room: usize,
        format: *const c_char,
    ) -> Result<usize, Stop> {
        // SAFETY: the caller says so.
        let mut output = unsafe { Output::new(to, room) };
        // SAFETY: as above.
        unsafe { self.format(&mut output, format)? };
        output.finish();
        Ok(output.length())
    }

    /// Writes what a format says. Its length is not asked for: that takes as long as a
    /// conversion.
    ///
    /// # Safety
    /// The format must end with a zero.
    unsafe fn format(&mut self, output: &mut Output, format: *const c_char) -> Result<(), Stop> {
        let mut at = format.cast::<u8>();
        loop {
            // SAFETY: no byte behind the zero is read: each byte is looked at, and found to
            // be another, before the next.
            unsafe {
                match *at {
                    0 => return Ok(()),
                    b'%' => {
                        let conversion = *at.add(1);
                        let taken = match conversion {
                            b'Y' if goes_on(at, b"-%m-%d") && self.date(output) => 8,
                            b'H' if goes_on(at, b":%M:%S") && self.time_of_day(output) => 8,
                            _ if self.plain(output, conversion) => 2,
                            _ => {
                                let whole = CStr::from_ptr(at.cast()).to_bytes_with_nul();
                                self.conversion(output, whole)?
                            }
                        };
                        at = at.add(taken);
                    }
                    byte => {
                        output.byte(byte)?;
                        at = at.add(1);
                    }
                }
            }
        }
    }

    /// Does `%Y-%m-%d` at once, as [`plain`](Call::plain) does.
    #[inline(always)]
    fn date(&self, output: &mut Output) -> bool {
        let tm { tm_year, tm_mon, tm_mday, .. } = *self.fields;
        output.date(tm_year.wrapping_add(1900), tm_mon.wrapping_add(1), tm_mday)
    }

    /// Does `%H:%M:%S` at once, as [`plain`](Call::plain) does.
    #[inline(always)]
    fn time_of_day(&self, output: &mut Output) -> bool {
        let tm { tm_hour, tm_min, tm_sec, .. } = *self.fields;
        output.time_of_day(tm_hour, tm_min, tm_sec)
    }

    /// Does what most formats consist of, if the numbers are usual ones and there is
    /// room: the short way to what [`convert`](Call::convert) does. Returns whether it
    /// could; nothing is written if not.
    #[inline(always)]
    fn plain(&mut self, output: &mut Output, conversion: u8) -> bool {
        let fields = self.fields;
        let month = fields.tm_mon.wrapping_add(1);
        let pair = match conversion {
            b'Y' => return output.four(fields.tm_year.wrapping_add(1900)),
            b'z' if fields.tm_isdst >= 0 => return output.offset(fields.tm_gmtoff),
            b'a' => return self.has_names_of_c() && output.three(names::day(fields.tm_wday)),
            b'b' | b'h' => {
                return self.has_names_of_c() && output.three(names::month(fields.tm_mon));
            }
            b'Z' => return self.plain_zone(output),
            b'e' => return output.spaced_two(fields.tm_mday),
            b'F' | b'T' | b'R' | b'c' => return self.plain_parts(output, conversion),
            b'j' => return output.three_digits(fields.tm_yday.wrapping_add(1)),
            b'p' => return self.has_names_of_c() && output.short(half(fields.tm_hour)),
            b'm' => month,
            b'd' => fields.tm_mday,
            b'H' => fields.tm_hour,
            b'I' => hour_of_half(fields.tm_hour),
            b'M' => fields.tm_min,
            b'S' => fields.tm_sec,
            b'y' => fields.tm_year.rem_euclid(100),
            _ => return false,
        };
        output.two(pair)
    }

    /// Does what stands for several conversions, as [`plain`](Call::plain) does.
    #[inline(never)]
    fn plain_parts(&mut self, output: &mut Output, conversion: u8) -> bool {
        let done = match conversion {
            b'F' => self.date(output),
            b'T' => self.time_of_day(output),
            b'R' => output.two_and_two(self.fields.tm_hour, b':', self.fields.tm_min),
            _ => self.has_names_of_c() && self.plain_date_and_time(output),
        };
        if done {
            // As glibc does, for which this is a text of its own.
            output.finish();
        }
        done
    }

    /// Does `%c` as [`plain`](Call::plain) does.
    fn plain_date_and_time(&self, output: &mut Output) -> bool {
        let (fields, begin) = (self.fields, output.length());
        // The C library finds out before it begins whether it fits.
        let done = output.has_room(LONGEST_PARTS)
            && output.three(names::day(fields.tm_wday))
            && output.short([b' '])
            && output.three(names::month(fields.tm_mon))
            && output.short([b' '])
            && output.spaced_two(fields.tm_mday)
            && output.short([b' '])
            && self.time_of_day(output)
            && output.short([b' '])
            && output.four(fields.tm_year.wrapping_add(1900));
        if !done {
            output.go_back(begin);
        }
        done
    }

    /// Does `%Z` as [`plain`](Call::plain) does.
    #[inline(always)]
    fn plain_zone(&self, output: &mut Output) -> bool {
        let name = self.fields.tm_zone;
        // SAFETY: a text that ends with a zero, as strftime demands.
        !name.is_null() && unsafe { output.short_text(name.cast()) }
    }

    /// Does one conversion, with whose `%` a format begins. Returns its length.
    #[inline(never)]
    fn conversion(&mut self, output: &mut Output, whole: &[u8]) -> Result<usize, Stop> {
        let mut rest = whole.get(1..).unwrap_or_default();
        let mut spec = Spec { pad: 0, width: -1, modifier: 0, upper: false, change_case: false };
        let plain = |byte: &u8| byte.is_ascii_alphabetic() && !matches!(byte, b'E' | b'O');
        if !rest.first().is_some_and(plain) {
            rest = read_spec(&mut spec, rest);
        }
        // At the end of the format there is its zero, which stays where it is.
        let (&conversion, after) = rest.split_first().unwrap_or((&0, &[]));
        let after = if conversion == 0 { rest } else { after };
        let length = whole.len() - after.len();
        // glibc goes back to the nearest `%`, which in `%E%` is the last.
        let text = if conversion == b'%' { b"%" } else { whole.get(..length).unwrap_or_default() };
        self.convert(output, conversion, spec, text)?;
        Ok(length)
    }

    #[inline]
    fn convert(
        &mut self,
        output: &mut Output,
        conversion: u8,
        spec: Spec,
        text: &[u8],
    ) -> Result<(), Stop> {
        let fields = self.fields;
        let refused = match conversion {
            b'%' | b'a' | b'A' | b'D' | b'F' => spec.modifier != 0,
            b'c' | b'x' | b'X' | b'Y' => spec.modifier == b'O',
            b'b' | b'h' | b'B' | b'd' | b'e' | b'H' | b'I' | b'k' | b'l' | b'j' | b'M' | b'm'
            | b'S' | b'U' | b'V' | b'g' | b'G' | b'W' | b'w' => spec.modifier == b'E',
            _ => false,
        };
        if refused {
            let upper = spec.upper || spec.change_case && matches!(conversion, b'b' | b'h');
            return self.unknown(output, Spec { upper, ..spec }, text);
        }
        let hour_12 = hour_of_half(fields.tm_hour);
        match conversion {
            b'Y' => self.era(spec)?.number(output, spec, 1, fields.tm_year.wrapping_add(1900)),
            b'm' => self.number(output, spec, 2, fields.tm_mon.wrapping_add(1)),
            b'd' => self.number(output, spec, 2, fields.tm_mday),
            b'H' => self.number(output, spec, 2, fields.tm_hour),
            b'M' => self.number(output, spec, 2, fields.tm_min),
            b'S' => self.number(output, spec, 2, fields.tm_sec),
            b'z' => self.offset(output, spec),
            b'Z' => self.zone(output, spec),
            b'a' | b'A' => {
                let name = names::day(fields.tm_wday);
                self.name(output, spec, name, conversion == b'a')
            }
            b'b' | b'h' | b'B' => {
                let name = names::month(fields.tm_mon);
                self.name(output, spec, name, conversion != b'B')
            }
            b'p' | b'P' => self.half(output, conversion, spec),
            b'T' => self.parts(output, spec, c"%H:%M:%S"),
            b'F' => self.parts(output, spec, c"%Y-%m-%d"),
            b'D' => self.parts(output, spec, c"%m/%d/%y"),
            b'R' => self.parts(output, spec, c"%H:%M"),
            b'c' => self.here()?.parts(output, spec, c"%a %b %e %H:%M:%S %Y"),
            b'x' => self.here()?.parts(output, spec, c"%m/%d/%y"),
            b'X' => self.here()?.parts(output, spec, c"%H:%M:%S"),
            b'r' => self.here()?.parts(output, spec, c"%I:%M:%S %p"),
            b'e' => self.spaced(output, spec, fields.tm_mday),
            b'k' => self.spaced(output, spec, fields.tm_hour),
            b'l' => self.spaced(output, spec, hour_12),
            b'I' => self.number(output, spec, 2, hour_12),
            b'j' => self.number(output, spec, 3, fields.tm_yday.wrapping_add(1)),
            b'C' => {
                let year = fields.tm_year.wrapping_add(1900);
                self.era(spec)?.number(output, spec, 1, year.div_euclid(100))
            }
            b'y' => self.era(spec)?.number(output, spec, 2, fields.tm_year.rem_euclid(100)),
            b'u' => {
                let day = fields.tm_wday.wrapping_add(6).wrapping_rem(7);
                self.number(output, spec, 1, day + 1)
            }
            b'w' => self.number(output, spec, 1, fields.tm_wday),
            b'U' => {
                let from_sunday = fields.tm_yday.wrapping_sub(fields.tm_wday);
                self.number(output, spec, 2, from_sunday.wrapping_add(7) / 7)
            }
            b'W' => {
                let weekday = fields.tm_wday.wrapping_add(6).wrapping_rem(7);
                let from_monday = fields.tm_yday.wrapping_sub(weekday);
                self.number(output, spec, 2, from_monday.wrapping_add(7) / 7)
            }
            b'V' | b'g' | b'G' => self.iso_week(output, conversion, spec),
            b's' => {
                // It sets `tzname`: not before it is certain that what follows will not
                // be handed on, to be done from the beginning.
                self.here()?;
                let mut copy = *fields;
                let unix_s = self.ask.mktime(&mut copy);
                Ok(output.digits(unix_s.unsigned_abs(), unix_s < 0, 1, spec.pad, spec.width)?)
            }
            b'n' => Ok(output.text(b"\n", spec.width, spec.pad, Case::AsIs)?),
            b't' => Ok(output.text(b"\t", spec.width, spec.pad, Case::AsIs)?),
            b'%' => Ok(output.text(b"%", spec.width, spec.pad, Case::AsIs)?),
            _ => self.unknown(output, spec, text),
        }
    }

    /// What is not known is printed as it stands.
    #[cold]
    fn unknown(&mut self, output: &mut Output, spec: Spec, text: &[u8]) -> Result<(), Stop> {
        if spec.upper {
            self.here()?;
        }
        Ok(output.text(text, spec.width, spec.pad, spec.case())?)
    }

    /// Whether the locale is C's, which is asked once a call.
    #[inline]
    fn is_c(&mut self) -> bool {
        let locale = self.locale;
        *self.is_c.get_or_insert_with(|| locale.is_c())
    }

    /// Whether the names of days and months are C's, which is asked once a call.
    #[inline]
    fn has_names_of_c(&mut self) -> bool {
        let locale = self.locale;
        *self.has_names_of_c.get_or_insert_with(|| locale.has_names_of_c())
    }

    /// Goes on only if the locale is C's.
    fn here(&mut self) -> Result<&mut Self, Stop> {
        if self.is_c() { Ok(self) } else { Err(Stop::Elsewhere) }
    }

    /// Goes on if no era of the locale is asked for, or it has none.
    #[inline]
    fn era(&mut self, spec: Spec) -> Result<&mut Self, Stop> {
        if spec.modifier == b'E' { self.here() } else { Ok(self) }
    }

    #[inline]
    fn number(
        &mut self,
        output: &mut Output,
        spec: Spec,
        digits: i32,
        value: i32,
    ) -> Result<(), Stop> {
        if spec.modifier == b'O' && value >= 0 {
            self.here()?;
        }
        let (size, digits) = (u64::from(value.unsigned_abs()), digits.max(spec.width));
        Ok(output.digits(size, value < 0, digits, spec.pad, spec.width)?)
    }

    fn spaced(&mut self, output: &mut Output, spec: Spec, value: i32) -> Result<(), Stop> {
        let pad = if matches!(spec.pad, b'0' | b'-') { spec.pad } else { b'_' };
        self.number(output, Spec { pad, ..spec }, 2, value)
    }

    fn name(
        &mut self,
        output: &mut Output,
        spec: Spec,
        name: Option<&'static str>,
        short: bool,
    ) -> Result<(), Stop> {
        self.here()?;
        let name = name.map_or("?", |name| if short { names::short(name) } else { name });
        let case = if spec.upper || spec.change_case { Case::Upper } else { Case::AsIs };
        Ok(output.text(name.as_bytes(), spec.width, spec.pad, case)?)
    }

    fn half(&mut self, output: &mut Output, conversion: u8, spec: Spec) -> Result<(), Stop> {
        self.here()?;
        let half = half(self.fields.tm_hour);
        let lower = conversion == b'P' || spec.change_case;
        let case = if lower { Case::Lower } else { spec.case() };
        Ok(output.text(&half, spec.width, spec.pad, case)?)
    }

    fn constant(&mut self, output: &mut Output, format: &CStr) -> Result<(), Stop> {
        // SAFETY: it ends with a zero.
        unsafe { self.format(output, format.as_ptr()) }
    }

    fn parts(
        &mut self,
        output: &mut Output,
        spec: Spec,
        format: &'static CStr,
    ) -> Result<(), Stop> {
        if spec.width < 0 && !spec.upper {
            // As long as nothing is filled up, part by part is the same, except where
            // the room ends: the C library finds that out before it begins.
            if output.has_room(LONGEST_PARTS) {
                self.constant(output, format)?;
                output.finish();
                return Ok(());
            }
        }
        if spec.upper {
            self.here()?;
        }
        let mut count = Output::counting();
        self.constant(&mut count, format)?;
        output.fill_up(count.length(), spec.width, spec.pad)?;
        let start = output.length();
        self.constant(output, format)?;
        if spec.upper {
            output.raise_letters(start);
        }
        // As glibc does, for which this is a text of its own.
        output.finish();
        Ok(())
    }

    fn offset(&mut self, output: &mut Output, spec: Spec) -> Result<(), Stop> {
        if self.fields.tm_isdst < 0 {
            return Ok(());
        }
        let seconds = self.fields.tm_gmtoff as i32;
        let sign: &[u8] = if seconds < 0 { b"-" } else { b"+" };
        output.text(sign, spec.width, spec.pad, Case::AsIs)?;
        let minutes = (seconds.unsigned_abs() / 60) as i32;
        self.number(output, spec, 4, minutes / 60 * 100 + minutes % 60)
    }

    fn zone(&mut self, output: &mut Output, spec: Spec) -> Result<(), Stop> {
        let fields = self.fields;
        let mut name = fields.tm_zone;
        // SAFETY: null, or a text that ends with a zero, as strftime demands.
        let is_empty = |name: *const c_char| name.is_null() || unsafe { *name } == 0;
        if is_empty(name) && fields.tm_isdst >= 0 {
            let names = self.ask.tzname();
            name = match fields.tm_isdst {
                0 => names[0],
                1 => names[1],
                _ => c"?".as_ptr(),
            };
        }
        let name = if name.is_null() {
            c""
        } else {
            // SAFETY: a text that ends with a zero.
            unsafe { CStr::from_ptr(name) }
        };
        if spec.upper || spec.change_case {
            self.here()?;
        }
        let case = if spec.change_case { Case::Lower } else { spec.case() };
        Ok(output.text(name.to_bytes(), spec.width, spec.pad, case)?)
    }

    fn iso_week(&mut self, output: &mut Output, conversion: u8, spec: Spec) -> Result<(), Stop> {
        let (day, weekday) = (self.fields.tm_yday, self.fields.tm_wday);
        let mut year = self.fields.tm_year.wrapping_add(1900);
        let length = |year: i32| 365 + i32::from(instanter_civil::is_leap_year(i64::from(year)));
        let mut days = days_of_iso_year(day, weekday);
        if days < 0 {
            year = year.wrapping_sub(1);
            days = days_of_iso_year(day.wrapping_add(length(year)), weekday);
        } else {
            let next = days_of_iso_year(day.wrapping_sub(length(year)), weekday);
            if next >= 0 {
                year = year.wrapping_add(1);
                days = next;
            }
        }
        match conversion {
            b'g' => self.number(output, spec, 2, year.rem_euclid(100)),
            b'G' => self.number(output, spec, 1, year),
            _ => self.number(output, spec, 2, (days / 7).wrapping_add(1)),
        }
    }
}

/// Whether a conversion of two bytes is followed by this.
///
/// # Safety
/// A format that ends with a zero, and has the two bytes.
#[inline(always)]
unsafe fn goes_on<const N: usize>(at: *const u8, expected: &[u8; N]) -> bool {
    // SAFETY: no byte behind the zero is read, which none of these is.
    (0..N).all(|index| unsafe { *at.add(2 + index) } == expected[index])
}

/// Returns the hour as `%I` has it: 12, then 1 to 11.
fn hour_of_half(hour: i32) -> i32 {
    match hour {
        0 => 12,
        hour if hour > 12 => hour - 12,
        hour => hour,
    }
}

fn half(hour: i32) -> [u8; 2] {
    if hour > 11 { *b"PM" } else { *b"AM" }
}

/// Days from the Monday of the year's first ISO week to a day of the year; negative if
/// the day is before it.
fn days_of_iso_year(day: i32, weekday: i32) -> i32 {
    // 378, a multiple of 7, keeps what is divided positive for all that can be.
    let from_thursday = day.wrapping_sub(weekday).wrapping_add(4 + 378) % 7;
    day.wrapping_sub(from_thursday).wrapping_add(3)
}

/// Reads flags, width and modifier; returns what follows them.
#[inline(never)]
fn read_spec<'f>(spec: &mut Spec, mut rest: &'f [u8]) -> &'f [u8] {
    while let [flag @ (b'_' | b'-' | b'0' | b'^' | b'#'), after @ ..] = rest {
        match flag {
            b'^' => spec.upper = true,
            b'#' => spec.change_case = true,
            &pad => spec.pad = pad,
        }
        rest = after;
    }
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        let width = spec.width.max(0).saturating_mul(10);
        spec.width = width.saturating_add(i32::from(digit - b'0'));
        rest = after;
    }
    if let [modifier @ (b'E' | b'O'), after @ ..] = rest {
        spec.modifier = *modifier;
        rest = after;
    }
    rest
}
