//! Whether a locale is C's, in what `strftime` asks of it.

use core::ffi::{CStr, c_char};

use libc::{locale_t, nl_item};

unsafe extern "C" {
    fn nl_langinfo_l(item: nl_item, locale: locale_t) -> *mut c_char;
}

/// The name of a category: `_NL_LOCALE_NAME` of glibc's `<langinfo.h>`.
const fn name_of(category: i32) -> nl_item {
    category << 16 | 0xFFFF
}

/// The C library's built-in locales. What it calls C.UTF-8 has C's names and formats,
/// and its letters are C's where they are one byte long.
const LIKE_C: [&CStr; 4] = [c"C", c"POSIX", c"C.UTF-8", c"C.utf8"];

/// The locale of a call.
#[derive(Clone, Copy)]
pub(crate) enum Locale {
    /// The thread's, or else the program's.
    Current,
    /// One that the program passed.
    Given(locale_t),
}

impl Locale {
    /// Whether dates are written as in C.
    #[inline]
    pub(super) fn has_names_of_c(self) -> bool {
        self.is_c_in(libc::LC_TIME)
    }

    /// Whether dates are written as in C, and letters are those of C.
    pub(super) fn is_c(self) -> bool {
        self.is_c_in(libc::LC_TIME) && self.is_c_in(libc::LC_CTYPE)
    }

    fn is_c_in(self, category: i32) -> bool {
        // SAFETY: the item is one that glibc has, and a given locale is valid, as
        // strftime_l demands. The answer is a text that lives until the locale is
        // changed, as the C library's own would.
        let name = unsafe {
            let name = match self {
                Locale::Current => libc::nl_langinfo(name_of(category)),
                Locale::Given(locale) => nl_langinfo_l(name_of(category), locale),
            };
            if name.is_null() {
                return false;
            }
            // The usual answer, without a search.
            if *name == b'C' as c_char && *name.add(1) == 0 {
                return true;
            }
            CStr::from_ptr(name)
        };
        LIKE_C.contains(&name)
    }
}
