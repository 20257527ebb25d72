//! Broken images: none may make the parser panic, read for ever, or name a
//! function that is not there.

use crate::builder::{Built, Shape, Spec, function};
use crate::real::vdso;
use instanter_clock::vdso::{Image, ImageError, LookupError, Symbol};
use object::elf;
use proptest::prelude::*;

/// What is looked up in every broken image.
const LOOKUPS: [(&str, Option<&str>); 4] = [
    ("__vdso_clock_gettime", Some("LINUX_2.6")),
    ("__vdso_gettimeofday", None),
    ("LINUX_2.6", None),
    ("no such name", None),
];

/// Does with the bytes whatever can be done, and checks what must hold of any.
fn exercise(bytes: &[u8]) {
    let _ = Image::extent(bytes);
    // Where the linked addresses will do, the relocated ones are not looked at.
    let memory = Image::parse(bytes).or_else(|_| Image::parse_at(bytes, 0x7fff_0000));
    for image in [memory, Image::parse_file(bytes)].into_iter().flatten() {
        let _ = image.soname();
        let count = image.symbols().count();
        assert!(count <= bytes.len(), "{count} symbols in {} bytes", bytes.len());
        for (name, version) in LOOKUPS {
            if let Ok(found) = image.function(name, version) {
                assert_eq!(found.name, name);
                let code = found.code.as_ptr_range();
                assert!(bytes.as_ptr_range().contains(&code.start), "{name}");
                assert!(code.end <= bytes.as_ptr_range().end, "{name}");
            }
        }
    }
}

/// Checks that an image cut off anywhere never shows anything that the whole
/// one does not have.
fn check_cuts(whole: &[u8], parse: fn(&[u8]) -> Result<Image<'_>, ImageError>) {
    let image = parse(whole).unwrap();
    let listed: Vec<_> = image.symbols().map(Result::unwrap).collect();
    let mut most = 0;
    for len in 0..whole.len() {
        let Ok(cut) = parse(&whole[..len]) else { continue };
        for (name, version) in LOOKUPS {
            match cut.function(name, version) {
                Ok(found) => assert_eq!(image.function(name, version), Ok(found), "{len} bytes"),
                Err(LookupError::Absent { .. }) => {
                    let answer = image.function(name, version);
                    assert_eq!(answer, Err(LookupError::Absent { name }), "{len} bytes");
                }
                Err(_) => {}
            }
        }
        let mut count = 0;
        for symbol in cut.symbols().flatten() {
            // The value, too: symbols of sections have no names.
            let same = |full: &&Symbol<'_>| (full.name, full.value) == (symbol.name, symbol.value);
            let mut full = *listed.iter().find(same).unwrap();
            if symbol.offset.is_none() {
                full.offset = None;
            }
            assert_eq!(symbol, full, "cut to {len} bytes");
            count += 1;
        }
        most = most.max(count);
    }
    assert_eq!(most, listed.len());
}

#[test]
fn vdso_cut_off_at_every_byte() {
    let Some((_, bytes)) = vdso() else { return };
    let extent = Image::extent(&bytes).unwrap();
    check_cuts(&bytes[..extent], |bytes| Image::parse(bytes));
    check_cuts(&bytes[..extent], |bytes| Image::parse_file(bytes));
}

#[test]
fn shapes_cut_off_at_every_byte() {
    for shape in shapes() {
        check_cuts(&shape.build().memory, |bytes| Image::parse(bytes));
        check_cuts(&shape.build().file, |bytes| Image::parse_file(bytes));
    }
}

#[test]
fn vdso_with_every_byte_changed() {
    let Some((_, mut bytes)) = vdso() else { return };
    let image = Image::parse(&bytes).unwrap();
    let text = image.symbols().filter_map(|symbol| symbol.unwrap().offset).min().unwrap();
    change_every_byte(&mut bytes, text);
}

#[test]
fn shapes_with_every_byte_changed() {
    for shape in shapes() {
        let mut built = shape.build();
        change_every_byte(&mut built.memory, built.at.text);
    }
}

fn change_every_byte(bytes: &mut [u8], end: usize) {
    for at in 0..end {
        let whole = bytes[at];
        for broken in [0x00, 0xff, whole ^ 0x01, whole ^ 0x80] {
            bytes[at] = broken;
            exercise(bytes);
        }
        bytes[at] = whole;
    }
}

