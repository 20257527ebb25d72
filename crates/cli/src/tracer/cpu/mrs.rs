//! The instructions of AArch64 that read its counter: `mrs`, of three system registers.

/// What is read of the counter: its value or how fast it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `cntvct_el0`, and `cntvctss_el0`, which orders itself
    Counter,
    /// `cntfrq_el0`, which the kernel can only trap together with the counter
    Frequency,
}

/// How an instruction reads the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tracer) struct CounterRead {
    pub(super) what: What,
    /// The register that takes it; 31 is none (`xzr`).
    pub(super) to: u8,
}

impl CounterRead {
    /// What the instruction is that begins with these bytes.
    pub(in crate::tracer) fn at(code: &[u8]) -> Option<CounterRead> {
        // A system register is five numbers. In front of them 1101_0101_0011, then the lowest
        // bit of op0 (3), op1 (3), CRn (14), CRm (0), op2; and the register that takes it.
        const TIMER: u32 = 0xd530_0000 | 1 << 19 | 3 << 16 | 14 << 12;
        const TO: u32 = 0x1f;
        let word = u32::from_le_bytes(code.get(..4)?.try_into().ok()?);
        let what = match (word & !TO).wrapping_sub(TIMER) >> 5 {
            0 => What::Frequency,
            2 | 6 => What::Counter,
            _ => return None,
        };
        Some(CounterRead { what, to: (word & TO) as u8 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as an assembler makes them of the instruction beside them.
    #[test]
    fn instructions_that_read_the_counter() {
        use What::{Counter, Frequency};
        let table = [
            (0xd53b_e040, "mrs x0, cntvct_el0", Some((Counter, 0))),
            (0xd53b_e053, "mrs x19, cntvct_el0", Some((Counter, 19))),
            (0xd53b_e05e, "mrs x30, cntvct_el0", Some((Counter, 30))),
            (0xd53b_e05f, "mrs xzr, cntvct_el0", Some((Counter, 31))),
            (0xd53b_e0c1, "mrs x1, cntvctss_el0", Some((Counter, 1))),
            (0xd53b_e0df, "mrs xzr, cntvctss_el0", Some((Counter, 31))),
            (0xd53b_e000, "mrs x0, cntfrq_el0", Some((Frequency, 0))),
            (0xd53b_e01f, "mrs xzr, cntfrq_el0", Some((Frequency, 31))),
            // The physical counter: Linux lets no program read that.
            (0xd53b_e020, "mrs x0, cntpct_el0", None),
            (0xd53b_e0a0, "mrs x0, cntpctss_el0", None),
            (0xd53b_e320, "mrs x0, cntv_ctl_el0", None),
            (0xd53b_e340, "mrs x0, cntv_cval_el0", None),
            (0xd51b_e000, "msr cntfrq_el0, x0", None),
            (0xd53b_d040, "mrs x0, tpidr_el0", None),
            (0xd538_e100, "mrs x0, cntkctl_el1", None),
            (0xd53c_e060, "mrs x0, cntvoff_el2", None),
            (0xd503_3fdf, "isb", None),
            (0xf940_0020, "ldr x0, [x1]", None),
            (0xd400_0001, "svc #0", None),
            (0x0000_0000, "udf #0", None),
            (0xffff_ffff, "no instruction", None),
        ];
        for (word, text, want) in table {
            let want = want.map(|(what, to)| CounterRead { what, to });
            let mut code = u32::to_le_bytes(word).to_vec();
            assert_eq!(CounterRead::at(&code), want, "{text}");
            // What follows does not matter, and the end of what can be read does.
            code.extend([0x40, 0xe0]);
            assert_eq!(CounterRead::at(&code), want, "{text}");
            assert_eq!(CounterRead::at(&code[..3]), None, "{text}");
        }
    }
}
