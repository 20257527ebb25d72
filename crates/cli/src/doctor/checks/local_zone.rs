//! The local zone: `/etc/localtime`, `TZ`, and what they cost.

use std::path::Path;

use instanter_zone::{Table, Zone, embedded_names};

use super::Kind;
use super::tzdata::{FOLDER, folder};
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::{System, why_not};
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::nanos;

pub(super) const KIND: Kind = Kind {
    name: "local-zone",
    title: "Local zone",
    why: "Where TZ is not set, glibc looks at /etc/localtime anew at each localtime() and mktime(): a \
          system call, in each line of a log that shows local time. A TZ that names no zone is taken \
          for UTC, without a word.",
    how: "Looks at /etc/localtime, /etc/timezone and TZ, and measures the system call (stat) that \
          glibc makes where TZ is not set.\n\
          degraded: /etc/localtime is a copy that no installed zone equals, or leads nowhere; or TZ \
          names no zone; or /etc/timezone says otherwise.\n\
          bad: /etc/localtime cannot be read as a zone.",
    look,
};

const FILE: &str = "/etc/localtime";

fn look(system: &System) -> Finding {
    let file = local_file(system);
    let variable = system.machine().variable("TZ");
    let finding = match (&file, variable.as_deref()) {
        (_, Some(value)) if !is_zone(system, value) => {
            Finding::new(Level::Degraded, format!("TZ={value:?} names no zone: programs show UTC"))
                .remedy(
                    Remedy::new("Set TZ to a name of the tz database, or leave it unset.")
                        .command("unset TZ")
                        .command("instanter zone --list"),
                )
        }
        (File::Broken(why), _) => {
            Finding::new(Level::Bad, format!("{FILE} is no zone: {why}")).remedy(choose())
        }
        (File::Dangling(target), _) => Finding::new(
            Level::Degraded,
            format!("{FILE} leads to {target:?}, which is not there: local time is UTC"),
        )
        .remedy(choose()),
        (File::OldCopy, _) => Finding::new(
            Level::Degraded,
            format!("{FILE} is a copy that no installed zone equals: updates do not reach it"),
        )
        .remedy(choose()),
        (File::Link(name), _) if contradicts(system, name).is_some() => Finding::new(
            Level::Degraded,
            format!(
                "{FILE} is {name} and /etc/timezone says {:?}",
                contradicts(system, name).unwrap_or_default()
            ),
        )
        .remedy(choose()),
        (File::Unknown(why), None) => Finding::skipped(why.clone()),
        (file, _) => Finding::good(file.summary(variable.as_deref())),
    };
    let finding = finding.detail(FILE, file.describe()).detail(
        "TZ",
        variable.as_deref().map_or("not set".to_owned(), |value| format!("{value:?}")),
    );
    let Ok(path) = system.path(FILE) else { return finding };
    let Ok(cost) = system.machine().stat_ns(&path) else { return finding };
    let finding = finding.figure(metrics::LOCALTIME, cost / 1e9);
    let each = nanos(cost);
    if variable.is_some() {
        return finding
            .detail("cost", format!("none: TZ is set, so that glibc does not look ({each} else)"));
    }
    let finding =
        finding.detail("cost", format!("{each} at each localtime() of glibc: TZ is not set"));
    if finding.is_good() {
        finding.remedy(
            Remedy::new(format!(
                "A program that shows local time often is spared {each} each time by TZ in its \
                 environment (it then learns of a new {FILE} when it is started again)."
            ))
            .command("export TZ=:/etc/localtime"),
        )
    } else {
        finding
    }
}

/// What `/etc/localtime` is.
#[derive(Debug)]
enum File {
    Absent,
    /// A link to a zone of this name.
    Link(String),
    /// A copy of the installed zone of this name.
    Copy(String),
    /// A copy that is like none that is installed.
    OldCopy,
    Dangling(String),
    Broken(String),
    Unknown(String),
}

impl File {
    fn describe(&self) -> String {
        match self {
            File::Absent => "not there: local time is UTC".to_owned(),
            File::Link(name) => format!("a link to {name}"),
            File::Copy(name) => {
                format!("a copy of {name}: updates of the tz database do not reach it")
            }
            File::OldCopy => "a copy that no installed zone equals".to_owned(),
            File::Dangling(target) => format!("a link to {target}, which is not there"),
            File::Broken(why) | File::Unknown(why) => why.clone(),
        }
    }

    fn summary(&self, variable: Option<&str>) -> String {
        match variable {
            Some(value) => format!("TZ={value:?}"),
            None => format!("{FILE} is {}; TZ is not set", self.describe()),
        }
    }
}

fn local_file(system: &System) -> File {
    let target = system.link(FILE).ok();
    let bytes = match system.bytes(FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match target {
                Some(target) => File::Dangling(target.display().to_string()),
                None => File::Absent,
            };
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return File::Unknown(why_not(FILE, &error));
        }
        Err(error) => return File::Broken(why_not(FILE, &error)),
    };
    if let Err(error) = Table::from_tzif(&bytes) {
        return File::Broken(error.to_string());
    }
    let folder = folder(system);
    if let Some(target) = target {
        return File::Link(zone_name(&target, &folder));
    }
    let same =
        |name: &String| system.bytes(&format!("{folder}/{name}")).is_ok_and(|own| own == bytes);
    match embedded_names().into_iter().find(same) {
        Some(name) => File::Copy(name),
        None => File::OldCopy,
    }
}

