//! What the kernel counts, and what that costs programs.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::measured::Costs;
use crate::doctor::metrics;
use crate::doctor::system::{System, why_not};
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::nanos;

pub(super) const KIND: Kind = Kind {
    name: "clock-source",
    title: "Clock source",
    why: "Every program that asks what time it is makes the kernel's clock source be read. The \
          CPU's own counter is read in some 20 ns without leaving the program. Other sources \
          (hpet, acpi_pm, xen, refined-jiffies) make each reading a system call, or a slow look at \
          a device: databases, tracers and loggers then spend much of their time asking for it.",
    how: "Reads current_clocksource and available_clocksource in \
          /sys/devices/system/clocksource/clocksource0, and measures, side by side, the bare counter \
          and the wall clock as programs read it (clock_gettime of the C library).\n\
          bad: a reading is a system call, or costs 8 times the counter or more.\n\
          degraded: it costs 2.5 times the counter or more; or the kernel has a source that is \
          faster and fit for use, and does not use it.",
    look,
};

pub(super) const FOLDER: &str = "/sys/devices/system/clocksource/clocksource0";

/// A program's reading that costs so many times the counter is slow.
const SLOW: f64 = 2.5;
const VERY_SLOW: f64 = 8.0;

/// Clock sources as Linux rates them: the highest wins, unless somebody chooses.
/// From each source's registration (`.rating`), and what it does at boot to its own.
const RATINGS: [(&str, &str, &str); 17] = [
    ("tsc", "300", "the CPU's own counter"),
    ("tsc-early", "299", "the CPU's own counter, at boot only"),
    ("kvm-clock", "400, 299 where the TSC is invariant", "KVM's corrected counter"),
    (
        "hyperv_clocksource_tsc_page",
        "500, 250 where the TSC is invariant",
        "Hyper-V's corrected counter",
    ),
    ("hyperv_clocksource_msr", "495, 245 where the TSC is invariant", "a register of Hyper-V's"),
    ("xen", "400, 299 or less where the TSC is safe", "Xen's corrected counter"),
    ("hpet", "250", "a timer chip, read over a bus"),
    ("acpi_pm", "200", "the power management timer, read through an I/O port"),
    ("pit", "110", "the timer chip of 1981"),
    ("refined-jiffies", "2", "ticks, and nothing in between"),
    ("jiffies", "1", "ticks, and nothing in between"),
    ("arch_sys_counter", "400", "the CPU's own counter"),
    ("arch_mem_counter", "400", "the system counter, as a device"),
    ("riscv_clocksource", "400", "the CPU's own counter"),
    ("timebase", "400", "the CPU's own counter"),
    ("tod", "400", "the CPU's own counter"),
    ("Constant", "400", "the CPU's own counter"),
];

fn look(system: &System) -> Finding {
    let costs = system.costs();
    let file = format!("{FOLDER}/current_clocksource");
    let name = match system.text(&file) {
        Ok(name) if !name.is_empty() => name,
        Ok(_) => return without_name(costs, format!("{file} is empty")),
        Err(error) => return without_name(costs, why_not(&file, &error)),
    };
    let available: Vec<String> = system
        .maybe(&format!("{FOLDER}/available_clocksource"))
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let finding = match costs {
        Ok(costs) => judge(&name, &available, costs, is_fit(system)),
        Err(why) => Finding::new(
            if coarse(&name) { Level::Bad } else { Level::Good },
            format!("clock source {name}, cost unknown"),
        )
        .measured(format!(
            "The kernel counts {name}. What a reading costs was not measured: {why}."
        )),
    };
    let finding = finding.labelled(metrics::CLOCKSOURCE, &[("name", &name)], 1.0);
    let mut finding = finding.detail("current", describe(&name));
    for other in available.iter().filter(|&other| *other != name) {
        finding = finding.detail("also available", describe(other));
    }
    finding
}

/// The rating and the nature of a clock source.
fn describe(name: &str) -> String {
    match RATINGS.iter().find(|(known, ..)| *known == name) {
        Some((_, rating, nature)) => format!("{name} (rating {rating}): {nature}"),
        None => format!("{name} (rating unknown)"),
    }
}

