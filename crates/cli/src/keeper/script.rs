//! What is done with a clock that follows nothing: commands, each at its time.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration as StdDuration;

use instanter::{Duration, Time};
use instanter_clock::Leap;
use instanter_clock::page::Timespec;
use instanter_keeper::{Error, Timekeeper, Timex, adj, sta};

use super::discipline::status;
use crate::failure::Failure;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// When, from the start.
    pub(super) at: StdDuration,
    pub(super) command: Command,
    /// As it stands there.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Command {
    Set(Timespec),
    Step(Duration),
    Slew(Duration),
    /// In units of 2^-16 ppm.
    Frequency(i64),
    Tai(i32),
    Leap(Leap),
    /// No updates for so long.
    Hang(StdDuration),
    End,
}

/// Reads a script; `-` is standard input.
pub(super) fn load(path: &Path) -> Result<Vec<Line>, Failure> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = if name == "-" {
        io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| Failure::new(format!("cannot read the script {name:?}: {error}")))?;
    parse(&text).map_err(|why| Failure::new(format!("script {name:?}, {why}")))
}

fn parse(text: &str) -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, whole) in text.lines().enumerate() {
        let text = whole.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        let wrong = |why: String| format!("line {}, {text:?}: {why}", index + 1);
        let (at, command) = text
            .split_once(char::is_whitespace)
            .ok_or_else(|| wrong("a time and a command are wanted".to_owned()))?;
        let at = duration(at).and_then(unsigned).map_err(&wrong)?;
        if lines.last().is_some_and(|last| last.at > at) {
            return Err(wrong("it comes before the line above it".to_owned()));
        }
        let command = command_of(command.trim()).map_err(&wrong)?;
        lines.push(Line { at, command, text: text.to_owned() });
    }
    Ok(lines)
}

fn duration(text: &str) -> Result<Duration, String> {
    text.parse().map_err(|error: instanter::Error| error.to_string())
}

fn unsigned(length: Duration) -> Result<StdDuration, String> {
    match u64::try_from(length.as_nanos()) {
        Ok(nanos) => Ok(StdDuration::from_nanos(nanos)),
        Err(_) => Err(format!("{length} is before the start")),
    }
}

fn command_of(text: &str) -> Result<Command, String> {
    let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = argument.trim();
    let number = |most: f64| match argument.parse::<f64>() {
        Ok(number) if number.abs() <= most => Ok(number),
        _ => Err(format!("{argument:?} is no number from -{most} to {most}")),
    };
    Ok(match name {
        "set" => {
            let time: Time =
                argument.parse().map_err(|error: instanter::Error| error.to_string())?;
            Command::Set(time.wall_reading())
        }
        "step" => Command::Step(duration(argument)?),
        "slew" => match duration(argument)? {
            // What the loop takes.
            by if by.as_nanos().unsigned_abs() <= 500_000_000 => Command::Slew(by),
            by => return Err(format!("{by} is more than 500ms, which is to be stepped")),
        },
        "frequency" => Command::Frequency((number(500.0)? * 65_536.0).round() as i64),
        "tai" => Command::Tai(number(1_000.0)? as i32),
        "leap" => Command::Leap(match argument {
            "insert" => Leap::Insert,
            "delete" => Leap::Delete,
            "none" => Leap::None,
            _ => return Err(format!("{argument:?} is not insert, delete or none")),
        }),
        "hang" => Command::Hang(unsigned(duration(argument)?)?),
        "end" if argument.is_empty() => Command::End,
        _ => {
            return Err(format!(
                "{name:?} is not set, step, slew, frequency, tai, leap, hang or end"
            ));
        }
    })
}

impl Command {
    /// Does it, at a value of the counter. `Hang` and `End` are the server's.
    pub(super) fn make(self, keeper: &mut Timekeeper, counter: u64) -> Result<(), Error> {
        let mut adjust = |request: Timex| {
            let mut request = request;
            keeper.adjust(counter, &mut request).map(drop)
        };
        match self {
            Command::Set(to) => keeper.set_realtime(counter, to),
            Command::Step(by) => {
                keeper.step_realtime(counter, Timespec::from_nanos(by.as_nanos().into()))
            }
            Command::Slew(by) => adjust(Timex {
                modes: adj::OFFSET | adj::STATUS | adj::NANO | adj::TIMECONST,
                offset: by.as_nanos(),
                status: sta::PLL | sta::FREQHOLD | sta::UNSYNC,
                ..Timex::default()
            }),
            Command::Frequency(freq) => {
                adjust(Timex { modes: adj::FREQUENCY, freq, ..Timex::default() })
            }
            Command::Tai(tai_s) => keeper.set_tai(counter, tai_s),
            Command::Leap(leap) => adjust(Timex {
                modes: adj::STATUS,
                status: status(leap, false),
                ..Timex::default()
            }),
            Command::Hang(_) | Command::End => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command() {
        let text = "\
# a remark

0      set 2016-12-31T23:59:50Z
1.5s   leap insert     # at midnight
1.5s   step -1h30m
2s     slew 20ms
1m     frequency -100.5
1m     tai 37
61s    hang 5s
2m     end
";
        let lines = parse(text).expect("a script");
        let commands: Vec<Command> = lines.iter().map(|line| line.command).collect();
        assert_eq!(
            commands,
            [
                Command::Set(Timespec::new(1_483_228_790, 0)),
                Command::Leap(Leap::Insert),
                Command::Step(Duration::from_minutes(-90)),
                Command::Slew(Duration::from_millis(20)),
                Command::Frequency(-6_586_368),
                Command::Tai(37),
                Command::Hang(StdDuration::from_secs(5)),
                Command::End,
            ]
        );
        assert_eq!(lines[3].at, StdDuration::from_secs(2));
        assert_eq!(lines[1].text, "1.5s   leap insert");
    }

    #[test]
    fn what_is_wrong_is_quoted() {
        for (text, quoted) in [
            ("5s", "line 1, \"5s\": a time and a command"),
            ("# one\nsoon step 1s", "line 2"),
            ("-1s end", "-1s is before the start"),
            ("2s end\n1s end", "line 2, \"1s end\": it comes before"),
            ("0 jump 1s", "\"jump\" is not set"),
            ("0 end now", "\"end\" is not"),
            ("0 step 5", "expected a unit"),
            ("0 slew 2s", "2s is more than 500ms"),
            ("0 frequency 501", "\"501\" is no number"),
            ("0 frequency NaN", "\"NaN\" is no number"),
            ("0 leap second", "\"second\" is not insert"),
            ("0 set yesterday", "yesterday"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(quoted), "{text:?}: {error}");
        }
    }
}
