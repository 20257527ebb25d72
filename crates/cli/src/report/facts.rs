//! What the page tells, gathered before anything is written.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::bench;
use crate::clocks::{self, Absent, Row};
use crate::doctor::coherence::{self, Matrix};
use crate::doctor::{self, verdict::Verdict};
use crate::explain::Walk;
use crate::failure::Failure;
use crate::vdso;
use crate::watch::{Live, Model, Which};

/// Everything, as far as it can be had: what cannot is told in words.
pub(super) struct Facts {
    pub(super) machine: Machine,
    pub(super) verdict: Verdict,
    pub(super) walk: Walk,
    pub(super) costs: bench::Report,
    pub(super) clocks: Vec<Row>,
    pub(super) absent: Vec<Absent>,
    pub(super) coherence: Result<Matrix, String>,
    pub(super) drift: Model,
    pub(super) symbols: Result<vdso::Report, String>,
}

/// Which machine it is, and when.
pub(super) struct Machine {
    pub(super) host: String,
    pub(super) kernel: String,
    pub(super) cpu: String,
    pub(super) utc: String,
    /// In the local zone, for a person.
    pub(super) local: String,
}

/// Looks at the clocks while drift is watched for are a tenth of a second apart, or
/// as far as gives this many.
const LOOKS: u32 = 600;

impl Facts {
    /// Gathers it all, and watches the clocks' drift for `length`.
    pub(super) fn gather(length: Duration, bar: &Steps) -> Result<Facts, Failure> {
        bar.say("the machine");
        let machine = Machine::this()?;
        bar.say("the doctor's verdict");
        let verdict = doctor::examine(&[]);
        bar.say("one reading, step by step");
        let walk = Walk::take()?;
        bar.say("what readings cost");
        let costs = bench::Report::quick()?;
        bar.say("every clock");
        let (clocks, absent) = clocks::all()?;
        bar.say("the CPUs' counters");
        let coherence = coherence::allowed_cpus()
            .and_then(|cpus| coherence::measure(&cpus).map_err(|why| why.to_string()));
        let drift = watch(length, bar)?;
        let symbols = vdso::own().map_err(|failure| failure.to_string());
        Ok(Facts { machine, verdict, walk, costs, clocks, absent, coherence, drift, symbols })
    }
}

impl Machine {
    fn this() -> Result<Machine, Failure> {
        let now = instanter_clock::pair()?.realtime;
        let read = |file: &str| {
            let text = std::fs::read_to_string(file).ok()?;
            let line = text.trim().to_owned();
            (!line.is_empty()).then_some(line)
        };
        let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
        let model = read("/proc/cpuinfo").and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        Ok(Machine {
            host: or_unknown(read("/proc/sys/kernel/hostname")),
            kernel: or_unknown(read("/proc/sys/kernel/osrelease")),
            cpu: model.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            utc: crate::utc::rfc3339(now),
            local: instanter::Zoned::now()
                .strftime("%A, %-d %B %Y, %H:%M:%S %Z")
                .map(|text| text.to_string())
                .unwrap_or_default(),
        })
    }
}

/// Watches the clocks go.
fn watch(length: Duration, bar: &Steps) -> Result<Model, Failure> {
    let interval = (length / LOOKS).max(Duration::from_millis(100));
    let live = Live::new(interval, None, None, false)?;
    let mut model = Model::new(Which::Raw);
    let start = Instant::now();
    loop {
        model.push(live.look()?);
        let left = length.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(model);
        }
        bar.say(&format!("how clocks drift: {} s more", left.as_secs() + 1));
        std::thread::sleep(interval.min(left));
    }
}

/// What is being done, on a terminal.
pub(super) struct Steps(ProgressBar);

impl Steps {
    pub(super) fn new() -> Steps {
        // Draws on standard error, and nothing where that is no terminal.
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        Steps(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())))
    }

    fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
        self.0.tick();
    }

    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
