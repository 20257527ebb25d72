//! In a static program with musl, linked from C: no `std`, no allocator, no
//! dynamic loader.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, Test, ensure};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "a_static_musl_program", why_not: no_musl, run: static_musl },
    Test { name: "before_main_in_a_static_musl_program", why_not: no_musl, run: before_main },
];

fn no_musl() -> Option<String> {
    let found = Command::new("musl-gcc").arg("--version").output().is_ok();
    (!found).then(|| "musl-gcc is not installed (Debian: musl-tools)".to_owned())
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(told) } else { Err(format!("{command:?}\n{told}\n{wrong}")) }
}

/// Builds the program and returns what it prints. Each test builds its own, for
/// they run at the same time.
fn output_of(name: &str, arguments: &[&str]) -> Result<String, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/processes/static");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("static");
    run(Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--offline", "--manifest-path"])
        .arg(source.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        // The coverage, sanitizer or wrapper of the tests is not this program's.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    let program = target.join(name);
    run(Command::new("musl-gcc")
        .args(["-static", "-O2", "-o"])
        .arg(&program)
        .arg(source.join("main.c"))
        .arg(target.join("release/libinstanter_static.a")))?;
    let told = run(Command::new(&program).args(arguments));
    let _ = std::fs::remove_file(&program);
    told
}

fn static_musl() -> Outcome {
    let told = output_of("static-musl", &[])?;
    ensure(told.trim() == "agrees", || told.clone())
}

fn before_main() -> Outcome {
    let told = output_of("before-main", &["before-main"])?;
    ensure(told.trim() == "agrees", || told.clone())
}
