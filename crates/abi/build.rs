//! Gives the shared library the name under which programs look for it.

/// The number of the ABI: `ABI_VERSION` of `src/version.rs`, as a test sees to.
const ABI: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libinstanter.so.{ABI}");
}
