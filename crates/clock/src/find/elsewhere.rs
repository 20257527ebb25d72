//! Looking around where the kernel is another than Linux: there is no vDSO, and the page, if
//! one is read, is found and proved by [`link`](crate::link).

use instanter_page::linux::{LAYOUTS, Reader};

use super::{Auxv, NoPage, NoVdso, Pin, Survey};
use crate::{Clock, Source, sys};

impl Survey {
    /// Finds how the process is pinned.
    pub(crate) fn take(_: &Reader, pinned: Option<Source>) -> Survey {
        let mut value = [0; 24];
        let pin = match sys::variable(c"INSTANTER_SOURCE", &mut value) {
            Some(length) => Pin::parse(&value[..length]),
            None => Pin::Free,
        };
        let page = if Clock::ON_PAGE.is_empty() { NoPage::NoVdso } else { NoPage::OtherSystem };
        Survey {
            auxv: Auxv::NOTHING,
            vdso: None,
            pin,
            first: pinned.unwrap_or(pin.first()),
            functions: Err(NoVdso::Absent),
            page: Err(page),
            candidates: [None; LAYOUTS.len()],
        }
    }
}
