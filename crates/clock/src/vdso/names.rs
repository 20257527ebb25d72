//! What each CPU's kernel calls the functions of its vDSO, and under which
//! version it has them.
//!
//! A name listed here need not be in a given kernel's image: functions were
//! added over time, and a kernel may be built without the 32-bit time ones.
#![forbid(unsafe_code)]

use linux_raw_sys::elf_uapi::{
    EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_MIPS, EM_PPC, EM_PPC64, EM_RISCV, EM_S390,
    EM_X86_64,
};

/// The names of one CPU's vDSO functions; `None` where no kernel has had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// The CPU (`e_machine`).
    pub machine: u16,
    /// Whether they are those of a 64-bit image (`ELFCLASS64`).
    pub is_64_bit: bool,
    /// The version that they all have.
    pub version: &'static str,
    /// `clock_gettime`, on a 32-bit CPU with 32-bit seconds.
    pub clock_gettime: &'static str,
    /// `clock_gettime` with 64-bit seconds on a 32-bit CPU, since Linux 5.3 to
    /// 5.11.
    pub clock_gettime64: Option<&'static str>,
    /// `clock_getres`.
    pub clock_getres: Option<&'static str>,
    /// `gettimeofday`.
    pub gettimeofday: &'static str,
    /// `time`.
    pub time: Option<&'static str>,
    /// `getcpu`.
    pub getcpu: Option<&'static str>,
    /// `getrandom`, since Linux 6.11 to 6.16.
    pub getrandom: Option<&'static str>,
}

/// The names of the CPU that this is compiled for; `None` where its kernel has
/// no vDSO with a clock, or none that is known here.
///
/// # Example
///
/// ```
/// # #[cfg(target_arch = "x86_64")] {
/// use instanter_clock::vdso::names::NATIVE;
///
/// assert_eq!(NATIVE.unwrap().version, "LINUX_2.6");
/// # }
/// ```
pub const NATIVE: Option<&'static Names> = native();

/// Finds the names for the CPU and the class of an image.
///
/// # Example
///
/// ```
/// use instanter_clock::vdso::names;
///
/// let riscv = names::of(243, true).unwrap();
/// assert_eq!(riscv.clock_gettime, "__vdso_clock_gettime");
/// assert_eq!(riscv.version, "LINUX_4.15");
/// assert!(names::of(0, true).is_none());
/// ```
///
/// # References
///
/// `vdso*.lds.S` of each architecture in the kernel's source; vdso(7).
#[must_use]
pub const fn of(machine: u16, is_64_bit: bool) -> Option<&'static Names> {
    let mut i = 0;
    while i < ALL.len() {
        if ALL[i].machine == machine && ALL[i].is_64_bit == is_64_bit {
            return Some(&ALL[i]);
        }
        i += 1;
    }
    None
}

/// The names for every CPU known here.
pub const ALL: &[Names] = &[
    Names {
        time: Some("__vdso_time"),
        getcpu: Some("__vdso_getcpu"),
        getrandom: Some("__vdso_getrandom"),
        ..vdso(EM_X86_64, true, "LINUX_2.6")
    },
    // The x32 ABI, whose seconds have 64 bits from the start.
    Names {
        time: Some("__vdso_time"),
        getcpu: Some("__vdso_getcpu"),
        ..vdso(EM_X86_64, false, "LINUX_2.6")
    },
    Names {
        clock_gettime64: Some("__vdso_clock_gettime64"),
        time: Some("__vdso_time"),
        getcpu: Some("__vdso_getcpu"),
        ..vdso(EM_386, false, "LINUX_2.6")
    },
    Names { getrandom: Some("__kernel_getrandom"), ..kernel(EM_AARCH64, true, "LINUX_2.6.39") },
    Names { clock_gettime64: Some("__vdso_clock_gettime64"), ..vdso(EM_ARM, false, "LINUX_2.6") },
    Names {
        getcpu: Some("__vdso_getcpu"),
        getrandom: Some("__vdso_getrandom"),
        ..vdso(EM_RISCV, true, "LINUX_4.15")
    },
    Names {
        time: Some("__kernel_time"),
        getcpu: Some("__kernel_getcpu"),
        getrandom: Some("__kernel_getrandom"),
        ..kernel(EM_PPC64, true, "LINUX_2.6.15")
    },
    Names {
        clock_gettime64: Some("__kernel_clock_gettime64"),
        time: Some("__kernel_time"),
        getcpu: Some("__kernel_getcpu"),
        getrandom: Some("__kernel_getrandom"),
        ..kernel(EM_PPC, false, "LINUX_2.6.15")
    },
    Names {
        getcpu: Some("__kernel_getcpu"),
        getrandom: Some("__kernel_getrandom"),
        ..kernel(EM_S390, true, "LINUX_2.6.29")
    },
    vdso(EM_MIPS, true, "LINUX_2.6"),
    // Both o32 and n32.
    Names { clock_gettime64: Some("__vdso_clock_gettime64"), ..vdso(EM_MIPS, false, "LINUX_2.6") },
    Names {
        getcpu: Some("__vdso_getcpu"),
        getrandom: Some("__vdso_getrandom"),
        ..vdso(EM_LOONGARCH, true, "LINUX_5.10")
    },
];

/// The names that every CPU with the prefix `__vdso_` has.
const fn vdso(machine: u32, is_64_bit: bool, version: &'static str) -> Names {
    Names {
        machine: machine as u16,
        is_64_bit,
        version,
        clock_gettime: "__vdso_clock_gettime",
        clock_gettime64: None,
        clock_getres: Some("__vdso_clock_getres"),
        gettimeofday: "__vdso_gettimeofday",
        time: None,
        getcpu: None,
        getrandom: None,
    }
}

/// The names that every CPU with the prefix `__kernel_` has.
const fn kernel(machine: u32, is_64_bit: bool, version: &'static str) -> Names {
    Names {
        clock_gettime: "__kernel_clock_gettime",
        clock_getres: Some("__kernel_clock_getres"),
        gettimeofday: "__kernel_gettimeofday",
        ..vdso(machine, is_64_bit, version)
    }
}

const fn native() -> Option<&'static Names> {
    let machine = if cfg!(target_arch = "x86_64") {
        EM_X86_64
    } else if cfg!(target_arch = "x86") {
        EM_386
    } else if cfg!(target_arch = "aarch64") {
        EM_AARCH64
    } else if cfg!(target_arch = "arm") {
        EM_ARM
    } else if cfg!(target_arch = "riscv64") {
        EM_RISCV
    } else if cfg!(target_arch = "powerpc64") {
        EM_PPC64
    } else if cfg!(target_arch = "powerpc") {
        EM_PPC
    } else if cfg!(target_arch = "s390x") {
        EM_S390
    } else if cfg!(any(
        target_arch = "mips",
        target_arch = "mips32r6",
        target_arch = "mips64",
        target_arch = "mips64r6"
    )) {
        EM_MIPS
    } else if cfg!(target_arch = "loongarch64") {
        EM_LOONGARCH
    } else {
        return None;
    };
    of(machine as u16, cfg!(target_pointer_width = "64"))
}
