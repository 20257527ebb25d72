//! Where the library is.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

const NAME: &str = "libinstanter_preload.so";

/// The variable that says where it is.
const VARIABLE: &str = "INSTANTER_PRELOAD_LIB";

/// Finds the library: where the variable says, or else beside this executable, or in the
/// folder of libraries of the same installation.
pub(super) fn library() -> Result<PathBuf, Failure> {
    let found = match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => {
            let path = PathBuf::from(path);
            if !path.is_file() {
                return Err(Failure::new(format!("{VARIABLE}={path:?}: there is no such file")));
            }
            path
        }
        None => beside()?,
    };
    let found = found
        .canonicalize()
        .map_err(|error| Failure::new(format!("cannot find {found:?}: {error}")))?;
    // The dynamic linker ends a path there, and has no quotes.
    if found.as_os_str().as_encoded_bytes().iter().any(|byte| b": ".contains(byte)) {
        return Err(Failure::new(format!(
            "{found:?} cannot be preloaded: in LD_PRELOAD a path has no space and no colon"
        )));
    }
    Ok(found)
}

fn beside() -> Result<PathBuf, Failure> {
    let executable = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot tell where this program is: {error}")))?;
    let folder = executable.parent().unwrap_or(Path::new("/"));
    let places = [
        folder.join(NAME),
        folder.join("../lib/instanter").join(NAME),
        folder.join("../lib").join(NAME),
    ];
    match places.iter().find(|place| place.is_file()) {
        Some(place) => Ok(place.clone()),
        None => {
            let places: Vec<String> = places.iter().map(|place| format!("{place:?}")).collect();
            Err(Failure::new(format!(
                "{NAME} is not there: looked at {}. {VARIABLE} can say where it is; \
                 `cargo build --release -p instanter-preload` makes it",
                places.join(", ")
            )))
        }
    }
}
