//! What a call came to, as a number.

use std::ffi::{CStr, c_char};
use std::str::Utf8Error;

use instanter::{civil, clock, zone};

/// What a call came to: zero, or what went wrong, which is negative.
///
/// More may be added; instanter_status_text knows those of the library.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Status {
    /// It was done.
    Ok = 0,
    /// A pointer is NULL that must not be.
    Null = -1,
    /// The `size` of a structure is none that it ever had: was it set?
    Size = -2,
    /// A number is none of those that have a meaning there.
    Argument = -3,
    /// A text is not UTF-8.
    Utf8 = -4,
    /// A text does not fit into the buffer; its length is told.
    Room = -5,
    /// A value, or the result, is outside the range that it may have.
    Range = -6,
    /// A text is not in the form that was asked for.
    Malformed = -7,
    /// A pattern is wrong.
    Pattern = -8,
    /// What a text tells contradicts itself.
    Conflict = -9,
    /// A text does not tell what was asked for.
    Missing = -10,
    /// The zone skips the local time or has it twice, and the policy was to reject that.
    Rejected = -11,
    /// The number of a zone is none that this process was given.
    Zone = -12,
    /// There is no zone of that name.
    NotFound = -13,
    /// No zone can have that name.
    Name = -14,
    /// A file cannot be read.
    Io = -15,
    /// The file of a zone counts leap seconds, as Unix time does not.
    Leap = -16,
    /// There is no such clock here, or it cannot do this.
    Unsupported = -17,
    /// A privilege is missing, or a sandbox forbids it.
    Denied = -18,
    /// Anything else.
    Other = -19,
}

impl Status {
    /// All of them, from zero downwards.
    const ALL: [Status; 20] = [
        Status::Ok,
        Status::Null,
        Status::Size,
        Status::Argument,
        Status::Utf8,
        Status::Room,
        Status::Range,
        Status::Malformed,
        Status::Pattern,
        Status::Conflict,
        Status::Missing,
        Status::Rejected,
        Status::Zone,
        Status::NotFound,
        Status::Name,
        Status::Io,
        Status::Leap,
        Status::Unsupported,
        Status::Denied,
        Status::Other,
    ];

    const fn text(self) -> &'static CStr {
        match self {
            Status::Ok => c"done",
            Status::Null => c"a pointer is NULL",
            Status::Size => c"the size of a structure is not set",
            Status::Argument => c"a number without a meaning here",
            Status::Utf8 => c"a text is not UTF-8",
            Status::Room => c"a text does not fit into its buffer",
            Status::Range => c"a value is out of range",
            Status::Malformed => c"a text is not in the form that was asked for",
            Status::Pattern => c"a pattern is wrong",
            Status::Conflict => c"a text contradicts itself",
            Status::Missing => c"a text does not tell what was asked for",
            Status::Rejected => c"the zone skips the local time or has it twice",
            Status::Zone => c"not a zone of this process",
            Status::NotFound => c"no zone of that name",
            Status::Name => c"a name that no zone can have",
            Status::Io => c"a file cannot be read",
            Status::Leap => c"a zone that counts leap seconds",
            Status::Unsupported => c"no such clock, or it cannot do this",
            Status::Denied => c"a missing privilege, or a sandbox",
            Status::Other => c"it went wrong",
        }
    }
}

/// Returns what a status means, in English; never NULL, whatever the number. The text
/// lives as long as the library is loaded.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn instanter_status_text(status: i32) -> *const c_char {
    let known = Status::ALL.into_iter().find(|known| *known as i32 == status);
    known.map_or(c"a status that this library does not know", Status::text).as_ptr()
}

/// An error of the crates below, as a status and a place in the text that was read.
pub(crate) trait Wrong {
    fn status(&self) -> Status;

    /// The byte at which a text went wrong.
    fn place(&self) -> Option<usize> {
        None
    }
}

