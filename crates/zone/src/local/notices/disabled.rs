//! No notices, and an error that says so.

use crate::Error;
use crate::error::Kind;
use crate::local::follow::Follower;

pub(crate) enum Notices {}

impl Notices {
    pub(crate) fn start(_: &'static Follower) -> Result<Notices, Error> {
        let what = if cfg!(target_os = "linux") {
            "the feature `notified` of instanter-zone is off"
        } else {
            "only Linux is asked for them"
        };
        Err(Kind::NotNotified { what: what.into() }.into())
    }

    pub(crate) fn is_running(&self) -> bool {
        match *self {}
    }

    pub(crate) fn look_again(&self) {
        match *self {}
    }

    pub(crate) fn stop(self) {
        match self {}
    }
}
