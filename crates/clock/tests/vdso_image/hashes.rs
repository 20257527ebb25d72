//! Both hashes, against published values and a second implementation.

use instanter_clock::vdso::{hash, names};
use object::elf;

#[test]
fn known_values() {
    // (name, System V, GNU), as Go's runtime carries them; then the edges.
    let names = [
        ("__vdso_gettimeofday", 0x0315_ca59, 0xb01b_ca00),
        ("__vdso_clock_gettime", 0x0d35_ec75, 0x6e43_a318),
        ("__kernel_clock_gettime", 0x0b0c_d725, 0xdfa9_41fd),
        ("", 0, 5381),
        ("a", 0x61, 5381 * 33 + 0x61),
    ];
    for (name, sysv, gnu) in names {
        assert_eq!(hash::sysv(name), sysv, "sysv({name:?}) = {:#x}", hash::sysv(name));
        assert_eq!(hash::gnu(name), gnu, "gnu({name:?}) = {:#x}", hash::gnu(name));
    }
    let versions = [("LINUX_2.6", 0x03ae_75f6), ("LINUX_2.6.39", 0x075f_cb89)];
    for (version, sysv) in versions {
        assert_eq!(hash::sysv(version), sysv, "sysv({version:?}) = {:#x}", hash::sysv(version));
    }
}

#[test]
fn at_compile_time() {
    const HASHES: (u32, u32) = (hash::sysv("LINUX_2.6"), hash::gnu("__vdso_gettimeofday"));
    assert_eq!(HASHES, (0x03ae_75f6, 0xb01b_ca00));
}

#[test]
fn as_another_implementation() {
    let known = names::ALL.iter().flat_map(|names| [names.version, names.clock_gettime]);
    // Long names, and bytes above 0x7f, carry into the bits that are cleared.
    let long = "ÿ".repeat(64);
    for name in known.chain([long.as_str(), "pthread_cond_timedwait", "\u{7f}\u{80}"]) {
        assert_eq!(hash::sysv(name), elf::hash(name.as_bytes()), "sysv({name:?})");
        assert_eq!(hash::gnu(name), elf::gnu_hash(name.as_bytes()), "gnu({name:?})");
    }
}
