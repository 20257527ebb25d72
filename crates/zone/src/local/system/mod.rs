//! The system's own zone: what counts where `TZ` is not set.
//!
//! | file | systems | where it is |
//! |---|---|---|
//! | `localtime.rs` | Linux, the BSDs, Darwin | `/etc/localtime`: a link into a folder of zones, or a copy |
//! | `illumos.rs` | illumos, Solaris | the line `TZ=` of `/etc/default/init`, else `/etc/localtime` |
//! | `android.rs` | Android | the property `persist.sys.timezone` |
//! | `windows.rs` | Windows | the registry: a name of Windows' own, which `windows_zones.rs` translates |
//! | `nowhere.rs` | WebAssembly and the rest | nowhere: it is UTC |

#[cfg(all(unix, not(target_os = "android")))]
mod localtime;
#[cfg_attr(target_os = "android", path = "android.rs")]
#[cfg_attr(any(target_os = "illumos", target_os = "solaris"), path = "illumos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(unix, windows)), path = "nowhere.rs")]
#[cfg(any(not(unix), target_os = "android", target_os = "illumos", target_os = "solaris"))]
mod platform;

#[cfg(any(target_os = "illumos", target_os = "solaris", test))]
mod default_init;
#[cfg(any(windows, test))]
mod windows_name;
#[cfg(any(windows, test))]
mod windows_zones;

#[cfg(all(
    unix,
    not(any(target_os = "android", target_os = "illumos", target_os = "solaris"))
))]
pub(super) use localtime::local;
#[cfg(any(not(unix), target_os = "android", target_os = "illumos", target_os = "solaris"))]
pub(super) use platform::local;
