//! Many at once: an array of moments to arrays of fields, and back.

use instanter::civil::bulk;

use crate::boundary::{Growing, Outcome, answer, get_growing};
use crate::calendar::offset_of;
use crate::status::{Status, Wrong};

/// Arrays for the fields of dates and times, all of the same length.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Set it to sizeof(instanter_columns).
    pub size: usize,
    /// Years.
    pub year: *mut i64,
    /// Months, 1 to 12.
    pub month: *mut u8,
    /// Days of the month, 1 to 31.
    pub day: *mut u8,
    /// Hours, 0 to 23.
    pub hour: *mut u8,
    /// Minutes, 0 to 59.
    pub minute: *mut u8,
    /// Seconds, 0 to 59.
    pub second: *mut u8,
}

// SAFETY: `repr(C)`, the size first, and pointers, of which any are valid.
unsafe impl Growing for Columns {
    const EMPTY: Columns = Columns {
        size: 0,
        year: std::ptr::null_mut(),
        month: std::ptr::null_mut(),
        day: std::ptr::null_mut(),
        hour: std::ptr::null_mut(),
        minute: std::ptr::null_mut(),
        second: std::ptr::null_mut(),
    };
    const FIRST_SIZE: usize = 7 * size_of::<usize>();
}

impl Columns {
    fn check(&self) -> Outcome {
        let bytes = [self.month, self.day, self.hour, self.minute, self.second];
        if self.year.is_null() || bytes.iter().any(|column| column.is_null()) {
            return Err(Status::Null);
        }
        Ok(())
    }
}

/// Values that are copied, worked on and copied back: 2.7 KB, which the first cache keeps;
/// as many as the calendar itself takes at a time.
const BLOCK: usize = 128;

/// What is worked on in between: C's arrays are copied, as they may overlap, and not be
/// set yet.
struct Block {
    seconds: [i64; BLOCK],
    year: [i64; BLOCK],
    month: [u8; BLOCK],
    day: [u8; BLOCK],
    hour: [u8; BLOCK],
    minute: [u8; BLOCK],
    second: [u8; BLOCK],
}

impl Block {
    const fn new() -> Block {
        const BYTES: [u8; BLOCK] = [0; BLOCK];
        Block {
            seconds: [0; BLOCK],
            year: [0; BLOCK],
            month: BYTES,
            day: BYTES,
            hour: BYTES,
            minute: BYTES,
            second: BYTES,
        }
    }

    /// The first `count` values of every column.
    fn columns(&mut self, count: usize) -> (&mut [i64], bulk::Columns<'_>) {
        let columns = bulk::Columns {
            year: &mut self.year[..count],
            month: &mut self.month[..count],
            day: &mut self.day[..count],
            hour: &mut self.hour[..count],
            minute: &mut self.minute[..count],
            second: &mut self.second[..count],
        };
        (&mut self.seconds[..count], columns)
    }
}

/// Copies a part of one of C's arrays into a block.
///
/// # Safety
/// `from` is readable for the elements `start` to `start` plus the length of `to`.
unsafe fn copy_in<T: Copy>(to: &mut [T], from: *const T, start: usize) {
    let bytes = size_of_val(to);
    // SAFETY: the caller's promise; copied as bytes, for the array may be unaligned.
    unsafe { from.add(start).cast::<u8>().copy_to_nonoverlapping(to.as_mut_ptr().cast(), bytes) };
}

/// Copies a block into a part of one of C's arrays.
///
/// # Safety
/// `to` is writable for the elements `start` to `start` plus the length of `from`.
unsafe fn copy_out<T: Copy>(from: &[T], to: *mut T, start: usize) {
    // SAFETY: the caller's promise; copied as bytes, for the array may be unaligned.
    unsafe {
        from.as_ptr().cast::<u8>().copy_to_nonoverlapping(to.add(start).cast(), size_of_val(from));
    }
}

/// Splits `count` moments, in seconds since 1970, into the fields that a calendar and a
/// clock `offset_s` seconds east of UTC show.
///
/// Async-signal-safe.
///
/// # Safety
/// `seconds` is NULL or has `count` numbers; `columns` is NULL or points to an
/// instanter_columns whose `size` is set, and whose pointers are NULL or have room for
/// `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_columns_split(
    seconds: *const i64,
    count: usize,
    offset_s: i32,
    columns: *const Columns,
) -> Status {
    answer(|| {
        let offset = offset_of(offset_s)?;
        // SAFETY: the caller's promise.
        let out = unsafe { get_growing(columns) }?;
        out.check()?;
        if seconds.is_null() {
            return Err(Status::Null);
        }
        let mut block = Block::new();
        for start in (0..count).step_by(BLOCK) {
            let (moments, mut fields) = block.columns(BLOCK.min(count - start));
            // SAFETY: `start` and what follows of the block are below `count`.
            unsafe { copy_in(moments, seconds, start) };
            bulk::split(moments, offset, &mut fields).map_err(|error| error.status())?;
            // SAFETY: as above.
            unsafe {
                copy_out(fields.year, out.year, start);
                copy_out(fields.month, out.month, start);
                copy_out(fields.day, out.day, start);
                copy_out(fields.hour, out.hour, start);
                copy_out(fields.minute, out.minute, start);
                copy_out(fields.second, out.second, start);
            }
        }
        Ok(())
    })
}

/// Joins the fields of `count` dates and times to seconds since 1970.
///
/// Fails with INSTANTER_STATUS_RANGE if some are no date and time; then some of
/// `seconds` may have been written.
///
/// Async-signal-safe.
///
/// # Safety
/// As instanter_columns_split; and `seconds` is NULL or has room for `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_columns_join(
    columns: *const Columns,
    count: usize,
    offset_s: i32,
    seconds: *mut i64,
) -> Status {
    answer(|| {
        let offset = offset_of(offset_s)?;
        // SAFETY: the caller's promise.
        let from = unsafe { get_growing(columns) }?;
        from.check()?;
        if seconds.is_null() {
            return Err(Status::Null);
        }
        let mut block = Block::new();
        for start in (0..count).step_by(BLOCK) {
            let (moments, fields) = block.columns(BLOCK.min(count - start));
            // SAFETY: `start` and what follows of the block are below `count`.
            unsafe {
                copy_in(fields.year, from.year, start);
                copy_in(fields.month, from.month, start);
                copy_in(fields.day, from.day, start);
                copy_in(fields.hour, from.hour, start);
                copy_in(fields.minute, from.minute, start);
                copy_in(fields.second, from.second, start);
            }
            bulk::join(&fields, offset, moments).map_err(|error| error.status())?;
            // SAFETY: as above.
            unsafe { copy_out(moments, seconds, start) };
        }
        Ok(())
    })
}
