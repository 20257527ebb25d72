//! Where the fields of the page lie, kernel by kernel.

/// The order of the fields within a record.
///
/// Both start with the sequence number (`u32`), the clock mode (`i32`) and
/// `cycle_last` (`u64`); both end with `mask` (`u64`), `mult` and `shift`
/// (`u32` each) and twelve bases of 16 bytes. Since 6.10 kernels that protect
/// against overflow have `max_cycles` in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `mask` follows `cycle_last`.
    Plain,
    /// `max_cycles` lies between `cycle_last` and `mask`.
    WithMaxCycles,
}

impl Shape {
    /// Bytes from the start of a record to `mask`.
    #[must_use]
    pub const fn mask(self) -> usize {
        match self {
            Shape::Plain => 16,
            Shape::WithMaxCycles => 24,
        }
    }

    /// Bytes from the start of a record to `mult`; `shift` is the next `u32`.
    #[must_use]
    pub const fn mult(self) -> usize {
        self.mask() + 8
    }

    /// Bytes from the start of a record to the first base.
    #[must_use]
    pub const fn bases(self) -> usize {
        self.mult() + 8
    }
}

/// The CPUs whose data page this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm, little-endian.
    Aarch64,
}

impl Cpu {
    /// The CPU that this was compiled for, if its page can be read.
    ///
    /// ```
    /// use instanter_page::linux::Cpu;
    /// let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    /// assert_eq!(Cpu::this().is_some(), known);
    /// ```
    #[must_use]
    pub const fn this() -> Option<Cpu> {
        if cfg!(target_arch = "x86_64") {
            Some(Cpu::X86_64)
        } else if cfg!(all(target_arch = "aarch64", target_endian = "little")) {
            Some(Cpu::Aarch64)
        } else {
            None
        }
    }

    /// Clock modes under which the line counts this CPU's own counter.
    ///
    /// x86-64 has `VDSO_CLOCKMODE_TSC`; its modes 2 and 3 count what a
    /// hypervisor's page says instead. AArch64 has `ARCHTIMER` and
    /// `ARCHTIMER_NOCOMPAT`, which differ for 32-bit programs only.
    #[must_use]
    pub const fn counter_modes(self) -> &'static [u32] {
        match self {
            Cpu::X86_64 => &[1],
            Cpu::Aarch64 => &[1, 2],
        }
    }
}

/// One arrangement of the data page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The kernels that have it.
    pub kernels: &'static str,
    /// The CPU.
    pub cpu: Cpu,
    /// Pages from the start of the data to the start of the vDSO.
    pub pages_before_vdso: usize,
    /// Which of those pages holds the other half in a time namespace.
    pub namespace_page: Option<usize>,
    /// Bytes from the start of a page to the first record.
    pub record: usize,
    /// Bytes from the first record to the second, the raw clock's.
    pub stride: usize,
    /// Order of the fields.
    pub shape: Shape,
    /// Bytes from the start of the page's data to `hrtimer_res` (`u32`, ns).
    pub hrtimer_res: usize,
}

impl Layout {
    /// Bytes at the start of the page that a reader touches.
    #[must_use]
    pub const fn length(&self) -> usize {
        let records = self.record + 2 * self.stride;
        let resolution = self.record + self.hrtimer_res + 4;
        if records > resolution { records } else { resolution }
    }
}

const fn layout(
    kernels: &'static str,
    cpu: Cpu,
    (pages_before_vdso, namespace_page): (usize, Option<usize>),
    (record, stride, shape): (usize, usize, Shape),
    hrtimer_res: usize,
) -> Layout {
    Layout { kernels, cpu, pages_before_vdso, namespace_page, record, stride, shape, hrtimer_res }
}

/// Every layout since Linux 5.3, newest first for each CPU.
///
/// A record of [`Shape::Plain`] is 32 + 12 × 16 = 224 bytes, and one with
/// `max_cycles` 232. Up to 6.14 each record was followed by the time zone (two
/// `i32`), `hrtimer_res` and padding, 16 bytes in all; since 6.15 these follow
/// the second record, and since 6.17 eight records of auxiliary clocks stand
/// between. The page used to begin 128 bytes into its memory on x86-64.
///
/// Two rows that read alike differ in where `hrtimer_res` is, and are told
/// apart by it.
pub const LAYOUTS: &[Layout] = &[
    layout("6.17 and later", Cpu::X86_64, (6, Some(1)), (0, 232, Shape::WithMaxCycles), 2328),
    layout("6.15 to 6.16", Cpu::X86_64, (6, Some(1)), (0, 232, Shape::WithMaxCycles), 472),
    layout("6.13 to 6.14", Cpu::X86_64, (4, Some(1)), (0, 248, Shape::WithMaxCycles), 240),
    layout("6.10 to 6.12", Cpu::X86_64, (4, Some(3)), (128, 248, Shape::WithMaxCycles), 240),
    layout("5.6 to 6.9", Cpu::X86_64, (4, Some(3)), (128, 240, Shape::Plain), 232),
    layout("5.3 to 5.5", Cpu::X86_64, (3, None), (128, 240, Shape::Plain), 232),
    layout("6.17 and later", Cpu::Aarch64, (4, Some(1)), (0, 232, Shape::WithMaxCycles), 2328),
    layout("6.17 and later, plain", Cpu::Aarch64, (4, Some(1)), (0, 224, Shape::Plain), 2248),
    layout("6.15 to 6.16", Cpu::Aarch64, (4, Some(1)), (0, 232, Shape::WithMaxCycles), 472),
    layout("6.15 to 6.16, plain", Cpu::Aarch64, (4, Some(1)), (0, 224, Shape::Plain), 456),
    layout("6.10 to 6.14", Cpu::Aarch64, (2, Some(1)), (0, 248, Shape::WithMaxCycles), 240),
    layout("5.9 to 6.14, plain", Cpu::Aarch64, (2, Some(1)), (0, 240, Shape::Plain), 232),
    layout("5.3 to 5.8", Cpu::Aarch64, (1, None), (0, 240, Shape::Plain), 232),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::base;

    /// Recomputes each row's numbers from the C structs that they stand for.
    #[test]
    fn rows_follow_from_the_structs() {
        for row in LAYOUTS {
            let bases = 16 * base::COUNT;
            let record = row.shape.bases() + bases;
            assert_eq!(
                row.shape.bases(),
                8 + 8 + if row.shape == Shape::WithMaxCycles { 8 } else { 0 } + 8 + 8,
                "{row:?}"
            );
            let own_tail =
                row.pages_before_vdso < 6 && row.cpu == Cpu::X86_64 || row.pages_before_vdso < 4;
            if own_tail {
                assert_eq!(row.stride, record + 16, "{row:?}");
                assert_eq!(row.hrtimer_res, record + 8, "{row:?}");
            } else {
                let auxiliary = if row.kernels.starts_with("6.17") { 8 } else { 0 };
                assert_eq!(row.stride, record, "{row:?}");
                assert_eq!(row.hrtimer_res, (2 + auxiliary) * record + 8, "{row:?}");
            }
            assert!(row.length() <= 4096, "{row:?}");
            assert!(row.namespace_page.is_none_or(|page| page < row.pages_before_vdso), "{row:?}");
            assert_eq!(row.stride % 8, 0, "{row:?}");
        }
    }
}
