//! `/etc/localtime`.

use std::path::Path;

use crate::error::Kind;
use crate::local::Source;
use crate::local::find::{Answer, Environment};
use crate::local::watch::Watch;
use crate::search::{name_in_path, of_file, read_file};

pub(crate) fn local(environment: &Environment, watch: &mut Watch) -> Answer {
    let path = &environment.localtime;
    // Even where there is none, one may come.
    *watch = Watch::at(path);
    let Some(bytes) = read_file(path)? else {
        return Err(
            Kind::NotFound { name: path.display().to_string(), searched: "/".into() }.into()
        );
    };
    let zone = of_file(path, name_of_link(path).as_deref(), &bytes)?;
    Ok((zone, Source::File(path.clone())))
}

/// Returns the name of the zone to which a link leads, be it by several steps.
///
/// The first step that leads into a folder of zones tells the name that somebody
/// chose; what that is itself a link to is the tz database's affair.
fn name_of_link(path: &Path) -> Option<String> {
    let mut path = path.to_owned();
    // As many steps as Linux follows.
    for _ in 0..40 {
        let target = std::fs::read_link(&path).ok()?;
        path = match path.parent() {
            Some(folder) => folder.join(target),
            None => target,
        };
        if let Some(name) = name_in_path(&path) {
            return Some(name);
        }
    }
    None
}
