//! What one reading goes through on this machine: gathered first, told later.

use instanter_clock::page::linux::{Frame, Mode, Proof};
use instanter_clock::vdso::{hash, names};
use instanter_clock::{
    AuxvOrigin, Candidate, Clock, Error, PAGE, Pin, Source, Survey, Timespec, Verdict, via,
};
use serde::Serialize;

use super::arithmetic::Sum;
use crate::cost::SideBySide;
use crate::now::Origin;
use crate::probe::{Count, count_system_calls};
use crate::vdso::{Loaded, hex};

#[derive(Debug, Serialize)]
pub(crate) struct Walk {
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// What `INSTANTER_SOURCE` says, where it says something.
    pub(crate) pinned: Option<&'static str>,
    pub(crate) auxv: Auxv,
    pub(crate) vdso: Option<Vdso>,
    pub(crate) symbol: Option<Symbol>,
    pub(crate) symbol_error: Option<String>,
    pub(crate) page: Option<Page>,
    pub(crate) page_error: Option<String>,
    pub(crate) candidates: Vec<Tried>,
    pub(crate) frame: Option<Copied>,
    pub(crate) frame_error: Option<String>,
    /// Monotonic clock and wall clock.
    pub(crate) arithmetic: Vec<Sum>,
    /// The monotonic clock, asked in this order.
    pub(crate) bracket: Vec<Answer>,
    /// Whether no answer is earlier than the one before.
    pub(crate) in_order: bool,
    pub(crate) cost: SideBySide,
    pub(crate) system_calls: Option<Count>,
    pub(crate) system_calls_error: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Auxv {
    /// `prctl`, `proc` or `nowhere`.
    pub(crate) read_by: &'static str,
    pub(crate) at_sysinfo_ehdr: Option<String>,
    pub(crate) page_size: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Vdso {
    pub(crate) address: String,
    pub(crate) soname: Option<String>,
    pub(crate) bytes: Option<usize>,
    pub(crate) has_sysv_hash: bool,
    pub(crate) has_gnu_hash: bool,
    /// Why the image could not be looked at.
    pub(crate) error: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Symbol {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) address: String,
    pub(crate) sysv_hash: String,
    pub(crate) gnu_hash: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) address: String,
    pub(crate) layout: &'static str,
    pub(crate) comparisons: u32,
    pub(crate) narrowest_ns: u64,
    /// Whether the fine clocks were proved, or only the coarse ones.
    pub(crate) fine: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Tried {
    pub(crate) layout: &'static str,
    pub(crate) address: String,
    /// Bytes that it lies before the vDSO.
    pub(crate) before_vdso: usize,
    /// `proved`, `refused` or `unreadable`.
    pub(crate) verdict: &'static str,
    pub(crate) reason: Option<String>,
}

/// The page's numbers at one moment. Those that may pass 2^53 are strings.
#[derive(Debug, Serialize)]
pub(crate) struct Copied {
    pub(crate) sequence: u32,
    pub(crate) mode: u32,
    pub(crate) mode_meaning: String,
    pub(crate) mult: u32,
    pub(crate) shift: u32,
    pub(crate) mask: String,
    pub(crate) origin: String,
    pub(crate) counter: String,
    /// Ticks of the counter in a second, as mult and shift have it.
    pub(crate) hertz: f64,
    pub(crate) in_namespace: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) by: &'static str,
    pub(crate) monotonic: String,
    /// Nanoseconds after the reading that is explained.
    pub(crate) after_ns: i64,
}

impl Walk {
    pub(crate) fn take() -> Result<Walk, Error> {
        instanter_clock::prepare();
        let survey = instanter_clock::survey();
        let frame = PAGE.frame(instanter_counter::ordered);
        let (frame, bracket) = bracket(frame.ok())?;
        let (symbol, symbol_error) = match symbol(&survey) {
            Ok(symbol) => (symbol, None),
            Err(error) => (None, Some(error)),
        };
        let counted = count_system_calls();
        Ok(Walk {
            origin: Origin::of(Clock::REALTIME),
            pinned: match survey.pin {
                Pin::At(source) => Some(source.word()),
                Pin::Free | Pin::Unknown(_) => None,
            },
            auxv: auxv(&survey),
            vdso: survey.vdso.map(vdso),
            symbol,
            symbol_error,
            page: survey.page.ok().and_then(|proof| page(&survey, proof)),
            page_error: survey.page.err().map(|why| why.to_string()),
            candidates: tried(&survey),
            frame: frame.map(copied),
            frame_error: PAGE.frame(instanter_counter::ordered).err().map(|why| why.to_string()),
            arithmetic: frame.iter().flat_map(sums).collect(),
            in_order: bracket.is_sorted_by_key(|answer| answer.after_ns),
            bracket,
            cost: SideBySide::measure(),
            system_calls: counted.clone().ok(),
            system_calls_error: counted.err(),
        })
    }
}

fn auxv(survey: &Survey) -> Auxv {
    Auxv {
        read_by: match survey.auxv.origin {
            AuxvOrigin::Prctl => "prctl",
            AuxvOrigin::Proc => "proc",
            AuxvOrigin::Nowhere => "nowhere",
        },
        at_sysinfo_ehdr: survey.auxv.vdso.map(|address| hex(address as u64)),
        page_size: survey.auxv.page_size,
    }
}

fn vdso(address: usize) -> Vdso {
    let mut vdso = Vdso {
        address: hex(address as u64),
        soname: None,
        bytes: None,
        has_sysv_hash: false,
        has_gnu_hash: false,
        error: None,
    };
    match Loaded::own() {
        Ok(loaded) => {
            vdso.bytes = Some(loaded.bytes.len());
            match loaded.image() {
                Ok(image) => {
                    vdso.soname = image.soname().map(str::to_owned);
                    vdso.has_sysv_hash = image.has_sysv_hash();
                    vdso.has_gnu_hash = image.has_gnu_hash();
                }
                Err(error) => vdso.error = Some(error.to_string()),
            }
        }
        Err(error) => vdso.error = Some(error.to_string()),
    }
    vdso
}

fn symbol(survey: &Survey) -> Result<Option<Symbol>, String> {
    let functions = survey.functions.map_err(|why| why.to_string())?;
    Ok(names::NATIVE.map(|names| Symbol {
        name: names.clock_gettime,
        version: names.version,
        address: hex(functions.clock_gettime as u64),
        sysv_hash: hex(u64::from(hash::sysv(names.clock_gettime))),
        gnu_hash: hex(u64::from(hash::gnu(names.clock_gettime))),
    }))
}

fn tried(survey: &Survey) -> Vec<Tried> {
    let vdso = survey.vdso.unwrap_or(0);
    let one = |candidate: &Candidate| Tried {
        layout: candidate.layout.kernels,
        address: hex(candidate.address as u64),
        before_vdso: vdso.saturating_sub(candidate.address),
        verdict: match candidate.verdict {
            Verdict::Unreadable => "unreadable",
            Verdict::Refused(_) => "refused",
            Verdict::Proved(_) => "proved",
        },
        reason: match candidate.verdict {
            Verdict::Refused(refusal) => Some(refusal.to_string()),
            Verdict::Unreadable | Verdict::Proved(_) => None,
        },
    };
    survey.candidates().map(one).collect()
}

fn page(survey: &Survey, proof: Proof) -> Option<Page> {
    let is_proved = |candidate: &&Candidate| matches!(candidate.verdict, Verdict::Proved(_));
    let proved = survey.candidates().find(is_proved)?;
    Some(Page {
        address: hex(proved.address as u64),
        layout: proof.layout.kernels,
        comparisons: proof.comparisons,
        narrowest_ns: proof.narrowest_ns,
        fine: proof.fine,
    })
}

fn copied(frame: Frame) -> Copied {
    let line = frame.disciplined.line;
    let meaning = PAGE.place().map(|place| Mode::of(frame.mode, place.layout.cpu).to_string());
    Copied {
        sequence: frame.sequence,
        mode: frame.mode,
        mode_meaning: meaning.unwrap_or_default(),
        mult: line.mult,
        shift: line.shift,
        mask: hex(line.mask),
        origin: line.origin.to_string(),
        counter: frame.counter.to_string(),
        // mult / 2^shift nanoseconds a tick.
        hertz: 1e9 * 2f64.powi(line.shift.cast_signed()) / f64::from(line.mult),
        in_namespace: frame.namespace.is_some(),
    }
}

fn sums(frame: &Frame) -> [Sum; 2] {
    [Clock::MONOTONIC, Clock::REALTIME].map(|clock| Sum::of(frame, clock))
}

/// Reads the monotonic clock with the slower ways around the way that is
/// explained, so that its answer must lie between theirs.
///
/// The frame is taken anew in the middle of them.
fn bracket(known: Option<Frame>) -> Result<(Option<Frame>, Vec<Answer>), Error> {
    let slower = [Source::Syscall, Source::Vdso];
    let ask = |source: Source| via(source, Clock::MONOTONIC);
    let before = slower.map(ask);
    let frame = known.and_then(|_| PAGE.frame(instanter_counter::ordered).ok());
    let here = match &frame {
        Some(frame) => frame.clock(Clock::MONOTONIC.id() as usize),
        None => instanter_clock::pair()?.monotonic,
    };
    let after = [Source::Vdso, Source::Syscall].map(ask);

    let name = |source: Source| match source {
        Source::Page => "page",
        Source::Vdso => "vdso",
        Source::Syscall => "syscall",
        Source::System => "system",
    };
    let answer = |by, time: Timespec| Answer {
        by,
        monotonic: time.to_string(),
        after_ns: (time.as_nanos() - here.as_nanos()) as i64,
    };
    let mut answers = Vec::new();
    let outer =
        |source: Source, time: Option<Timespec>| time.map(|time| answer(name(source), time));
    answers.extend(slower.into_iter().zip(before).filter_map(|(source, time)| outer(source, time)));
    answers.push(answer(if frame.is_some() { "page" } else { "now" }, here));
    answers.extend(
        slower.into_iter().rev().zip(after).filter_map(|(source, time)| outer(source, time)),
    );
    Ok((frame, answers))
}
