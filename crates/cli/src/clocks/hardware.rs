//! The hardware clock among the clocks: shown, set, and the system set from it.

use instanter::Duration;
use instanter::rtc::{Adjtime, Drift, Error, Found, Reckoning, Rtc, RtcTime};
use serde::Serialize;

use crate::args::ClocksArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::sheet::Sheet;

/// The hardware clock at the beginning of one of its seconds.
#[derive(Debug, Serialize)]
pub(super) struct HardwareClock {
    /// Date and time as it shows them.
    shows: String,
    /// Whose time that is: `utc` or `local`.
    reckoning: &'static str,
    /// What that means, in UTC.
    utc: String,
    /// How far it is ahead of the system clock: a string, it may be years.
    ahead_ns: String,
    /// Whether it can be set from here.
    can_be_set: bool,
    #[serde(skip)]
    ahead: Duration,
}

impl HardwareClock {
    /// Reads it on the edge of its second, which takes up to one where there is
    /// one.
    pub(super) fn read(args: &ClocksArgs) -> Result<HardwareClock, Error> {
        let mut clock = open(args)?;
        let drift = clock.drift()?;
        let can_be_set = matches!(clock.hardware(), Found::Device(_));
        Ok(HardwareClock::new(drift, clock.reckoning(), can_be_set))
    }

    fn new(drift: Drift, reckoning: Reckoning, can_be_set: bool) -> HardwareClock {
        HardwareClock {
            shows: text(drift.shows),
            reckoning: word(reckoning),
            utc: crate::utc::rfc3339(drift.means.wall_reading()),
            ahead_ns: drift.ahead.as_nanos().to_string(),
            can_be_set,
            ahead: drift.ahead,
        }
    }

    pub(super) fn write(&self, sheet: &mut Sheet) {
        let access = if self.can_be_set { "" } else { "; it can be read here, and not set" };
        sheet.fields(
            2,
            [
                ("shows", format!("{} ({})", self.shows, self.reckoning)),
                ("against the system clock", format!("{}{access}", ahead(self.ahead))),
            ],
        );
    }
}

fn open(args: &ClocksArgs) -> Result<Rtc<Found>, Error> {
    let clock = Rtc::open()?;
    Ok(match (args.utc, args.local) {
        (true, _) => clock.reckoned(Reckoning::Utc),
        (_, true) => clock.reckoned(Reckoning::Local),
        _ => clock,
    })
}

fn word(reckoning: Reckoning) -> &'static str {
    if reckoning == Reckoning::Utc { "utc" } else { "local" }
}

fn text(time: RtcTime) -> String {
    let RtcTime { year, month, day, hour, minute, second } = time;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// How far it is ahead: to the microsecond, as an edge is not seen better.
fn ahead(ahead: Duration) -> String {
    let whole = |nanos: i64| Duration::from_nanos(nanos / 1_000 * 1_000);
    match ahead.as_nanos() {
        -999..1_000 => "together".to_owned(),
        nanos if nanos < 0 => format!("{} behind", whole(nanos.saturating_neg())),
        nanos => format!("{} ahead", whole(nanos)),
    }
}

#[derive(Debug, Serialize)]
struct Done {
    did: &'static str,
    shows: String,
    reckoning: &'static str,
    /// By how much the system clock was stepped; how late the hardware clock was
    /// set.
    by_ns: String,
    #[serde(skip)]
    by: Duration,
}

/// Sets the hardware clock from the system clock.
pub(super) fn systohc(args: &ClocksArgs, screen: &Screen) -> Outcome {
    let mut clock = open(args).map_err(failure)?;
    let set = clock.systohc().map_err(failure)?;
    if args.utc || args.local {
        // Else the next to read the clock would take it for the other.
        let adjtime = Adjtime::load(Adjtime::PATH).map_err(failure)?;
        if adjtime.reckoning() != clock.reckoning() {
            adjtime.with_reckoning(clock.reckoning()).store(Adjtime::PATH).map_err(|error| {
                Failure::new(format!("the hardware clock is set, but not {error}"))
            })?;
        }
    }
    let done = Done {
        did: "systohc",
        shows: text(set.to),
        reckoning: word(clock.reckoning()),
        by_ns: set.late.as_nanos().to_string(),
        by: set.late,
    };
    let write = |done: &Done, sheet: &mut Sheet| {
        let Done { shows, reckoning, by, .. } = done;
        sheet.prose(0, &format!("The hardware clock was set to {shows} ({reckoning}), {by} late."));
    };
    screen.print(&done, write, Status::Fine)
}

/// Sets the system clock from the hardware clock.
pub(super) fn hctosys(args: &ClocksArgs, screen: &Screen) -> Outcome {
    let mut clock = open(args).map_err(failure)?;
    let drift = clock.hctosys().map_err(failure)?;
    let done = Done {
        did: "hctosys",
        shows: text(drift.shows),
        reckoning: word(clock.reckoning()),
        by_ns: drift.ahead.as_nanos().to_string(),
        by: drift.ahead,
    };
    let write = |done: &Done, sheet: &mut Sheet| {
        let Done { shows, reckoning, by, .. } = done;
        sheet.prose(
            0,
            &format!("The system clock was stepped by {by}: the hardware clock showed {shows} ({reckoning})."),
        );
    };
    screen.print(&done, write, Status::Fine)
}

fn failure(error: Error) -> Failure {
    Failure::new(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_ahead() {
        let table = [
            (0, "together"),
            (-999, "together"),
            (1_234_567, "1.234ms ahead"),
            (-1_500_000_999, "1.5s behind"),
            (i64::MIN, "2562047h47m16.854775s behind"),
            (i64::MAX, "2562047h47m16.854775s ahead"),
        ];
        for (nanos, want) in table {
            assert_eq!(ahead(Duration::from_nanos(nanos)), want, "ahead({nanos})");
        }
    }
}
