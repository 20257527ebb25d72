//! The library, installed into a folder of the test's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the library was installed.
pub(crate) struct Installation {
    pub(crate) prefix: PathBuf,
}

/// Installs it once for all tests, as a user would.
pub(crate) fn installed() -> &'static Installation {
    static INSTALLED: OnceLock<Installation> = OnceLock::new();
    INSTALLED.get_or_init(|| install("installed", &[]))
}

/// Installs it into a folder of that name.
pub(crate) fn install(name: &str, arguments: &[&str]) -> Installation {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    run(Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xtask", "--manifest-path"])
        .arg(manifest)
        .args(["--", "install-c", "--profile", "dev", "--prefix"])
        .arg(&prefix)
        .args(arguments));
    Installation { prefix }
}

impl Installation {
    pub(crate) fn libdir(&self) -> PathBuf {
        self.prefix.join("lib")
    }

    /// What pkg-config tells of it, in words.
    pub(crate) fn pkg_config(&self, arguments: &[&str]) -> Vec<String> {
        let told = run(Command::new("pkg-config")
            .env("PKG_CONFIG_PATH", self.libdir().join("pkgconfig"))
            .args(arguments)
            .arg("instanter"));
        told.split_whitespace().map(ToOwned::to_owned).collect()
    }
}

/// Whether a tool is there.
pub(crate) fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

/// Runs a command to its end, and returns what it prints.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{told}\n{wrong}", output.status);
    told
}
