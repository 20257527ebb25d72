//! Windows: the registry has the name, one of Windows' own.

use windows_registry::LOCAL_MACHINE;

use super::windows_name;
use crate::error::Kind;
use crate::local::find::{Answer, Environment, of_value};
use crate::local::watch::Watch;

/// Where the name is. It is the one that `GetDynamicTimeZoneInformation` returns.
const KEY: &str = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation";
const VALUE: &str = "TimeZoneKeyName";

pub(crate) fn local(environment: &Environment, watch: &mut Watch) -> Answer {
    let read = LOCAL_MACHINE.open(KEY).and_then(|key| key.get_string(VALUE));
    let name = read.map_err(|error| Kind::Io {
        path: format!(r"HKEY_LOCAL_MACHINE\{KEY}\{VALUE}"),
        what: error.message(),
    })?;
    of_value(environment, windows_name::to_iana(&name)?, watch)
}
