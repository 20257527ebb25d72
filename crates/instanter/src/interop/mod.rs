//! Conversions to and from the types of others, one file a peer.
//!
//! What always fits is `From`. What may not is `TryFrom`, with an error that quotes the
//! value: nothing wraps.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "std")]
mod std;
#[cfg(feature = "time")]
mod time;
