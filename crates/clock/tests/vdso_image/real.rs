//! This process's own vDSO and its C library, as other programs read them.
#![allow(clippy::useless_conversion, reason = "an address is a u32 where ELF32 is native")]

use instanter_clock::vdso::{Image, Symbol, hash, names};
#[cfg(target_pointer_width = "32")]
use object::elf::FileHeader32 as Header;
#[cfg(target_pointer_width = "64")]
use object::elf::FileHeader64 as Header;
use object::read::elf::{FileHeader, ProgramHeader, Sym};
use object::{Endianness, SymbolIndex};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;

/// A symbol as another program sees it: name, version, whether hidden, value,
/// size, type, binding, section.
type Row = (String, Option<String>, bool, u64, u64, u8, u8, u16);

#[test]
fn vdso_as_the_object_crate_reads_it() {
    let Some((base, bytes)) = vdso() else { return };
    let image = Image::parse_at(&bytes, base).unwrap();
    let rows = rows_of_object(&bytes);
    assert!(rows.len() > 2, "{rows:?}");
    assert_eq!(rows_of_image(&image), rows);
    assert!(image.soname().is_some_and(|name| name.starts_with("linux-")), "{image:?}");
    assert_eq!(Some(image.machine()), names::NATIVE.map(|names| names.machine));

    // An image is linked at zero, unless its loader has moved its symbols, as
    // emulators do.
    let bias = linked_at(&bytes);
    for (name, version, _, value, size, kind, ..) in &rows {
        // RISC-V's has one of a section, which has no name.
        if name.is_empty() {
            continue;
        }
        let found = image.function(name, version.as_deref());
        if *kind == object::elf::STT_OBJECT.0 {
            assert!(found.is_err(), "{found:?}");
            continue;
        }
        let found = found.unwrap();
        assert_eq!((found.offset as u64, found.code.len() as u64), (*value - bias, *size));
        assert_eq!(found.version, version.as_deref());
        assert!(image.function(name, Some("LINUX_0.1")).is_err());
    }
    let names = names::NATIVE.unwrap();
    assert!(image.function(names.clock_gettime, Some(names.version)).is_ok());
}

#[test]
fn vdso_fits_its_mapping() {
    let Some((_, bytes)) = vdso() else { return };
    let first_page = &bytes[..4096];
    let extent = Image::extent(first_page).unwrap();
    assert!(extent <= bytes.len());
    // Only the last page may be partly unused.
    assert!(bytes.len() - extent < 65536);
    // The tables and the code are all within it.
    let whole: Vec<_> = Image::parse(&bytes).unwrap().symbols().collect();
    assert_eq!(Image::parse(&bytes[..extent]).unwrap().symbols().collect::<Vec<_>>(), whole);
}

#[test]
fn vdso_as_readelf_reads_it() {
    let Some((_, bytes)) = vdso() else { return };
    let path = std::env::temp_dir().join(format!("instanter-vdso-{}.so", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    let output = Command::new("readelf").args(["-W", "--dyn-syms"]).arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let Ok(output) = output else {
        eprintln!("readelf is not installed: not compared");
        return;
    };
    // Num: Value Size Type Bind Vis Ndx Name
    let text = String::from_utf8(output.stdout).unwrap();
    let mut rows = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [_, value, size, kind, binding, _, section, name] = fields[..]
            && let Ok(value) = u64::from_str_radix(value, 16)
            && section != "UND"
            // It shows the section's name there.
            && kind != "SECTION"
        {
            let size: u64 = size.parse().unwrap();
            rows.push(format!("{value:x} {size} {kind} {binding} {section} {name}"));
        }
    }
    assert!(rows.len() > 2, "{text}");
    let image = Image::parse_file(&bytes).unwrap();
    let mut listed: Vec<String> = image.symbols().map(|symbol| line(&symbol.unwrap())).collect();
    listed.retain(|line| !line.contains(" SECTION "));
    assert_eq!(listed, rows);
}

#[test]
fn libc_as_the_object_crate_reads_it() {
    let Some(path) = libc() else { return };
    let bytes = std::fs::read(path).unwrap();
    let image = Image::parse_file(&bytes).unwrap();
    let rows = rows_of_object(&bytes);
    assert!(rows.len() > 1000, "{}", rows.len());
    assert_eq!(rows_of_image(&image), rows);

    // Its text lies elsewhere in the file than in memory, which is what the
    // vDSO cannot show.
    let functions = rows.iter().filter(|row| row.5 == object::elf::STT_FUNC.0);
    let mut found_count = 0;
    for (name, version, hidden, value, size, ..) in functions.step_by(7) {
        let found = image.function(name, version.as_deref()).unwrap();
        assert_eq!(found.version, version.as_deref());
        assert_eq!((found.offset as u64, found.code.len() as u64), (*value, *size), "{name}");
        if !hidden {
            assert_eq!(image.function(name, None), Ok(found));
        }
        let at = file_offset(&bytes, *value) as usize;
        assert_eq!(found.code.as_ptr(), bytes[at..].as_ptr(), "{name}");
        found_count += 1;
    }
    assert!(found_count > 100, "{found_count}");
}

#[test]
fn version_hashes_are_the_linkers() {
    let Some(path) = libc() else { return };
    let bytes = std::fs::read(path).unwrap();
    let (header, endian) = header(&bytes);
    let sections = header.sections(endian, &*bytes).unwrap();
    let (mut definitions, link) = sections.gnu_verdef(endian, &*bytes).unwrap().unwrap();
    let strings = sections.strings(endian, &*bytes, link).unwrap();
    let mut count = 0;
    while let Some((definition, mut names)) = definitions.next().unwrap() {
        let name = names.next().unwrap().unwrap().name(endian, strings).unwrap();
        let name = str::from_utf8(name).unwrap();
        assert_eq!(hash::sysv(name), definition.vd_hash.get(endian), "{name}");
        count += 1;
    }
    assert!(count > 1);
}

/// Writes a symbol as `readelf` does.
fn line(symbol: &Symbol<'_>) -> String {
    let Symbol { name, value, size, kind, binding, .. } = symbol;
    let section = match symbol.section {
        0xfff1 => "ABS".to_owned(),
        section => section.to_string(),
    };
    // A version's own symbol is written once.
    let version = symbol.version.filter(|version| version != name);
    let at = if symbol.hidden { "@" } else { "@@" };
    let version = version.map_or(String::new(), |version| format!("{at}{version}"));
    format!("{value:x} {size} {kind} {binding} {section} {name}{version}")
}

fn rows_of_image(image: &Image<'_>) -> Vec<Row> {
    let number = |text: String, table: &[(&str, u8)]| {
        table.iter().find(|row| row.0 == text).unwrap_or_else(|| panic!("{text}")).1
    };
    let row = |symbol: Symbol<'_>| {
        let kinds =
            [("NOTYPE", 0), ("OBJECT", 1), ("FUNC", 2), ("SECTION", 3), ("TLS", 6), ("IFUNC", 10)];
        let bindings = [("LOCAL", 0), ("GLOBAL", 1), ("WEAK", 2), ("binding 10", 10)];
        (
            symbol.name.to_owned(),
            symbol.version.map(str::to_owned),
            symbol.hidden,
            symbol.value,
            symbol.size,
            number(symbol.kind.to_string(), &kinds),
            number(symbol.binding.to_string(), &bindings),
            symbol.section,
        )
    };
    image.symbols().map(|symbol| row(symbol.unwrap())).collect()
}

