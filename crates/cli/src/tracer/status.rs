//! What the kernel tells of a thread in `/proc/TID/status`.

/// A thread's lines. Of one that has gone there are none.
pub(crate) struct Status(String);

impl Status {
    pub(crate) fn of(tid: i32) -> Status {
        Status(std::fs::read_to_string(format!("/proc/{tid}/status")).unwrap_or_default())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }

    /// One of its sets, of signals or capabilities: a bit each. Empty if there is none.
    pub(crate) fn set(&self, name: &str) -> u64 {
        self.value(name).and_then(|set| u64::from_str_radix(set, 16).ok()).unwrap_or(0)
    }

    /// Whether a signal is in a set of signals.
    pub(crate) fn has_signal(&self, set: &str, signal: i32) -> bool {
        (1..=64).contains(&signal) && self.set(set) >> (signal - 1) & 1 != 0
    }

    /// One of its numbers, if this kernel tells it.
    pub(crate) fn number(&self, name: &str) -> Option<i32> {
        self.value(name)?.parse().ok()
    }

    /// Its effective user.
    pub(crate) fn user(&self) -> Option<u32> {
        self.value("Uid")?.split_whitespace().nth(1)?.parse().ok()
    }

    /// The process of the thread.
    pub(crate) fn process(&self) -> Option<i32> {
        self.number("Tgid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_numbers() {
        let text = "Name:\tSigCgt: 1\nTgid:\t123\nNgid:\t0\nSigBlk:\t8000000000000001\n\
                    SigCgt:\t0000000000000010\nCapEff:\tffff\nSigIgn:\tnone\n";
        let status = Status(text.to_owned());
        assert_eq!(status.process(), Some(123));
        assert_eq!((status.set("SigCgt"), status.set("CapEff")), (0x10, 0xffff));
        assert_eq!((status.set("SigIgn"), status.set("SigQ")), (0, 0));
        let blocked = |signal| status.has_signal("SigBlk", signal);
        assert_eq!(
            [-1, 0, 1, 2, 63, 64, 65].map(blocked),
            [false, false, true, false, false, true, false]
        );
        assert!(status.has_signal("SigCgt", nix::libc::SIGTRAP));
        assert_eq!(Status("Uid:\t0\t65534\t1\t2\n".to_owned()).user(), Some(65534));
        assert_eq!((status.user(), status.number("Ngid")), (None, Some(0)));
        let gone = Status::of(-1);
        assert_eq!((gone.process(), gone.set("SigBlk")), (None, 0));
        assert_eq!(
            Status::of(std::process::id() as i32).process(),
            Some(std::process::id() as i32)
        );
    }
}
