//! A TZif file as glibc keeps it: every transition and every type, in the order of the
//! file, because `tzname` depends on that order.
//!
//! Only what is plain is read. A file with leap seconds, or one that is wrong in any
//! way, is left to the C library.

use std::vec::Vec;

/// A local time type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub offset_s: i32,
    pub is_dst: bool,
    /// Where its name begins in [`Compiled::names`].
    pub name: u8,
}

/// The contents of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// When, and the number of the type.
    pub transitions: Vec<(i64, u8)>,
    /// At least one.
    pub types: Vec<Type>,
    /// Names, each with a zero after it; the last byte is a zero.
    pub names: Vec<u8>,
    /// The rules for what comes after the last transition; empty if there are none.
    pub footer: Vec<u8>,
}

struct Counts {
    version: u8,
    isut: usize,
    isstd: usize,
    leap: usize,
    time: usize,
    kind: usize,
    text: usize,
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn counts(&mut self) -> Option<Counts> {
        let header = self.take(44)?;
        if header.get(..4)? != b"TZif" {
            return None;
        }
        let count = |index: usize| -> Option<usize> {
            let bytes = header.get(20 + 4 * index..24 + 4 * index)?;
            let count = u32::from_be_bytes(bytes.try_into().ok()?) as usize;
            // Far more than any file has; so no sum below can overflow.
            (count < 1 << 20).then_some(count)
        };
        Some(Counts {
            version: *header.get(4)?,
            isut: count(0)?,
            isstd: count(1)?,
            leap: count(2)?,
            time: count(3)?,
            kind: count(4)?,
            text: count(5)?,
        })
    }
}

/// Reads a file. `None` for what is not plain.
pub(crate) fn read(bytes: &[u8]) -> Option<Compiled> {
    let mut cursor = Cursor(bytes);
    let mut counts = cursor.counts()?;
    let mut width = 4;
    if counts.version != 0 {
        width = 8;
        let marks = counts.isstd + counts.isut;
        cursor.take(counts.time * 5 + counts.kind * 6 + counts.text + counts.leap * 8 + marks)?;
        counts = cursor.counts()?;
    }
    if counts.leap != 0 || counts.kind == 0 || counts.isstd > counts.kind {
        return None;
    }
    if counts.isut > counts.kind {
        return None;
    }
    let times = cursor.take(counts.time * width)?;
    let indices = cursor.take(counts.time)?;
    let types = cursor.take(counts.kind * 6)?;
    let mut names = cursor.take(counts.text)?.to_vec();
    cursor.take(counts.isstd + counts.isut)?;
    // glibc reads on into what lies behind; names of a file end with a zero.
    if names.last() != Some(&0) {
        return None;
    }
    names.push(0);
    let footer = if width == 8 { footer(cursor.0)? } else { Vec::new() };
    let types: Vec<Type> =
        types.chunks_exact(6).map(|bytes| read_type(bytes, counts.text)).collect::<Option<_>>()?;
    let transitions: Vec<(i64, u8)> = times
        .chunks_exact(width)
        .zip(indices)
        .map(|(time, &index)| {
            (usize::from(index) < types.len()).then_some((big_endian(time), index))
        })
        .collect::<Option<_>>()?;
    let ascending = transitions.is_sorted_by(|one, next| one.0 < next.0);
    ascending.then_some(Compiled { transitions, types, names, footer })
}

fn read_type(bytes: &[u8], text: usize) -> Option<Type> {
    let &[a, b, c, d, is_dst, name] = bytes else { return None };
    let offset_s = i32::from_be_bytes([a, b, c, d]);
    // What a file that means to be read by all may have (RFC 9636), and far within
    // what the calendar takes here.
    let plain = is_dst <= 1 && usize::from(name) < text && (-89_999..=93_599).contains(&offset_s);
    plain.then_some(Type { offset_s, is_dst: is_dst == 1, name })
}

fn footer(rest: &[u8]) -> Option<Vec<u8>> {
    let (&first, rest) = rest.split_first()?;
    let (&last, text) = rest.split_last()?;
    // glibc takes all but the last byte of the file for it.
    (first == b'\n' && last == b'\n' && !text.contains(&b'\n')).then(|| text.to_vec())
}

fn big_endian(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, &byte| value << 8 | i64::from(byte))
}
