//! Reading TZif files.
//!
//! # References
//! [RFC 9636](https://www.rfc-editor.org/rfc/rfc9636), versions 1 to 4.

use alloc::vec::Vec;

use crate::timeline::Timeline;
use crate::{Error, posix_parse};

/// Transitions of a file, at most: a table's numbers have 16 bits. Real files
/// have up to 300.
const MAX_TRANSITIONS: usize = 65_000;

/// 1840, before anyone had summer time.
const EARLIEST_RULES: i64 = -4_102_444_800;

/// Offsets within −24:59:59 and +25:59:59, as RFC 9636 demands of a file that
/// means to be read by all.
const OFFSETS_S: core::ops::RangeInclusive<i32> = -89_999..=93_599;

/// A leap second record: from `at` on, clocks that count leap seconds are
/// `correction` seconds ahead of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leap {
    pub at: i64,
    pub correction: i32,
}

/// A file as it is written: with leap seconds its times count them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tzif {
    pub timeline: Timeline,
    pub leaps: Vec<Leap>,
    /// Where the leap second records are in the file.
    pub leaps_at: usize,
    /// When the table of leap seconds expires (version 4).
    pub expires: Option<i64>,
}

/// Counts of a header.
struct Header {
    version: u8,
    isut: usize,
    isstd: usize,
    leap: usize,
    time: usize,
    kind: usize,
    text: usize,
    /// Where the counts are.
    at: usize,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Reads a file. Takes memory in proportion to what is really there: no count is
/// believed before the bytes that it counts have been seen.
pub(crate) fn read(bytes: &[u8]) -> Result<Tzif, Error> {
    let mut cursor = Cursor { bytes, at: 0 };
    let header = cursor.header()?;
    if header.version == 0 {
        return cursor.block(&header, 4);
    }
    let skip = header.time * 5
        + header.kind * 6
        + header.text
        + header.leap * 8
        + header.isstd
        + header.isut;
    cursor.take(skip, "ends within the data of version 1")?;
    let second = cursor.header()?;
    if second.version != header.version {
        return Err(Error::tzif(second.at - 16, "versions of the two headers differ"));
    }
    let mut tzif = cursor.block(&second, 8)?;
    cursor.footer(&mut tzif.timeline)?;
    Ok(tzif)
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(count);
        let Some(taken) = end.and_then(|end| self.bytes.get(self.at..end)) else {
            return Err(Error::tzif(self.bytes.len(), what));
        };
        self.at += count;
        Ok(taken)
    }

    fn header(&mut self) -> Result<Header, Error> {
        let start = self.at;
        let ends = "ends within a header";
        if self.take(4, "ends before a header")? != b"TZif" {
            return Err(Error::tzif(start, "no header: expected TZif"));
        }
        let version = match self.take(1, ends)? {
            [0] => 0,
            // What is newer than version 4 is to be read as if it were that.
            [version @ b'2'..=b'9'] => version - b'0',
            _ => return Err(Error::tzif(start + 4, "version is not 0 or 2 to 9")),
        };
        self.take(15, ends)?;
        let at = self.at;
        let mut counts = [0; 6];
        for (count, bytes) in counts.iter_mut().zip(self.take(24, ends)?.as_chunks::<4>().0) {
            *count = u32::from_be_bytes(*bytes) as usize;
        }
        let [isut, isstd, leap, time, kind, text] = counts;
        // Each is the number of bytes that must follow, or more; so this cannot
        // refuse a true one, and their sums cannot overflow.
        if counts.iter().any(|&count| count > self.bytes.len()) {
            return Err(Error::tzif(at, "counts of more than the file holds"));
        }
        Ok(Header { version, isut, isstd, leap, time, kind, text, at })
    }

    fn block(&mut self, header: &Header, width: usize) -> Result<Tzif, Error> {
        let counts = header.at;
        if header.kind == 0 || header.kind > 256 {
            return Err(Error::tzif(counts + 16, "number of local time types is not 1 to 256"));
        }
        if header.text == 0 {
            return Err(Error::tzif(counts + 20, "no abbreviations"));
        }
        if header.time > MAX_TRANSITIONS {
            return Err(Error::tzif(counts + 12, "more than 65000 transitions"));
        }
        if header.isut != 0 && header.isut != header.kind {
            return Err(Error::tzif(
                counts,
                "number of UT indicators is neither 0 nor that of types",
            ));
        }
        if header.isstd != 0 && header.isstd != header.kind {
            let what = "number of standard indicators is neither 0 nor that of types";
            return Err(Error::tzif(counts + 4, what));
        }
        let times_at = self.at;
        let times = self.take(header.time * width, "ends within the transition times")?;
        let indices_at = self.at;
        let indices = self.take(header.time, "ends within the transition types")?;
        let kinds_at = self.at;
        let kinds = self.take(header.kind * 6, "ends within the local time types")?;
        let text = self.take(header.text, "ends within the abbreviations")?;
        let leaps_at = self.at;
        let leaps = self.take(header.leap * (width + 4), "ends within the leap seconds")?;
        let marks_at = self.at;
        let marks = self.take(header.isstd + header.isut, "ends within the indicators")?;
        if let Some(bad) = marks.iter().position(|&mark| mark > 1) {
            return Err(Error::tzif(marks_at + bad, "indicator is not 0 or 1"));
        }

        let mut timeline = Timeline::default();
        let numbers = read_kinds(&mut timeline, kinds, kinds_at, text)?;
        let mut last = None;
        for (index, (time, &kind)) in times.chunks_exact(width).zip(indices).enumerate() {
            let at = big_endian(time);
            if last.is_some_and(|last| at <= last) {
                let what = "transition is not after the one before";
                return Err(Error::tzif(times_at + index * width, what));
            }
            last = Some(at);
            let Some(&kind) = numbers.get(usize::from(kind)) else {
                return Err(Error::tzif(indices_at + index, "no local time type of that number"));
            };
            timeline.transitions.push((at, kind));
        }
        let (leaps, expires) = read_leaps(leaps, leaps_at, width, header.version)?;
        Ok(Tzif { timeline, leaps, leaps_at, expires })
    }

