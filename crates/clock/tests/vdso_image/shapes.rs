//! Images of every shape, each built so that the answer is known.

use crate::builder::{Built, CODE_LEN, Shape, Spec, function};
use instanter_clock::vdso::{Image, LookupError, SymbolKind};
use object::elf;

const BASE: u64 = 0x7fff_1234_0000;

#[test]
fn every_combination() {
    let mut count = 0;
    for bits in 0..1 << 7 {
        let bit = |n: u32| bits >> n & 1 == 1;
        let mut shape = Shape {
            wide: bit(0),
            big: bit(1),
            sysv_hash: bit(2).then_some(4),
            gnu_hash: bit(3),
            versioned: bit(4),
            text_shift: if bit(5) { 0x10000 } else { 0 },
            ..Shape::vdso()
        };
        if bit(6) {
            // Much as old x86 kernels linked their vDSOs.
            shape.origin = if shape.wide { 0xffff_ffff_ff70_0000 } else { 0xffe0_0000 };
        }
        check(&shape);
        check(&Shape { relocated_to: Some(BASE), ..shape });
        count += 1;
    }
    assert_eq!(count, 128);
}

/// Checks that everything the shape has is found, and nothing else.
fn check(shape: &Shape) {
    let built = shape.build();
    let mut images = Vec::new();
    // An ELF32 image at a 64-bit address is nobody's; its addresses wrap.
    let base = if shape.wide { BASE } else { BASE & 0xffff_ffff };
    images.push(Image::parse_at(&built.memory, base).unwrap());
    if shape.relocated_to.is_none() {
        images.push(Image::parse(&built.memory).unwrap());
        images.push(Image::parse_file(&built.file).unwrap());
    }
    for image in images {
        assert_eq!(image.machine(), 62);
        assert_eq!(image.is_64_bit(), shape.wide);
        assert_eq!(image.is_big_endian(), shape.big);
        assert_eq!(image.soname(), Some("linux-vdso.so.1"));
        assert_eq!(image.has_sysv_hash(), shape.sysv_hash.is_some());
        assert_eq!(image.has_gnu_hash(), shape.gnu_hash);
        assert_eq!(image.has_versions(), shape.versioned);
        check_lookups(shape, &built, &image);
        check_list(shape, &built, &image);
    }
    assert_eq!(Image::extent(&built.memory).unwrap(), built.memory.len());
}

fn check_lookups(shape: &Shape, built: &Built, image: &Image<'_>) {
    let version = shape.versioned.then_some("LINUX_2.6");
    for (index, symbol) in built.symbols.iter().enumerate() {
        let name = symbol.name;
        let answer = image.function(name, Some("LINUX_2.6"));
        match name {
            "imported" => assert_eq!(answer, Err(LookupError::Absent { name })),
            "LINUX_2.6" => {
                let kind = SymbolKind::Object;
                assert_eq!(answer, Err(LookupError::NotFunction { name, kind, section: 0xfff1 }));
            }
            _ => {
                let function = answer.unwrap();
                assert_eq!((function.name, function.version), (name, version), "{shape:?}");
                assert_eq!(function.offset, built.code(name), "{name} in {shape:?}");
                assert_eq!(function.code, [index as u8 + 1; CODE_LEN], "{name} in {shape:?}");
                assert_eq!(image.function(name, None), Ok(function));
            }
        }
        let other = image.function(name, Some("LINUX_2.5"));
        if shape.versioned && name != "imported" {
            let (wanted, had) = (Some("LINUX_2.5"), Some("LINUX_2.6"));
            assert_eq!(other, Err(LookupError::OtherVersion { name, wanted, had }));
        } else {
            assert_eq!(other, answer);
        }
    }
    // Two names that follow each other in the string table are not a third.
    let names: Vec<&str> = built.symbols.iter().map(|symbol| symbol.name).collect();
    let pairs: Vec<String> = names.windows(2).map(|pair| pair.join("\0")).collect();
    let others = ["", "__vdso", "__vdso_clock_gettimeofday"];
    for name in pairs.iter().map(String::as_str).chain(others) {
        assert!(image.function(name, None).unwrap_err().is_absent(), "{name:?} in {shape:?}");
    }
}