#[test]
fn hash_chains_in_a_circle() {
    let mut built = Shape { gnu_hash: false, ..Shape::vdso() }.build();
    let chains = built.at.sysv_hash + 8 + 2 * 4;
    for index in 0..=built.symbols.len() {
        built.put32(chains + 4 * index, index as u32);
    }
    let image = Image::parse(&built.memory).unwrap();
    let error = image.function("no such name", None).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "ELF image: hash table (DT_HASH) at {:#x}: its chain runs in a circle",
            built.at.sysv_hash
        ),
    );
    // The list does not follow the chains.
    assert_eq!(image.symbols().count(), 7);
}

#[test]
fn hash_chains_without_end() {
    let mut built = Shape { sysv_hash: None, ..Shape::vdso() }.build();
    let end = built.memory.len();
    for at in (built.at.gnu_hash + 16 + 2 * 8 + 3 * 4..end - 3).step_by(4) {
        built.put32(at, 0);
    }
    // The symbols are zeroed with the rest; but the header is whole.
    let dynamic = Shape { sysv_hash: None, ..Shape::vdso() }.build();
    let range = built.at.dynamic..built.at.text;
    built.memory[range.clone()].copy_from_slice(&dynamic.memory[range]);
    exercise(&built.memory);
    let image = Image::parse(&built.memory).unwrap();
    let errors: Vec<_> = image.symbols().collect();
    assert!(errors.iter().all(|item| item.is_err()), "{errors:?}");
}

#[test]
fn version_definitions_that_overlap() {
    // Links are unsigned and cannot lead back, but they can creep.
    for step in [1, 2, 4, u32::MAX] {
        let mut built = Shape::vdso().build();
        let (at, end) = (built.at.verdef, built.at.text);
        for definition in (at..end - 20).step_by(step.min(4) as usize) {
            built.memory[definition..definition + 20].fill(0);
        }
        let dynamic = Shape::vdso().build();
        let range = built.at.dynamic..end;
        built.memory[range.clone()].copy_from_slice(&dynamic.memory[range]);
        built.put32(at + 16, step);
        exercise(&built.memory);
        let image = Image::parse(&built.memory).unwrap();
        let error = image.function("__vdso_time", Some("LINUX_2.6")).unwrap_err();
        assert!(matches!(error, LookupError::Unreadable(_)), "{step}: {error}");
    }
}

#[test]
fn too_many_version_definitions() {
    let mut built = Shape::vdso().build();
    let end = built.memory.len();
    built.put64(built.dynamic(elf::DT_VERDEF), end as u64);
    built.memory.resize(end + 600 * 20, 0);
    for definition in 0..600 {
        built.put32(end + 20 * definition + 16, 20);
    }
    let image = Image::parse(&built.memory).unwrap();
    assert_eq!(
        image.function("__vdso_time", None).unwrap_err().to_string(),
        format!(
            "ELF image: version definitions (DT_VERDEF) at {:#x}: \
             513 entries are more than the 512 that are read",
            end + 512 * 20
        ),
    );
}

#[test]
fn a_symbol_table_that_breaks_off() {
    let mut built = Shape::vdso().build();
    built.put64(built.dynamic(elf::DT_SYMTAB), built.memory.len() as u64 - 30);
    let image = Image::parse(&built.memory).unwrap();
    let items: Vec<_> = image.symbols().collect();
    assert_eq!(items.len(), 1, "{items:?}");
    assert!(items[0].unwrap_err().is_truncated());
}

#[test]
fn a_segment_that_ends_within_a_table() {
    // In the file view a table ends with its segment, whatever follows.
    let mut built = Shape::vdso().build();
    let end = built.at.dynamic + 40;
    built.put64(built.at.segments + 32, end as u64);
    let error = Image::parse_file(&built.memory).unwrap_err();
    assert!(error.is_truncated());
    assert_eq!(error.at(), end as u64);
    assert!(Image::parse(&built.memory).is_ok());
}

