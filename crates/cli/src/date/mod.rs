//! `instanter date`: dates and times read, converted and printed.

mod lines;
#[cfg_attr(any(unix, windows), path = "progress/enabled.rs")]
#[cfg_attr(not(any(unix, windows)), path = "progress/disabled.rs")]
mod progress;
mod read;
mod unix;

use std::io::{self, Write};

use instanter::Time;
use instanter_civil::Pattern;
use instanter_zone::{Policy, Zone};
use serde::Serialize;

use crate::args::DateArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::zone;
use crate::zoned;
use read::{Moment, Reader};

#[derive(Debug, Serialize)]
struct Report {
    /// The text that was read; `None` for the time now.
    input: Option<String>,
    output: String,
    /// Which form the text had.
    form: &'static str,
    /// Whether its local time happens once, twice, or never.
    resolved: &'static str,
    /// Seconds as a decimal string.
    unix: String,
    zone: Option<&'static str>,
    offset_s: i32,
    abbreviation: String,
    is_dst: bool,
}

/// What is to be done with each text.
struct Converter<'p> {
    reader: Reader<'p>,
    to: Option<Zone>,
    output: Option<Pattern<'p>>,
    json: bool,
}

pub(crate) fn run(args: &DateArgs, screen: &Screen) -> Outcome {
    let converter = Converter {
        reader: Reader {
            pattern: compiled(args.parse.as_deref(), args.parse_go.as_deref())?,
            zone: given(args.zone.as_deref())?,
            policy: args.gap.into(),
        },
        to: args.to.as_deref().map(|to| given(Some(to))).transpose()?,
        output: compiled(args.format.as_deref(), args.go.as_deref())?,
        json: screen.is_json(),
    };
    let text = args.text.as_deref();
    if args.lines || text == Some("-") {
        return lines::run(&converter, screen);
    }
    let moment = match text {
        Some(text) => converter.reader.read(text).map_err(Failure::new)?,
        None => {
            let now = instanter::now();
            let (unix_s, nanosecond) = (now.unix_seconds(), now.nanosecond());
            Moment { unix_s, nanosecond, zone: None, form: "now", resolved: "exact" }
        }
    };
    let report = converter.report(text, &moment).map_err(Failure::new)?;
    if converter.json {
        return screen.print(&report, |_, _| (), Status::Fine);
    }
    screen.stream(|out| writeln!(out, "{}", report.output))?;
    Ok(Status::Fine)
}

/// Reads a moment: Unix seconds and the nanosecond. What has no offset is local time.
pub(crate) fn moment(text: &str) -> Result<(i64, u32), String> {
    let zone = given(None).map_err(|failure| failure.to_string())?;
    let reader = Reader { pattern: None, zone, policy: Policy::Compatible };
    reader.read(text).map(|moment| (moment.unix_s, moment.nanosecond))
}

/// The zone that was asked for, or the local one; says where that is a makeshift.
fn given(name: Option<&str>) -> Result<Zone, Failure> {
    let found = zone::find(name.unwrap_or("local"))?;
    if let Some(problem) = found.how.and_then(|how| how.problem) {
        // Nobody is left to tell if this cannot be written.
        let _ = writeln!(io::stderr(), "instanter: warning: local time is UTC: {problem}");
    }
    Ok(found.zone)
}

fn compiled<'p>(
    strftime: Option<&'p str>,
    go: Option<&'p str>,
) -> Result<Option<Pattern<'p>>, Failure> {
    let pattern = match (strftime, go) {
        (Some(pattern), _) => Pattern::strftime(pattern).map(Some),
        (None, Some(layout)) => Pattern::go(layout).map(Some),
        (None, None) => Ok(None),
    };
    pattern.map_err(|error| Failure::new(error.to_string()))
}

impl Converter<'_> {
    /// What is printed for a line: the result, or all of it as JSON.
    fn line(&self, text: &str) -> Result<String, String> {
        let report = self.report(Some(text), &self.reader.read(text)?)?;
        if !self.json {
            return Ok(report.output);
        }
        serde_json::to_string(&report).map_err(|error| format!("cannot print as JSON: {error}"))
    }

    fn report(&self, text: Option<&str>, moment: &Moment) -> Result<Report, String> {
        let Moment { unix_s, nanosecond, .. } = *moment;
        let zone = self.to.or(moment.zone).unwrap_or(self.reader.zone);
        let zoned = Time::from_unix(unix_s, nanosecond).in_zone(zone);
        let local = zoned.local_type();
        let mut output = String::new();
        match &self.output {
            Some(pattern) => pattern
                .write_to(&mut output, zoned.date_time(), zoned.offset(), Some(&local.abbreviation))
                .map_err(|error| error.to_string())?,
            None => output = zoned::text(zoned),
        }
        Ok(Report {
            input: text.map(str::to_owned),
            output,
            form: moment.form,
            resolved: moment.resolved,
            unix: unix::text(unix_s, nanosecond),
            zone: zone.name(),
            offset_s: local.offset_s,
            abbreviation: local.abbreviation.to_string(),
            is_dst: local.is_dst,
        })
    }
}
