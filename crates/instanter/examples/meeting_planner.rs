//! When is everybody at work? A table of the hours that all zones share, week by week: in
//! spring America puts its clocks forward three weeks before Europe does.
//!
//! `cargo run --example meeting_planner -- 2025-10-20 Europe/Paris America/Chicago`

use std::error::Error;
use std::fmt::Write;

use instanter::civil::{Date, DateTime, Difference, Overflow, TimeOfDay, pattern};
use instanter::zone::{Policy, Zone};
use instanter::{Duration, Zoned};

const OPENS: u8 = 9;
const CLOSES: u8 = 17;
const WEEKS: i64 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let date = words.next().unwrap_or("2024-03-04".to_owned());
    let mut zones: Vec<String> = words.collect();
    if zones.is_empty() {
        zones = ["America/New_York", "Europe/London", "Europe/Berlin"].map(str::to_owned).into();
    }
    let zones = zones.iter().map(|name| Zone::get(name)).collect::<Result<Vec<_>, _>>()?;
    print!("{}", plan(pattern!("%F").parse(&date)?.date()?, &zones)?);
    Ok(())
}

/// Returns the table for the weekday of a date in that week and the ones that follow.
pub(crate) fn plan(first: Date, zones: &[Zone]) -> Result<String, Box<dyn Error>> {
    let mut table = format!("{:<18}", "");
    for zone in zones {
        write!(table, "{zone:<20}")?;
    }
    table.push('\n');
    for weeks in 0..WEEKS {
        let date = first.add(Difference { weeks, ..Difference::ZERO }, Overflow::Constrain)?;
        let noon = at(date, 12, zones[0])?;
        write!(table, "{:<18}", noon.format(pattern!("%a %-d %b %Y")).to_string())?;
        let (from, to) = shared_hours(date, zones)?;
        if from >= to {
            table.push_str("nobody's hours meet\n");
            continue;
        }
        for &zone in zones {
            let (from, to) = (from.with_zone(zone), to.with_zone(zone));
            let (from, to) = (from.format(pattern!("%H:%M")), to.format(pattern!("%H:%M %Z")));
            write!(table, "{:<20}", format!("{from} – {to}"))?;
        }
        let length: Duration = to - from;
        writeln!(table, "{length}")?;
    }
    Ok(table)
}

/// Returns from when until when the clocks of all zones show working hours on a date.
fn shared_hours(date: Date, zones: &[Zone]) -> Result<(Zoned, Zoned), Box<dyn Error>> {
    let (mut from, mut to) = (at(date, OPENS, zones[0])?, at(date, CLOSES, zones[0])?);
    for &zone in zones {
        from = from.max(at(date, OPENS, zone)?);
        to = to.min(at(date, CLOSES, zone)?);
    }
    Ok((from, to))
}

fn at(date: Date, hour: u8, zone: Zone) -> Result<Zoned, Box<dyn Error>> {
    let local = DateTime::new(date, TimeOfDay::new(hour, 0, 0, 0)?);
    Ok(Zoned::from_local(local, zone, Policy::Compatible)?)
}
