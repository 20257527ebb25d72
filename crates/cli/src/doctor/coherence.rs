//! How the counters of CPUs agree: a matrix of bounds, measured by two threads
//! that pass a ball through a cache line.
//!
//! One thread is pinned to CPU *a*, the other to CPU *b*. The first reads its
//! counter (t₀) and plays; the second sees that, reads its own (t₁) and plays back;
//! the first sees that and reads again (t₂). In true time t₁ lies between t₀ and t₂.
//! So if *b*'s counter is ahead of *a*'s by θ, then t₁ − t₂ < θ < t₁ − t₀: each round
//! is a proof, and what all rounds allow is an interval, the narrower the more of
//! them there are. No symmetry of the two ways is assumed. An interval without zero
//! in it says that the counters differ for certain, and that a program can see time
//! go backward from one CPU to the other.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use instanter_counter as counter;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// Rounds after which an interval hardly narrows any more.
const ROUNDS: u32 = 2_000;

/// Fewer rounds than these say nothing: a busy machine did not let both run.
const FEWEST_ROUNDS: u32 = 8;

/// How long all pairs may take together; on CPUs that are free one takes a millisecond.
const BUDGET: Duration = Duration::from_secs(4);

/// How long one may take, at least and at most: on a CPU with ten others that want it, both
/// threads run at once only now and then.
const LIMITS: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(1)];

/// How often a thread looks at its deadline while it waits for the other.
const SPINS: u32 = 1 << 10;

/// Up to so many CPUs every pair is measured: 120 pairs.
const EVERY_PAIR: usize = 16;

/// How the counters of some CPUs agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Matrix {
    /// The CPUs, in order.
    pub(crate) cpus: Vec<usize>,
    /// Whether every pair was meant to be measured, or a sample.
    pub(crate) every_pair: bool,
    /// What was measured.
    pub(crate) pairs: Vec<Pair>,
    /// Pairs that could not be measured: too busy, or gone offline.
    pub(crate) missed: Vec<(usize, usize)>,
}

/// Two CPUs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// The counter of `b` is ahead of that of `a` by at least so many nanoseconds,
    pub(crate) low_ns: f64,
    /// and by at most so many.
    pub(crate) high_ns: f64,
    /// The fastest way there and back.
    pub(crate) round_trip_ns: f64,
    /// Rounds played.
    pub(crate) rounds: u32,
}

impl Pair {
    /// The counters differ by no more than this, in nanoseconds.
    pub(crate) fn bound_ns(&self) -> f64 {
        self.low_ns.abs().max(self.high_ns.abs())
    }

    /// They differ by at least this; zero where they may agree.
    pub(crate) fn certain_ns(&self) -> f64 {
        self.low_ns.max(-self.high_ns).max(0.0)
    }
}

impl Matrix {
    /// The pair of two CPUs, whichever was first.
    #[allow(dead_code, reason = "for those who draw the matrix; here lists are enough")]
    pub(crate) fn between(&self, a: usize, b: usize) -> Option<&Pair> {
        self.pairs.iter().find(|pair| (pair.a, pair.b) == (a, b) || (pair.a, pair.b) == (b, a))
    }

    /// No two counters that were measured differ by more, in nanoseconds.
    pub(crate) fn bound_ns(&self) -> f64 {
        self.pairs.iter().map(Pair::bound_ns).fold(0.0, f64::max)
    }

    /// The pair that differs for certain, and most.
    pub(crate) fn worst(&self) -> Option<&Pair> {
        self.pairs
            .iter()
            .filter(|pair| pair.certain_ns() > 0.0)
            .max_by(|one, other| one.certain_ns().total_cmp(&other.certain_ns()))
    }
}

/// Why nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unmeasured {
    /// There is one CPU, and nothing to compare it with.
    OneCpu,
    /// A thread could not be bound to a CPU.
    NotPinned(String),
    /// No pair got as far as an answer.
    Busy,
}

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unmeasured::OneCpu => f.write_str("this process may run on one CPU only"),
            Unmeasured::NotPinned(why) => write!(f, "threads cannot be bound to CPUs: {why}"),
            Unmeasured::Busy => f.write_str("the machine was too busy to let two CPUs answer"),
        }
    }
}

/// The CPUs that this process may run on, in order.
pub(crate) fn allowed_cpus() -> Result<Vec<usize>, String> {
    let set = sched_getaffinity(Pid::from_raw(0))
        .map_err(|errno| format!("sched_getaffinity: {}", errno.desc()))?;
    Ok((0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)).collect())
}

/// Binds the calling thread to a CPU.
pub(crate) fn pin(cpu: usize) -> Result<(), String> {
    let mut set = CpuSet::new();
    set.set(cpu)
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &set))
        .map_err(|errno| format!("CPU {cpu}: {}", errno.desc()))
}