    fn footer(&mut self, timeline: &mut Timeline) -> Result<(), Error> {
        if self.take(1, "ends before the footer")? != b"\n" {
            return Err(Error::tzif(self.at - 1, "footer does not begin with a new line"));
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            return Err(Error::tzif(self.bytes.len(), "ends within the footer"));
        };
        let text = self.take(length, "ends within the footer")?;
        if !text.is_empty() {
            let tz = posix_parse::parse(text).map_err(|error| {
                let at = error.byte_offset().unwrap_or(0);
                Error::tzif(self.at - length + at, "footer is not a TZ string")
            })?;
            // They are written out from the last transition on, so this bounds the
            // memory that they take.
            let last = timeline.transitions.last();
            if tz.dst.is_some() && last.is_some_and(|&(at, _)| at < EARLIEST_RULES) {
                let what = "footer's rules begin before 1840, as those of no zone do";
                return Err(Error::tzif(self.at - length, what));
            }
            timeline.footer = Some(tz);
        }
        Ok(())
    }
}

/// Reads the local time types into a timeline, and returns its number of each:
/// those that are the same get one.
fn read_kinds(
    timeline: &mut Timeline,
    kinds: &[u8],
    kinds_at: usize,
    text: &[u8],
) -> Result<Vec<u16>, Error> {
    let mut numbers = Vec::with_capacity(kinds.len() / 6);
    for (index, kind) in kinds.as_chunks::<6>().0.iter().enumerate() {
        let at = kinds_at + index * 6;
        let [a, b, c, d, is_dst, start] = *kind;
        let offset_s = i32::from_be_bytes([a, b, c, d]);
        if !OFFSETS_S.contains(&offset_s) {
            return Err(Error::tzif(at, "offset is not within -24:59:59 and +25:59:59"));
        }
        if is_dst > 1 {
            return Err(Error::tzif(at + 4, "summer time indicator is not 0 or 1"));
        }
        let rest = text.get(usize::from(start)..).unwrap_or_default();
        let Some(length) = rest.iter().position(|&byte| byte == 0) else {
            return Err(Error::tzif(at + 5, "abbreviation begins or ends outside the text"));
        };
        let abbreviation = rest.get(..length).unwrap_or_default();
        let plain = abbreviation.iter().all(u8::is_ascii_graphic);
        let Some(abbreviation) = core::str::from_utf8(abbreviation).ok().filter(|_| plain) else {
            return Err(Error::tzif(at + 5, "abbreviation has other than printable ASCII"));
        };
        numbers.push(timeline.kind(offset_s, is_dst == 1, abbreviation));
    }
    Ok(numbers)
}

fn read_leaps(
    records: &[u8],
    records_at: usize,
    width: usize,
    version: u8,
) -> Result<(Vec<Leap>, Option<i64>), Error> {
    let mut leaps: Vec<Leap> = Vec::new();
    for (index, record) in records.chunks_exact(width + 4).enumerate() {
        let at = records_at + index * (width + 4);
        let (time, correction) = record.split_at(width);
        let leap = Leap { at: big_endian(time), correction: big_endian(correction) as i32 };
        let before = leaps.last();
        // 28 days less a second is the least that RFC 9636 lets them be apart.
        let apart = before.is_none_or(|before| leap.at.saturating_sub(before.at) >= 2_419_199);
        if !apart || leap.at < 0 {
            return Err(Error::tzif(at, "leap second is not 28 days after the one before"));
        }
        match before {
            Some(before) if leap.correction == before.correction && version >= 4 => {
                if (index + 1) * (width + 4) != records.len() {
                    return Err(Error::tzif(at + width, "leap seconds go on after they expired"));
                }
                return Ok((leaps, Some(leap.at)));
            }
            None if version >= 4 => {}
            before => {
                let step = leap.correction.checked_sub(before.map_or(0, |leap| leap.correction));
                if !matches!(step, Some(1 | -1)) {
                    return Err(Error::tzif(at + width, "leap second is not one second"));
                }
            }
        }
        leaps.push(leap);
    }
    Ok((leaps, None))
}

fn big_endian(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, &byte| value << 8 | i64::from(byte))
}