fn check_list(shape: &Shape, built: &Built, image: &Image<'_>) {
    let listed: Vec<_> = image.symbols().map(Result::unwrap).collect();
    let defined: Vec<_> = built.symbols.iter().filter(|symbol| symbol.section != 0).collect();
    assert_eq!(listed.len(), defined.len(), "{shape:?}");
    for (symbol, spec) in listed.iter().zip(defined) {
        assert_eq!(symbol.name, spec.name);
        assert_eq!(symbol.version, shape.versioned.then_some("LINUX_2.6"));
        assert!(!symbol.hidden);
        let is_function = spec.kind == elf::STT_FUNC;
        assert_eq!(symbol.offset, is_function.then(|| built.code(spec.name)));
        assert_eq!(symbol.size, if is_function { CODE_LEN as u64 } else { 0 });
        assert_eq!(symbol.section, spec.section);
    }
}

#[test]
fn versions_of_one_name() {
    let hidden = |version: u16| 0x8000 | version;
    let shape = Shape {
        versions: vec!["LINUX_2.5", "LINUX_2.6"],
        symbols: vec![
            Spec { version: hidden(2), ..function("twice") },
            Spec { version: 3, ..function("twice") },
            Spec { version: hidden(2), ..function("old") },
            Spec { version: 1, ..function("plain") },
        ],
        ..Shape::vdso()
    };
    let gnu = Shape { sysv_hash: None, ..shape.clone() };
    let sysv = Shape { gnu_hash: false, ..shape.clone() };
    let neither = Shape { gnu_hash: false, ..gnu.clone() };
    for shape in [gnu, sysv, neither] {
        let built = shape.build();
        let image = Image::parse(&built.memory).unwrap();
        let version = |name, version| image.function(name, version).map(|found| found.version);
        let other = |name, wanted, had| Err(LookupError::OtherVersion { name, wanted, had });

        assert_eq!(version("twice", None), Ok(Some("LINUX_2.6")));
        assert_eq!(version("twice", Some("LINUX_2.6")), Ok(Some("LINUX_2.6")));
        assert_eq!(version("twice", Some("LINUX_2.5")), Ok(Some("LINUX_2.5")));
        assert_eq!(version("old", Some("LINUX_2.5")), Ok(Some("LINUX_2.5")));
        assert_eq!(version("old", None), other("old", None, Some("LINUX_2.5")));
        let wanted = Some("LINUX_2.6");
        assert_eq!(version("old", wanted), other("old", wanted, Some("LINUX_2.5")));
        assert_eq!(version("plain", None), Ok(None));
        assert_eq!(version("plain", wanted), other("plain", wanted, None));
        // The base definition names the image; it is nobody's version.
        let wanted = Some("linux-vdso.so.1");
        assert_eq!(version("plain", wanted), other("plain", wanted, None));

        let hidden = image.symbols().filter(|symbol| symbol.unwrap().hidden).count();
        assert_eq!(hidden, 2);
    }
}

#[test]
fn the_bloom_filter_is_asked() {
    // Each name has two bits; with either of them gone it is not there.
    let hash = u64::from(elf::gnu_hash(b"__vdso_time"));
    for (bits, is_there) in [
        ([hash % 64, hash / 64 % 64], true),
        ([hash % 64, hash % 64], false),
        ([hash / 64 % 64, hash / 64 % 64], false),
    ] {
        let mut built = Shape::vdso().build();
        for word in 0..2 {
            built.put64(built.at.gnu_hash + 16 + 8 * word, 1 << bits[0] | 1 << bits[1]);
        }
        let image = Image::parse(&built.memory).unwrap();
        assert_eq!(image.function("__vdso_time", None).is_ok(), is_there, "{bits:?}");
    }
}

