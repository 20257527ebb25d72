//! Android's file of zones, where it is.

use std::path::Path;

use crate::search::{of_file, read_file};
use crate::tzdata_bundle::Bundle;
use crate::{Error, Zone};

/// The newest first: updated with the system's modules, or as the device was made.
const FILES: [&str; 2] =
    ["/apex/com.android.tzdata/etc/tz/tzdata", "/system/usr/share/zoneinfo/tzdata"];

/// Finds a zone in the first file that has it.
pub(crate) fn find(name: &str) -> Result<Option<(Zone, &'static Path)>, Error> {
    for file in FILES.map(Path::new) {
        let Some(bytes) = read_file(file)? else { continue };
        if let Some((name, zone)) = Bundle::parse(&bytes)?.find(name)? {
            return of_file(file, Some(name), zone).map(|zone| Some((zone, file)));
        }
    }
    Ok(None)
}

/// The names of the first file that is there.
pub(crate) fn names() -> Vec<String> {
    let file = FILES.iter().find_map(|file| read_file(Path::new(file)).ok()?);
    let bytes = file.unwrap_or_default();
    Bundle::parse(&bytes)
        .map_or_else(|_| Vec::new(), |bundle| bundle.names().map(str::to_owned).collect())
}

/// The version of the first file that is there.
pub(crate) fn version() -> Option<String> {
    let bytes = FILES.iter().find_map(|file| read_file(Path::new(file)).ok()?)?;
    Bundle::parse(&bytes).ok()?.version().map(str::to_owned)
}
