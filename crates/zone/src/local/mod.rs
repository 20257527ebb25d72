//! The local zone: which it is, how that is known, and how it follows changes.

mod find;
#[cfg(test)]
mod folder;
mod follow;
mod notices;
mod system;
mod watch;

use std::path::{Path, PathBuf};

use crate::search::{self, read_file};
use crate::{Error, Origin, Zone};
use find::Environment;
use follow::Follower;
pub(crate) use follow::Held;

static LOCAL: Follower = Follower::new();

pub(crate) fn hold() -> Option<Held> {
    LOCAL.hold()
}

/// The local zone of this process.
///
/// # What `TZ` yields
///
/// | `TZ` | [`Tradition::Glibc`] | [`Tradition::Go`] |
/// |---|---|---|
/// | not set | `/etc/localtime` | the same |
/// | not set, and no `/etc/localtime` | UTC, with a problem | the same |
/// | empty, or `:` | UTC | the same |
/// | `UTC` | the zone `UTC` of the files | UTC |
/// | `America/New_York` | that zone: of `TZDIR` if set, else of the system's folders, else of the copy in the program | that zone: of the system's folders, else of the copy in the program |
/// | `:America/New_York` | the same as without the colon | the same |
/// | `/path/of/a/file` | that file | the same |
/// | `/etc/localtime` | as not set | the same |
/// | `EST5EDT,M3.2.0,M11.1.0`, `<+03>-3` | these rules | UTC, with a problem |
/// | `EST5EDT` | the zone of that name, if there is one; else these rules | the zone of that name |
/// | `america/new_york` | UTC, with a problem: names of files have their own capitals, unless the copy in the program knows it | the same |
/// | `Mars/Olympus` | UTC, with a problem | the same |
/// | `../../etc/passwd` | UTC, with a problem | the same |
/// | `right/America/New_York` | UTC, with a problem: [leap seconds](crate::leap) | the same |
///
/// That is how Unix has it. Where `TZ` is not set, Windows has the name of its registry,
/// which Unicode's CLDR translates to one of the tz database; Android that of the property
/// `persist.sys.timezone`; illumos the line `TZ=` of `/etc/default/init`. WebAssembly has
/// nothing, and is at UTC. What is not a file is read at the first use and at
/// [`refresh`](Local::refresh). Windows has no tz database either: the zone is that of the
/// copy in the program (feature `tzdb`).
///
/// Where it says "with a problem", [`How::problem`] tells what it is. Two things
/// differ from glibc on purpose: names do not lead out of the folders, and what
/// cannot be understood is shown as `UTC`, not under a piece of its own text.
///
/// # When it is read
///
/// The environment is read at the first use and at [`refresh`](Local::refresh),
/// never in between. The file is read at the same moments, and again when it is
/// seen to have changed: [`Follow`] says when that is. [`zone`](Local::zone) is one
/// atomic load; no thread ever waits for another, except for the very first use.
///
/// The other functions take a lock while they look at files, and so does that first use.
/// A child made by `fork` while another thread was in one of them may call none but
/// [`zone`](Local::zone) and [`zone_at`](Local::zone_at), if the local zone was known
/// before; or all, if it was forked while everything was [`Still`](crate::Still).
///
/// A file that is gone leaves UTC, as it would for a program that starts now. One
/// that is there, but is no zone, leaves the zone that was found before: most
/// often it is being written, and will be read again when that is done. Either way
/// [`How::problem`] tells.
///
/// ```
/// use instanter_zone::Local;
/// let zone = Local::zone();
/// println!("{zone}, {}", Local::how());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Local;

/// Whose reading of `TZ` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tradition {
    /// That of glibc: names, paths and POSIX TZ strings; `TZDIR`.
    #[default]
    Glibc,
    /// That of Go: names and paths.
    Go,
}

