//! From a value of `TZ` to a zone.
//!
//! What a value means is glibc's to say, so a zone is *proved* before it is used: at
//! some dozens of moments, the edges of its transitions among them, the C library's own
//! `localtime_r` must answer what this answers. Otherwise, and for what is not plain to
//! begin with (leap seconds, summer time without rules, a file that is wrong), the zone
//! is left to the C library.

use core::ffi::{CStr, c_char};
use std::boxed::Box;
use std::ffi::CString;
use std::vec::Vec;

use instanter_zone::Table;
use instanter_zone::posix::PosixTz;

use crate::compiled::{self, Compiled};
use crate::file::{self, Identity, Place};
use crate::variables::{Caller, Variables};
use crate::zone::{Kind, Known, RULES_UNTIL, Rules, Zone};
use crate::{errno, make, next};

const DAY_S: i64 = 86_400;

/// glibc cuts offsets off at a day.
const MOST_OFFSET_S: i32 = 86_400;

/// What a value of `TZ` leads to, before anything is read.
pub(crate) struct Lead {
    key: Option<CString>,
    /// The value without its colon.
    value: CString,
    path: Option<CString>,
    place: Place,
}

impl Lead {
    /// Follows a value of `TZ` to a file, if there is one.
    pub(crate) fn follow(value: Option<&CStr>) -> Lead {
        let key = value.map(CStr::to_owned);
        let value = match value.map(CStr::to_bytes) {
            None => file::DEFAULT.to_bytes(),
            Some(b"") => b"Universal",
            Some([b':', rest @ ..]) => rest,
            Some(value) => value,
        };
        let value = CString::new(value).unwrap_or_default();
        let path = file::path(value.to_bytes());
        let place = path.as_deref().map_or(Place::Nothing, file::look);
        Lead { key, value, path, place }
    }

    /// Returns the file that was found.
    pub(crate) fn identity(&self) -> Option<Identity> {
        match self.place {
            Place::File(identity) => Some(identity),
            _ => None,
        }
    }

    /// Returns the value of `TZ`.
    pub(crate) fn key(&self) -> Option<&CStr> {
        self.key.as_deref()
    }

    /// Returns the zone as one that is left to the C library.
    pub(crate) fn handed_on(self) -> Zone {
        Zone { identity: self.identity(), key: self.key, known: None, on_tzset: None }
    }

    /// Learns the zone. The C library must have read the same value just before.
    pub(crate) fn learn(self) -> Zone {
        let variables = Variables::read();
        // SAFETY: getauxval takes any number.
        let privileged = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
        let learnt = if privileged { None } else { self.read() };
        let known = learnt.and_then(|mut known| prove(&mut known).then_some(known));
        if let Some(moment) = known.as_ref().and_then(|known| known.moment_of(&variables)) {
            variables.set_by(moment, Caller::Shared);
        } else {
            variables.set_by(0, Caller::Reentrant);
        }
        let on_tzset = known.as_ref().and_then(Known::without_file).map(|kind| kind.variables);
        Zone { identity: self.identity(), key: self.key, known, on_tzset }
    }

    fn read(&self) -> Option<Known> {
        match (&self.path, self.place) {
            (Some(path), Place::File(_)) => {
                let bytes = file::read(path)?;
                if bytes.starts_with(b"TZif") {
                    return of_file(&compiled::read(&bytes)?);
                }
            }
            (_, Place::Other) => return None,
            _ => {}
        }
        of_text(self.value.to_bytes())
    }
}