/// Each row breaks one thing; the message says which and where.
#[test]
fn messages() {
    type Break = fn(&mut Built);
    let table: [(Break, &str); 17] = [
        (|b| b.memory[0] = 0, "ELF header at 0x0: does not start with 7f 45 4c 46"),
        (|b| b.memory[4] = 3, "ELF header at 0x4: class 3 is neither 1 (32 bits) nor 2 (64 bits)"),
        (
            |b| b.memory[5] = 0,
            "ELF header at 0x5: byte order 0 is neither 1 (little endian) nor 2 (big endian)",
        ),
        (|b| b.put16(16, 2), "ELF header at 0x10: file type 2 is not 3 (shared object)"),
        (|b| b.put16(54, 32), "ELF header at 0x36: an entry is said to take 32 bytes, not 56"),
        (
            |b| b.put16(56, 0xffff),
            "ELF header at 0x38: 65535 entries are more than the 64 that are read",
        ),
        (
            |b| b.put64(32, u64::MAX),
            "program headers at 0xffffffffffffffff: goes on past the last byte",
        ),
        (|b| b.put32(b.at.segments, 0), "there is no segment to load (PT_LOAD)"),
        (|b| b.put32(b.at.segments + 2 * 56, 0), "there is no dynamic section (PT_DYNAMIC)"),
        (
            |b| b.put64(b.dynamic(elf::DT_STRTAB), 1 << 40),
            "string table (DT_STRTAB) at 0x10000000000: its address 0x10000000000 is outside the bytes",
        ),
        (|b| b.put64(b.dynamic(elf::DT_SYMTAB) - 8, 77), "there is no symbol table (DT_SYMTAB)"),
        (
            |b| b.put64(b.dynamic(elf::DT_SYMENT), 16),
            "dynamic section (PT_DYNAMIC) at 0x370: an entry is said to take 16 bytes, not 24",
        ),
        (|b| b.put32(b.at.gnu_hash, 0), "hash table (DT_GNU_HASH) at 0x120: has no buckets"),
        (
            |b| b.put32(b.at.gnu_hash, u32::MAX),
            "hash table (DT_GNU_HASH) at 0x450: goes on past the last byte",
        ),
        (
            |b| b.put32(b.at.gnu_hash + 8, 3),
            "hash table (DT_GNU_HASH) at 0x128: a Bloom filter of 3 words is not a power of two",
        ),
        (|b| b.put32(b.at.sysv_hash, 0), "hash table (DT_HASH) at 0xe8: has no buckets"),
        (
            |b| b.put32(b.at.sysv_hash + 4, u32::MAX),
            "hash table (DT_HASH) at 0x450: goes on past the last byte",
        ),
    ];
    for (index, (break_it, message)) in table.into_iter().enumerate() {
        let mut built = Shape::vdso().build();
        break_it(&mut built);
        let error = Image::parse(&built.memory).unwrap_err();
        assert_eq!(error.to_string(), format!("ELF image: {message}"), "row {index}");
    }
}

#[test]
fn messages_of_lookups() {
    type Break = fn(&mut Built);
    let table: [(Break, &str); 7] = [
        (
            |b| b.put32(b.entry("__vdso_time"), u32::MAX),
            "ELF image: string table (DT_STRTAB) at 0x10000023f: goes on past the last byte",
        ),
        (
            |b| b.put32(b.at.gnu_hash + 32 + 4 * (elf::gnu_hash(b"__vdso_time") as usize % 3), 1),
            "ELF image: hash table (DT_GNU_HASH) at 0x140: points to symbol 1, before its first, 2",
        ),
        (
            |b| {
                // Of the two tables, only this one is left to ask.
                b.put64(b.dynamic(elf::DT_GNU_HASH) - 8, 77);
                b.put32(b.at.sysv_hash + 8, 1000);
                b.put32(b.at.sysv_hash + 12, 1000);
            },
            "ELF image: hash table (DT_HASH) at 0xf4: points to symbol 1000 of 9",
        ),
        (
            |b| b.put16(b.at.verdef + 28 + 2, 1),
            "ELF image: symbol versions (DT_VERSYM) at 0x2e2: version 2 is defined nowhere",
        ),
        (
            |b| b.put16(b.at.versym + 2 * 5, 9),
            "ELF image: symbol versions (DT_VERSYM) at 0x2e2: version 9 is defined nowhere",
        ),
        (
            |b| b.put64(b.entry("__vdso_time") + 8, 1 << 20),
            "__vdso_time: its 16 bytes at address 0x100000 are not all in an executable segment",
        ),
        (
            |b| b.put32(b.entry("__vdso_time") + 4, 0xfff1_0011),
            "__vdso_time is no function but an absolute number, of type OBJECT",
        ),
    ];
    for (index, (break_it, message)) in table.into_iter().enumerate() {
        let mut built = Shape::vdso().build();
        break_it(&mut built);
        let image = Image::parse(&built.memory).unwrap();
        let error = image.function("__vdso_time", Some("LINUX_2.6")).unwrap_err();
        assert_eq!(error.to_string(), message, "row {index}");
    }
    let built = Shape::vdso().build();
    let image = Image::parse(&built.memory).unwrap();
    let message = |name, version| image.function(name, version).unwrap_err().to_string();
    assert_eq!(message("__vdso_tim", None), "__vdso_tim is not in the image");
    assert_eq!(
        message("__vdso_time", Some("LINUX_2.5")),
        "__vdso_time is there under version LINUX_2.6, not LINUX_2.5",
    );
}

