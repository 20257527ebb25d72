//! The image as a file: what the kernel's own parser, C libraries, Go's runtime,
//! debuggers and unwinders look for in a vDSO.

use instanter_clock::vdso::Image;
use object::read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection, elf};

type File<'a> = ElfFile64<'a, Endianness>;

/// Prefix, version and names of a CPU.
fn expected(
    machine: object::Architecture,
) -> (&'static str, &'static str, &'static [&'static str]) {
    match machine {
        object::Architecture::X86_64 => (
            "__vdso_",
            "LINUX_2.6",
            &["clock_gettime", "gettimeofday", "time", "clock_getres", "getcpu", "getrandom"],
        ),
        object::Architecture::Aarch64 => (
            "__kernel_",
            "LINUX_2.6.39",
            &["clock_gettime", "gettimeofday", "clock_getres", "getrandom", "rt_sigreturn"],
        ),
        other => panic!("an image for {other:?}"),
    }
}

#[test]
fn every_name_is_found_both_ways() {
    let Some(bytes) = instanter_vdso::IMAGE else { return };
    let file = File::parse(bytes).unwrap();
    let (prefix, version, names) = expected(file.architecture());
    let image = Image::parse_file(bytes).unwrap();
    assert_eq!(image.soname(), Some("linux-vdso.so.1"));
    for name in names {
        let found = image.function(&format!("{prefix}{name}"), Some(version)).unwrap();
        assert!(image.function(&format!("{prefix}{name}"), Some("LINUX_9")).is_err());
        if prefix == "__vdso_" {
            // The names of old, which only debuggers use.
            let old = image.function(name, Some(version)).unwrap();
            assert_eq!(old.offset, found.offset, "{name}");
        }
        // A CPU that enforces landing pads refuses to jump anywhere else.
        let pad: &[u8] = match prefix {
            "__vdso_" => &[0xf3, 0x0f, 0x1e, 0xfa],
            _ => &[0x5f, 0x24, 0x03, 0xd5],
        };
        if *name != "rt_sigreturn" {
            assert_eq!(&bytes[found.offset..][..4], pad, "{name}");
        }
    }
    for symbol in file.elf_dynamic_symbol_table().iter().skip(1) {
        assert_eq!(symbol.st_type(), elf::STT_FUNC);
        assert_ne!(symbol.st_size.get(Endianness::Little), 0);
    }
}

#[test]
fn one_segment_two_hashes_no_relocation() {
    let Some(bytes) = instanter_vdso::IMAGE else { return };
    let header = elf::FileHeader64::<Endianness>::parse(bytes).unwrap();
    let endian = header.endian().unwrap();
    assert_eq!(header.e_type(endian), elf::ET_DYN);
    let segments = header.program_headers(endian, bytes).unwrap();
    let of = |kind| segments.iter().filter(move |segment| segment.p_type(endian) == kind);
    let load: Vec<_> = of(elf::PT_LOAD).collect();
    assert_eq!(load.len(), 1);
    assert_eq!((load[0].p_offset(endian), load[0].p_vaddr(endian)), (0, 0));
    assert_eq!(load[0].p_flags(endian), elf::PF_R | elf::PF_X);
    assert_eq!(load[0].p_filesz(endian), load[0].p_memsz(endian));
    assert!(load[0].p_filesz(endian) < 1 << 15, "a small library");
    for kind in [elf::PT_DYNAMIC, elf::PT_NOTE, elf::PT_GNU_EH_FRAME] {
        assert_eq!(of(kind).count(), 1, "{kind:?}");
    }
    let dynamic = of(elf::PT_DYNAMIC).next().unwrap().dynamic(endian, bytes).unwrap().unwrap();
    let has = |tag| dynamic.iter().any(|entry| entry.d_tag(endian) == tag);
    for tag in [elf::DT_HASH, elf::DT_GNU_HASH, elf::DT_VERSYM, elf::DT_VERDEF, elf::DT_SYMTAB] {
        assert!(has(tag), "{tag:?}");
    }
    for tag in
        [elf::DT_RELA, elf::DT_REL, elf::DT_JMPREL, elf::DT_NEEDED, elf::DT_INIT, elf::DT_TEXTREL]
    {
        assert!(!has(tag), "{tag:?}");
    }
    let file = File::parse(bytes).unwrap();
    assert!(file.dynamic_relocations().is_none_or(|mut all| all.next().is_none()));
    for name in [".data", ".bss", ".got", ".plt", ".tdata"] {
        assert!(file.section_by_name(name).is_none_or(|section| section.size() == 0), "{name}");
    }
}

/// Go keeps its goroutine in `x28`, where its signal handlers look for it.
#[test]
fn a_register_of_gos_is_left_alone() {
    let Some(bytes) = instanter_vdso::IMAGE else { return };
    let file = File::parse(bytes).unwrap();
    if file.architecture() != object::Architecture::Aarch64 {
        return;
    }
    let code = file.section_by_name(".text").unwrap().data().unwrap();
    // Who uses a register that functions preserve stores it first: `stp` or `str`, with the
    // address changed before or not.
    let is_stored = |register: u32| {
        code.chunks_exact(4).any(|word| {
            let word = u32::from_le_bytes(word.try_into().unwrap());
            let (first, second) = (word & 31, word >> 10 & 31);
            match (word & 0xffc0_0000, word & 0xffe0_0c00) {
                (0xa900_0000 | 0xa980_0000, _) => first == register || second == register,
                (0xf900_0000, _) | (_, 0xf800_0c00) => first == register,
                _ => false,
            }
        })
    };
    assert!(is_stored(19) && is_stored(30), "stores are seen");
    assert!(!is_stored(28));
}

#[test]
fn readelf_has_nothing_to_complain_of() {
    let Some(path) = instanter_vdso::IMAGE.map(|bytes| {
        let path = std::env::temp_dir().join(format!("instanter-vdso-{}.so", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }) else {
        return;
    };
    let output = std::process::Command::new("readelf").args(["-aW", "--lint"]).arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "skipped readelf: {error}");
            return;
        }
    };
    assert!(output.status.success());
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains("Warning") && !complaints.contains("Error"), "{complaints}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("There are no relocations in this file."), "{text}");
}