/// Without a file: a POSIX string, or what glibc makes of anything else.
fn of_text(value: &[u8]) -> Option<Known> {
    let kind = |offset_s: i32, is_dst: bool, names: [*const c_char; 2], west_s, daylight| {
        let variables = Variables { names, west_s, daylight };
        Kind { offset_s, is_dst, name: names[usize::from(is_dst)], sets: false, variables }
    };
    if value.is_empty() || value == file::DEFAULT.to_bytes() {
        let names = [c"UTC".as_ptr(); 2];
        return Some(Known::new(kind(0, false, names, 0, 0), [], None));
    }
    // Where nothing can be an offset there is none, and at most a name.
    if !value.iter().any(u8::is_ascii_digit) {
        let names = [forever(leading_name(value))?, c"".as_ptr()];
        return Some(Known::new(kind(0, false, names, 0, 0), [], None));
    }
    let text = core::str::from_utf8(value).ok()?;
    let tz = plain(text)?;
    let west_s = -i64::from(tz.std_offset_s);
    let std = forever(&tz.std_abbreviation)?;
    let Some(dst) = &tz.dst else {
        return Some(Known::new(kind(tz.std_offset_s, false, [std; 2], west_s, 0), [], None));
    };
    let names = [std, forever(&dst.abbreviation)?];
    let daylight = i32::from(dst.offset_s != tz.std_offset_s);
    let kinds = [(tz.std_offset_s, false), (dst.offset_s, true)]
        .map(|(offset_s, is_dst)| kind(offset_s, is_dst, names, west_s, daylight));
    let yearly = Yearly::new(text, kinds)?;
    Some(Known::new(yearly.before_1970(), yearly.transitions(i64::MIN), Some(yearly.rules)))
}

/// The name that a text without digits begins with, as glibc reads it: three letters or
/// more, which may be in angle brackets with signs among them.
fn leading_name(value: &[u8]) -> &str {
    let length = |text: &[u8], belongs: fn(u8) -> bool| {
        text.iter().take_while(|&&byte| belongs(byte)).count()
    };
    let letters = length(value, |byte| byte.is_ascii_alphabetic());
    let name = if letters >= 3 {
        value.get(..letters)
    } else {
        let inside = value.strip_prefix(b"<").unwrap_or_default();
        let count = length(inside, |byte| byte.is_ascii_alphabetic() || b"+-".contains(&byte));
        inside.get(..count).filter(|_| count >= 3 && inside.get(count) == Some(&b'>'))
    };
    name.and_then(|name| core::str::from_utf8(name).ok()).unwrap_or_default()
}

/// Reads a POSIX string that means the same to glibc: offsets within a day, and summer
/// time only with its rules, since glibc takes them from a file otherwise.
fn plain(text: &str) -> Option<PosixTz> {
    let tz = PosixTz::parse(text).ok()?;
    let within = |offset_s: i32| offset_s.abs() <= MOST_OFFSET_S;
    let plain = within(tz.std_offset_s)
        && tz.dst.as_ref().is_none_or(|dst| within(dst.offset_s) && text.contains(','));
    plain.then_some(tz)
}

/// Rules of summer time that come twice in every year, well inside it. glibc goes by the
/// year in UTC, so that others would come out differently.
struct Yearly {
    rules: Rules,
    /// From 1970 to a year after the index of a zone.
    changes: Vec<(i64, bool)>,
}

impl Yearly {
    fn new(text: &str, kinds: [Kind; 2]) -> Option<Yearly> {
        let table = Table::from_posix(text).ok()?;
        let changes: Vec<(i64, bool)> = table
            .transitions(-1)
            .take_while(|change| change.at < RULES_UNTIL)
            .map(|change| (change.at, change.after.is_dst))
            .collect();
        let years = 1970..1970 + changes.len() as i64 / 2;
        let inside = years.zip(changes.chunks(2)).all(|(year, pair)| {
            pair.len() == 2
                && pair.iter().all(|&(at, _)| {
                    let start = year_start(year);
                    (start + 2 * DAY_S..start + 363 * DAY_S).contains(&at)
                })
        });
        let complete = changes.len() > 200 && changes.len().is_multiple_of(2);
        (inside && complete).then_some(Yearly { rules: Rules { table, kinds }, changes })
    }

    fn kind(&self, is_dst: bool) -> Kind {
        let [std, dst] = self.rules.kinds;
        if is_dst { dst } else { std }
    }

    /// For glibc rules begin in 1970. Before, what holds at the beginning of that year
    /// does so always: in the north winter, in the south summer.
    fn before_1970(&self) -> Kind {
        self.kind(self.changes.first().is_some_and(|&(_, to_dst)| !to_dst))
    }

    /// Returns the transitions from a time on, which may itself be one.
    fn transitions(&self, from: i64) -> Vec<(i64, Kind)> {
        let before = self.changes.iter().rev().find(|&&(at, _)| at <= from);
        let first = before.map_or(self.before_1970(), |&(_, is_dst)| self.kind(is_dst));
        let after = self.changes.iter().filter(|&&(at, _)| at > from);
        let after = after.map(|&(at, is_dst)| (at, self.kind(is_dst)));
        core::iter::once((from, first)).chain(after).collect()
    }
}

