//! Timestamps for `tracing_subscriber::fmt`.
//!
//! ```
//! use instanter::tracing::Stamps;
//! let log = tracing_subscriber::fmt().with_timer(Stamps::local(6)).finish();
//! tracing::subscriber::with_default(log, || tracing::info!("listening"));
//! // 2026-11-22T09:14:07.318204+01:00  INFO shop: listening
//! ```

use std::cell::RefCell;
use std::fmt;

use instanter_zone::Zone;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::{Stamp, now_relaxed};

/// The time of each event as RFC 3339, in UTC, the local zone or another.
///
/// Each thread keeps a [`Stamp`] of its own for each zone and number of digits in use, so
/// threads neither wait for each other nor share what they write to. The clock is read
/// with [`now_relaxed`]. In the local zone, a change of it is seen as
/// [`Follow`](instanter_zone::Follow) says.
///
/// # Panics
/// As [`now`](fn@crate::now) does.
///
/// ```
/// use instanter::tracing::Stamps;
/// // One log for people, one for machines.
/// let screen = tracing_subscriber::fmt().with_timer(Stamps::local(3)).finish();
/// let file = tracing_subscriber::fmt().with_timer(Stamps::utc(9)).finish();
/// # let _ = (screen, file);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    whose: Whose,
    digits: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Local,
    Of(Zone),
}

impl Stamps {
    /// In the local zone, with so many digits of the second's fraction, 0 to 9 (more are
    /// taken as 9).
    ///
    /// ```
    /// use instanter::tracing::Stamps;
    /// let log = tracing_subscriber::fmt().with_timer(Stamps::local(3)).finish();
    /// # let _ = log;
    /// ```
    #[must_use]
    pub const fn local(digits: u8) -> Stamps {
        Stamps { whose: Whose::Local, digits }
    }

    /// In UTC.
    ///
    /// ```
    /// use instanter::tracing::Stamps;
    /// let log = tracing_subscriber::fmt().with_timer(Stamps::utc(9)).finish();
    /// # let _ = log;
    /// ```
    #[must_use]
    pub const fn utc(digits: u8) -> Stamps {
        Stamps::in_zone(Zone::UTC, digits)
    }

    /// In a zone.
    ///
    /// ```
    /// use instanter::{tracing::Stamps, zone::Zone};
    /// let timer = Stamps::in_zone(Zone::get("Europe/Berlin")?, 3);
    /// let log = tracing_subscriber::fmt().with_timer(timer).finish();
    /// # let _ = log;
    /// # Ok::<(), instanter::zone::Error>(())
    /// ```
    #[must_use]
    pub const fn in_zone(zone: Zone, digits: u8) -> Stamps {
        Stamps { whose: Whose::Of(zone), digits }
    }

    fn stamp(self) -> Stamp {
        match self.whose {
            Whose::Local => Stamp::local(self.digits),
            Whose::Of(zone) => Stamp::in_zone(zone, self.digits),
        }
    }
}

thread_local! {
    /// One for each form in use, of which a program has one or two.
    static STAMPS: RefCell<Vec<(Stamps, Stamp)>> = const { RefCell::new(Vec::new()) };
}

impl FormatTime for Stamps {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        let now = now_relaxed();
        let kept = STAMPS.try_with(|stamps| {
            let mut stamps = stamps.try_borrow_mut().ok()?;
            let number = match stamps.iter().position(|(form, _)| form == self) {
                Some(number) => number,
                None => {
                    stamps.push((*self, self.stamp()));
                    stamps.len() - 1
                }
            };
            let (_, stamp) = stamps.get_mut(number)?;
            stamp.write(now);
            Some(w.write_str(stamp.as_str()))
        });
        match kept {
            Ok(Some(written)) => written,
            // The thread is ending and has none any more; or the writer logs, too, and its
            // own event is written while this one has them.
            _ => {
                let mut stamp = self.stamp();
                stamp.write(now);
                w.write_str(stamp.as_str())
            }
        }
    }
}
