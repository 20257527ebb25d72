//! Looking around where the kernel is another than Linux: there is no vDSO, and no page
//! that is read.

use instanter_page::linux::{LAYOUTS, Reader};

use super::{Auxv, NoPage, NoVdso, Pin, Survey};
use crate::Source;

impl Survey {
    /// Finds nothing.
    pub(crate) fn take(_: &Reader, pinned: Option<Source>) -> Survey {
        Survey {
            auxv: Auxv::NOTHING,
            vdso: None,
            pin: Pin::Free,
            first: pinned.unwrap_or(Source::Page),
            functions: Err(NoVdso::Absent),
            page: Err(NoPage::NoVdso),
            candidates: [None; LAYOUTS.len()],
        }
    }
}
