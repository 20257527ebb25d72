//! illumos: `init` passes the line `TZ=` of its file to everything that it starts. What was
//! started otherwise reads it here.

use std::path::Path;

use super::{default_init, localtime};
use crate::local::find::{Answer, Environment, of_value};
use crate::local::watch::Watch;
use crate::search::read_file;

const FILE: &str = "/etc/default/init";

pub(crate) fn local(environment: &Environment, watch: &mut Watch) -> Answer {
    let file = Path::new(FILE);
    let bytes = read_file(file)?.unwrap_or_default();
    let Some(value) = default_init::zone(&String::from_utf8_lossy(&bytes)) else {
        return localtime::local(environment, watch);
    };
    let answer = of_value(environment, &value, watch);
    // It is this file that says which zone.
    *watch = Watch::at(file);
    answer
}
