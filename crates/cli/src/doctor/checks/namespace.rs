//! Whether this process lives in a time namespace.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::system::{System, why_not};
use crate::quantity::span;

pub(super) const KIND: Kind = Kind {
    name: "namespace",
    title: "Time namespace",
    why: "In a time namespace the monotonic and the boot clock are shifted: their values mean nothing \
          to processes outside, and files or messages that carry them across are misread.",
    how: "Reads /proc/self/timens_offsets and compares /proc/self/ns/time with /proc/1/ns/time.",
    look,
};

const OFFSETS: &str = "/proc/self/timens_offsets";

fn look(system: &System) -> Finding {
    let text = match system.text(OFFSETS) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return if system.has("/proc/self") {
                Finding::good("none: this kernel has no time namespaces")
            } else {
                Finding::skipped("not known: /proc is not there")
            };
        }
        Err(error) => return Finding::skipped(why_not(OFFSETS, &error)),
    };
    let offsets: Vec<(&str, f64)> = text.lines().filter_map(offset).collect();
    let shifted: Vec<_> = offsets.iter().filter(|(_, seconds)| *seconds != 0.0).collect();
    let own = system.link("/proc/self/ns/time").ok();
    let first = system.link("/proc/1/ns/time").ok();
    let finding = if shifted.is_empty() {
        let other = own.is_some() && first.is_some() && own != first;
        Finding::good(if other {
            "another one than the first process's, without offsets"
        } else {
            "none that shifts a clock"
        })
    } else {
        let each: Vec<_> = shifted
            .iter()
            .map(|(clock, seconds)| format!("{clock} by {}", span(*seconds)))
            .collect();
        Finding::good(format!("clocks are shifted: {}", each.join(", "))).measured(format!(
            "This process is in a time namespace that shifts {}. The time page and the vDSO reckon \
             with it.",
            each.join(" and ")
        ))
    };
    match own {
        Some(own) => finding.detail("namespace", own.display().to_string()),
        None => finding,
    }
}

/// `monotonic  86400  0`: clock, seconds, nanoseconds.
fn offset(line: &str) -> Option<(&str, f64)> {
    let mut words = line.split_whitespace();
    let clock = words.next()?;
    let mut number = || words.next()?.parse::<i64>().ok();
    let (seconds, nanos) = (number()?, number()?);
    Some((clock, seconds as f64 + nanos as f64 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};
    use crate::doctor::verdict::Level;

    #[test]
    fn offsets_are_told() {
        let table = [
            (
                "monotonic           0         0\nboottime            0         0\n",
                "none that shifts a clock",
            ),
            (
                "monotonic      -86400 500000000\nboottime         7200         0\n",
                "clocks are shifted: monotonic by −24 hours, boottime by 2 hours",
            ),
            ("garbage\n\nmonotonic x y\n", "none that shifts a clock"),
        ];
        for (text, want) in table {
            let folder = tempfile::tempdir().expect("a folder");
            put(folder.path(), OFFSETS, text);
            let check = KIND.check(&Pretended::default().system(folder.path()));
            assert_eq!((check.level, check.summary.as_str()), (Level::Good, want), "{text:?}");
        }
        let check = KIND.check(&Pretended::default().bare());
        assert_eq!(check.level, Level::Skipped);
    }
}
