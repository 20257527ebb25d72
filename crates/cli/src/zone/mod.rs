//! `instanter zone`: a zone now, its transitions, and the names of all.

mod find;
mod zdump;

use instanter::Zoned;
use instanter_civil::text::rfc3339::Rfc3339;
use instanter_zone::{LocalType, Transition, Zone, embedded_version, system_version};
use serde::Serialize;

use crate::args::ZoneArgs;
use crate::failure::{Outcome, Status};
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::utc;
use crate::zoned;
pub(crate) use find::find;
pub(crate) use zdump::{FIRST_YEAR, LAST_YEAR};

/// A local time type: what a zone's clocks show between two transitions.
#[derive(Clone, Debug, Serialize)]
struct Kind {
    offset_s: i32,
    abbreviation: String,
    is_dst: bool,
}

#[derive(Debug, Serialize)]
struct Change {
    /// Unix seconds, as a string.
    at: String,
    utc: String,
    before: Kind,
    after: Kind,
    #[serde(skip)]
    unix_s: i64,
    #[serde(skip)]
    texts: [String; 2],
}

#[derive(Debug, Serialize)]
struct Report {
    zone: String,
    /// Local date and time, RFC 9557.
    local: String,
    unix_seconds: i64,
    nanosecond: u32,
    #[serde(flatten)]
    now: Kind,
    next: Option<Change>,
    previous: Option<Change>,
    /// `file`, `embedded`, `posix` or `fixed`.
    origin: &'static str,
    path: Option<&'static str>,
    version: Option<String>,
    /// How the local zone was found.
    how: Option<String>,
    #[serde(skip)]
    texts: [String; 4],
}

#[derive(Debug, Serialize)]
struct Transitions {
    zone: String,
    transitions: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Names {
    names: &'static [&'static str],
    system_version: Option<String>,
    embedded_version: Option<&'static str>,
}

pub(crate) fn run(args: &ZoneArgs, screen: &Screen) -> Outcome {
    if args.list {
        return list(screen);
    }
    let found = find(args.name.as_deref().unwrap_or("local"))?;
    if args.transitions {
        return transitions(args, &found, screen);
    }
    let problem = found.how.as_ref().and_then(|how| how.problem.as_ref());
    let status = if problem.is_some() { Status::Degraded } else { Status::Fine };
    let now = Zoned::now_in(found.zone);
    let unix_s = now.time().unix_seconds();
    let local_type = now.local_type();
    let next = found.zone.next_transition(unix_s);
    // One that is at this very second has happened.
    let previous = found.zone.previous_transition(unix_s.saturating_add(1));
    let report = Report {
        zone: found.label,
        local: zoned::text(now),
        unix_seconds: unix_s,
        nanosecond: now.nanosecond(),
        now: local_type.into(),
        next: next.map(Change::from),
        previous: previous.map(Change::from),
        origin: find::origin(found.zone),
        path: find::path(found.zone),
        version: find::version(found.zone),
        how: found.how.map(|how| how.to_string()),
        texts: [
            now.rfc3339_as(Rfc3339::new().digits(9)).to_string(),
            now.weekday().name().to_owned(),
            now.offset().to_string(),
            find::describe(found.zone),
        ],
    };
    screen.print(&report, write, status)
}

fn write(report: &Report, sheet: &mut Sheet) {
    let [local, weekday, offset, origin] = &report.texts;
    sheet.strong(local);
    sheet.blank();
    let mut fields = vec![
        ("Zone", report.zone.clone()),
        ("Weekday", weekday.clone()),
        ("Offset", format!("{offset} {}, {}", report.now.abbreviation, season(report))),
    ];
    for (label, change, none) in [
        ("Next", &report.next, "none: this holds for ever"),
        ("Previous", &report.previous, "none: this has always held"),
    ] {
        let Some(change) = change else {
            fields.push((label, none.to_owned()));
            continue;
        };
        let [before, after] = &change.texts;
        fields.push((label, distance(change.unix_s - report.unix_seconds)));
        fields.push(("", format!("from {before}")));
        fields.push(("", format!("to   {after}")));
    }
    fields.push(("Found", origin.clone()));
    if let Some(how) = &report.how {
        fields.push(("Local", how.clone()));
    }
    sheet.fields(0, fields);
}

/// What kind of time it is. Ireland's winter and Morocco's Ramadan are what the law
/// departs from standard time for, and earlier than it.
fn season(report: &Report) -> &'static str {
    let later = |next: &Change| next.after.offset_s > report.now.offset_s;
    match report.now.is_dst {
        false => "standard time",
        true if report.next.as_ref().is_some_and(later) => "put back from standard time",
        true => "summer time",
    }
}

/// `in 126 days`, `3 hours ago`.
fn distance(seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let (count, unit) = match size {
        0..120 => (size, "second"),
        120..7_200 => (size / 60, "minute"),
        7_200..172_800 => (size / 3_600, "hour"),
        // Years of the Gregorian calendar's mean length, 365.2425 days.
        172_800..63_113_904 => (size / 86_400, "day"),
        _ => (size / 31_556_952, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    let length = format!("{count} {unit}{plural}");
    if seconds > 0 { format!("in {length}") } else { format!("{length} ago") }
}

fn transitions(args: &ZoneArgs, found: &find::Found, screen: &Screen) -> Outcome {
    let (from, to) = (args.from.unwrap_or(FROM), args.to.unwrap_or(TO));
    if screen.is_json() {
        let changes = zdump::transitions(found.zone, from, to).map(Change::from);
        let report = Transitions { zone: found.label.clone(), transitions: changes.collect() };
        return screen.print(&report, |_, _| (), Status::Fine);
    }
    screen.stream(|out| zdump::write(out, &found.label, found.zone, from, to))?;
    Ok(Status::Fine)
}

/// The years between which zdump looks if it is not told.
const FROM: i64 = -500;
const TO: i64 = 2_500;

fn list(screen: &Screen) -> Outcome {
    let report = Names {
        names: Zone::names(),
        system_version: system_version(),
        embedded_version: embedded_version(),
    };
    if screen.is_json() {
        return screen.print(&report, |_, _| (), Status::Fine);
    }
    screen.stream(|out| report.names.iter().try_for_each(|name| writeln!(out, "{name}")))?;
    Ok(Status::Fine)
}

impl From<LocalType<'_>> for Kind {
    fn from(local: LocalType<'_>) -> Kind {
        Kind {
            offset_s: local.offset_s,
            abbreviation: local.abbreviation.to_string(),
            is_dst: local.is_dst,
        }
    }
}

impl From<Transition<'_>> for Change {
    fn from(transition: Transition<'_>) -> Change {
        let Transition { at, before, after } = transition;
        let texts = [zoned::under(&before, at), zoned::under(&after, at)];
        let utc = utc::rfc3339(instanter_clock::Timespec::new(at, 0));
        let (before, after) = (before.into(), after.into());
        Change { at: at.to_string(), utc, before, after, unix_s: at, texts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let table = [
            (1, "in 1 second"),
            (0, "0 seconds ago"),
            (-119, "119 seconds ago"),
            (120, "in 2 minutes"),
            (-7_200, "2 hours ago"),
            (86_400 * 126, "in 126 days"),
            (-31_556_952 * 5 / 2, "2 years ago"),
        ];
        for (seconds, want) in table {
            assert_eq!(distance(seconds), want, "distance({seconds})");
        }
    }
}