/// Sources that move in ticks.
fn coarse(name: &str) -> bool {
    ["jiffies", "refined-jiffies"].contains(&name)
}

/// Whether the TSC can be recommended: it goes on, at one rate, as the kernel lists
/// it for this CPU.
fn is_fit(system: &System) -> bool {
    let flags = super::counter::flags(system);
    super::counter::STEADY.iter().all(|flag| flags.iter().any(|have| have == flag))
}

fn judge(name: &str, available: &[String], costs: &Costs, tsc_is_fit: bool) -> Finding {
    let ratio = costs.ratio();
    let calls = costs.enters_the_kernel();
    // The kernel does not list a TSC that it found unstable.
    let is_there = name != "tsc" && available.iter().any(|other| other == "tsc");
    let better = is_there && tsc_is_fit;
    let level = if calls && ratio >= SLOW || ratio >= VERY_SLOW || coarse(name) {
        Level::Bad
    } else if ratio >= SLOW || (better && ratio >= 1.5) {
        Level::Degraded
    } else {
        Level::Good
    };
    let times = if ratio < 9.95 { format!("{ratio:.1}") } else { format!("{ratio:.0}") };
    let summary = match level {
        Level::Good => format!("{name}: a reading costs {times} times the CPU's bare counter"),
        _ if coarse(name) => {
            format!(
                "clock source {name} costs {times} times more than the CPU's counter, and goes in ticks"
            )
        }
        _ => format!("clock source {name} costs {times} times more than the CPU's counter"),
    };
    let path = if calls { "each reading is a system call" } else { "readings stay in the program" };
    let measured = format!(
        "A program pays {} for the wall clock, where the CPU's counter alone costs {}: {times} times \
         as much; {path} (a system call costs {}). The kernel counts {}.",
        nanos(costs.program_ns),
        nanos(costs.counter_ns),
        nanos(costs.syscall_ns),
        describe(name),
    );
    let finding = Finding::new(level, summary)
        .measured(measured)
        .figure(metrics::PROGRAM_READ, costs.program_ns / 1e9)
        .figure(metrics::SYSCALL_READ, costs.syscall_ns / 1e9)
        .figure(metrics::COUNTER_READ, costs.counter_ns / 1e9);
    if level == Level::Good { finding } else { finding.remedy(remedy(name, is_there, tsc_is_fit)) }
}

fn remedy(name: &str, tsc_is_there: bool, tsc_is_fit: bool) -> Remedy {
    let now = format!("echo tsc > {FOLDER}/current_clocksource");
    if tsc_is_there {
        return Remedy::new(
            "Let the kernel count the CPU's own counter, now by the command, and after each boot by \
             the kernel parameter clocksource=tsc. Not on a virtual machine that is migrated between \
             hosts of different kinds.",
        )
        .command(now)
        .command("dmesg | grep -i -e tsc -e clocksource   # had the kernel a reason?");
    }
    let look = "dmesg | grep -i -e tsc -e clocksource";
    if name == "tsc" || name.starts_with("arch_") || !cfg!(target_arch = "x86_64") {
        return Remedy::new(
            "The clock source is the right one and its function in the vDSO does not serve: the \
             kernel's log says why (an erratum, vdso=0 on the kernel's command line); the checks \
             \"reading\" and \"sandbox\" say what this program found.",
        )
        .command(look);
    }
    if tsc_is_fit {
        return Remedy::new(
            "The kernel does not offer the CPU's counter although the CPU says that it is constant and \
             nonstop; its log says why. Where the check \"coherence\" finds no fault, have the kernel \
             count it from the next boot on, by the parameters clocksource=tsc tsc=reliable (the \
             command is for GRUB).",
        )
        .command(
            "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&clocksource=tsc tsc=reliable /' /etc/default/grub && \
             update-grub && reboot",
        )
        .command(look);
    }
    Remedy::new(
        "The kernel does not offer the CPU's counter, and the CPU does not say that it is constant and \
         nonstop. On a virtual machine, have the host show an invariant TSC (QEMU: -cpu host,+invtsc; \
         libvirt: <feature policy='require' name='invtsc'/>; Xen: tsc_mode=\"native\" or a newer \
         instance type), then boot again. The kernel's log says more.",
    )
    .command(look)
}

