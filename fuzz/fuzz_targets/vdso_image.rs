//! Any bytes as a vDSO's ELF image: no panic, no endless loop, nothing outside
//! the bytes, and no symbol that a lookup and the list see differently.
//!
//! It gets deep fastest from real images: put a few small shared libraries, of
//! several CPUs, into `corpus/vdso_image`.
#![no_main]

use instanter_clock::vdso::{Image, LookupError, SymbolKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = Image::extent(bytes) {
        assert!(!error.to_string().is_empty());
    }
    let base = 0x7fff_f7fc_1000;
    for image in [Image::parse(bytes), Image::parse_at(bytes, base), Image::parse_file(bytes)] {
        match image {
            Ok(image) => explore(bytes, &image),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});

fn explore(bytes: &[u8], image: &Image<'_>) {
    assert!(!format!("{image:?}").is_empty());
    let mut count = 0;
    for symbol in image.symbols() {
        count += 1;
        let Ok(symbol) = symbol else { continue };
        // Every lookup may walk a whole table, so only some are made.
        if count > 64 {
            continue;
        }
        match image.function(symbol.name, symbol.version) {
            Ok(found) => {
                assert_eq!(found.name, symbol.name);
                assert!(symbol.version.is_none() || found.version == symbol.version);
                let code = found.code.as_ptr_range();
                assert!(bytes.as_ptr_range().contains(&code.start));
                assert!(code.end <= bytes.as_ptr_range().end);
            }
            // Of all functions, only a number in place of an address is none.
            Err(LookupError::NotFunction { kind: SymbolKind::Function, section, .. }) => {
                assert!(section >= 0xff00);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(count <= bytes.len());
    if let Ok(found) = image.function("__vdso_clock_gettime", Some("LINUX_2.6")) {
        assert_eq!(found.name, "__vdso_clock_gettime");
    }
}