#[test]
fn symbols_that_are_not_hashed_are_listed() {
    // The GNU table leaves out local symbols, which come first.
    let symbols = vec![Spec { section: 0, ..function("local") }];
    let mut built = Shape { symbols, sysv_hash: None, ..Shape::vdso() }.build();
    built.put16(built.entry("local") + 6, 1);
    let image = Image::parse(&built.memory).unwrap();
    let names: Vec<_> = image.symbols().map(|symbol| symbol.unwrap().name).collect();
    assert_eq!(names, ["local"]);
    // Entry 0 is reserved, even if it looks like a symbol.
    built.put16(built.at.symtab + 6, 1);
    assert_eq!(Image::parse(&built.memory).unwrap().symbols().count(), 1);
}

#[test]
fn the_dynamic_section_ends_at_its_null() {
    let mut built = Shape { versioned: false, ..Shape::vdso() }.build();
    let after = built.at.dynamic + 8 * 16;
    assert_eq!(built.memory[after - 16..after + 32], [0; 48]);
    built.put64(after, elf::DT_STRTAB.0 as u64);
    built.put64(after + 8, 1 << 40);
    assert!(Image::parse(&built.memory).unwrap().function("__vdso_time", None).is_ok());
}

#[test]
fn the_extent_is_the_furthest_end() {
    let mut built = Shape { text_shift: 0x1000, ..Shape::vdso() }.build();
    assert_eq!(Image::extent(&built.memory), Ok(built.memory.len()));
    // The second segment now ends before the first.
    let second = built.at.segments + 56;
    built.put64(second + 16, 0x40);
    built.put64(second + 40, 0x10);
    let end = built.at.text - 0x1000;
    assert_eq!(Image::extent(&built.memory), Ok(end));
}

#[test]
fn indexes_without_definitions_are_no_versions() {
    let mut built = Shape::vdso().build();
    built.put64(built.dynamic(elf::DT_VERDEF) - 8, 0x6fff_fe00);
    let image = Image::parse(&built.memory).unwrap();
    assert!(!image.has_versions());
    assert_eq!(image.function("__vdso_time", Some("LINUX_9")).unwrap().version, None);
}

#[test]
fn eight_byte_hash_entries() {
    // As the GNU linker makes them for s390x, and for Alpha.
    for (machine, big) in [(elf::EM_S390, true), (elf::EM_ALPHA, false)] {
        for step in [4, 8] {
            let shape = Shape {
                machine: machine.0,
                big,
                sysv_hash: Some(step),
                gnu_hash: false,
                ..Shape::vdso()
            };
            let built = shape.build();
            let image = Image::parse(&built.memory).unwrap();
            check_lookups(&shape, &built, &image);
            check_list(&shape, &built, &image);
        }
    }
}

#[test]
fn what_can_be_called() {
    let spec = |name, kind, section| Spec { kind, section, ..function(name) };
    let shape = Shape {
        symbols: vec![
            // PowerPC's are so.
            spec("untyped", elf::STT_NOTYPE, 1),
            spec("data", elf::STT_OBJECT, 1),
            spec("indirect", elf::STT_GNU_IFUNC, 1),
            // Old linkers made the version's own symbol so.
            spec("absolute", elf::STT_NOTYPE, 0xfff1),
            Spec { binding: elf::STB_LOCAL, ..function("local") },
            Spec { binding: elf::STB_WEAK, ..function("weak") },
            Spec { value: Some(1 << 40), ..function("far") },
            Spec { value: Some(u64::MAX), ..function("farther") },
            // In the segment before the text, which cannot be executed.
            Spec { value: Some(0x40), ..function("header") },
        ],
        text_shift: 0x10000,
        ..Shape::vdso()
    };
    let built = shape.build();
    for image in [Image::parse(&built.memory).unwrap(), Image::parse_file(&built.file).unwrap()] {
        let kind = |name| image.function(name, None).map(|found| found.code.len());
        assert_eq!(kind("untyped"), Ok(CODE_LEN));
        assert_eq!(kind("weak"), Ok(CODE_LEN));
        assert_eq!(kind("local"), Err(LookupError::Absent { name: "local" }));
        let table = [
            ("data", SymbolKind::Object, 1),
            ("indirect", SymbolKind::IndirectFunction, 1),
            ("absolute", SymbolKind::NoType, 0xfff1),
        ];
        for (name, is, section) in table {
            assert_eq!(kind(name), Err(LookupError::NotFunction { name, kind: is, section }));
        }
        for (name, value) in [("far", 1 << 40), ("farther", u64::MAX), ("header", 0x40)] {
            assert_eq!(kind(name), Err(LookupError::Outside { name, value, size: 0 }));
        }
    }
}

