//! `vdso` and `vdso dump`: as readelf and objdump see the image.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use predicates::str::contains;

use super::{instanter, json, skipped};

/// Runs a tool of binutils; `None` where it is not installed.
fn tool(name: &str, args: &[&str], file: &Path) -> Option<String> {
    let output = Command::new(name).env("LC_ALL", "C").args(args).arg(file).output().ok()?;
    assert!(output.status.success(), "{name} {args:?}: {output:?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes this machine's vDSO; `None` where there is none.
fn dump(to: &Path) -> Option<()> {
    let output = instanter(&["vdso", "dump"]).arg(to).output().expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("no vDSO") {
        return None;
    }
    assert!(output.status.success(), "{said}");
    Some(())
}

#[test]
fn the_dump_is_what_readelf_and_objdump_read() {
    const NAME: &str = "the_dump_is_what_readelf_and_objdump_read";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("vdso.so");
    let Some(()) = dump(&file) else { return skipped(NAME, "this process has no vDSO") };

    match tool("objdump", &["-T"], &file) {
        Some(table) => assert!(table.contains("clock_gettime"), "{table}"),
        None => skipped(NAME, "objdump is not installed"),
    }
    let Some(table) = tool("readelf", &["-W", "--dyn-syms"], &file) else {
        return skipped(NAME, "readelf is not installed");
    };
    let theirs = readelf_symbols(&table);
    assert!(!theirs.is_empty(), "{table}");
    let path = file.to_str().expect("a UTF-8 path");
    for args in [&["vdso", "--json"][..], &["vdso", "--json", "--file", path]] {
        assert_eq!(our_symbols(args), theirs, "{args:?}");
    }
}

/// Value, size, type, binding, name with version.
type Symbol = (u64, u64, String, String, String);

/// `     1: 0000000000000af0   902 FUNC    WEAK   DEFAULT   12 clock_gettime@@LINUX_2.6`
fn readelf_symbols(table: &str) -> BTreeSet<Symbol> {
    table
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let [number, value, size, kind, binding, _, section, name] = fields[..] else {
                return None;
            };
            number.strip_suffix(':')?.parse::<u32>().ok()?;
            (section != "UND").then(|| {
                let value = u64::from_str_radix(value, 16).expect("hexadecimal");
                let size = size.parse().expect("a number");
                (value, size, kind.to_owned(), binding.to_owned(), name.to_owned())
            })
        })
        .collect()
}

fn our_symbols(args: &[&str]) -> BTreeSet<Symbol> {
    let report = json(&mut instanter(args));
    let symbols = report["symbols"].as_array().expect("a list").clone();
    symbols
        .iter()
        .map(|symbol| {
            let text = |field: &str| symbol[field].as_str().unwrap_or_default().to_owned();
            let value = text("value");
            let value =
                u64::from_str_radix(value.trim_start_matches("0x"), 16).expect("hexadecimal");
            let at = if symbol["hidden"] == true { "@" } else { "@@" };
            // A version's own symbol has the version's name, and readelf says it once.
            let name = match symbol["version"].as_str() {
                Some(version) if symbol["name"] != version => {
                    format!("{}{at}{version}", text("name"))
                }
                _ => text("name"),
            };
            let size = symbol["size"].as_u64().expect("a number");
            (value, size, text("type"), text("binding"), name)
        })
        .collect()
}

/// The numbers that Go's runtime carries.
#[test]
fn hashes_are_those_of_gos_table() {
    let report = json(&mut instanter(&["vdso", "--json"]));
    let symbols = report["symbols"].as_array().cloned().unwrap_or_default();
    let found = symbols.iter().find(|symbol| symbol["name"] == "__vdso_clock_gettime");
    match found {
        Some(symbol) => {
            assert_eq!(symbol["sysv_hash"], "0xd35ec75");
            assert_eq!(symbol["gnu_hash"], "0x6e43a318");
        }
        None => skipped("hashes_are_those_of_gos_table", "this CPU's vDSO has other names"),
    }
    for version in report["versions"].as_array().into_iter().flatten() {
        if version["name"] == "LINUX_2.6" {
            assert_eq!(version["sysv_hash"], "0x3ae75f6");
        }
    }
}

#[test]
fn an_existing_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("precious");
    std::fs::write(&file, "precious").expect("it can be written");
    let path = file.to_str().expect("a UTF-8 path");
    if json(&mut instanter(&["explain", "--json"]))["vdso"].is_null() {
        return skipped("an_existing_file_is_left_alone", "this process has no vDSO");
    }
    instanter(&["vdso", "dump", path]).assert().code(1).stderr(contains(path));
    assert_eq!(std::fs::read(&file).expect("it is there"), b"precious");
    instanter(&["vdso", "dump", path, "--force"]).assert().code(0);
    let image = std::fs::read(&file).expect("it is there");
    assert!(image.starts_with(b"\x7fELF"));
    let piped = instanter(&["vdso", "dump", "-"]).output().expect("the command starts");
    assert_eq!(piped.stdout.len(), image.len());
}

#[test]
fn another_process_has_the_same_image() {
    let pid = std::process::id().to_string();
    let (own, other) = (
        json(&mut instanter(&["vdso", "--json"])),
        json(&mut instanter(&["vdso", "--json", "--pid", &pid])),
    );
    assert_eq!(own["bytes"], other["bytes"]);
    assert_eq!(own["soname"], other["soname"]);
}
