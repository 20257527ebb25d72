//! Being told of changes by the kernel, if the feature `notified` is on.

#[cfg(all(feature = "notified", target_os = "linux"))]
mod chain;
#[cfg(not(all(feature = "notified", target_os = "linux")))]
mod disabled;
#[cfg(all(feature = "notified", target_os = "linux"))]
mod enabled;

#[cfg(not(all(feature = "notified", target_os = "linux")))]
pub(super) use disabled::Notices;
#[cfg(all(feature = "notified", target_os = "linux"))]
pub(super) use enabled::Notices;

#[cfg(all(test, feature = "notified", target_os = "linux"))]
mod tests;