#[test]
fn a_function_is_there_whole_or_not_at_all() {
    let mut built = Shape { text_shift: 0x1000, ..Shape::vdso() }.build();
    let (name, entry, value) =
        ("__vdso_time", built.entry("__vdso_time"), built.code("__vdso_time"));
    let outside = |size| {
        let error = LookupError::Outside { name, value: value as u64, size };
        Err(error.to_string())
    };
    let ends = |built: &Built| {
        let image = Image::parse(&built.memory).unwrap();
        let listed = image.symbols().flatten().find(|symbol| symbol.name == name).unwrap();
        let found = image.function(name, None).map_err(|error| error.to_string());
        (found.map(|found| found.code.len()), listed.offset)
    };

    // To the last byte of the image, and one further.
    let size = built.memory.len() - value;
    built.put64(entry + 16, size as u64);
    assert_eq!(ends(&built), (Ok(size), Some(value)));
    built.put64(entry + 16, size as u64 + 1);
    assert_eq!(ends(&built), (outside(size as u64 + 1), None));
    // The same with the last byte of the executable segment.
    let segment_len = built.at.segments + 56 + 40;
    built.put64(entry + 16, CODE_LEN as u64);
    built.put64(segment_len, (value + CODE_LEN - built.at.text) as u64);
    assert_eq!(ends(&built), (Ok(CODE_LEN), Some(value)));
    built.put64(segment_len, (value + CODE_LEN - built.at.text) as u64 - 1);
    assert_eq!(ends(&built), (outside(CODE_LEN as u64), Some(value)));
}

#[test]
fn a_thumb_function_keeps_its_bit() {
    let shape = Shape { wide: false, machine: elf::EM_ARM.0, ..Shape::vdso() };
    let mut built = shape.build();
    let code = built.code("__vdso_time");
    built.put32(built.entry("__vdso_time") + 4, code as u32 | 1);
    let image = Image::parse(&built.memory).unwrap();
    let time = image.function("__vdso_time", Some("LINUX_2.6")).unwrap();
    assert_eq!(time.offset, code | 1);
    assert_eq!(time.code, &built.memory[code..code + CODE_LEN]);
}

#[test]
fn a_partial_image_has_what_it_has() {
    // As a sandbox gives one.
    let shape = Shape { symbols: vec![function("__vdso_clock_gettime")], ..Shape::vdso() };
    let built = shape.build();
    let image = Image::parse(&built.memory).unwrap();
    assert!(image.function("__vdso_clock_gettime", Some("LINUX_2.6")).is_ok());
    assert!(image.function("__vdso_getcpu", Some("LINUX_2.6")).unwrap_err().is_absent());

    let none = Shape { symbols: vec![], ..Shape::vdso() }.build();
    let image = Image::parse(&none.memory).unwrap();
    assert!(image.function("__vdso_time", None).unwrap_err().is_absent());
    assert_eq!(image.symbols().count(), 0);
}

#[test]
fn the_first_load_segment_gives_the_origin() {
    // The segments listed in the other order: the first one's address less its
    // offset is still the address of the ELF header.
    let mut built = Shape { origin: 0x70_0000, text_shift: 0, ..Shape::vdso() }.build();
    let (offset, address) = (built.at.segments + 8, built.at.segments + 16);
    built.put64(offset, 0x40);
    built.put64(address, 0x70_0040);
    let image = Image::parse(&built.memory).unwrap();
    let time = image.function("__vdso_time", Some("LINUX_2.6")).unwrap();
    assert_eq!(time.offset, built.code("__vdso_time"));
}
