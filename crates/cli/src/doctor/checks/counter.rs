//! The CPU's counter: whether it may be counted on, and who runs this machine.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};

pub(super) const KIND: Kind = Kind {
    name: "counter",
    title: "The CPU's counter",
    why: "Time is the CPU's counter times a constant. That holds only if the counter goes at one rate \
          when the CPU changes its speed, and goes on when the CPU sleeps.",
    how: "Reads the CPU's identification (cpuid) and the flags constant_tsc, nonstop_tsc, \
          tsc_reliable and tsc_known_freq in /proc/cpuinfo, and compares the frequency that the CPU \
          or the hypervisor states with that by which the kernel reckons.\n\
          degraded: the counter is not said to be constant and nonstop.\n\
          bad: stated and reckoned frequency differ by more than 0.1 %: the clock goes wrong by as \
          much.",
    look,
};

/// The flags of a counter that may be counted on.
pub(super) const STEADY: [&str; 2] = ["constant_tsc", "nonstop_tsc"];

/// Flags that say more.
const KNOWN: [&str; 2] = ["tsc_reliable", "tsc_known_freq"];

/// Stated and reckoned frequency may differ by so much: what steering cannot mend
/// (500 ppm), twice.
const MOST_PPM: f64 = 1_000.0;

/// The flags that every CPU has.
pub(super) fn flags(system: &System) -> Vec<String> {
    let info = system.maybe("/proc/cpuinfo").unwrap_or_default();
    let mut each = info
        .lines()
        .filter(|line| line.starts_with("flags"))
        .filter_map(|line| line.split_once(':'))
        .map(|(_, flags)| flags.split_whitespace().collect::<Vec<_>>());
    let mut all: Vec<&str> = each.next().unwrap_or_default();
    for other in each {
        all.retain(|flag| other.contains(flag));
    }
    all.into_iter().map(str::to_owned).collect()
}

/// Who runs this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Hypervisor(String),
    Nobody,
    Unknown,
}

/// What the CPU says; where it has no way to, what the kernel and the firmware do.
pub(super) fn host(system: &System) -> Host {
    let counter = system.machine().counter();
    if let Some(name) = counter.hypervisor {
        return Host::Hypervisor(name);
    }
    if counter.invariant.is_some() {
        return Host::Nobody;
    }
    if let Some(kind) = system.maybe("/sys/hypervisor/type").filter(|kind| !kind.is_empty()) {
        return Host::Hypervisor(kind);
    }
    let firmware: String = ["sys_vendor", "product_name"]
        .iter()
        .filter_map(|file| system.maybe(&format!("/sys/class/dmi/id/{file}")))
        .collect();
    let known = [
        ("KVM", "KVM"),
        ("QEMU", "QEMU"),
        ("Amazon EC2", "Amazon's Nitro"),
        ("Google", "KVM"),
        ("VMware", "VMware"),
        ("Microsoft", "Hyper-V"),
        ("Xen", "Xen"),
    ];
    match known.iter().find(|(mark, _)| firmware.contains(mark)) {
        Some((_, name)) => Host::Hypervisor((*name).to_owned()),
        None => Host::Unknown,
    }
}