/// Measures how the counters of `cpus` agree: every pair of up to sixteen; of more,
/// each with the first and with its neighbour.
///
/// Takes about a millisecond a pair on CPUs that are free, and some seconds where they
/// are not. Starts threads, which are gone when it returns.
///
/// # Errors
/// In words why not a single pair could be measured.
pub(crate) fn measure(cpus: &[usize]) -> Result<Matrix, Unmeasured> {
    if cpus.len() < 2 {
        return Err(Unmeasured::OneCpu);
    }
    let every_pair = cpus.len() <= EVERY_PAIR;
    let (mut pairs, mut missed, mut trouble) = (Vec::new(), Vec::new(), None);
    let (start, start_ticks) = (Instant::now(), counter::ordered());
    let chosen = chosen(cpus, every_pair);
    let share = BUDGET / u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    let limit = share.clamp(LIMITS[0], LIMITS[1]);
    for (a, b) in chosen {
        match play(a, b, limit) {
            Ok(Some(ticks)) => pairs.push((a, b, ticks)),
            Ok(None) => missed.push((a, b)),
            Err(why) => {
                missed.push((a, b));
                trouble = Some(why);
            }
        }
    }
    while start.elapsed() < Duration::from_millis(5) {}
    let ticks = counter::ordered().wrapping_sub(start_ticks).max(1);
    let nanos_a_tick = start.elapsed().as_nanos() as f64 / ticks as f64;
    if pairs.is_empty() {
        return Err(trouble.map_or(Unmeasured::Busy, Unmeasured::NotPinned));
    }
    let pairs = pairs.into_iter().map(|(a, b, ticks)| ticks.into_pair(a, b, nanos_a_tick));
    Ok(Matrix { cpus: cpus.to_vec(), every_pair, pairs: pairs.collect(), missed })
}

/// The pairs to be measured.
fn chosen(cpus: &[usize], every_pair: bool) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (place, &a) in cpus.iter().enumerate() {
        for (distance, &b) in cpus[place + 1..].iter().enumerate() {
            if every_pair || place == 0 || distance == 0 {
                pairs.push((a, b));
            }
        }
    }
    pairs
}

/// What the rounds of a pair allow, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    low: i64,
    high: i64,
    round_trip: i64,
    rounds: u32,
}

impl Ticks {
    const NOTHING: Ticks = Ticks { low: i64::MIN, high: i64::MAX, round_trip: i64::MAX, rounds: 0 };

    /// One more round: `b` read t₁ between two reads of `a`.
    fn add(&mut self, [before, between, after]: [u64; 3]) {
        let difference = |one: u64, other: u64| one.wrapping_sub(other).cast_signed();
        self.low = self.low.max(difference(between, after));
        self.high = self.high.min(difference(between, before));
        self.round_trip = self.round_trip.min(difference(after, before));
        self.rounds += 1;
    }

    fn into_pair(self, a: usize, b: usize, nanos_a_tick: f64) -> Pair {
        let nanos = |ticks: i64| ticks as f64 * nanos_a_tick;
        Pair {
            a,
            b,
            low_ns: nanos(self.low),
            high_ns: nanos(self.high),
            round_trip_ns: nanos(self.round_trip),
            rounds: self.rounds,
        }
    }
}

/// The line through which two threads play: its words are 128 bytes from
/// anything else, because some CPUs fetch lines in twos.
#[repr(align(128))]
#[derive(Default)]
struct Ball {
    /// Odd numbers are `a`'s moves, even ones `b`'s; [`OVER`] ends it.
    turn: AtomicU64,
    /// The counter of `a` at its move,
    served: AtomicU64,
    /// and that of `b`.
    answered: AtomicU64,
}

const OVER: u64 = u64::MAX;

/// Plays between two CPUs. Nothing where there were too few rounds.
fn play(a: usize, b: usize, limit: Duration) -> Result<Option<Ticks>, String> {
    let ball = &Ball::default();
    let deadline = Instant::now() + limit;
    thread::scope(|scope| {
        // Threads, both: the caller's own affinity stays as it is.
        let second = thread::Builder::new()
            .spawn_scoped(scope, move || answer(ball, b, deadline))
            .map_err(|error| error.to_string())?;
        let first = thread::Builder::new().spawn_scoped(scope, move || serve(ball, a, deadline));
        let first = match first {
            Ok(first) => first,
            Err(error) => {
                ball.turn.store(OVER, Ordering::Release);
                return Err(error.to_string());
            }
        };
        let lost = || "a measuring thread ended early".to_owned();
        let served = first.join().map_err(|_| lost())?;
        second.join().map_err(|_| lost())??;
        let ticks = served?;
        Ok((ticks.rounds >= FEWEST_ROUNDS).then_some(ticks))
    })
}

