//! Programs that read the CPU's counter themselves: told by `instanter fake`, and followed with
//! `--trap-tsc`.

use crate::fake::{SECOND, passed, seconds, seen};
use crate::path;
use crate::report::Seen;
use crate::run::instanter;
use instanter_counter::{frequency, ordered};

/// The first kernel that can trap reads of the counter.
const SINCE: (u32, u32) = (6, 12);

/// Whether this kernel can, by its version.
pub fn can_be_trapped(release: &str) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|it| it.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= SINCE
}

/// What this kernel cannot do is refused before the program starts.
pub fn refused(release: &str) -> Seen {
    let program = path("dynamic-rust");
    let words = ["fake", "--trap-tsc", "--", &program.to_string_lossy(), "page", "0"];
    let ended = instanter(&words)?;
    let says_so = ended.complaint.contains("--trap-tsc takes Linux 6.12 or newer")
        && ended.complaint.contains(release);
    if ended.status == 0 || !ended.output.is_empty() || !says_so {
        return Err(ended.described("it is not refused"));
    }
    Ok(ended.complaint.trim().to_owned())
}

/// Without that, a read of the counter is told, once, and where it is.
pub fn told(program: &str) -> Seen {
    let program = path(program);
    let words = ["fake", "--rate", "100", "--", &program.to_string_lossy(), "1"];
    let ended = instanter(&words)?.well()?;
    let told: Vec<&str> = ended.complaint.lines().collect();
    match &told[..] {
        [line] if line.contains(" reads the CPU's counter in ") => Ok((*line).to_owned()),
        _ => Err(ended.described("it is not told once")),
    }
}

/// Counter and clocks go ten times as fast, and in step: each reading of a clock lies between
/// two of the counter, and so does what passes between two readings.
pub fn pace(program: &str) -> Seen {
    const RATE: i128 = 10;
    let (truth, readings) = seen(&["--rate", "10", "--trap-tsc"], program, "pace", RATE * SECOND)?;
    let end = ordered();
    truth.compare_by_trapped(&readings, RATE, end)?;
    let (shown, counted) = passed(&truth, &readings)?;
    if shown < RATE * SECOND {
        return Err(format!("the program has waited for {} only", seconds(shown)));
    }
    let true_time = truth.passed(end);
    Ok(format!(
        "{} by the clock and {} by the counter in {}",
        seconds(shown),
        seconds(counted),
        seconds(true_time)
    ))
}

/// A tree: a program, its thread, its child, and the program which that becomes.
struct Tree {
    options: &'static [&'static str],
    /// What each of them sleeps, in seconds of its own.
    sleeps: u64,
    rate: u64,
}

const TREES: &[Tree] = &[
    Tree { options: &["--rate", "100"], sleeps: 50, rate: 100 },
    Tree { options: &["--offset", "1h"], sleeps: 1, rate: 1 },
    // These see the true time, and the true counter.
    Tree { options: &["--offset", "1h", "--children", "not"], sleeps: 1, rate: 1 },
];

/// Each of a tree reads a counter that goes as its clock goes, and the true frequency.
pub fn trees(program: &str) -> Seen {
    let hertz = frequency().ok_or("the counter's frequency is not known")?;
    let mut reads = 0;
    for tree in TREES {
        let start = ordered();
        let output = ran(tree.options, program, &[&tree.sleeps.to_string()])?;
        let most = (ordered() - start) * tree.rate;
        let wrong = |what: &str| format!("{what}: {:?} {output:?}", tree.options);
        let all = spent(&output, hertz).ok_or_else(|| wrong("not what it prints"))?;
        // A fault and a signal of its own came to its handler.
        if all.own != 2 || all.ticks.len() != 4 {
            return Err(wrong("not what it must see"));
        }
        // One tick is lost by rounding.
        if all.ticks.iter().any(|ticks| ticks + 1 < tree.sleeps * hertz) {
            return Err(wrong("the counter was slower than the clock"));
        }
        // They ran one after the other.
        if all.ticks.iter().sum::<u64>() > most {
            return Err(wrong(&format!("the counter was faster than the clock, by {most} ticks")));
        }
        reads += all.ticks.len();
    }
    let output = ran(&["--freeze", "--clock", "monotonic"], program, &["0", "once"])?;
    let stood = spent(&output, hertz).is_some_and(|all| all.ticks == [0] && all.own == 0);
    if !stood {
        return Err(format!("a clock that stands: {output:?}"));
    }
    Ok(format!("{reads} programs, threads and children at {hertz} Hz"))
}

/// What the lines of a tree say.
struct Spent {
    ticks: Vec<u64>,
    own: usize,
}

/// Nothing, if a line says something else, or another frequency.
fn spent(output: &str, hertz: u64) -> Option<Spent> {
    let mut spent = Spent { ticks: Vec::new(), own: 0 };
    let mut frequencies = 0;
    for line in output.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["ticks", ticks, _] => spent.ticks.push(ticks.parse().ok()?),
            ["frequency", shown] if shown.parse() == Ok(hertz) => frequencies += 1,
            ["fault" | "raised", "1", "1"] => spent.own += 1,
            _ => return None,
        }
    }
    (frequencies == spent.ticks.len()).then_some(spent)
}

fn ran(options: &[&str], program: &str, arguments: &[&str]) -> Result<String, String> {
    let program = path(program);
    let program = program.to_string_lossy();
    let words = [&["fake", "--trap-tsc"], options, &["--", &program], arguments].concat();
    Ok(instanter(&words)?.well()?.output)
}