fn look(system: &System) -> Finding {
    let counter = system.machine().counter();
    let flags = flags(system);
    let has = |flag: &str| flags.iter().any(|have| have == flag);
    let steady = match counter.invariant {
        // By the architecture.
        None => true,
        // The kernel knows better where it says so: it has a list of CPUs.
        Some(said) if flags.is_empty() => said,
        Some(_) => STEADY.iter().all(|flag| has(flag)),
    };
    let place = match host(system) {
        Host::Hypervisor(name) => format!("a virtual machine of {name}"),
        Host::Nobody => "no hypervisor".to_owned(),
        Host::Unknown => "hypervisor not known".to_owned(),
    };
    let off_ppm = match (counter.stated_hz, counter.kernel_hz) {
        (Some(stated), Some(kernel)) => Some((kernel / stated - 1.0) * 1e6),
        _ => None,
    };
    let name = &counter.name;
    let mut finding = match off_ppm {
        Some(ppm) if ppm.abs() > MOST_PPM => Finding::new(
            Level::Bad,
            format!("the kernel reckons with a {name} frequency that is {:.2} % off", ppm / 1e4),
        )
        .remedy(
            Remedy::new(
                "The kernel measured the counter at boot and went wrong, or the host changed it \
                 since. Boot again; where it stays, give the frequency by the kernel parameter \
                 tsc_early_khz=, and have a program keep the time.",
            )
            .command("dmesg | grep -i -e tsc -e calibrat"),
        ),
        _ if !steady => Finding::new(
            Level::Degraded,
            format!("the {name} is not said to be constant and nonstop ({place})"),
        )
        .remedy(Remedy::new(
            "On a virtual machine, have the host show an invariant TSC (QEMU: -cpu host,+invtsc; \
             libvirt: <feature policy='require' name='invtsc'/>). On a CPU older than 2008 nothing \
             mends it: the kernel is right to count something else.",
        )),
        _ => Finding::good(format!("{name}, constant and nonstop; {place}")),
    };
    let hertz =
        |hz: Option<f64>| hz.map_or("not known".to_owned(), |hz| format!("{:.6} MHz", hz / 1e6));
    finding = finding.measured(format!(
        "The {name} is {}. Its frequency: {} by the kernel, {} by the CPU or its host. Host: {place}.",
        if steady { "constant and nonstop" } else { "not known to be constant and nonstop" },
        hertz(counter.kernel_hz),
        hertz(counter.stated_hz),
    ));
    if counter.invariant.is_some() {
        let shown: Vec<_> = STEADY.into_iter().chain(KNOWN).filter(|flag| has(flag)).collect();
        let shown = if shown.is_empty() { "none of them".to_owned() } else { shown.join(", ") };
        finding = finding.detail("flags", shown);
        finding = finding.detail(
            "invariant by cpuid",
            if counter.invariant == Some(true) { "yes" } else { "no" },
        );
    }
    match counter.kernel_hz {
        Some(hz) => finding.figure(metrics::COUNTER_HZ, hz),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};

    #[test]
    fn flags_are_those_of_every_cpu() {
        let folder = tempfile::tempdir().expect("a folder");
        put(
            folder.path(),
            "/proc/cpuinfo",
            "processor\t: 0\nflags\t\t: tsc constant_tsc nonstop_tsc\n\nprocessor\t: 1\nflags\t\t: tsc constant_tsc\n",
        );
        let system = Pretended::default().system(folder.path());
        assert_eq!(flags(&system), ["tsc", "constant_tsc"]);
        assert_eq!(KIND.check(&system).level, Level::Degraded);
    }

    #[test]
    fn a_clock_that_goes_wrong_is_bad() {
        let table = [
            (Some(2.1e9), Some(2.1e9), Level::Good),
            (Some(2.1e9), Some(2.101e9), Level::Good),
            // 11 % slow, as guests were seen.
            (Some(2.1e9), Some(2.36e9), Level::Bad),
            (None, Some(2.1e9), Level::Good),
            (None, None, Level::Good),
        ];
        for (stated_hz, kernel_hz, want) in table {
            let mut machine = Pretended::default();
            (machine.counter.stated_hz, machine.counter.kernel_hz) = (stated_hz, kernel_hz);
            let check = KIND.check(&machine.bare());
            assert_eq!(check.level, want, "{stated_hz:?} {kernel_hz:?}: {check:?}");
        }
    }

    #[test]
    fn an_architecture_that_leaves_no_choice_is_good() {
        let mut machine = Pretended::default();
        machine.counter.invariant = None;
        machine.counter.name = "CNTVCT_EL0".to_owned();
        machine.counter.hypervisor = Some("KVM".to_owned());
        let check = KIND.check(&machine.bare());
        assert_eq!(check.summary, "CNTVCT_EL0, constant and nonstop; a virtual machine of KVM");
    }

    #[test]
    fn where_the_cpu_cannot_tell_the_firmware_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut machine = Pretended::default();
        machine.counter.invariant = None;
        let system = machine.system(folder.path());
        assert_eq!(host(&system), Host::Unknown);
        put(folder.path(), "/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
        assert_eq!(host(&system), Host::Hypervisor("Amazon's Nitro".to_owned()));
        put(folder.path(), "/sys/hypervisor/type", "xen\n");
        assert_eq!(host(&system), Host::Hypervisor("xen".to_owned()));
        assert_eq!(host(&Pretended::default().bare()), Host::Nobody);
    }
}
