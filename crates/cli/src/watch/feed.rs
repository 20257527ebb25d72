//! Where samples come from: this machine, or a recording.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use instanter_clock::{Clock, DynamicClock, Timespec, cost, epoch, kernel_clock_source, source};

use super::record::{Clocks, FORMAT, Head, Sample};
use crate::doctor::coherence::{self, Matrix};
use crate::failure::Failure;

/// What a feed has now.
pub(crate) enum Next {
    Sample(Box<Sample>),
    /// Nothing before so long.
    In(Duration),
    /// Nothing any more.
    End,
}

pub(crate) trait Feed {
    fn head(&self) -> &Head;

    /// Returns the sample that is due. Does not wait.
    fn next(&mut self) -> Result<Next, Failure>;
}

/// The machine's clocks, looked at in equal steps.
pub(crate) struct Live {
    head: Head,
    interval: Duration,
    due: Instant,
    end: Option<Instant>,
    device: Option<(File, String)>,
    coherence: Option<Receiver<Matrix>>,
}

/// How often the counters of all CPUs are compared: it takes both CPUs of a pair for
/// about a millisecond.
const COHERENCE_EVERY: Duration = Duration::from_secs(5);

impl Live {
    /// # Errors
    /// Where no clock answers, or the device has none.
    pub(crate) fn new(
        interval: Duration,
        length: Option<Duration>,
        device: Option<&Path>,
        with_coherence: bool,
    ) -> Result<Live, Failure> {
        let now = instanter_clock::pair()?;
        let device = device.map(|path| {
            let name = path.display().to_string();
            File::open(path)
                .map(|file| (file, name.clone()))
                .map_err(|error| Failure::new(format!("cannot open device {name:?}: {error}")))
        });
        let device = device.transpose()?;
        let head = Head {
            instanter_watch: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            utc: crate::utc::rfc3339(now.realtime),
            counter: instanter_counter::NAME.to_owned(),
            interval_s: interval.as_secs_f64(),
            device: device.as_ref().map(|(_, name)| name.clone()),
        };
        let start = Instant::now();
        Ok(Live {
            head,
            interval,
            due: start,
            end: length.and_then(|length| start.checked_add(length)),
            device,
            coherence: with_coherence.then(compare_cpus).flatten(),
        })
    }

    /// Looks at all clocks at once.
    pub(crate) fn look(&self) -> Result<Sample, Failure> {
        let before = instanter_clock::pair()?.monotonic;
        let device = match &self.device {
            Some((file, name)) => {
                let clock = DynamicClock::from_fd(file.as_raw_fd()).as_clock();
                Some(clock.now().map_err(|error| {
                    Failure::new(format!("{name:?} is no device with a clock: {error}"))
                })?)
            }
            None => None,
        };
        let now = instanter_clock::snapshot()?;
        let after = instanter_clock::pair()?.monotonic;
        let one_moment = now.counter.is_some() && device.is_none();
        let width = if one_moment { 0 } else { nanos(after).saturating_sub(nanos(before)) };
        let discipline = Clock::REALTIME.discipline().ok();
        Ok(Sample {
            clocks: Clocks {
                realtime: nanos(now.realtime),
                monotonic: nanos(now.monotonic),
                monotonic_raw: nanos(now.monotonic_raw),
                boottime: nanos(now.boottime),
                tai: nanos(now.tai),
                device: device.map(nanos),
            },
            width_ns: width.unsigned_abs(),
            epoch: epoch().cast_signed(),
            source: source(Clock::REALTIME).word().to_owned(),
            clock_source: kernel_clock_source().map(|name| name.as_str().to_owned()),
            cost_ns: cost(Clock::REALTIME)?,
            steered_ppm: discipline.map(|state| state.frequency_ppm()),
            synchronized: discipline.map(|state| state.synchronized),
            coherence: self.coherence.as_ref().and_then(|comparing| comparing.try_iter().last()),
        })
    }
}

/// Nanoseconds; a clock that shows the year 2262 or later stands there.
fn nanos(time: Timespec) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

