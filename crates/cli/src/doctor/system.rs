//! What checks look at: the system's files below a root, and the machine.
//!
//! Both can be another's, so that a test has a machine with a slow clock source,
//! with one CPU, without sysfs, or in a sandbox that answers nothing.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use instanter_clock::Discipline;

use super::coherence::Matrix;
use super::measured::{Costs, Counter, Granularity, Image, Rates, Stress};
use super::tool::Answer;

/// Files are read up to this size: nothing that is meant is longer, and a file of
/// `/proc` may be endless.
const LONGEST_FILE: u64 = 4 << 20;

/// Links followed before they count as a loop; the kernel's own limit.
const MOST_LINKS: usize = 40;

/// What is asked of the machine itself.
pub(crate) trait Machine {
    /// An environment variable of this process.
    fn variable(&self, name: &str) -> Option<String>;
    /// The CPUs that this process may run on.
    fn cpus(&self) -> Result<Vec<usize>, String>;
    /// What the CPU says of its counter.
    fn counter(&self) -> Counter;
    /// The vDSO that this process was given.
    fn image(&self) -> Image;
    /// What readings cost.
    fn costs(&self) -> Result<Costs, String>;
    /// How the counters of CPUs agree.
    fn coherence(&self, cpus: &[usize]) -> Result<Matrix, String>;
    /// Whether time goes backward while all CPUs read it.
    fn stress(&self, cpus: &[usize]) -> Result<Stress, String>;
    /// The steps in which clocks go.
    fn granularity(&self) -> Result<Granularity, String>;
    /// How fast clocks go beside each other.
    fn rates(&self) -> Result<Rates, String>;
    /// The kernel's discipline of the wall clock.
    fn discipline(&self) -> Result<Discipline, String>;
    /// Unix time in seconds.
    fn unix_s(&self) -> i64;
    /// Lets time pass.
    fn pause(&self, time: Duration);
    /// Runs a program of the system's and returns what it says.
    fn ask(&self, program: &str, args: &[&str]) -> Answer;
    /// What one `stat` of a file costs, in nanoseconds.
    fn stat_ns(&self, path: &Path) -> Result<f64, String>;
}

/// A system to be judged.
pub(crate) struct System {
    root: PathBuf,
    machine: Box<dyn Machine>,
    costs: OnceLock<Result<Costs, String>>,
    first_look: OnceLock<Result<Discipline, String>>,
}

impl System {
    /// A machine, with the system's files below `root`.
    pub(crate) fn new(root: impl Into<PathBuf>, machine: Box<dyn Machine>) -> System {
        System { root: root.into(), machine, costs: OnceLock::new(), first_look: OnceLock::new() }
    }

    pub(crate) fn machine(&self) -> &dyn Machine {
        &*self.machine
    }

    /// What readings cost; measured once.
    pub(crate) fn costs(&self) -> Result<&Costs, String> {
        self.costs.get_or_init(|| self.machine.costs()).as_ref().map_err(String::clone)
    }

    /// The wall clock's discipline as it was first looked at.
    pub(crate) fn first_look(&self) -> Result<Discipline, String> {
        self.first_look.get_or_init(|| self.machine.discipline()).clone()
    }

    /// Where a path of the system's is, links followed within the root.
    pub(crate) fn path(&self, path: &str) -> io::Result<PathBuf> {
        let mut ahead: Vec<_> = parts(Path::new(path));
        let mut real = PathBuf::new();
        let mut links = 0;
        while let Some(part) = ahead.pop() {
            if part == ".." {
                real.pop();
                continue;
            }
            let entry = self.root.join(&real).join(&part);
            match std::fs::read_link(&entry) {
                // The links of /proc lead to what has no path.
                Ok(target) if !entry.starts_with(self.root.join("proc")) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::Error::other("links that lead in a circle"));
                    }
                    if target.is_absolute() {
                        real.clear();
                    }
                    ahead.extend(parts(&target));
                }
                _ => real.push(part),
            }
        }
        Ok(self.root.join(real))
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, path: &str) -> io::Result<Vec<u8>> {
        use io::Read;
        let path = self.path(path)?;
        // Opening what is no file, a pipe for one, may wait for ever.
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(LONGEST_FILE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A file's text, without white space at its end.
    pub(crate) fn text(&self, path: &str) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes(path)?).trim_end().to_owned())
    }

    /// A file's text, if it can be read.
    pub(crate) fn maybe(&self, path: &str) -> Option<String> {
        self.text(path).ok()
    }

    /// Where a link leads, as it is written.
    pub(crate) fn link(&self, path: &str) -> io::Result<PathBuf> {
        let path = Path::new(path);
        let (Some(folder), Some(name)) = (path.parent().and_then(Path::to_str), path.file_name())
        else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        std::fs::read_link(self.path(folder)?.join(name))
    }

    /// The names in a folder, in order; none where it is not there.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let Ok(entries) = self.path(path).and_then(std::fs::read_dir) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    /// Whether there is anything of that name.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).is_ok_and(|path| path.exists())
    }
}

/// The steps of a path, the last one first.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    path.components()
        .rev()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

/// Why a file could not be read, for a person.
pub(crate) fn why_not(path: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("{path} is not there"),
        io::ErrorKind::PermissionDenied => format!("{path}: no permission to read it"),
        _ => format!("{path}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::pretend::Pretended;
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_stay_below_the_root() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("usr/share/zoneinfo")).expect("folders");
        std::fs::create_dir_all(root.join("etc")).expect("folders");
        std::fs::write(root.join("usr/share/zoneinfo/UTC"), "zone\n").expect("a file");
        symlink("/usr/share/zoneinfo/UTC", root.join("etc/absolute")).expect("a link");
        symlink("../usr/share/./zoneinfo/UTC", root.join("etc/relative")).expect("a link");
        symlink("../../../../etc/passwd", root.join("etc/outside")).expect("a link");
        symlink("loop", root.join("etc/loop")).expect("a link");
        let system = System::new(root, Box::new(Pretended::default()));
        for path in ["/etc/absolute", "/etc/relative", "/usr/share/zoneinfo/UTC"] {
            assert_eq!(system.text(path).expect(path), "zone", "{path}");
        }
        for path in ["/etc/outside", "/etc/loop", "/etc", "/etc/absent"] {
            assert!(system.text(path).is_err(), "{path}");
        }
        assert_eq!(
            system.link("/etc/absolute").expect("a link"),
            Path::new("/usr/share/zoneinfo/UTC")
        );
        assert_eq!(system.names("/usr/share/zoneinfo"), ["UTC"]);
        assert!(system.names("/nowhere").is_empty());
    }
}