/// The zone that a link means, or where it leads.
fn zone_name(target: &Path, folder: &str) -> String {
    let text = target.to_string_lossy();
    let after = |folder: &str| {
        let (_, name) = text.split_once(&format!("{}/", folder.trim_matches('/')))?;
        Some(name.to_owned())
    };
    after(folder).or_else(|| after(FOLDER)).unwrap_or_else(|| text.into_owned())
}

/// What `/etc/timezone` says, where it names another zone. Names that are links to
/// each other are the same.
fn contradicts(system: &System, name: &str) -> Option<String> {
    let told = system.maybe("/etc/timezone")?;
    let told =
        told.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    if told == name {
        return None;
    }
    let folder = folder(system);
    let other = system.bytes(&format!("{folder}/{told}")).ok();
    (other.is_none() || other != system.bytes(FILE).ok()).then(|| told.to_owned())
}

/// Whether glibc makes something of a value of `TZ`: a file, or rules.
fn is_zone(system: &System, value: &str) -> bool {
    let name = value.strip_prefix(':').unwrap_or(value);
    if name.is_empty() {
        return true;
    }
    let path =
        if name.starts_with('/') { name.to_owned() } else { format!("{}/{name}", folder(system)) };
    let is_file = system.bytes(&path).is_ok_and(|bytes| Table::from_tzif(&bytes).is_ok());
    // An absolute path that is not there is UTC, and mostly meant to be.
    is_file || name.starts_with('/') || Zone::posix(value).is_ok()
}

fn choose() -> Remedy {
    Remedy::new("Choose the zone anew (put its name in the place of Europe/Berlin).")
        .command(format!("ln -sf {FOLDER}/Europe/Berlin {FILE}"))
        .command("timedatectl set-timezone Europe/Berlin   # the same, where systemd runs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put, utc_file};
    use crate::doctor::verdict::Check;
    use std::os::unix::fs::symlink;

    const BERLIN: &str = "/usr/share/zoneinfo/Europe/Berlin";

    fn check(tz: Option<&str>, fill: impl Fn(&Path)) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        put(root, "/etc/hosts", "");
        put(root, BERLIN, utc_file());
        fill(root);
        let mut machine = Pretended::default();
        machine.variables.clear();
        if let Some(tz) = tz {
            machine.variables.insert("TZ", tz.to_owned());
        }
        KIND.check(&machine.system(root))
    }

    fn link(root: &Path, target: &str) {
        symlink(target, root.join("etc/localtime")).expect("a link");
    }

    #[test]
    fn the_file_is_judged() {
        let altered = || {
            utc_file()
                .iter()
                .map(|&byte| if byte == b'U' { b'V' } else { byte })
                .collect::<Vec<_>>()
        };
        type Fill = Box<dyn Fn(&Path)>;
        let table: [(Fill, Level, &str); 7] = [
            (Box::new(|root| link(root, BERLIN)), Level::Good, "a link to Europe/Berlin"),
            (
                Box::new(|root| link(root, "../usr/share/zoneinfo/Europe/Berlin")),
                Level::Good,
                "Berlin",
            ),
            (Box::new(|root| put(root, FILE, utc_file())), Level::Good, "a copy of Europe/Berlin"),
            (
                Box::new(move |root| put(root, FILE, altered())),
                Level::Degraded,
                "no installed zone equals",
            ),
            (
                Box::new(|root| link(root, "/nowhere")),
                Level::Degraded,
                "\"/nowhere\", which is not there",
            ),
            (Box::new(|root| put(root, FILE, "garbage")), Level::Bad, "is no zone"),
            (Box::new(|_| {}), Level::Good, "not there: local time is UTC"),
        ];
        for (fill, level, text) in table {
            let check = check(None, fill);
            assert_eq!(check.level, level, "{text}: {check:?}");
            assert!(check.summary.contains(text), "{text}: {check:?}");
        }
    }

    #[test]
    fn the_cost_of_an_unset_variable_is_told() {
        let unset = check(None, |root| link(root, BERLIN));
        assert!(
            unset.details.iter().any(|detail| detail.text.starts_with("600 ns at each")),
            "{unset:?}"
        );
        assert_eq!(unset.remedy.expect("one").commands, ["export TZ=:/etc/localtime"]);
        let set = check(Some("Europe/Berlin"), |root| link(root, BERLIN));
        assert!(
            set.details.iter().any(|detail| detail.text.starts_with("none: TZ is set")),
            "{set:?}"
        );
    }

    #[test]
    fn a_variable_that_names_no_zone_is_degraded() {
        let table = [
            ("Europe/Berlin", Level::Good),
            (":Europe/Berlin", Level::Good),
            (":/etc/localtime", Level::Good),
            ("CET-1CEST,M3.5.0,M10.5.0/3", Level::Good),
            ("", Level::Good),
            ("Europ/Berlin", Level::Degraded),
            ("../../etc/hosts", Level::Degraded),
        ];
        for (value, level) in table {
            let check = check(Some(value), |root| link(root, BERLIN));
            assert_eq!(check.level, level, "{value:?}: {check:?}");
        }
    }

    #[test]
    fn two_files_that_disagree_are_degraded() {
        let check = check(None, |root| {
            link(root, BERLIN);
            put(root, "/etc/timezone", "Asia/Tokyo\n");
        });
        assert_eq!(check.level, Level::Degraded, "{check:?}");
        assert!(check.summary.contains("Asia/Tokyo"), "{check:?}");
    }
}