/// Compares the counters of the CPUs again and again, until nobody listens.
fn compare_cpus() -> Option<Receiver<Matrix>> {
    let cpus = coherence::allowed_cpus().ok()?;
    let (to, from) = channel();
    let compare = move || {
        loop {
            match coherence::measure(&cpus) {
                Ok(matrix) => {
                    if to.send(matrix).is_err() {
                        return;
                    }
                }
                Err(coherence::Unmeasured::OneCpu) => return,
                // Busy now, it may be less so the next time.
                Err(_) => {}
            }
            std::thread::sleep(COHERENCE_EVERY);
        }
    };
    std::thread::Builder::new().spawn(compare).ok()?;
    Some(from)
}

impl Feed for Live {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next(&mut self) -> Result<Next, Failure> {
        let now = Instant::now();
        if self.end.is_some_and(|end| now >= end) {
            return Ok(Next::End);
        }
        if now < self.due {
            let next = self.end.map_or(self.due, |end| end.min(self.due));
            return Ok(Next::In(next - now));
        }
        // Looks that were missed, in a stopped process say, are left out.
        while self.due <= now {
            self.due += self.interval;
        }
        self.look().map(|sample| Next::Sample(Box::new(sample)))
    }
}

/// A recording, in the time in which it was made or faster.
pub(crate) struct Replay {
    head: Head,
    name: String,
    lines: Box<dyn BufRead>,
    number: u64,
    speed: Option<f64>,
    start: Option<(Instant, i64)>,
    waiting: Option<Box<Sample>>,
}

impl Replay {
    /// Opens a file, or standard input for `-`. Without a speed there is no waiting.
    ///
    /// # Errors
    /// Where it cannot be read, or is no recording.
    pub(crate) fn open(path: &Path, speed: Option<f64>) -> Result<Replay, Failure> {
        let name = path.display().to_string();
        let lines: Box<dyn BufRead> = if name == "-" {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path)
                .map_err(|error| Failure::new(format!("cannot open {name:?}: {error}")))?;
            Box::new(BufReader::new(file))
        };
        Replay::read(lines, name, speed)
    }

    pub(crate) fn read(
        mut lines: Box<dyn BufRead>,
        name: String,
        speed: Option<f64>,
    ) -> Result<Replay, Failure> {
        let first = line(&mut *lines, &name, 1)?.unwrap_or_default();
        let head: Head = serde_json::from_str(&first).map_err(|error| {
            Failure::new(format!(
                "{name:?} is not a recording of `instanter watch`: line 1, {:?}: {error}",
                shortened(&first)
            ))
        })?;
        if head.instanter_watch != FORMAT {
            return Err(Failure::new(format!(
                "{name:?} has format {}, recorded by instanter {}; this one reads format {FORMAT}",
                head.instanter_watch, head.version
            )));
        }
        Ok(Replay { head, name, lines, number: 1, speed, start: None, waiting: None })
    }

    fn sample(&mut self) -> Result<Option<Box<Sample>>, Failure> {
        self.number += 1;
        let Some(text) = line(&mut *self.lines, &self.name, self.number)? else { return Ok(None) };
        match serde_json::from_str(&text) {
            Ok(sample) => Ok(Some(sample)),
            // Whoever recorded was stopped in the middle of a line.
            Err(error) if error.is_eof() && !text.ends_with('\n') => Ok(None),
            Err(error) => Err(Failure::new(format!(
                "{:?}, line {}, {:?}: {error}",
                self.name,
                self.number,
                shortened(&text)
            ))),
        }
    }
}

fn line(from: &mut dyn BufRead, name: &str, number: u64) -> Result<Option<String>, Failure> {
    let mut text = String::new();
    match from.read_line(&mut text) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(Failure::new(format!("cannot read {name:?}, line {number}: {error}"))),
    }
}

/// The beginning of a line, for a message.
fn shortened(text: &str) -> String {
    text.trim_end().chars().take(60).collect()
}