#[test]
fn names_without_end_or_not_text() {
    let mut built = Shape { versioned: false, ..Shape::vdso() }.build();
    let (at, end) = (built.at.strtab, built.at.versym);
    built.memory[at..end].fill(b'x');
    let image = Image::parse(&built.memory).unwrap();
    assert_eq!(image.soname(), None);
    assert!(
        image
            .symbols()
            .all(|symbol| symbol.unwrap_err().to_string().ends_with("a string has no end"))
    );

    built.memory[at..end].fill(0xff);
    built.memory[end - 10] = 0;
    let image = Image::parse(&built.memory).unwrap();
    assert!(
        image.symbols().any(|symbol| symbol.unwrap_err().to_string().ends_with("is not UTF-8"))
    );
}

#[test]
fn a_string_table_cut_short() {
    let mut built = Shape::vdso().build();
    let size = built.dynamic(elf::DT_STRSZ);
    for len in 0..(built.at.versym - built.at.strtab) as u64 {
        built.put64(size, len);
        let image = Image::parse(&built.memory).unwrap();
        // Nobody can say that the name is not there.
        match image.function("__vdso_time", None) {
            Ok(found) => assert_eq!(found.offset, built.code("__vdso_time")),
            Err(error) => assert!(matches!(error, LookupError::Unreadable(_)), "{len}: {error}"),
        }
    }
}

#[test]
fn an_image_too_large() {
    let mut built = Shape::vdso().build();
    built.put64(built.at.segments + 40, u64::MAX);
    assert_eq!(
        Image::extent(&built.memory).unwrap_err().to_string(),
        "ELF image: program headers at 0x40: 0xffffffffffffffff bytes in memory are more than 0x100000",
    );
    built.put64(built.at.segments + 40, (1 << 20) + 1);
    assert!(Image::extent(&built.memory).is_err());
    built.put64(built.at.segments + 40, 1 << 20);
    assert_eq!(Image::extent(&built.memory), Ok(1 << 20));
    assert!(Image::extent(&built.memory[..100]).unwrap_err().is_truncated());
}

/// A few shapes that between them use every table.
fn shapes() -> [Shape; 4] {
    let few = vec![
        Spec { section: 0, ..function("imported") },
        function("__vdso_gettimeofday"),
        function("__vdso_clock_gettime"),
    ];
    [
        Shape { symbols: few.clone(), ..Shape::vdso() },
        Shape { symbols: few.clone(), sysv_hash: None, big: true, ..Shape::vdso() },
        Shape {
            symbols: few.clone(),
            gnu_hash: false,
            wide: false,
            text_shift: 64,
            ..Shape::vdso()
        },
        Shape { symbols: few, gnu_hash: false, sysv_hash: None, ..Shape::vdso() },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_changes(
        shape in 0..4_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..6),
    ) {
        let mut bytes = shapes()[shape].build().memory;
        for (at, value) in changes {
            let at = at.index(bytes.len() / 4) * 4;
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        exercise(&bytes);
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..512), wide: bool, big: bool) {
        let head = [127, b'E', b'L', b'F', 1 + u8::from(wide), 1 + u8::from(big)];
        exercise(&[&head[..], &bytes].concat());
    }
}

/// Numbers that break things: near the edges, or like the real ones.
fn value() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        0..64_u32,
        (0..64_u32).prop_map(|n| u32::MAX - n),
        (0..32_u32).prop_map(|n| 1 << n),
        0..1024_u32,
    ]
}
