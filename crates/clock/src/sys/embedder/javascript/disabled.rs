//! Without the feature `js`: the program brings its clocks, or there are none.

use crate::embedder::Clocks;

pub(super) const CLOCKS: Option<&Clocks> = None;
