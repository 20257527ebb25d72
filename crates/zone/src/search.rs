//! Finding a zone by name: in the folders of the system's tz database, and in the
//! copy in the program.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::error::Kind;
use crate::still::take;
use crate::version::{self, Version};
use crate::zone::Origin;
use crate::{Error, Table, Zone, bundle, embedded, register};

/// Where systems keep their zones, in the order that they are looked at.
pub(crate) const FOLDERS: [&str; 3] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ"];

/// A file of a zone has some kilobytes; what is larger than this is none.
const MOST_BYTES: u64 = 1 << 20;

/// Where [`Zone::get_from`] looks for a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Search {
    /// The system's files, then the copy in the program.
    #[default]
    SystemFirst,
    /// The system's files only.
    System,
    /// The copy in the program only.
    Embedded,
    /// Whichever of the two has the newer version, then the other. The system's
    /// files count as newer where both have the same, and where they do not tell
    /// theirs: see [`system_version`].
    Newest,
}

pub(crate) type Found = BTreeMap<(Search, String), Zone>;

static FOUND: Mutex<Found> = Mutex::new(BTreeMap::new());

/// What is read once a process. Not a `OnceLock`, since these can be held: see [`hold`].
type Once<T> = Mutex<Option<&'static [T]>>;

static NAMES: Once<&'static str> = Mutex::new(None);
static SYSTEM_NAMES: Once<String> = Mutex::new(None);

/// The locks of the search.
pub(crate) type Held = (
    MutexGuard<'static, Found>,
    MutexGuard<'static, Option<&'static [&'static str]>>,
    MutexGuard<'static, Option<&'static [String]>>,
);

pub(crate) fn hold() -> Option<Held> {
    Some((take(&FOUND)?, take(&NAMES)?, take(&SYSTEM_NAMES)?))
}

fn once<T>(place: &'static Once<T>, read: impl FnOnce() -> Vec<T>) -> &'static [T] {
    let mut known = place.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_with(|| Vec::leak(read()))
}

impl Zone {
    /// Returns the zone of a name of the tz database, such as `America/New_York`,
    /// in capital or small letters.
    ///
    /// It is looked for in the folder that the environment variable `TZDIR` names
    /// (if it is set when this is first called), in `/usr/share/zoneinfo`,
    /// `/usr/share/lib/zoneinfo` and `/usr/lib/locale/TZ`, then in the copy in the
    /// program (feature `tzdb`). A zone is read once: later calls return the same.
    ///
    /// # Errors
    /// [`Error::is_not_found`]; [`Error::is_bad_name`] for a name that begins with
    /// `/`, has a part `.` or `..`, or anything but printable ASCII;
    /// [`Error::is_io`] and [`Error::is_malformed`] for a file that cannot be read.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// match Zone::get("america/new_york") {
    ///     Ok(zone) => assert_eq!(zone.name(), Some("America/New_York")),
    ///     Err(error) => assert!(error.is_not_found()),
    /// }
    /// assert!(Zone::get("../../etc/passwd").unwrap_err().is_bad_name());
    /// ```
    pub fn get(name: &str) -> Result<Zone, Error> {
        Zone::get_from(name, Search::SystemFirst)
    }

    /// Returns the zone of a name, as [`get`](Zone::get), from where one wants it.
    ///
    /// # Errors
    /// As [`get`](Zone::get).
    ///
    /// ```
    /// use instanter_zone::{Search, Zone};
    /// let zone = Zone::get_from("Europe/Paris", Search::Embedded);
    /// assert_eq!(zone.is_ok(), cfg!(feature = "tzdb"));
    /// ```
    pub fn get_from(name: &str, search: Search) -> Result<Zone, Error> {
        check_name(name)?;
        if name.eq_ignore_ascii_case("UTC") {
            return Ok(Zone::UTC);
        }
        let key = (search, name.to_ascii_lowercase());
        let found = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&zone) = found().get(&key) {
            return Ok(zone);
        }
        let system_first = match search {
            Search::Newest => match (system_version(), embedded::version()) {
                (Some(system), Some(embedded)) => {
                    Version::parse(&system) >= Version::parse(embedded)
                }
                _ => true,
            },
            _ => search != Search::Embedded,
        };
        let (system, copy) = (|| from_system(name), || from_embedded(name));
        let zone = match (search, system_first) {
            (Search::System, _) => system()?,
            (Search::Embedded, _) => copy()?,
            (_, true) => system().transpose().or_else(|| copy().transpose()).transpose()?,
            (_, false) => copy().transpose().or_else(|| system().transpose()).transpose()?,
        };
        let Some(zone) = zone else {
            return Err(Kind::NotFound { name: name.into(), searched: searched(search) }.into());
        };
        found().insert(key, zone);
        Ok(zone)
    }

    /// Reads the zone of a TZif file. Its name is what follows `zoneinfo/` in the
    /// path, if anything does.
    ///
    /// # Errors
    /// [`Error::is_io`] if it cannot be read, is no file or larger than 1 MB;
    /// as [`Table::from_tzif`] for what it holds.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// assert!(Zone::from_path("/nowhere").unwrap_err().is_io());
    /// ```
    pub fn from_path(path: impl AsRef<Path>) -> Result<Zone, Error> {
        let path = path.as_ref();
        match read_file(path) {
            Ok(Some(bytes)) => of_file(path, name_in_path(path).as_deref(), &bytes),
            Ok(None) => Err(io_error(path, &"no such file")),
            Err(error) => Err(error),
        }
    }

    /// Returns all names, sorted: those of the system's files, read from the
    /// folders once a process, and those of the copy in the program.
    ///
    /// ```
    /// use instanter_zone::Zone;
    /// let names = Zone::names();
    /// assert!(names.is_sorted());
    /// ```
    #[must_use]
    pub fn names() -> &'static [&'static str] {
        once(&NAMES, || {
            let copy = embedded::names().into_iter().map(|name| &*String::leak(name));
            let mut names: Vec<&str> =
                system_names().iter().map(|name| &**name).chain(copy).collect();
            names.sort_unstable();
            names.dedup();
            names
        })
    }
}

