//! What went wrong last in this thread, in words.
//!
//! Kept in cells: a handler that interrupts a function here and fails itself leaves a
//! message of two halves, where a lock or a `RefCell` would leave a thread that waits for
//! itself or a panic. There is nothing to drop, so the message is there as long as the
//! thread.

use std::cell::Cell;
use std::ffi::c_char;
use std::fmt::{self, Write};

use crate::boundary;
use crate::status::{Status, Wrong};

/// Longer messages are cut off; a zone's tells where it was looked for.
const LENGTH: usize = 512;

struct Last {
    /// Ends in NUL.
    text: [Cell<u8>; LENGTH],
    length: Cell<usize>,
    place: Cell<i64>,
}

thread_local! {
    static LAST: Last = const {
        Last {
            text: [const { Cell::new(0) }; LENGTH],
            length: Cell::new(0),
            place: Cell::new(-1),
        }
    };
}

impl Write for &Last {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            let (start, end) = (self.length.get(), self.length.get() + char.len_utf8());
            // The last byte stays NUL.
            let Some(room) = self.text[..LENGTH - 1].get(start..end) else {
                return Err(fmt::Error);
            };
            let mut bytes = [0; 4];
            for (cell, byte) in room.iter().zip(char.encode_utf8(&mut bytes).bytes()) {
                cell.set(byte);
            }
            self.length.set(end);
        }
        Ok(())
    }
}

/// Keeps what went wrong, and returns its status.
#[cold]
pub(crate) fn tell(error: &(impl Wrong + fmt::Display)) -> Status {
    // Never gone, as there is nothing to drop.
    let _ = LAST.try_with(|mut last: &Last| {
        last.length.set(0);
        // Cut off where it is too long.
        let _ = write!(last, "{error}");
        if let Some(end) = last.text.get(last.length.get()) {
            end.set(0);
        }
        last.place.set(error.place().map_or(-1, |place| place.try_into().unwrap_or(i64::MAX)));
    });
    error.status()
}

/// Returns the message of the last error in this thread that has one; an empty text
/// before the first.
///
/// Functions that read a text (a name, a pattern, a date) leave a message when they fail,
/// and only they: what others have to say is in their status. Success leaves the message
/// as it is. It lives until the next such failure in this thread, or the thread's end.
///
/// `place`, unless NULL, gets the byte of the text at which it went wrong, or -1.
///
/// # Safety
/// `place` is NULL or points to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn instanter_last_error(place: *mut i64) -> *const c_char {
    let last = LAST.try_with(|last| (last.text.as_ptr().cast::<c_char>(), last.place.get()));
    let (text, byte) = last.unwrap_or((c"".as_ptr(), -1));
    // SAFETY: the caller's promise.
    unsafe { boundary::put_if_wanted(place, byte) };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    struct Long(usize);

    impl fmt::Display for Long {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..self.0).try_for_each(|_| f.write_str("µ"))
        }
    }

    impl Wrong for Long {
        fn status(&self) -> Status {
            Status::Other
        }
    }

    fn last() -> (String, i64) {
        let mut place = 0;
        // SAFETY: a pointer to an i64; the text lives until the next failure.
        let text = unsafe { CStr::from_ptr(instanter_last_error(&raw mut place)) };
        (text.to_str().expect("cut between characters").to_owned(), place)
    }

    #[test]
    fn messages_are_cut_between_characters_and_are_a_threads_own() {
        assert_eq!(last(), (String::new(), -1));
        for count in [0, 1, 254, 255, 256, 1_000] {
            assert_eq!(tell(&Long(count)), Status::Other);
            assert_eq!(last(), ("µ".repeat(count.min(255)), -1));
        }
        let error = instanter::civil::Pattern::strftime("%F %Q").unwrap_err();
        assert_eq!(tell(&error), Status::Pattern);
        assert_eq!(last(), (error.to_string(), 4));
        std::thread::spawn(|| assert_eq!(last(), (String::new(), -1))).join().unwrap();
    }
}
