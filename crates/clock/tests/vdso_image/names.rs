//! The names of the vDSO's functions on each CPU.

use instanter_clock::vdso::names;
use object::elf;

#[test]
fn every_known_cpu_has_its_row() {
    let table = [
        (elf::EM_X86_64, true, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_X86_64, false, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_386, false, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_AARCH64, true, "LINUX_2.6.39", "__kernel_clock_gettime"),
        (elf::EM_ARM, false, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_RISCV, true, "LINUX_4.15", "__vdso_clock_gettime"),
        (elf::EM_PPC64, true, "LINUX_2.6.15", "__kernel_clock_gettime"),
        (elf::EM_PPC, false, "LINUX_2.6.15", "__kernel_clock_gettime"),
        (elf::EM_S390, true, "LINUX_2.6.29", "__kernel_clock_gettime"),
        (elf::EM_MIPS, true, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_MIPS, false, "LINUX_2.6", "__vdso_clock_gettime"),
        (elf::EM_LOONGARCH, true, "LINUX_5.10", "__vdso_clock_gettime"),
    ];
    assert_eq!(names::ALL.len(), table.len());
    for (machine, is_64_bit, version, clock_gettime) in table {
        let names = names::of(machine.0, is_64_bit).unwrap();
        assert_eq!((names.version, names.clock_gettime), (version, clock_gettime));
        // Only a 32-bit CPU can have seconds of two widths, and then all names
        // have one prefix.
        assert!(names.clock_gettime64.is_none() || !is_64_bit, "{names:?}");
        let prefix = clock_gettime.strip_suffix("clock_gettime").unwrap();
        let more =
            [names.clock_gettime64, names.clock_getres, names.time, names.getcpu, names.getrandom];
        for name in more.into_iter().flatten().chain([names.gettimeofday]) {
            assert!(name.starts_with(prefix), "{names:?}");
        }
    }
    assert_eq!(names::of(elf::EM_AARCH64.0, false), None);
}

#[test]
fn native_is_of_this_cpu() {
    if cfg!(target_arch = "x86_64") {
        assert_eq!(names::NATIVE.unwrap().machine, elf::EM_X86_64.0);
    }
    if cfg!(target_arch = "aarch64") {
        assert_eq!(names::NATIVE.unwrap().version, "LINUX_2.6.39");
    }
}
