//! Where `strftime` writes: a buffer that may be too small, or none, to count.

/// The room is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What becomes of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    AsIs,
    Upper,
    Lower,
}

/// Two digits of each number below 100.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// A buffer. What is written to it is never more than its room less one.
pub(super) struct Output {
    /// Null if nothing is to be written.
    to: *mut u8,
    room: usize,
    length: usize,
}

impl Output {
    /// # Safety
    /// So many bytes must be writable at `to`, unless it is null, for as long as this
    /// is used.
    pub(super) unsafe fn new(to: *mut u8, room: usize) -> Output {
        Output { to, room, length: 0 }
    }

    /// One that only counts.
    pub(super) fn counting() -> Output {
        Output { to: core::ptr::null_mut(), room: usize::MAX, length: 0 }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Whether so many bytes fit, and there are bytes to be written.
    pub(super) fn has_room(&self, count: usize) -> bool {
        !self.to.is_null() && self.room - self.length > count
    }

    /// Writes the zero that ends the text.
    pub(super) fn finish(&mut self) {
        if !self.to.is_null() && self.room != 0 {
            // SAFETY: `length` is less than `room`, or both are 0.
            unsafe { *self.to.add(self.length) = 0 }
        }
    }

    #[inline(always)]
    fn reserve(&mut self, count: usize) -> Result<(), Full> {
        if count >= self.room - self.length { Err(Full) } else { Ok(()) }
    }

    /// Writes a byte. `reserve` must have allowed it.
    #[inline(always)]
    fn push(&mut self, byte: u8) {
        if !self.to.is_null() {
            // SAFETY: `reserve` was asked, so `length` is less than `room`.
            unsafe { *self.to.add(self.length) = byte }
        }
        self.length += 1;
    }

    #[inline(always)]
    fn push_all(&mut self, bytes: &[u8], case: Case) {
        if case == Case::AsIs && !self.to.is_null() {
            // SAFETY: `reserve` was asked for so many.
            unsafe {
                let to = self.to.add(self.length);
                core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
            self.length += bytes.len();
            return;
        }
        for &byte in bytes {
            self.push(match case {
                Case::AsIs => byte,
                Case::Upper => byte.to_ascii_uppercase(),
                Case::Lower => byte.to_ascii_lowercase(),
            });
        }
    }

    fn push_many(&mut self, byte: u8, count: usize) {
        if self.to.is_null() {
            self.length += count;
            return;
        }
        for _ in 0..count {
            self.push(byte);
        }
    }

    /// A byte of the format.
    #[inline(always)]
    pub(super) fn byte(&mut self, byte: u8) -> Result<(), Full> {
        self.reserve(1)?;
        self.push(byte);
        Ok(())
    }

    /// Fills up before something of `length` bytes that is to be `width` wide.
    #[inline]
    pub(super) fn fill_up(&mut self, length: usize, width: i32, pad: u8) -> Result<(), Full> {
        let missing = usize::try_from(width).unwrap_or(0).saturating_sub(length);
        self.reserve(length + missing)?;
        self.push_many(if pad == b'0' { b'0' } else { b' ' }, missing);
        Ok(())
    }

    /// A text, filled up to a width.
    #[inline]
    pub(super) fn text(
        &mut self,
        text: &[u8],
        width: i32,
        pad: u8,
        case: Case,
    ) -> Result<(), Full> {
        self.fill_up(text.len(), width, pad)?;
        self.push_all(text, case);
        Ok(())
    }

    /// Writes some bytes if they fit and there is where to write.
    #[inline(always)]
    pub(super) fn short<const N: usize>(&mut self, bytes: [u8; N]) -> bool {
        let fits = self.has_room(N);
        if fits {
            // SAFETY: so many fit.
            unsafe { self.to.add(self.length).cast::<[u8; N]>().write_unaligned(bytes) };
            self.length += N;
        }
        fits
    }

    /// Takes back what was written from a place on.
    pub(super) fn go_back(&mut self, to: usize) {
        self.length = self.length.min(to);
    }

    /// Writes a text of less than 16 bytes, and of more than none. Returns whether it
    /// could; nothing is written of any other, and where there is hardly room.
    ///
    /// # Safety
    /// The text must end with a zero.
    #[inline(always)]
    pub(super) unsafe fn short_text(&mut self, text: *const u8) -> bool {
        const MOST: usize = 16;
        if !self.has_room(MOST) {
            return false;
        }
        // SAFETY: no byte behind the zero is read.
        let length = (0..MOST).position(|index| unsafe { *text.add(index) } == 0);
        let length = length.unwrap_or(0);
        for index in 0..length {
            // SAFETY: so many fit, and all of them were read before.
            unsafe { *self.to.add(self.length + index) = *text.add(index) };
        }
        self.length += length;
        length != 0
    }

    /// Writes a number below 100 with a space for a leading zero. Returns whether it
    /// could.
    #[inline(always)]
    pub(super) fn spaced_two(&mut self, value: i32) -> bool {
        PAIRS
            .get(value as usize)
            .is_some_and(|&[a, b]| self.short([if a == b'0' { b' ' } else { a }, b]))
    }

    /// Writes two numbers below 100 and a byte between. Returns whether it could.
    #[inline(always)]
    pub(super) fn two_and_two(&mut self, one: i32, between: u8, other: i32) -> bool {
        let (Some(&[a, b]), Some(&[c, d])) = (PAIRS.get(one as usize), PAIRS.get(other as usize))
        else {
            return false;
        };
        self.short([a, b, between, c, d])
    }

    /// Writes a number below 1000 in three digits. Returns whether it could.
    #[inline(always)]
    pub(super) fn three_digits(&mut self, value: i32) -> bool {
        let (value, hundreds) = (value as u32, value as u32 / 100);
        let pair = PAIRS.get((value % 100) as usize);
        match pair {
            Some(&[b, c]) if hundreds < 10 => self.short([b'0' + hundreds as u8, b, c]),
            _ => false,
        }
    }

    /// Writes a number below 100 in two digits. Returns whether it could.
    #[inline(always)]
    pub(super) fn two(&mut self, value: i32) -> bool {
        PAIRS.get(value as usize).is_some_and(|&pair| self.short(pair))
    }

    /// Writes a year of four digits, a month and a day of two as `2024-07-03`. Returns
    /// whether it could.
    #[inline(always)]
    pub(super) fn date(&mut self, year: i32, month: i32, day: i32) -> bool {
        let year = year as u32;
        let (Some(&[a, b]), Some(&[c, d]), Some(&[e, f]), Some(&[g, h])) = (
            PAIRS.get((year / 100) as usize),
            PAIRS.get((year % 100) as usize),
            PAIRS.get(month as usize),
            PAIRS.get(day as usize),
        ) else {
            return false;
        };
        year >= 1_000 && self.short([a, b, c, d, b'-', e, f, b'-', g, h])
    }

    /// Writes three numbers below 100 as `15:04:05`. Returns whether it could.
    #[inline(always)]
    pub(super) fn time_of_day(&mut self, hour: i32, minute: i32, second: i32) -> bool {
        let (Some(&[a, b]), Some(&[c, d]), Some(&[e, f])) =
            (PAIRS.get(hour as usize), PAIRS.get(minute as usize), PAIRS.get(second as usize))
        else {
            return false;
        };
        self.short([a, b, b':', c, d, b':', e, f])
    }

    /// Writes the first three letters of a name. Returns whether it could.
    #[inline(always)]
    pub(super) fn three(&mut self, name: Option<&'static str>) -> bool {
        name.and_then(|name| name.as_bytes().first_chunk())
            .is_some_and(|&text: &[u8; 3]| self.short(text))
    }

    /// Writes a number of four digits. Returns whether it could.
    #[inline(always)]
    pub(super) fn four(&mut self, value: i32) -> bool {
        let value = value as u32;
        let (Some(&[a, b]), Some(&[c, d])) =
            (PAIRS.get((value / 100) as usize), PAIRS.get((value % 100) as usize))
        else {
            return false;
        };
        value >= 1_000 && self.short([a, b, c, d])
    }

    /// Writes an offset of less than 100 hours as a sign and four digits. Returns whether
    /// it could.
    #[inline(always)]
    pub(super) fn offset(&mut self, seconds: i64) -> bool {
        let minutes = (seconds as i32).unsigned_abs() / 60;
        let (Some(&[a, b]), Some(&[c, d])) =
            (PAIRS.get((minutes / 60) as usize), PAIRS.get((minutes % 60) as usize))
        else {
            return false;
        };
        self.short([if (seconds as i32) < 0 { b'-' } else { b'+' }, a, b, c, d])
    }

    /// A number of at least so many digits, of which a minus takes the place of one.
    #[inline]
    pub(super) fn digits(
        &mut self,
        size: u64,
        negative: bool,
        digits: i32,
        pad: u8,
        mut width: i32,
    ) -> Result<(), Full> {
        let mut place = [0; 21];
        let mut start = place.len();
        let mut rest = size;
        loop {
            start -= 1;
            place[start % 21] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if negative {
            start -= 1;
            place[start % 21] = b'-';
        }
        let mut text = place.get(start..).unwrap_or_default();
        let missing = digits - text.len() as i32;
        if pad != b'-' && missing > 0 {
            if pad == b'_' {
                self.reserve(missing as usize)?;
                self.push_many(b' ', missing as usize);
                width = if width > missing { width - missing } else { 0 };
            } else {
                self.reserve(digits as usize)?;
                if let Some((b'-', after)) = text.split_first() {
                    self.push(b'-');
                    text = after;
                }
                self.push_many(b'0', missing as usize);
                width = 0;
            }
        }
        self.text(text, width, pad, Case::AsIs)
    }

    /// Changes what has been written from a place on.
    pub(super) fn raise_letters(&mut self, start: usize) {
        for index in start..self.length {
            if !self.to.is_null() {
                // SAFETY: written before, so within the room.
                unsafe {
                    let byte = self.to.add(index);
                    *byte = (*byte).to_ascii_uppercase();
                }
            }
        }
    }
}
