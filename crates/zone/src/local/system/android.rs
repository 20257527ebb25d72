//! Android: a system property has the name.

use android_system_properties::AndroidSystemProperties;

use crate::Error;
use crate::error::Kind;
use crate::local::find::{Answer, Environment, of_value};
use crate::local::watch::Watch;

const PROPERTY: &str = "persist.sys.timezone";

pub(crate) fn local(environment: &Environment, watch: &mut Watch) -> Answer {
    let name = AndroidSystemProperties::new().get(PROPERTY).filter(|name| !name.is_empty());
    let none = || {
        Error::from(Kind::NotFound {
            name: PROPERTY.into(),
            searched: "the system's properties".into(),
        })
    };
    of_value(environment, &name.ok_or_else(none)?, watch)
}
