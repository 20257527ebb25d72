//! The times at which packets came, which the kernel writes beside them.

use crate::{COMPILERS, compiled, fake, numbers, possible, said, skipped};

const WAYS: [&[&str]; 6] = [
    &["--offset", "-1d"],
    &["--at", "2040-02-29T12:00:00Z"],
    &["--rate", "100"],
    &["--freeze"],
    &["--step", "1ms"],
    &["--rate", "2", "--trap-tsc"],
];

#[test]
fn packets_come_between_sending_and_receiving() {
    let test = "packets_come_between_sending_and_receiving";
    if !possible(test) {
        return;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if !status.contains("\nSeccomp_filters:") {
        return skipped(test, "this kernel does not tell how many filters a process has");
    }
    let folder = tempfile::tempdir().unwrap();
    for compiler in &COMPILERS[..2] {
        let Some(program) = compiled(compiler, "arrivals.c", folder.path()) else { continue };
        let plain = std::process::Command::new(&program).output().expect("it starts");
        if !plain.status.success() {
            return skipped(test, String::from_utf8_lossy(&plain.stderr).trim());
        }
        let asked = said(&plain).lines().count();
        assert_eq!(asked, 14, "two calls, seven ways to ask");
        let look = |options: &[&str], how: &str| {
            let output = fake(options).arg("--").arg(&program).arg(how).output();
            let output = output.expect("it starts");
            let shown = said(&output);
            let numbers = numbers(&shown);
            assert_eq!(numbers.len(), asked, "{options:?} {how}: {shown}");
            let wrong = numbers.iter().filter(|(_, holds)| *holds != 1).count();
            (wrong, shown.clone(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        for options in WAYS {
            for how in ["here", "thread", "child", "exec"] {
                let (wrong, shown, errors) = look(options, how);
                assert_eq!(wrong, 0, "{options:?} {how}: {shown}");
                assert!(!errors.contains("SO_TIMESTAMP"), "{options:?} {how}: {errors}");
            }
        }
        // Whom a filter of its own may kill, is told instead; the last packet's time takes none.
        let (wrong, shown, errors) = look(WAYS[0], "filtered");
        assert_eq!(wrong, asked - 2, "{shown}");
        assert_eq!(errors.matches(" uses SO_TIMESTAMP").count(), 1, "{errors}");
    }
}