impl Wrong for clock::Error {
    fn status(&self) -> Status {
        match self {
            error if error.is_denied() => Status::Denied,
            error if error.is_unsupported() => Status::Unsupported,
            _ => Status::Other,
        }
    }
}

impl Wrong for civil::Error {
    fn status(&self) -> Status {
        match self {
            error if error.is_out_of_range() => Status::Range,
            error if error.is_malformed() => Status::Malformed,
            error if error.is_pattern() => Status::Pattern,
            error if error.is_conflict() => Status::Conflict,
            error if error.is_missing() => Status::Missing,
            error if error.is_room() => Status::Room,
            _ => Status::Other,
        }
    }

    fn place(&self) -> Option<usize> {
        self.offset()
    }
}

impl Wrong for zone::Error {
    fn status(&self) -> Status {
        match self {
            error if error.is_malformed() => Status::Malformed,
            error if error.has_leap_seconds() => Status::Leap,
            error if error.is_not_found() => Status::NotFound,
            error if error.is_bad_name() => Status::Name,
            error if error.is_io() => Status::Io,
            _ => Status::Other,
        }
    }

    fn place(&self) -> Option<usize> {
        self.byte_offset()
    }
}

impl Wrong for zone::Unresolved {
    fn status(&self) -> Status {
        match self {
            zone::Unresolved::Rejected(_) => Status::Rejected,
            zone::Unresolved::OutOfRange => Status::Range,
        }
    }
}

impl Wrong for instanter::Error {
    fn status(&self) -> Status {
        let cause = std::error::Error::source(self);
        let civil = cause.and_then(|cause| cause.downcast_ref::<civil::Error>());
        let zone = cause.and_then(|cause| cause.downcast_ref::<zone::Error>());
        match self {
            _ if civil.is_some() => civil.map_or(Status::Other, Wrong::status),
            _ if zone.is_some() => zone.map_or(Status::Other, Wrong::status),
            error if error.rejected().is_some() => Status::Rejected,
            error if error.is_out_of_range() => Status::Range,
            error if error.is_malformed() => Status::Malformed,
            error if error.is_conflict() => Status::Conflict,
            _ => Status::Other,
        }
    }

    fn place(&self) -> Option<usize> {
        self.byte_offset()
    }
}

impl Wrong for Utf8Error {
    fn status(&self) -> Status {
        Status::Utf8
    }

    fn place(&self) -> Option<usize> {
        Some(self.valid_up_to())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(status: i32) -> &'static str {
        // SAFETY: it returns texts that live for ever.
        unsafe { CStr::from_ptr(instanter_status_text(status)) }.to_str().unwrap()
    }

    #[test]
    fn every_number_has_a_text() {
        for (index, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as i32, -(index as i32), "{status:?}");
            assert!(!text(status as i32).is_empty(), "{status:?}");
        }
        for number in [1, -20, i32::MIN, i32::MAX] {
            assert_eq!(text(number), "a status that this library does not know", "{number}");
        }
    }

    #[test]
    fn errors_of_the_crates_below() {
        let parse = |text: &str| text.parse::<instanter::Zoned>().unwrap_err();
        let table = [
            ("2024-02-30T12:00:00Z[UTC]", Status::Malformed, Some(8)),
            ("2024-02-29T12:00:00Z", Status::Malformed, Some(20)),
            ("2024-02-29T12:00:00+05:00[UTC]", Status::Conflict, None),
            ("2024-02-29T12:00:00Z[Mars/Olympus]", Status::NotFound, None),
        ];
        for (text, status, place) in table {
            let error = parse(text);
            assert_eq!((error.status(), error.place()), (status, place), "{text}: {error}");
        }
        let error = clock::Clock::from_id(12).now().unwrap_err();
        assert_eq!(error.status(), Status::Unsupported);
        let error = zone::Zone::get("../passwd").unwrap_err();
        assert_eq!(error.status(), Status::Name);
        let error = civil::Pattern::strftime("%Q").unwrap_err();
        assert_eq!((error.status(), error.place()), (Status::Pattern, Some(1)));
    }
}
