//! What the kernel tells of a thread in `/proc/TID/status`.

/// Whether a bit is in one of its sets, of signals or capabilities, by the set's name with the
/// colon (`CapEff:`).
pub(crate) fn is_in_set(tid: i32, name: &str, bit: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{tid}/status")).unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix(name));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .is_some_and(|set| set >> bit & 1 != 0)
}
