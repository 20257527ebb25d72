//! Times to ask a zone for, and what its answers must have to do with each other.

use instanter_zone::{Resolved, Table};

/// Some times that the input decides on: near 1970 to 2100, and all over 64 bits.
pub fn of(bytes: &[u8]) -> Vec<i64> {
    let mut state = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as i64
    };
    let far = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    (0..24).map(|turn| next() >> [0, 20, 30, 31][turn % 4]).chain(far).collect()
}

/// Asks one table in all ways.
pub fn explore(table: &Table, instants: &[i64]) {
    for &unix_s in instants {
        let local = table.at(unix_s);
        assert_eq!(table.offset_at(unix_s), local.offset_s, "offset at {unix_s}");
        let interval = table.interval_at(unix_s);
        assert_eq!(interval.local, local, "interval at {unix_s}");
        assert!(interval.start.is_none_or(|start| start <= unix_s), "{interval:?} at {unix_s}");
        assert!(interval.end.is_none_or(|end| unix_s < end), "{interval:?} at {unix_s}");
        if let Some(next) = table.next_transition(unix_s) {
            assert_eq!(Some(next.at), interval.end);
            assert_eq!((next.before, next.after), (local, table.at(next.at)), "after {unix_s}");
            assert_eq!(table.at(next.at - 1), local, "up to {}", next.at);
        }
        if let Some(previous) = table.previous_transition(unix_s) {
            assert!(previous.at < unix_s);
            assert_eq!(table.at(previous.at), previous.after, "at {}", previous.at);
        }
        let mut last = unix_s;
        for transition in table.transitions(unix_s).take(8) {
            assert!(transition.at > last);
            last = transition.at;
        }
        let Some(local_s) = unix_s.checked_add(i64::from(local.offset_s)) else { continue };
        // Where transitions are days apart, local time has at most two answers, and
        // this time must be one of them.
        let alone = |end: Option<i64>| end.is_none_or(|end| end.abs_diff(unix_s) > 4 * 86_400);
        if alone(interval.start) && alone(interval.end) {
            let answer = table.resolve(local_s);
            let want = Resolved::Unambiguous { offset_s: local.offset_s };
            assert_eq!(answer, want, "{unix_s}, shown as {local_s}");
        } else {
            let _ = table.resolve(local_s);
        }
    }
}
