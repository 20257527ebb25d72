//! Without an operating system there is no register: only UTC and fixed offsets
//! have handles.

use crate::Table;
use crate::register::Record;

#[inline]
pub(crate) fn table(_number: u32) -> Option<&'static Table> {
    None
}

#[inline]
pub(crate) fn record(_number: u32) -> Option<&'static Record> {
    None
}
