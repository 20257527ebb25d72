//! File systems that programs serve (FUSE). Nothing there is read by us: who serves it may be a
//! process of the tree that waits for us meanwhile, and then everybody would.

use std::fs;

/// What a process has mounted: its `/proc/PID/mountinfo`.
pub(super) struct Mounts(String);

impl Mounts {
    pub(super) fn of(tid: i32) -> Mounts {
        let text = fs::read(format!("/proc/{tid}/mountinfo")).unwrap_or_default();
        Mounts(String::from_utf8_lossy(&text).into_owned())
    }

    /// Whether a device, as `/proc/PID/maps` has it, is such a file system.
    pub(super) fn serve_device(&self, device: &str) -> bool {
        let number = |digits| u32::from_str_radix(digits, 16).ok();
        let device = device.split_once(':');
        let Some((major, minor)) = device.and_then(|(a, b)| number(a).zip(number(b))) else {
            return false;
        };
        self.any(|[_, _, of]| of == format!("{major}:{minor}"))
    }

    /// Whether a file that a thread has open is on one.
    pub(super) fn serve_file(&self, tid: i32, file: i32) -> bool {
        let about = fs::read_to_string(format!("/proc/{tid}/fdinfo/{file}")).unwrap_or_default();
        let mount = about.lines().find_map(|line| line.strip_prefix("mnt_id:")).map(str::trim);
        mount.is_some_and(|mount| self.any(|[id, ..]| id == mount))
    }

    /// Whether there is one with these first words: its number, that of what it is mounted on,
    /// and its device.
    fn any(&self, is_it: impl Fn([&str; 3]) -> bool) -> bool {
        self.0.lines().any(|line| {
            let Some((place, kind)) = line.split_once(" - ") else { return false };
            let mut words = place.splitn(4, ' ');
            let Some(first) = words.next().zip(words.next()).zip(words.next()) else {
                return false;
            };
            let ((id, parent), device) = first;
            kind.starts_with("fuse") && is_it([id, parent, device])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
21 27 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 27 0:21 / /proc rw,relatime - proc proc rw
40 21 0:58 / /tmp/a\\040-\\040b rw,nosuid shared:9 master:3 - fuse.bindfs src rw,user_id=0
41 21 0:7 / /sys/fs/c rw - tmpfs fuse rw
no line
";

    #[test]
    fn what_programs_serve_is_known_by_number_and_device() {
        let mounts = Mounts(TEXT.to_owned());
        let devices = ["00:3a", "fe:00", "00:15", "00:07", "3a:00", "", "x:y"];
        let served = devices.map(|device| mounts.serve_device(device));
        assert_eq!(served, [true, false, false, false, false, false, false]);
        let by_number = |number: &str| mounts.any(|[id, ..]| id == number);
        assert_eq!(["40", "41", "21", "4"].map(by_number), [true, false, false, false]);
    }

    #[test]
    fn own_files_are_no_programs() {
        let own = std::process::id() as i32;
        let file = fs::File::open("/proc/self/exe").expect("it is there");
        let file = std::os::fd::AsRawFd::as_raw_fd(&file);
        let mounts = Mounts::of(own);
        assert!(mounts.0.contains(" - "), "{}", mounts.0);
        assert!(!mounts.serve_file(own, file) && !mounts.serve_file(own, -1));
    }
}