fn rows_of_object(bytes: &[u8]) -> Vec<Row> {
    let (header, endian) = header(bytes);
    let sections = header.sections(endian, bytes).unwrap();
    let symbols = sections.symbols(endian, bytes, object::elf::SHT_DYNSYM).unwrap();
    let versions = sections.versions(endian, bytes).unwrap().unwrap_or_default();
    let mut rows = Vec::new();
    for (index, symbol) in symbols.iter().enumerate().skip(1) {
        if symbol.st_shndx(endian) == object::elf::SHN_UNDEF {
            continue;
        }
        let name = symbol.name(endian, symbols.strings()).unwrap();
        let version = versions.version_index(endian, SymbolIndex(index));
        let version_name = versions.version(version.index()).unwrap();
        let text = |bytes| str::from_utf8(bytes).unwrap().to_owned();
        rows.push((
            text(name),
            version_name.map(|version| text(version.name())),
            version.is_hidden(),
            u64::from(symbol.st_value(endian)),
            u64::from(symbol.st_size(endian)),
            symbol.st_type().0,
            symbol.st_bind().0,
            symbol.st_shndx(endian).0,
        ));
    }
    rows
}

fn header(bytes: &[u8]) -> (&Header<Endianness>, Endianness) {
    let header = Header::<Endianness>::parse(bytes).unwrap();
    (header, header.endian().unwrap())
}

fn file_offset(bytes: &[u8], address: u64) -> u64 {
    let (header, endian) = header(bytes);
    let segments = header.program_headers(endian, bytes).unwrap();
    let load = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == object::elf::PT_LOAD)
        .rfind(|segment| u64::from(segment.p_vaddr(endian)) <= address)
        .unwrap();
    address - u64::from(load.p_vaddr(endian)) + u64::from(load.p_offset(endian))
}

/// The address of its first byte, as the image has it.
fn linked_at(bytes: &[u8]) -> u64 {
    let (header, endian) = header(bytes);
    let segments = header.program_headers(endian, bytes).unwrap();
    let mut loads =
        segments.iter().filter(|segment| segment.p_type(endian) == object::elf::PT_LOAD);
    u64::from(loads.next().unwrap().p_vaddr(endian))
}

/// Reads this process's vDSO. There may be none: `vdso=0`, or an emulator.
pub fn vdso() -> Option<(u64, Vec<u8>)> {
    let (from, to, _) = mapping("[vdso]")?;
    let mut bytes = vec![0; (to - from) as usize];
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, from).unwrap();
    Some((from, bytes))
}

/// Finds the C library that this process runs with; none, if it is static.
fn libc() -> Option<String> {
    Some(mapping("/libc.so.6")?.2)
}

fn mapping(suffix: &str) -> Option<(u64, u64, String)> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let Some(line) = maps.lines().find(|line| line.ends_with(suffix)) else {
        eprintln!("this process maps no {suffix}: not compared");
        return None;
    };
    let (from, to) = line.split_once(' ')?.0.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).unwrap();
    let path = line.split_whitespace().last()?.to_owned();
    Some((address(from), address(to), path))
}
