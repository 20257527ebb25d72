//! `asctime`: `Thu Jan  1 00:00:00 1970` and a new line, whatever the locale.

use libc::tm;

use crate::{errno, names};

/// What the longest text takes: five numbers of eleven characters and the rest.
const LONGEST: usize = 80;

/// What `asctime_r` may write, the zero at the end included.
pub(crate) const ROOM: usize = 26;

/// Room of the buffer that `asctime` and `ctime` share: no text is longer.
pub(crate) const SHARED_ROOM: usize = LONGEST;

struct Text {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Text {
    fn put(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
    }

    /// A number of at least `digits` digits, in at least `width` characters.
    fn number(&mut self, value: i32, digits: usize, width: usize) {
        let mut place = [b'0'; 10];
        let mut rest = value.unsigned_abs();
        let mut start = place.len();
        while rest != 0 || place.len() - start < digits {
            start -= 1;
            if let Some(digit) = place.get_mut(start) {
                *digit = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
        }
        let length = place.len() - start + usize::from(value < 0);
        for _ in length..width {
            self.put(b" ");
        }
        if value < 0 {
            self.put(b"-");
        }
        self.put(place.get(start..).unwrap_or_default());
    }
}

/// Writes the text and a zero into as much room as there is. Returns whether it was
/// enough; if not, `errno` says so, and the beginning of the text has been written, as
/// glibc does it.
///
/// # Safety
/// So many bytes must be writable at `to`; `room` is not 0.
pub(crate) unsafe fn write(fields: &tm, to: *mut u8, room: usize) -> bool {
    if fields.tm_year > i32::MAX - 1900 {
        errno::set(libc::EOVERFLOW);
        return false;
    }
    let mut text = Text { bytes: [0; LONGEST], length: 0 };
    let name = |name: Option<&'static str>| name.map_or("???", names::short).as_bytes();
    text.put(name(names::day(fields.tm_wday)));
    text.put(b" ");
    text.put(name(names::month(fields.tm_mon)));
    text.number(fields.tm_mday, 1, 3);
    for (mark, value) in [(b" ", fields.tm_hour), (b":", fields.tm_min), (b":", fields.tm_sec)] {
        text.put(mark);
        text.number(value, 2, 2);
    }
    text.put(b" ");
    text.number(fields.tm_year.wrapping_add(1900), 1, 1);
    text.put(b"\n");
    let written = text.length.min(room.saturating_sub(1));
    // SAFETY: the caller gives room for this and the zero.
    unsafe {
        core::ptr::copy_nonoverlapping(text.bytes.as_ptr(), to, written);
        *to.add(written) = 0;
    }
    if text.length > written {
        errno::set(libc::EOVERFLOW);
        return false;
    }
    true
}