/// Returns the version of the system's tz database, such as `2025b`, from the
/// file `tzdata.zi` or `+VERSION` of the first folder of those that [`Zone::get`]
/// looks in that is there; `None` where neither tells a version.
///
/// ```
/// if let Some(version) = instanter_zone::system_version() {
///     assert!(version.starts_with("20"), "{version}");
/// }
/// ```
#[must_use]
pub fn system_version() -> Option<String> {
    let folder = folders().iter().find(|folder| folder.is_dir());
    folder.and_then(|folder| version::in_folder(folder)).or_else(bundle::version)
}

/// Refuses a name that could lead out of a folder, or that no zone has.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let what = if name.is_empty() {
        "is empty"
    } else if name.len() > 255 {
        "is longer than 255 bytes"
    } else if name.starts_with('/') {
        "is a path, not a name"
    } else if name.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
        "has other than printable ASCII"
    } else if name.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        "has an empty part, or one of dots"
    } else {
        return Ok(());
    };
    let shown: String = name.chars().take(300).collect();
    Err(Kind::Name { name: shown, what }.into())
}

/// Returns the folders that are searched; the environment is read at the first call.
pub(crate) fn folders() -> &'static [PathBuf] {
    static FOLDERS_READ: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FOLDERS_READ.get_or_init(|| {
        let set = std::env::var_os("TZDIR").filter(|folder| !folder.is_empty());
        set.map(PathBuf::from).into_iter().chain(FOLDERS.map(PathBuf::from)).collect()
    })
}

fn searched(search: Search) -> String {
    let mut places = Vec::new();
    if search != Search::Embedded {
        places.extend(folders().iter().map(|folder| folder.display().to_string()));
    }
    if search != Search::System {
        let copy = embedded::version();
        places.push(copy.map_or("no embedded copy".into(), |v| format!("embedded copy ({v})")));
    }
    places.join(", ")
}

