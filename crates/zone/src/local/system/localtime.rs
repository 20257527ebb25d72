//! `/etc/localtime`.

use crate::local::find::{Answer, Environment, localtime};
use crate::local::watch::Watch;

pub(crate) fn local(environment: &Environment, watch: &mut Watch) -> Answer {
    localtime(environment, watch)
}
