//! What stands behind the handles.

#[cfg(not(feature = "std"))]
mod disabled;
#[cfg(feature = "std")]
mod enabled;

#[cfg(not(feature = "std"))]
pub(crate) use disabled::{record, table};
#[cfg(feature = "std")]
pub(crate) use enabled::{Held, enter, hold, keep, record, table};

use crate::zone::Origin;

/// What is known of a zone besides its data.
pub(crate) struct Record {
    pub name: Option<&'static str>,
    pub origin: Origin,
}
