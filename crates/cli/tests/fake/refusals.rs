//! What cannot be done is said before the program starts.

use std::os::unix::fs::PermissionsExt;

use crate::{fake, possible, skipped};

fn refused(args: &[&str], want: &str) {
    let output = fake(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{args:?}");
    assert!(errors.contains(want), "{args:?}: {errors}");
}

#[test]
fn programs_that_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut elf = b"\x7fELF\x01\x01\x01".to_vec();
    elf.resize(64, 0);
    elf[18] = 3;
    let narrow = file("narrow", &elf);
    (elf[4], elf[18]) = (2, 243);
    let foreign = file("foreign", &elf);
    let script = file("script", b"#!narrow\n");
    refused(&["--offset", "1h", "--", &narrow], "32 bits");
    refused(&["--offset", "1h", "--", &foreign], "another CPU (ELF machine 243)");
    // A path that is named there has no spaces, and this folder's may.
    let output = fake(&["--offset", "1h", "--", &script]).current_dir(folder.path()).output();
    let errors = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
    assert!(errors.contains("32 bits"), "{errors}");
    refused(&["--offset", "1h", "--", "/no/such/program"], "/no/such/program");
    refused(&["--offset", "1h", "--", "no-such-program"], "not in any folder of PATH");
}

/// A program of 32 bits that only ends: a header, what is loaded, `exit(0)` for i386.
fn narrow_program() -> Vec<u8> {
    const BASE: u32 = 0x0804_8000;
    const CODE: &[u8] = b"\xb8\x01\0\0\0\xbb\0\0\0\0\xcd\x80";
    let mut elf = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0\x01\0\0\0".to_vec();
    for word in [BASE + 84, 52, 0, 0, 32 << 16 | 52, 1, 0] {
        elf.extend(word.to_le_bytes());
    }
    let length = 84 + CODE.len() as u32;
    for word in [1, 0, BASE, BASE, length, length, 5, 0x1000] {
        elf.extend(word.to_le_bytes());
    }
    elf.extend(CODE);
    elf
}

/// Not only what is started first: it would go by the true time.
#[test]
fn a_child_of_32_bits_is_ended() {
    let test = "a_child_of_32_bits_is_ended";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("narrow");
    std::fs::write(&program, narrow_program()).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    if !std::process::Command::new(&program).status().is_ok_and(|status| status.success()) {
        return skipped(test, "this kernel runs no programs of 32 bits");
    }
    let script = "\"$0\"; echo $?";
    let output = fake(&["--offset", "1h", "--", "sh", "-c", script]).arg(&program).output();
    let output = output.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.stdout, b"137\n", "{errors}");
    assert!(errors.contains(" was ended: ") && errors.contains("a program of 32 bits"), "{errors}");
}

#[test]
fn options_that_mean_nothing() {
    let table: [(&[&str], &str); 9] = [
        (&["--rate", "2000", "--", "true"], "from 0.001 to 1000"),
        (&["--rate", "fast", "--", "true"], "\"fast\""),
        (&["--offset", "1x", "--", "true"], "\"1x\""),
        (&["--at", "someday", "--", "true"], "someday"),
        (&["--clock", "sundial", "--", "true"], "sundial"),
        (&["--freeze", "--rate", "2", "--", "true"], "cannot be used with"),
        (&["--set", "--offset", "1h"], "--control"),
        (&["--set", "--control", "/no/such/socket", "--offset", "1h"], "/no/such/socket"),
        (&["--offset", "1h"], "CMD"),
    ];
    for (args, want) in table {
        refused(args, want);
    }
}

#[test]
fn nobody_is_traced_twice() {
    if !possible("nobody_is_traced_twice") {
        return;
    }
    // The inner one's child belongs to the outer one.
    let own = env!("CARGO_BIN_EXE_instanter");
    refused(&["--offset", "1h", "--", own, "fake", "--offset", "1h", "--", "true"], "ptrace");
}