/// Returns the Unix time at which a year from 1970 to 2101 begins.
fn year_start(year: i64) -> i64 {
    let leap_days = (year - 1969) / 4 - i64::from(year > 2100);
    ((year - 1970) * 365 + leap_days) * DAY_S
}

/// A text that lives as long as the program.
fn forever(text: &str) -> Option<*const c_char> {
    Some(CString::new(text).ok()?.into_raw().cast_const())
}

fn of_file(file: &Compiled) -> Option<Known> {
    let names: &'static [u8] = Box::leak(file.names.clone().into_boxed_slice());
    let name = |kind: &compiled::Type| -> *const c_char {
        // The last byte of the names is a zero, so there is a text anywhere.
        names.get(usize::from(kind.name)..).unwrap_or(b"\0").as_ptr().cast()
    };
    let (west_s, daylight) = west_and_daylight(file)?;
    let types = Types { file, name: &name };
    let of_type = |number: usize, names: [*const c_char; 2]| -> Option<Kind> {
        let kind = file.types.get(number)?;
        Some(Kind {
            offset_s: kind.offset_s,
            is_dst: kind.is_dst,
            name: name(kind),
            sets: true,
            variables: Variables { names, west_s, daylight },
        })
    };
    let (number, pair) = types.before_all()?;
    let first = of_type(number, pair)?;
    let mut transitions: Vec<(i64, Kind)> = Vec::with_capacity(file.transitions.len() + 300);
    for (index, &(at, number)) in file.transitions.iter().enumerate() {
        transitions.push((at, of_type(usize::from(number), types.from(index)?)?));
    }
    // glibc goes by the footer from the last transition on, and so never where there is
    // no transition.
    let Some((last, _)) = transitions.last().copied().filter(|_| !file.footer.is_empty()) else {
        return Some(Known::new(first, transitions, None));
    };
    transitions.pop();
    let text = core::str::from_utf8(&file.footer).ok()?;
    let tz = plain(text)?;
    let std = forever(&tz.std_abbreviation)?;
    let kind = |offset_s: i32, is_dst: bool, name, names, daylight| Kind {
        offset_s,
        is_dst,
        name,
        sets: true,
        variables: Variables { names, west_s: -i64::from(tz.std_offset_s), daylight },
    };
    let Some(dst) = &tz.dst else {
        transitions.push((last, kind(tz.std_offset_s, false, std, [std, std], 0)));
        return Some(Known::new(first, transitions, None));
    };
    let pair = [std, forever(&dst.abbreviation)?];
    let daylight = i32::from(dst.offset_s != tz.std_offset_s);
    let kinds = [
        kind(tz.std_offset_s, false, pair[0], pair, daylight),
        kind(dst.offset_s, true, pair[1], pair, daylight),
    ];
    let yearly = Yearly::new(text, kinds)?;
    transitions.extend(yearly.transitions(last));
    Some(Known::new(first, transitions, Some(yearly.rules)))
}

/// Returns `timezone` and `daylight` of a file: the offset of the last standard time
/// that it changes to, and whether any of the changes is to summer time.
fn west_and_daylight(file: &Compiled) -> Option<(i64, i32)> {
    let Some(_) = file.transitions.last() else {
        return Some((-i64::from(file.types.first()?.offset_s), 0));
    };
    let mut types =
        file.transitions.iter().rev().filter_map(|&(_, kind)| file.types.get(usize::from(kind)));
    let std = types.find(|kind| !kind.is_dst);
    let daylight = file
        .transitions
        .iter()
        .any(|&(_, kind)| file.types.get(usize::from(kind)).is_some_and(|kind| kind.is_dst));
    Some((-i64::from(std.map_or(0, |kind| kind.offset_s)), i32::from(daylight)))
}

/// The pairs of names that glibc puts into `tzname`.
struct Types<'a, F> {
    file: &'a Compiled,
    name: &'a F,
}