/// No sysfs: only what a reading costs can be judged.
fn without_name(costs: Result<&Costs, String>, why: String) -> Finding {
    match costs {
        Ok(costs) => {
            let finding = judge("unknown", &[], costs, false);
            finding.detail("name", format!("not known: {why}"))
        }
        Err(unmeasured) => Finding::skipped(format!("not known: {why}; {unmeasured}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, put};
    use crate::doctor::verdict::Check;

    const FLAGS: &str = "processor : 0\nflags : fpu tsc constant_tsc nonstop_tsc\n";

    fn check(current: &str, available: &str, program_ns: f64, syscall_ns: f64) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        put(root, &format!("{FOLDER}/current_clocksource"), format!("{current}\n"));
        put(root, &format!("{FOLDER}/available_clocksource"), format!("{available} \n"));
        put(root, "/proc/cpuinfo", FLAGS);
        let mut machine = Pretended::default();
        let costs = machine.costs.as_mut().expect("costs");
        (costs.program_ns, costs.syscall_ns) = (program_ns, syscall_ns);
        KIND.check(&machine.system(root))
    }

    #[test]
    fn slow_sources_are_bad_and_the_command_mends_them() {
        let table = [
            // Current, available, what a program pays, a system call; the judgement.
            ("tsc", "tsc hpet acpi_pm", 35.0, 150.0, Level::Good),
            ("hpet", "tsc hpet acpi_pm", 1_850.0, 1_830.0, Level::Bad),
            ("acpi_pm", "tsc acpi_pm", 2_600.0, 2_550.0, Level::Bad),
            ("xen", "xen tsc", 750.0, 730.0, Level::Bad),
            ("refined-jiffies", "tsc refined-jiffies", 140.0, 135.0, Level::Bad),
            ("kvm-clock", "kvm-clock tsc", 65.0, 160.0, Level::Degraded),
            ("kvm-clock", "kvm-clock", 35.0, 160.0, Level::Good),
        ];
        for (current, available, program, syscall, want) in table {
            let check = check(current, available, program, syscall);
            assert_eq!(check.level, want, "{current} {available}: {check:?}");
            assert!(check.summary.contains(current), "{check:?}");
            let Some(remedy) = check.remedy else {
                assert_eq!(want, Level::Good);
                continue;
            };
            assert_eq!(
                remedy.commands[0],
                "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"
            );
        }
        let hpet = check("hpet", "tsc hpet", 1_850.0, 1_830.0);
        assert_eq!(hpet.summary, "clock source hpet costs 74 times more than the CPU's counter");
        assert!(hpet.measured.contains("each reading is a system call"), "{hpet:?}");
    }

    #[test]
    fn where_the_counter_is_not_offered_the_log_is_asked() {
        let check = check("hpet", "hpet acpi_pm", 1_850.0, 1_830.0);
        let fit = check.remedy.expect("a remedy");
        assert!(fit.commands[0].contains("clocksource=tsc tsc=reliable"), "{fit:?}");
        let unfit = remedy("hpet", false, false);
        assert!(unfit.commands[0].starts_with("dmesg"), "{unfit:?}");
        assert!(unfit.text.contains("invtsc"), "{unfit:?}");
    }

    #[test]
    fn without_sysfs_the_cost_is_judged() {
        let check = KIND.check(&Pretended::default().bare());
        assert_eq!(check.level, Level::Good);
        assert!(check.details[0].text.contains("is not there"), "{check:?}");
        let costs = Err("no clock answers".to_owned());
        let machine = Pretended { costs, ..Pretended::default() };
        let check = KIND.check(&machine.bare());
        assert_eq!(check.level, Level::Skipped);
        assert!(check.summary.contains("no clock answers"), "{check:?}");
    }
}
