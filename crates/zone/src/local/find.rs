//! From `TZ` and `/etc/localtime` to a zone.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::watch::Watch;
use super::{Follow, How, Source, Tradition, system};
use crate::error::Kind;
use crate::search::{FOLDERS, check_name, from_embedded, name_in_path, of_file, read_file};
use crate::{Error, Zone, bundle};

/// What the local zone depends on.
pub(crate) struct Environment {
    pub tz: Option<OsString>,
    pub tzdir: Option<OsString>,
    pub localtime: PathBuf,
}

impl Environment {
    /// Reads the environment variables.
    pub(crate) fn read() -> Environment {
        Environment {
            tz: std::env::var_os("TZ"),
            tzdir: std::env::var_os("TZDIR").filter(|folder| !folder.is_empty()),
            localtime: PathBuf::from("/etc/localtime"),
        }
    }
}

/// What was found, and the file that would have to be looked at again.
pub(crate) struct Found {
    pub zone: Zone,
    pub how: How,
    pub watch: Watch,
}

pub(crate) type Answer = Result<(Zone, Source), Error>;

pub(crate) fn find(environment: &Environment, tradition: Tradition) -> Found {
    let tz = environment.tz.as_ref().map(|tz| tz.to_string_lossy().into_owned());
    let mut watch = Watch::NOTHING;
    let answer = match (&tz, tradition) {
        (None, _) => system::local(environment, &mut watch),
        (Some(tz), Tradition::Glibc) => glibc(environment, tz, &mut watch),
        (Some(tz), Tradition::Go) => go(environment, tz, &mut watch),
    };
    let (zone, source, problem) = match answer {
        Ok((zone, source)) => (zone, source, None),
        Err(error) => (Zone::UTC, Source::Utc, Some(error)),
    };
    Found { zone, how: How { tz, tradition, source, problem, follow: Follow::default() }, watch }
}

fn glibc(environment: &Environment, tz: &str, watch: &mut Watch) -> Answer {
    let value = tz.strip_prefix(':').unwrap_or(tz);
    if value.is_empty() {
        return Ok((Zone::UTC, Source::Utc));
    }
    if Path::new(value) == environment.localtime {
        return system::local(environment, watch);
    }
    // In glibc TZDIR takes the place of the one folder; the others are searched
    // because other systems keep their zones there.
    let folders = match &environment.tzdir {
        Some(folder) => vec![PathBuf::from(folder)],
        None => FOLDERS.map(PathBuf::from).to_vec(),
    };
    let file = match named(&folders, value, watch) {
        Ok(Some(answer)) => return Ok(answer),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    let rules = match Zone::posix(value) {
        Ok(zone) => {
            *watch = Watch::NOTHING;
            return Ok((zone, Source::Posix));
        }
        Err(error) => error,
    };
    // What went wrong with the file says more, if it looked like the name of one.
    Err(file.unwrap_or_else(|| {
        if check_name(value).is_ok() && !value.contains([',', '<']) {
            not_found(value, &folders)
        } else {
            rules
        }
    }))
}

fn go(environment: &Environment, tz: &str, watch: &mut Watch) -> Answer {
    let value = tz.strip_prefix(':').unwrap_or(tz);
    if value.is_empty() || value == "UTC" {
        return Ok((Zone::UTC, Source::Utc));
    }
    if Path::new(value) == environment.localtime {
        return system::local(environment, watch);
    }
    let folders = FOLDERS.map(PathBuf::from);
    let found = named(&folders, value, watch)?;
    found.ok_or_else(|| not_found(value, &folders))
}

/// A path, or a name in the folders or else in the copy in the program.
fn named(
    folders: &[PathBuf],
    value: &str,
    watch: &mut Watch,
) -> Result<Option<(Zone, Source)>, Error> {
    if value.starts_with('/') {
        let path = PathBuf::from(value);
        *watch = Watch::at(&path);
        let Some(bytes) = read_file(&path)? else { return Err(not_found(value, &[])) };
        let zone = of_file(&path, name_in_path(&path).as_deref(), &bytes)?;
        return Ok(Some((zone, Source::File(path))));
    }
    check_name(value)?;
    for folder in folders {
        let path = folder.join(value);
        *watch = Watch::at(&path);
        if let Some(bytes) = read_file(&path)? {
            let zone = of_file(&path, Some(value), &bytes)?;
            return Ok(Some((zone, Source::File(path))));
        }
    }
    if let Some((zone, file)) = bundle::find(value)? {
        *watch = Watch::at(file);
        return Ok(Some((zone, Source::File(file.to_owned()))));
    }
    // There is none, but one may come.
    *watch = folders.first().map_or(Watch::NOTHING, |folder| Watch::at(&folder.join(value)));
    Ok(from_embedded(value)?.map(|zone| (zone, Source::Embedded)))
}

/// The zone of a value that the system keeps in the place of `TZ`.
#[cfg_attr(
    not(any(windows, target_os = "android", target_os = "illumos", target_os = "solaris")),
    allow(dead_code)
)]
pub(super) fn of_value(environment: &Environment, value: &str, watch: &mut Watch) -> Answer {
    glibc(environment, value, watch)
}

fn not_found(value: &str, folders: &[PathBuf]) -> Error {
    let mut places: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    if places.is_empty() {
        places.push("/".into());
    }
    Kind::NotFound { name: value.into(), searched: places.join(", ") }.into()
}