impl<F: Fn(&compiled::Type) -> *const c_char> Types<'_, F> {
    /// Before any transition: the first type that is not summer time, or the first; and
    /// the first that is.
    fn before_all(&self) -> Option<(usize, [*const c_char; 2])> {
        let types = &self.file.types;
        let number = types.iter().position(|kind| !kind.is_dst).unwrap_or(0);
        let std = (self.name)(types.get(number)?);
        let dst = types.iter().find(|kind| kind.is_dst).map_or(std, self.name);
        Some((number, [std, dst]))
    }

    /// From a transition on: the name of its type, and for the other kind that of the
    /// next type of that kind that there will be; without one the same name.
    fn from(&self, index: usize) -> Option<[*const c_char; 2]> {
        let mut types = self
            .file
            .transitions
            .get(index..)?
            .iter()
            .filter_map(|&(_, kind)| self.file.types.get(usize::from(kind)));
        let here = types.next()?;
        let other = types.find(|kind| kind.is_dst != here.is_dst).unwrap_or(here);
        let (here_name, other_name) = ((self.name)(here), (self.name)(other));
        Some(if here.is_dst { [other_name, here_name] } else { [here_name, other_name] })
    }
}

/// How often the C library is asked again where another thread may have come between.
const ATTEMPTS: usize = 5;

/// Compares with the C library's answers, and takes over its texts: where the variables
/// hold them already nothing has to be written.
fn prove(known: &mut Known) -> bool {
    let errno = errno::get();
    let proved = known.replace_kinds(|kind, unix_s| {
        (0..ATTEMPTS).find_map(|_| with_texts_of_c_library(kind, unix_s))
    });
    let proved = proved.is_some()
        && known.samples().all(|unix_s| {
            known.kind_at(unix_s).is_some_and(|kind| {
                (0..ATTEMPTS).any(|_| with_texts_of_c_library(kind, unix_s).is_some())
            })
        });
    errno::set(errno);
    proved
}

/// Asks the C library. Returns the same kind with its texts, if the answer is the same.
fn with_texts_of_c_library(kind: &Kind, unix_s: i64) -> Option<Kind> {
    let mut fields = make::empty();
    // SAFETY: reads one time and fills one tm.
    let answer = unsafe { next::localtime_r(&raw const unix_s, &raw mut fields) };
    let Variables { names, west_s, daylight } = Variables::read();
    let same = !answer.is_null()
        && fields.tm_gmtoff == i64::from(kind.offset_s)
        && fields.tm_isdst == i32::from(kind.is_dst)
        && same_text(fields.tm_zone, kind.name)
        && (west_s, daylight) == (kind.variables.west_s, kind.variables.daylight)
        && names.iter().zip(kind.variables.names).all(|(&name, own)| same_text(name, own));
    let variables = Variables { names, west_s, daylight };
    same.then_some(Kind { name: names[usize::from(kind.is_dst)], variables, ..*kind })
}

fn same_text(one: *const c_char, other: *const c_char) -> bool {
    // SAFETY: both end with a zero, and live as long as the program.
    !one.is_null() && !other.is_null() && unsafe { libc::strcmp(one, other) } == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;

    /// A zone that is not proved is handed on, and answers as it should: slowly. That those
    /// that are plain are served here is seen here only.
    #[test]
    fn plain_zones_are_served_here() {
        let zones: [(&CStr, i32); 3] =
            [(c"Europe/Berlin", 3_600), (c"CET-1CEST,M3.5.0,M10.5.0/3", 3_600), (c"UTC0", 0)];
        for (value, winter_s) in zones {
            let file = std::path::Path::new("/usr/share/zoneinfo/Europe/Berlin");
            if value == c"Europe/Berlin" && !file.exists() {
                eprintln!("skipped plain_zones_are_served_here of a file: {file:?} is not there");
                continue;
            }
            // SAFETY: there is no other thread that reads TZ, nor another test that does.
            unsafe {
                libc::setenv(c"TZ".as_ptr(), value.as_ptr(), 1);
                next::tzset();
            }
            let zone = Lead::follow(Some(value)).learn();
            assert!(zone.known.is_some(), "{value:?} is handed on");
            // Clocks went forward on 31 March 2024, at 01:00 UTC.
            let summer_s = if winter_s == 0 { 0 } else { 7_200 };
            for (unix_s, offset_s) in [(1_711_846_799, winter_s), (1_711_846_800, summer_s)] {
                let kind = zone.recent_kind_at(unix_s);
                assert_eq!(kind.map(|kind| kind.offset_s), Some(offset_s), "{value:?} {unix_s}");
            }
        }
    }
}