fn serve(ball: &Ball, cpu: usize, deadline: Instant) -> Result<Ticks, String> {
    let mut ticks = Ticks::NOTHING;
    let pinned = pin(cpu);
    if pinned.is_ok() {
        for round in 0..u64::from(ROUNDS) {
            let before = counter::ordered();
            // The move is seen after this, and this cannot be before it was read.
            ball.served.store(before, Ordering::Relaxed);
            ball.turn.store(2 * round + 1, Ordering::Release);
            if wait_for(ball, 2 * round + 2, deadline).is_none() {
                break;
            }
            let after = counter::ordered();
            ticks.add([before, ball.answered.load(Ordering::Relaxed), after]);
        }
    }
    ball.turn.store(OVER, Ordering::Release);
    pinned.map(|()| ticks)
}

fn answer(ball: &Ball, cpu: usize, deadline: Instant) -> Result<(), String> {
    let pinned = pin(cpu);
    if pinned.is_err() {
        ball.turn.store(OVER, Ordering::Release);
        return pinned;
    }
    for round in 0..u64::from(ROUNDS) {
        if wait_for(ball, 2 * round + 1, deadline).is_none() {
            break;
        }
        ball.answered.store(counter::ordered(), Ordering::Relaxed);
        // The other may have given up meanwhile; its word stands.
        let moved = ball.turn.compare_exchange(
            2 * round + 1,
            2 * round + 2,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        if moved.is_err() {
            break;
        }
    }
    Ok(())
}

/// Waits for a move. Nothing where the play is over, or the time.
fn wait_for(ball: &Ball, turn: u64, deadline: Instant) -> Option<()> {
    loop {
        for _ in 0..SPINS {
            match ball.turn.load(Ordering::Acquire) {
                seen if seen == turn => return Some(()),
                OVER => return None,
                _ => std::hint::spin_loop(),
            }
        }
        if Instant::now() >= deadline {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_narrow_the_interval() {
        // b is ahead of a by 1000 ticks; the ways take 30 to 90 ticks each.
        let mut ticks = Ticks::NOTHING;
        let mut at = 5_000u64;
        for round in 0..20 {
            let (there, back) = (30 + round * 3, 90 - round * 3);
            ticks.add([at, at + there + 1_000, at + there + back]);
            at += 500;
        }
        assert_eq!((ticks.low, ticks.high), (1_000 - 33, 1_030));
        assert_eq!((ticks.round_trip, ticks.rounds), (120, 20));
        let pair = ticks.into_pair(0, 1, 0.5);
        assert_eq!((pair.low_ns, pair.high_ns), (483.5, 515.0));
        assert_eq!((pair.bound_ns(), pair.certain_ns()), (515.0, 483.5));
    }

    #[test]
    fn what_may_be_equal_is_not_called_different() {
        let pair = |low_ns, high_ns| Pair {
            a: 0,
            b: 1,
            low_ns,
            high_ns,
            round_trip_ns: high_ns - low_ns,
            rounds: 100,
        };
        let table = [(-40.0, 60.0, 60.0, 0.0), (5.0, 90.0, 90.0, 5.0), (-90.0, -5.0, 90.0, 5.0)];
        for (low, high, bound, certain) in table {
            let pair = pair(low, high);
            assert_eq!((pair.bound_ns(), pair.certain_ns()), (bound, certain), "{low} to {high}");
        }
    }

    #[test]
    fn pairs_are_all_or_a_sample() {
        assert_eq!(chosen(&[0, 2, 5], true), [(0, 2), (0, 5), (2, 5)]);
        assert_eq!(chosen(&[0, 1, 2, 3], false), [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)]);
        assert_eq!(chosen(&(0..16).collect::<Vec<_>>(), true).len(), 120);
        assert_eq!(measure(&[3]), Err(Unmeasured::OneCpu));
    }

    #[test]
    fn cpus_that_are_not_there_are_told() {
        let absent = CpuSet::count() - 1;
        if allowed_cpus().is_ok_and(|cpus| cpus.contains(&absent)) {
            return;
        }
        match measure(&[0, absent]) {
            Err(Unmeasured::NotPinned(why)) => assert!(why.contains(&absent.to_string()), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn this_machine() {
        let cpus = allowed_cpus().expect("the kernel tells");
        match measure(&cpus) {
            Ok(matrix) => {
                assert_eq!(matrix.cpus, cpus);
                for pair in &matrix.pairs {
                    assert!(pair.low_ns <= pair.high_ns, "{pair:?}");
                    assert!(pair.rounds >= FEWEST_ROUNDS, "{pair:?}");
                    assert_eq!(matrix.between(pair.b, pair.a), Some(pair));
                    assert!(matrix.bound_ns() >= pair.bound_ns());
                }
            }
            Err(Unmeasured::OneCpu) => assert!(cpus.len() < 2),
            // A machine that is busy, and a sandbox that forbids it.
            Err(why) => crate::doctor::pretend::skipped("coherence::this_machine", &why),
        }
    }
}
