//! No counter: WebAssembly has no instruction that reads one.
//!
//! What is written for CPUs with a counter builds here all the same, and asks
//! [`IS_THERE`](crate::IS_THERE) before it believes a reading.

use crate::{Counter, Ordered, Relaxed};

pub(crate) const IS_THERE: bool = false;
pub(crate) const NAME: &str = "none";
pub(crate) const RELAXED_INSTRUCTIONS: &str = "none";
pub(crate) const ORDERED_INSTRUCTIONS: &str = "none";

impl Counter for Relaxed {
    #[inline(always)]
    fn read(&self) -> u64 {
        0
    }
}

impl Counter for Ordered {
    #[inline(always)]
    fn read(&self) -> u64 {
        0
    }
}

pub(crate) fn frequency() -> Option<u64> {
    None
}
