//! Whether a virtual machine can ask its host for the time.

use super::Kind;
use super::counter::{Host, host};
use crate::doctor::finding::Finding;
use crate::doctor::system::System;
use crate::doctor::verdict::Remedy;

pub(super) const KIND: Kind = Kind {
    name: "host-clock",
    title: "Host's clock",
    why: "A virtual machine that can read its host's clock (vmclock, ptp_kvm, Hyper-V) is right to \
          microseconds without a network, and learns at once that it was moved or restored.",
    how: "Looks for /dev/vmclock* and at /sys/class/ptp. For information; nothing is judged.",
    look,
};

fn look(system: &System) -> Finding {
    let vmclocks: Vec<String> =
        system.names("/dev").into_iter().filter(|name| name.starts_with("vmclock")).collect();
    let clocks: Vec<(String, String)> = system
        .names("/sys/class/ptp")
        .into_iter()
        .map(|name| {
            let kind = system.maybe(&format!("/sys/class/ptp/{name}/clock_name"));
            (name, kind.unwrap_or_else(|| "unknown".to_owned()))
        })
        .collect();
    let of_host = |kind: &str| {
        let kind = kind.to_ascii_lowercase();
        ["kvm", "hyperv", "vmclock", "xen", "vmware"].iter().any(|name| kind.contains(name))
    };
    let found: Vec<String> = vmclocks
        .iter()
        .map(|name| format!("/dev/{name}"))
        .chain(
            clocks
                .iter()
                .filter(|(_, kind)| of_host(kind))
                .map(|(name, kind)| format!("/dev/{name} ({kind})")),
        )
        .collect();
    let finding = match (host(system), found.is_empty()) {
        (_, false) => Finding::good(found.join(", ")),
        (Host::Nobody, true) => Finding::good("none is needed: no hypervisor"),
        (Host::Unknown, true) => Finding::good("none"),
        (Host::Hypervisor(name), true) => {
            let finding = Finding::good(format!("none: the host ({name}) is not asked"));
            match name.as_str() {
                "KVM" => finding.remedy(
                    Remedy::new(
                        "Load the kernel's module, if the host allows it, and have chrony use it \
                         (refclock PHC /dev/ptp0 poll 2).",
                    )
                    .command("modprobe ptp_kvm"),
                ),
                _ => finding,
            }
        }
    };
    clocks
        .iter()
        .fold(finding, |finding, (name, kind)| finding.detail(format!("/dev/{name}"), kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};

    #[test]
    fn clocks_of_the_host_are_told_from_those_of_cards() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let mut machine = Pretended::default();
        machine.counter.hypervisor = Some("KVM".to_owned());
        put(root, "/sys/class/ptp/ptp0/clock_name", "ixgbe\n");
        let system = machine.system(root);
        let check = KIND.check(&system);
        assert_eq!(check.summary, "none: the host (KVM) is not asked");
        assert_eq!(check.remedy.expect("one").commands, ["modprobe ptp_kvm"]);
        put(root, "/sys/class/ptp/ptp1/clock_name", "KVM virtual PTP\n");
        put(root, "/dev/vmclock0", "");
        let check = KIND.check(&system);
        assert_eq!(check.summary, "/dev/vmclock0, /dev/ptp1 (KVM virtual PTP)");
        assert_eq!(check.details.len(), 2);
    }
}