/// How changes of the file are followed. The default is to look once a second.
///
/// ```
/// use instanter_zone::{Follow, Local};
/// // Be told of changes, or else look for them every ten seconds.
/// if let Err(error) = Local::follow(Follow::Notified) {
///     assert!(error.is_not_notified());
///     Local::follow(Follow::Interval { ns: 10_000_000_000 })?;
/// }
/// # Local::follow(Follow::default())?;
/// # Ok::<(), instanter_zone::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Follow {
    /// Not at all, but for [`Local::check`] and [`Local::refresh`].
    Frozen,
    /// [`Local::zone_at`] looks at the file when so many nanoseconds have gone by
    /// since the last look.
    Interval {
        /// Nanoseconds from one look to the next.
        ns: u64,
    },
    /// The kernel tells of changes as they happen, and those who read the zone make
    /// no system call (feature `notified`, Linux).
    ///
    /// A thread named `instanter-zone` sleeps until inotify wakes it, and then
    /// reads. It watches the folder of each step by which links lead to the file:
    /// so it sees a file that is replaced, deleted, made again or written to, a
    /// link that is put elsewhere, and an update of the tz database. What is being
    /// written counts when it is closed. The thread takes two file descriptors,
    /// blocks no signals, so that handlers may run on it as on any other, and is
    /// gone when another policy is chosen.
    ///
    /// Some changes no kernel tells of: those on the far side of a network file
    /// system, and a mount over a folder. So [`Local::zone_at`] looks once a minute
    /// all the same. In a child made by `fork` there is no such thread: at the
    /// first such look, the child goes over to one look a second. If the thread
    /// comes to a limit of inotify later on, the process does likewise.
    /// [`How::follow`] tells what is in force.
    Notified,
}

impl Follow {
    const DEFAULT_NS: u64 = 1_000_000_000;
}

impl Default for Follow {
    fn default() -> Follow {
        Follow::Interval { ns: Follow::DEFAULT_NS }
    }
}

/// Where the local zone was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: it is UTC because `TZ` says so, or for want of anything better.
    #[default]
    Utc,
    /// In this file.
    File(PathBuf),
    /// In the copy of the tz database in the program.
    Embedded,
    /// `TZ` itself is a POSIX TZ string.
    Posix,
}

/// How the local zone was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// The environment variable `TZ`, if it was set.
    pub tz: Option<String>,
    /// Whose reading of it counted.
    pub tradition: Tradition,
    /// Where the zone was found.
    pub source: Source,
    /// Why it is UTC, if it is for want of anything better; or, where `source` is
    /// a file, what is wrong with it now: the zone is what it held before.
    pub problem: Option<Error>,
    /// How changes are followed now: what was chosen, or, if that came to an end,
    /// what took its place.
    pub follow: Follow,
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.tz {
            Some(tz) => write!(f, "TZ={tz:?}")?,
            None => f.write_str("TZ is not set")?,
        }
        match &self.source {
            Source::Utc => f.write_str(", UTC")?,
            Source::File(path) => write!(f, ", file {}", path.display())?,
            Source::Embedded => f.write_str(", embedded copy of the tz database")?,
            Source::Posix => f.write_str(", a POSIX TZ string")?,
        }
        match &self.problem {
            Some(problem) => write!(f, " ({problem})"),
            None => Ok(()),
        }
    }
}

impl Local {
    /// Returns the local zone as it was last seen: an atomic load.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// let offset_s = Local::zone().offset_at(1_720_000_000);
    /// assert!(offset_s.abs() < 86_400);
    /// ```
    #[inline]
    #[must_use]
    pub fn zone() -> Zone {
        LOCAL.zone()
    }

    /// Returns the local zone, after a look at its file if that is due.
    ///
    /// The caller passes the time, in nanoseconds of any clock that does not go
    /// back, which it mostly has in hand: so nothing is spent on a clock, and there
    /// is no system call but for one look (two calls of `stat`) in an interval, by
    /// one of the threads.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// # let monotonic_ns = 0;
    /// let zone = Local::zone_at(monotonic_ns);
    /// # let _ = zone;
    /// ```
    #[inline]
    #[must_use]
    pub fn zone_at(monotonic_ns: u64) -> Zone {
        LOCAL.zone_at(monotonic_ns)
    }

    /// Returns how the local zone was found, and what went wrong if anything did.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// if let Some(problem) = Local::how().problem {
    ///     eprintln!("times are shown in {}: {problem}", Local::zone());
    /// }
    /// ```
    #[must_use]
    pub fn how() -> How {
        LOCAL.how()
    }