impl Feed for Replay {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next(&mut self) -> Result<Next, Failure> {
        let sample = match self.waiting.take() {
            Some(sample) => sample,
            None => match self.sample()? {
                Some(sample) => sample,
                None => return Ok(Next::End),
            },
        };
        let at = sample.clocks.monotonic_raw;
        let (start, first) = *self.start.get_or_insert((Instant::now(), at));
        let Some(speed) = self.speed else { return Ok(Next::Sample(sample)) };
        let offset = at.saturating_sub(first).max(0) as f64 / 1e9 / speed;
        let due =
            Duration::try_from_secs_f64(offset).ok().and_then(|after| start.checked_add(after));
        let wait = due.map_or(Duration::MAX, |due| due.saturating_duration_since(Instant::now()));
        if wait.is_zero() {
            return Ok(Next::Sample(sample));
        }
        self.waiting = Some(sample);
        Ok(Next::In(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::super::pretend;
    use super::*;

    fn replay(text: String) -> Result<Vec<Sample>, String> {
        let lines = Box::new(io::Cursor::new(text));
        let read = || {
            let mut replay = Replay::read(lines, "a \"file\"".into(), None)?;
            let mut samples = Vec::new();
            while let Next::Sample(sample) = replay.next()? {
                samples.push(*sample);
            }
            Ok(samples)
        };
        read().map_err(|failure: Failure| failure.to_string())
    }

    #[test]
    fn what_is_recorded_is_replayed() {
        let samples = pretend::samples();
        let text = pretend::recording(&samples);
        assert_eq!(replay(text.clone()).as_deref(), Ok(samples.as_slice()));
        // Stopped in the middle of the last line.
        let cut = &text[..text.len() - 30];
        assert_eq!(replay(cut.to_owned()).as_deref(), Ok(&samples[..samples.len() - 1]));
    }

    #[test]
    fn what_is_no_recording_is_refused_with_its_place() {
        let text = pretend::recording(&pretend::samples());
        let mut lines: Vec<&str> = text.lines().collect();
        let broken = lines[2].replace("\"page\"", "7");
        lines[2] = &broken;
        let table = [
            (String::new(), "line 1"),
            ("{}\n".into(), "line 1, \"{}\""),
            ("\u{1b}[2J\n".into(), "\\u{1b}[2J"),
            (text.replace("\"instanter_watch\":1", "\"instanter_watch\":2"), "has format 2"),
            (lines.join("\n"), "line 3, \"{\\\"clocks\\\""),
        ];
        for (text, says) in table {
            let message = replay(text).expect_err("refused");
            assert!(message.contains(says) && message.contains("a \\\"file\\\""), "{message}");
        }
    }

    #[test]
    fn the_machine_answers() {
        let live = Live::new(Duration::from_millis(1), None, None, false).expect("clocks");
        let (one, other) = (live.look().expect("a look"), live.look().expect("a look"));
        assert!(other.clocks.monotonic > one.clocks.monotonic, "{one:?} {other:?}");
        assert!(one.cost_ns > 0.0 && !one.source.is_empty(), "{one:?}");
        let missing = Live::new(Duration::ZERO, None, Some(Path::new("/no/such/ptp")), false);
        assert!(missing.is_err_and(|error| error.to_string().contains("\"/no/such/ptp\"")));
    }

    #[test]
    fn speed_is_time_divided() {
        let samples = pretend::samples();
        let text = pretend::recording(&samples);
        let lines = Box::new(io::Cursor::new(text));
        let mut replay = Replay::read(lines, "x".into(), Some(1e-3)).expect("a recording");
        assert!(matches!(replay.next(), Ok(Next::Sample(_))), "the first is due at once");
        // Half a second at a thousandth of the speed: 500 s, less what went by.
        match replay.next() {
            Ok(Next::In(wait)) => {
                assert!(wait > Duration::from_secs(300) && wait < Duration::from_secs(501));
            }
            _ => panic!("the second is not due yet"),
        }
    }
}
