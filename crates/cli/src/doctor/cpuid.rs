//! What the processor says of its counter and of who runs it.

#[cfg(target_arch = "x86_64")]
mod sys {
    use std::arch::x86_64::{__cpuid, CpuidResult};

    /// Base of the leaves that a hypervisor answers.
    const HYPERVISOR: u32 = 0x4000_0000;
    const EXTENDED: u32 = 0x8000_0000;

    /// A leaf, if the processor has it: each range tells its last one.
    fn leaf(number: u32) -> Option<CpuidResult> {
        let base = number & 0xf000_0000;
        if base == HYPERVISOR && !is_virtual() {
            return None;
        }
        (__cpuid(base).eax >= number).then(|| __cpuid(number))
    }

    fn is_virtual() -> bool {
        __cpuid(1).ecx & (1 << 31) != 0
    }

    /// "Invariant TSC": leaf 8000_0007h, EDX bit 8.
    pub(crate) fn invariant() -> Option<bool> {
        Some(leaf(EXTENDED + 7).is_some_and(|leaf| leaf.edx & (1 << 8) != 0))
    }

    /// Leaf 15h: crystal times numerator by denominator; else what VMware, and KVM
    /// after it, say in leaf 4000_0010h, in kilohertz.
    pub(crate) fn stated_hz() -> Option<f64> {
        let by_crystal = leaf(0x15).and_then(|leaf| {
            let hz = f64::from(leaf.ecx) * f64::from(leaf.ebx) / f64::from(leaf.eax);
            (hz.is_finite() && hz > 0.0).then_some(hz)
        });
        let by_host = || {
            let kilohertz = leaf(HYPERVISOR + 0x10)?.eax;
            (kilohertz > 0).then(|| f64::from(kilohertz) * 1e3)
        };
        by_crystal.or_else(by_host)
    }

    /// The hypervisor's signature, with the name that people know it by.
    pub(crate) fn hypervisor() -> Option<String> {
        if !is_virtual() {
            return None;
        }
        let CpuidResult { ebx, ecx, edx, .. } = __cpuid(HYPERVISOR);
        let bytes: Vec<u8> = [ebx, ecx, edx].into_iter().flat_map(u32::to_le_bytes).collect();
        let signature = String::from_utf8_lossy(&bytes);
        let signature = signature.trim_matches(['\0', ' ']);
        Some(match signature {
            "KVMKVMKVM" => "KVM".to_owned(),
            "Microsoft Hv" => "Hyper-V".to_owned(),
            "VMwareVMware" => "VMware".to_owned(),
            "XenVMMXenVMM" => "Xen".to_owned(),
            "TCGTCGTCGTCG" => "QEMU without KVM".to_owned(),
            "ACRNACRNACRN" => "ACRN".to_owned(),
            "bhyve bhyve" => "bhyve".to_owned(),
            "" => "a hypervisor without a name".to_owned(),
            other => format!("a hypervisor that calls itself {other:?}"),
        })
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod sys {
    /// These architectures define their counter to go at one rate.
    pub(crate) fn invariant() -> Option<bool> {
        None
    }

    pub(crate) fn stated_hz() -> Option<f64> {
        instanter_counter::frequency().map(|hz| hz as f64)
    }

    /// No instruction tells.
    pub(crate) fn hypervisor() -> Option<String> {
        None
    }
}

pub(crate) use sys::{hypervisor, invariant, stated_hz};

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    /// The kernel's own list of what the processor has is the oracle.
    #[test]
    fn as_the_kernel_has_it() {
        let Ok(info) = std::fs::read_to_string("/proc/cpuinfo") else { return };
        let flags: Vec<&str> = info
            .lines()
            .find_map(|line| line.strip_prefix("flags"))
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        if flags.is_empty() {
            return;
        }
        assert_eq!(super::hypervisor().is_some(), flags.contains(&"hypervisor"));
        assert_eq!(super::invariant(), Some(flags.contains(&"nonstop_tsc")));
    }
}
