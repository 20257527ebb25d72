//! What containers and sandboxes do to clocks.

use super::Kind;
use crate::doctor::finding::Finding;
use crate::doctor::system::System;
use crate::doctor::verdict::{Level, Remedy};

pub(super) const KIND: Kind = Kind {
    name: "sandbox",
    title: "Sandbox",
    why: "A sandbox may take the vDSO away or put another in its place, and may filter the system \
          calls that readings then need: they get slow, or fail.",
    how: "Looks at the vDSO of this process (the auxiliary vector against its mappings), at Seccomp in \
          /proc/self/status, and for the marks of containers.\n\
          bad: there is no vDSO, so that each reading of any program is a system call.\n\
          degraded: the vDSO was exchanged, or its functions cannot be used.",
    look,
};

/// `CAP_SYS_TIME`: who has it may set the clock.
const SYS_TIME: u32 = 25;

fn look(system: &System) -> Finding {
    let image = system.machine().image();
    let status = system.maybe("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    };
    let container = container(system);
    let filters = field("Seccomp_filters").unwrap_or("?");
    let seccomp = match field("Seccomp") {
        Some("0") => "no system call filter".to_owned(),
        Some("1") => "strict seccomp".to_owned(),
        Some("2") => format!("system calls are filtered (seccomp, filters: {filters})"),
        _ => "filters not known".to_owned(),
    };
    let place = container.map_or("no container".to_owned(), str::to_owned);
    let (level, summary) = match (image.told, image.mapped, &image.problem) {
        (None, ..) => (Level::Bad, "there is no vDSO: each reading is a system call".to_owned()),
        (Some(told), Some(mapped), _) if told != mapped => {
            (Level::Degraded, "another vDSO was put in the place of the kernel's".to_owned())
        }
        (.., Some(problem)) => (Level::Degraded, format!("the vDSO cannot be used: {problem}")),
        _ => (Level::Good, format!("the kernel's own vDSO; {seccomp}; {place}")),
    };
    let address = |address: Option<usize>| match address {
        Some(address) => format!("{address:#x}"),
        None => "not there".to_owned(),
    };
    let finding = Finding::new(level, summary)
        .measured(format!(
            "The auxiliary vector tells of a vDSO at {}; one is mapped at {}. There is {place}; {seccomp}.",
            address(image.told),
            address(image.mapped)
        ))
        .maybe_remedy((level > Level::Good).then(|| {
            Remedy::new(
                "Run the program outside of the sandbox, or have the sandbox pass the kernel's vDSO \
                 on. Without a sandbox: the kernel was started with vdso=0, or an emulator or \
                 checker (valgrind) runs this program.",
            )
            .command("cat /proc/cmdline")
        }));
    let capable = field("CapEff")
        .and_then(|mask| u64::from_str_radix(mask, 16).ok())
        .map(|mask| mask >> SYS_TIME & 1 == 1);
    match capable {
        Some(true) => finding.detail("CAP_SYS_TIME", "yes: this process may set the clock"),
        Some(false) => finding.detail("CAP_SYS_TIME", "no: this process may not set the clock"),
        None => finding,
    }
}

/// What the marks of containers say.
fn container(system: &System) -> Option<&'static str> {
    let control = system.maybe("/proc/1/cgroup").unwrap_or_default();
    let kernel = system.maybe("/proc/version").unwrap_or_default();
    if kernel.contains("gVisor") || system.has("/proc/sys/kernel/gvisor") {
        Some("gVisor")
    } else if control.contains("kubepods") || system.has("/run/secrets/kubernetes.io") {
        Some("a container of Kubernetes")
    } else if system.has("/.dockerenv") || control.contains("docker") {
        Some("a container of Docker")
    } else if system.has("/run/.containerenv") {
        Some("a container of Podman")
    } else if system.has("/run/systemd/container") || control.contains("lxc") {
        Some("a container")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::measured::Image;
    use crate::doctor::pretend::{Pretended, put};

    #[test]
    fn the_vdso_is_judged() {
        let at = |told, mapped, problem: Option<&str>| Image {
            told,
            mapped,
            problem: problem.map(str::to_owned),
            pinned: None,
        };
        let table = [
            (at(Some(1), Some(1), None), Level::Good),
            // No /proc.
            (at(Some(1), None, None), Level::Good),
            (at(None, None, Some("absent")), Level::Bad),
            (at(None, Some(1), None), Level::Bad),
            (at(Some(2), Some(1), None), Level::Degraded),
            (at(Some(1), Some(1), Some("no symbol")), Level::Degraded),
        ];
        for (image, want) in table {
            let machine = Pretended { image: image.clone(), ..Pretended::default() };
            let check = KIND.check(&machine.bare());
            assert_eq!(check.level, want, "{image:?}: {check:?}");
        }
    }

    #[test]
    fn containers_and_filters_are_named() {
        let table = [
            ("/.dockerenv", "", "a container of Docker"),
            ("/run/.containerenv", "", "a container of Podman"),
            ("/proc/1/cgroup", "0::/kubepods/besteffort/pod1\n", "a container of Kubernetes"),
            ("/proc/version", "Linux version 4.4.0 (gVisor)\n", "gVisor"),
        ];
        for (path, text, want) in table {
            let folder = tempfile::tempdir().expect("a folder");
            put(folder.path(), path, text);
            put(
                folder.path(),
                "/proc/self/status",
                "Name:\tx\nCapEff:\t00000000a80425fb\nSeccomp:\t2\nSeccomp_filters:\t1\n",
            );
            let check = KIND.check(&Pretended::default().system(folder.path()));
            assert_eq!(check.level, Level::Good, "{check:?}");
            assert!(check.summary.ends_with(want), "{path}: {check:?}");
            assert!(check.summary.contains("filters: 1"), "{check:?}");
            assert!(check.details[0].text.starts_with("no"), "{check:?}");
        }
    }
}