    /// Reads the environment and the file again, and returns the zone.
    ///
    /// # Environment
    /// Reading the environment while another thread changes it is what
    /// [`std::env::set_var`] warns of; this is the only function here besides the
    /// first use of the local zone that does it.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// assert_eq!(Local::refresh(), Local::zone());
    /// ```
    pub fn refresh() -> Zone {
        LOCAL.refresh(Environment::read(), None)
    }

    /// Has `TZ` read in the way of another tradition, and reads all again.
    ///
    /// ```
    /// use instanter_zone::{Local, Tradition};
    /// let zone = Local::refresh_as(Tradition::Go);
    /// assert_eq!(Local::how().tradition, Tradition::Go);
    /// # let _ = zone;
    /// ```
    pub fn refresh_as(tradition: Tradition) -> Zone {
        LOCAL.refresh(Environment::read(), Some(tradition))
    }

    /// Looks at the file now, and reads it if it has changed. Returns whether what
    /// it tells has. The environment is not read.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// let _ = Local::zone();
    /// assert!(!Local::check());
    /// ```
    pub fn check() -> bool {
        LOCAL.check()
    }

    /// Chooses how changes of the file are followed.
    ///
    /// # Errors
    /// [`Error::is_not_notified`] for [`Follow::Notified`] where the kernel does not
    /// tell of changes, a limit of the system's is reached, or the feature `notified`
    /// is off. What was in force before then stays so.
    ///
    /// ```
    /// use instanter_zone::{Follow, Local};
    /// Local::follow(Follow::Interval { ns: 60_000_000_000 })?;
    /// assert_eq!(Local::how().follow, Follow::Interval { ns: 60_000_000_000 });
    /// # Ok::<(), instanter_zone::Error>(())
    /// ```
    pub fn follow(follow: Follow) -> Result<(), Error> {
        LOCAL.follow(follow)
    }

    /// Returns the name of the local zone in the tz database.
    ///
    /// It is mostly known, from `TZ` or from where `/etc/localtime` leads to. Where
    /// that is a file of its own, the system's zones are compared with it, which
    /// takes some milliseconds; of several that are the same, the first of those
    /// that a list of zones by country (`zone1970.tab`, `zone.tab`) has, else the
    /// first by name.
    ///
    /// ```
    /// use instanter_zone::Local;
    /// if let Some(name) = Local::name() {
    ///     println!("[{name}]");
    /// }
    /// ```
    #[must_use]
    pub fn name() -> Option<&'static str> {
        name_of(Local::zone())
    }
}

fn name_of(zone: Zone) -> Option<&'static str> {
    if let Some(name) = zone.name() {
        return Some(name);
    }
    let Origin::File(path) = zone.origin() else { return None };
    name_by_content(Path::new(path))
}

fn name_by_content(path: &Path) -> Option<&'static str> {
    let bytes = read_file(path).ok()??;
    let folder = search::folders().iter().find(|folder| folder.is_dir())?;
    let same = |name: &&'static str| {
        let path = folder.join(name);
        std::fs::metadata(&path).is_ok_and(|about| about.len() == bytes.len() as u64)
            && read_file(&path).is_ok_and(|other| other.as_ref() == Some(&bytes))
    };
    let all: Vec<&'static str> = Zone::names().iter().copied().filter(same).collect();
    let listed = |file: &str| {
        let table = std::fs::read_to_string(folder.join(file)).ok()?;
        let named = |name: &&&'static str| {
            table
                .lines()
                .any(|line| !line.starts_with('#') && line.split('\t').nth(2) == Some(**name))
        };
        all.iter().find(named).copied()
    };
    listed("zone1970.tab").or_else(|| listed("zone.tab")).or_else(|| all.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_by_what_a_file_holds() {
        for (file, want) in [
            ("America/New_York", "America/New_York"),
            ("US/Eastern", "America/New_York"),
            ("Japan", "Asia/Tokyo"),
            ("Asia/Calcutta", "Asia/Kolkata"),
        ] {
            let path = Path::new("/usr/share/zoneinfo").join(file);
            // Not every system installs old names.
            if file != want && !path.exists() {
                use std::io::Write;
                let test = "name_by_what_a_file_holds";
                let _ = writeln!(std::io::stderr(), "skipped a part of {test}: no {file}");
                continue;
            }
            assert_eq!(name_by_content(&path), Some(want), "{file}");
        }
        assert_eq!(name_by_content(Path::new("/etc/passwd")), None);
    }
}
