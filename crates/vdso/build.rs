//! Compiles the image for the target and links it: an object file of its own,
//! without `std` and without relocations that would be left for a dynamic linker.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(instanter_vdso_image)");
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["image", "src/layout.rs", "src/line.rs"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let cpu = variable("CARGO_CFG_TARGET_ARCH");
    let known = matches!(cpu.as_str(), "x86_64" | "aarch64")
        && variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_POINTER_WIDTH") == "64"
        && variable("CARGO_CFG_TARGET_ENDIAN") == "little";
    if !known {
        return;
    }
    let out = PathBuf::from(variable("OUT_DIR"));
    let object = out.join("image.o");
    let image = out.join("image.so");
    compile(&cpu, &variable("TARGET"), &object);
    link(&cpu, &object, &image);
    println!("cargo::rustc-cfg=instanter_vdso_image");
}

fn compile(cpu: &str, target: &str, object: &Path) {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--edition=2024", "--crate-type=lib", "--crate-name=image", "--target", target])
        .args(["-Copt-level=3", "-Cpanic=abort", "-Crelocation-model=pic"])
        .args(["-Ccodegen-units=1", "-Cforce-unwind-tables=yes", "-Cembed-bitcode=no"])
        .args(["-Coverflow-checks=no", "-Cdebug-assertions=no", "-Cdebuginfo=0"])
        // Short loops over tables: unrolled they would be most of the image.
        .args(["-Dwarnings", "-Cmetadata=image", "-Cllvm-args=--unroll-threshold=8"])
        .arg(format!("--emit=obj={}", object.display()))
        .args(standard_library())
        .arg("image/image.rs");
    if cpu == "aarch64" {
        // Atomic additions in place, and not by functions of a library that is not there.
        rustc.arg("-Ctarget-feature=-outline-atomics");
        // Go keeps its goroutine there. Its signal handlers know that a vDSO may use the register
        // for something else, but only in the page where the function begins.
        rustc.arg("-Cllvm-args=--reserve-regs-for-regalloc=X28");
    }
    run(&mut rustc).unwrap_or_else(|reason| {
        let lacks_core = reason.contains("can't find crate for `core`");
        let hint = if lacks_core {
            // Cargo builds that one for crates only, and after build scripts.
            "\nit takes a built `core` of the target, which -Zbuild-std does not give"
        } else {
            ""
        };
        panic!("the vDSO image does not compile: {reason}{hint}")
    });
}

/// Where the crates of the target find `core`, if it is not the compiler's own folder.
fn standard_library() -> Option<String> {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").ok()?;
    let mut flags = flags.split('\x1f');
    while let Some(flag) = flags.next() {
        if flag == "--sysroot" {
            return flags.next().map(|folder| format!("--sysroot={folder}"));
        } else if flag.starts_with("--sysroot=") {
            return Some(flag.to_owned());
        }
    }
    None
}

/// Tries the linkers that may be there: Rust's own, which links for every target, and
/// then the one with which programs for the target are linked.
fn link(cpu: &str, object: &Path, image: &Path) {
    let mut arguments: Vec<OsString> = [
        "-shared",
        "-soname=linux-vdso.so.1",
        "--hash-style=both",
        "--build-id=sha1",
        "--eh-frame-hdr",
        "-Bsymbolic",
        "--no-undefined",
        "-znorelro",
        "-zmax-page-size=4096",
        "-znoexecstack",
    ]
    .map(OsString::from)
    .into();
    arguments.push("-T".into());
    arguments.push("image/image.lds".into());
    arguments.push(format!("--version-script=image/{cpu}.map").into());
    arguments.extend(["-e", "instanter_system_call"].map(OsString::from));
    arguments.push("-o".into());
    arguments.push(image.into());
    arguments.push(object.into());

    let mut failures = Vec::new();
    for (linker, is_compiler) in linkers(cpu) {
        let mut command = Command::new(&linker);
        if is_compiler {
            command.args(["-nostdlib", "-nostartfiles"]);
            for argument in &arguments {
                command.arg("-Xlinker").arg(argument);
            }
        } else {
            command.args(["-flavor", "gnu"]).args(&arguments);
        }
        match run(&mut command) {
            Ok(()) => return,
            Err(reason) => failures.push(format!("{}: {reason}", linker.to_string_lossy())),
        }
    }
    panic!("no linker links the vDSO image:\n{}", failures.join("\n"));
}

fn linkers(cpu: &str) -> Vec<(OsString, bool)> {
    let mut linkers = Vec::new();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if let Ok(output) = Command::new(rustc).args(["--print", "sysroot"]).output() {
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let host = env::var("HOST").unwrap_or_default();
        let own = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
        linkers.push((own.into_os_string(), false));
    }
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let bare = linker.to_string_lossy().contains("lld");
        linkers.push((linker, !bare));
    }
    if env::var("HOST").is_ok_and(|host| host.starts_with(cpu)) {
        linkers.push(("cc".into(), true));
    }
    linkers.push((format!("{cpu}-linux-gnu-gcc").into(), true));
    linkers.push(("clang".into(), true));
    linkers
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