fn from_system(name: &str) -> Result<Option<Zone>, Error> {
    if let Some(zone) = from_folders(folders(), name)? {
        return Ok(Some(zone));
    }
    if let Some((zone, _)) = bundle::find(name)? {
        return Ok(Some(zone));
    }
    // Other capital letters: the copy in the program knows the right ones, and
    // only if it does not are the folders looked through.
    let known = embedded::find(name).map(|(name, _)| name);
    if let Some(known) = known.filter(|known| known != name)
        && let Some(zone) = from_folders(folders(), &known)?
    {
        return Ok(Some(zone));
    }
    let listed = system_names().iter().find(|listed| listed.eq_ignore_ascii_case(name));
    match listed.filter(|listed| **listed != name) {
        Some(listed) => from_folders(folders(), listed),
        None => Ok(None),
    }
}

fn from_folders(folders: &[PathBuf], name: &str) -> Result<Option<Zone>, Error> {
    for folder in folders {
        let path = folder.join(name);
        if let Some(bytes) = read_file(&path)? {
            return of_file(&path, Some(name), &bytes).map(Some);
        }
    }
    Ok(None)
}

pub(crate) fn from_embedded(name: &str) -> Result<Option<Zone>, Error> {
    match embedded::find(name) {
        Some((name, timeline)) => {
            Zone::enter(Table::new(timeline), Some(&name), Origin::Embedded).map(Some)
        }
        None => Ok(None),
    }
}

pub(crate) fn of_file(path: &Path, name: Option<&str>, bytes: &[u8]) -> Result<Zone, Error> {
    let shown = path.display().to_string();
    match Table::from_tzif(bytes) {
        Ok(table) => Zone::enter(table, name, Origin::File(register::keep(&shown))),
        Err(error) => Err(Kind::InFile { path: shown, error }.into()),
    }
}

/// Whether a path leads out of the folders that a WebAssembly program was given: there is
/// nothing for it then, as in a container without zone files.
fn is_outside(error: &std::io::Error) -> bool {
    const ENOTCAPABLE: i32 = 76; // `__WASI_ERRNO_NOTCAPABLE`
    cfg!(target_os = "wasi") && error.raw_os_error() == Some(ENOTCAPABLE)
}

/// Reads a file, of which there may be none.
pub(crate) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let absent = |error: &std::io::Error| {
        let kind = error.kind();
        matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
            || is_outside(error)
    };
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if absent(&error) => return Ok(None),
        Err(error) => return Err(io_error(path, &error)),
    };
    if about.is_dir() {
        return Ok(None);
    }
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(io_error(path, &"not a file of a zone"));
    }
    let mut bytes = Vec::with_capacity(about.len() as usize + 1);
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if absent(&error) => Ok(None),
        Err(error) => Err(io_error(path, &error)),
    }
}

fn io_error(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Kind::Io { path: path.display().to_string(), what: error.to_string() }.into()
}

/// Returns what follows the folder of zones in a path.
pub(crate) fn name_in_path(path: &Path) -> Option<String> {
    let in_folder = folders().iter().find_map(|folder| path.strip_prefix(folder).ok());
    let rest = in_folder.map(|rest| rest.to_str().map(String::from));
    let rest = rest.unwrap_or_else(|| {
        let path = path.to_str()?;
        let (_, rest) = path.rsplit_once("/zoneinfo/")?;
        Some(rest.into())
    })?;
    let name = rest.strip_prefix("posix/").unwrap_or(&rest);
    check_name(name).is_ok().then(|| name.into())
}

/// Returns the names of the system's files; the folders are read at the first call.
fn system_names() -> &'static [String] {
    once(&SYSTEM_NAMES, || {
        let mut names = Vec::new();
        for folder in folders() {
            list(folder, "", &mut names);
            if !names.is_empty() {
                break;
            }
        }
        names.extend(bundle::names());
        names.sort_unstable();
        names
    })
}

/// Adds the names of a folder. What is no zone is told by its first bytes.
fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    // Real names have at most three parts.
    if prefix.matches('/').count() > 4 {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(file) = entry.file_name().into_string() else { continue };
        // Copies of all zones, with and without leap seconds, and what the system
        // makes the default.
        let not_a_zone = ["posix", "right", "localtime", "posixrules"].contains(&&*file);
        if prefix.is_empty() && not_a_zone || file.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{file}");
        let path = entry.path();
        if path.is_dir() {
            list(&path, &format!("{name}/"), names);
        } else if is_tzif(&path) {
            names.push(name);
        }
    }
}

fn is_tzif(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && &magic == b"TZif"
}
