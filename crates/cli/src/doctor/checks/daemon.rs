//! Which programs keep the time here, and what they say.

use super::Kind;
use super::daemon_answer::{Report, chrony, ntp, ptp, timesync};
use crate::doctor::finding::Finding;
use crate::doctor::metrics;
use crate::doctor::system::System;
use crate::doctor::tool::Answer;
use crate::doctor::verdict::{Level, Remedy};
use crate::quantity::span;

pub(super) const KIND: Kind = Kind {
    name: "daemon",
    title: "Time keeper",
    why: "Somebody has to compare the wall clock with better ones. Where nobody does it drifts; where \
          two do, they pull it to and fro.",
    how: "Looks in /proc for chronyd, ntpd, systemd-timesyncd, ntpd-rs, ptp4l and phc2sys, and asks \
          the first of each for its state with its own tool (chronyc, ntpq, timedatectl, pmc), two \
          seconds at most.\n\
          degraded: none runs and the kernel's bound of the error is not kept either; or one runs and \
          has no source; or two run that both steer.",
    look,
};

/// A program that keeps the time.
struct Daemon {
    name: &'static str,
    /// The kernel's name for the process: 15 bytes at most.
    process: &'static str,
    /// Whether it steers the system clock by itself.
    steers: bool,
    /// Who tells its state, and how that is read.
    tool: Option<Tool>,
}

/// A program, its arguments, and who reads what it says.
type Tool = (&'static str, &'static [&'static str], fn(&str) -> Option<Report>);

const DAEMONS: [Daemon; 6] = [
    Daemon {
        name: "chronyd",
        process: "chronyd",
        steers: true,
        tool: Some(("chronyc", &["-n", "-c", "tracking"], chrony)),
    },
    Daemon {
        name: "ntpd",
        process: "ntpd",
        steers: true,
        tool: Some(("ntpq", &["-n", "-c", "rv"], ntp)),
    },
    Daemon {
        name: "systemd-timesyncd",
        process: "systemd-timesyn",
        steers: true,
        tool: Some(("timedatectl", &["show-timesync", "--all"], timesync)),
    },
    Daemon { name: "ntpd-rs", process: "ntp-daemon", steers: true, tool: None },
    Daemon {
        name: "ptp4l",
        process: "ptp4l",
        steers: false,
        tool: Some(("pmc", &["-u", "-b", "0", "GET TIME_STATUS_NP"], ptp)),
    },
    Daemon { name: "phc2sys", process: "phc2sys", steers: true, tool: None },
];

/// Made by systemd-timesyncd when it has set the clock.
const TIMESYNC_FILE: &str = "/run/systemd/timesync/synchronized";

/// Where the kernel's bound of the error stops growing, in microseconds.
const NOBODY_US: i64 = 16_000_000;

fn look(system: &System) -> Finding {
    let processes = processes(system);
    let running: Vec<&Daemon> = DAEMONS
        .iter()
        .filter(|daemon| processes.iter().any(|name| name == daemon.process))
        .collect();
    if running.is_empty() {
        return nobody(system, processes.is_empty());
    }
    let answers: Vec<(&Daemon, Result<Report, String>)> =
        running.iter().map(|&daemon| (daemon, ask(daemon, system))).collect();
    let steering: Vec<&str> =
        running.iter().filter(|daemon| daemon.steers).map(|daemon| daemon.name).collect();
    let names: Vec<&str> = running.iter().map(|daemon| daemon.name).collect();
    let without =
        answers.iter().find(|(_, answer)| matches!(answer, Ok(report) if !report.has_source));
    let finding = if steering.len() > 1 {
        Finding::new(Level::Degraded, format!("{} steer the clock at once", steering.join(" and ")))
            .remedy(
                Remedy::new("Leave one of them, and switch the others off.")
                    .command(format!("systemctl disable --now {}", unit(steering[1]))),
            )
    } else if let Some((daemon, Ok(report))) = without {
        Finding::new(
            Level::Degraded,
            format!("{} runs and has no source: {}", daemon.name, report.text),
        )
        .remedy(
            Remedy::new(
                "Its servers do not answer: see its configuration, the name service, and whether \
                     UDP port 123 is let through.",
            )
            .command(match daemon.name {
                "chronyd" => "chronyc -n sources",
                "ntpd" => "ntpq -n -p",
                "systemd-timesyncd" => "timedatectl timesync-status",
                _ => "journalctl -b -u ptp4l",
            }),
        )
    } else {
        let said: Vec<String> = answers
            .iter()
            .map(|(daemon, answer)| match answer {
                Ok(report) => format!("{}: {}", daemon.name, report.text),
                Err(_) => daemon.name.to_owned(),
            })
            .collect();
        Finding::good(said.join("; "))
    };
    let mut finding = finding.measured(format!(
        "Running: {}. {}",
        names.join(", "),
        answers
            .iter()
            .map(|(daemon, answer)| match answer {
                Ok(report) => format!("{} says: {}.", daemon.name, report.text),
                Err(why) => format!("{} does not say: {why}.", daemon.name),
            })
            .collect::<Vec<_>>()
            .join(" ")
    ));
    for (daemon, answer) in &answers {
        finding = finding.labelled(metrics::DAEMON, &[("daemon", daemon.name)], 1.0);
        if let Ok(Report { offset_s: Some(offset), .. }) = answer {
            finding = finding.detail(format!("offset by {}", daemon.name), span(*offset)).labelled(
                metrics::DAEMON_OFFSET,
                &[("daemon", daemon.name)],
                *offset,
            );
        }
    }
    finding
}

/// The names of all processes that can be seen.
fn processes(system: &System) -> Vec<String> {
    system
        .names("/proc")
        .iter()
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| system.maybe(&format!("/proc/{pid}/comm")))
        .collect()
}

fn ask(daemon: &Daemon, system: &System) -> Result<Report, String> {
    let Some((program, args, read)) = daemon.tool else {
        return Err("it has no tool that is asked".to_owned());
    };
    let answer = match system.machine().ask(program, args) {
        Answer::Said(text) => read(&text).ok_or_else(|| {
            let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            format!("{program} said {line:?}")
        }),
        Answer::Failed(why) => Err(why),
        Answer::Absent => Err(format!("{program} is not installed")),
    };
    match answer {
        // Without a message bus there is still the file.
        Err(why) if program == "timedatectl" => match system.has(TIMESYNC_FILE) {
            true => Ok(Report {
                has_source: true,
                text: "has set the clock since boot".to_owned(),
                offset_s: None,
            }),
            false => Err(why),
        },
        answer => answer,
    }
}

fn nobody(system: &System, blind: bool) -> Finding {
    let kept = system.first_look().is_ok_and(|state| state.max_error_us < NOBODY_US);
    if blind {
        return Finding::skipped("no process can be seen: /proc is not there, or hides them");
    }
    let seen = "chronyd, ntpd, systemd-timesyncd, ntpd-rs, ptp4l and phc2sys";
    if kept {
        return Finding::good("none seen here; somebody outside keeps the clock").measured(format!(
            "None of {seen} runs where this process can see it, and yet the kernel's bound of the \
             error is kept: by the host of a container, or another program."
        ));
    }
    Finding::new(Level::Degraded, "no program keeps the time")
        .measured(format!("None of {seen} runs where this process can see it."))
        .remedy({
            let remedy = Remedy::new(
                "Install one; chrony starts to work as it is installed. In a container nothing is to \
                 be done: the host keeps the clock of all.",
            );
            match install(system) {
                Some(command) => remedy.command(command),
                None => remedy,
            }
        })
}

fn install(system: &System) -> Option<&'static str> {
    let known = [
        ("/usr/bin/apt-get", "apt-get install chrony"),
        ("/usr/bin/dnf", "dnf install chrony && systemctl enable --now chronyd"),
        ("/usr/bin/zypper", "zypper install chrony && systemctl enable --now chronyd"),
        ("/usr/bin/pacman", "pacman -S chrony && systemctl enable --now chronyd"),
        ("/usr/bin/timedatectl", "timedatectl set-ntp true"),
        ("/sbin/apk", "apk add chrony && rc-update add chronyd && rc-service chronyd start"),
    ];
    let found = known.into_iter().find(|(program, _)| system.has(program));
    found.map(|(_, command)| command)
}

fn unit(daemon: &str) -> &str {
    if daemon == "ntpd" { "ntp" } else { daemon }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::pretend::{Pretended, STEERED, put};
    use crate::doctor::verdict::Check;
    use instanter_clock::Discipline;
    use std::sync::Mutex;

    fn check(running: &[&str], answers: &[(&'static str, Answer)], max_error_us: i64) -> Check {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "/proc/1/comm", "init\n");
        put(folder.path(), "/proc/self/comm", "chronyd\n");
        put(folder.path(), "/usr/bin/apt-get", "");
        for (pid, name) in running.iter().enumerate() {
            put(folder.path(), &format!("/proc/{}/comm", pid + 100), format!("{name}\n"));
        }
        let state = Discipline { max_error_us, ..STEERED };
        let machine = Pretended {
            answers: answers.iter().cloned().collect(),
            disciplines: Mutex::new(vec![Ok(state)]),
            ..Pretended::default()
        };
        KIND.check(&machine.system(folder.path()))
    }

    fn said(text: &str) -> Answer {
        Answer::Said(text.to_owned())
    }

    const CHRONY: &str = "C0000201,192.0.2.1,3,1795325228.8,0.000012,-0.000004,0.00003,-3.1,0.0,0.1,0.01,0.001,64.2,Normal\n";

    #[test]
    fn what_runs_is_asked() {
        let good = check(&["chronyd"], &[("chronyc", said(CHRONY))], 9_000);
        assert_eq!(good.level, Level::Good, "{good:?}");
        assert!(good.summary.contains("192.0.2.1"), "{good:?}");
        let figure = good.figures.iter().find(|figure| figure.metric == metrics::DAEMON_OFFSET);
        assert_eq!(figure.expect("an offset").value, 0.000_012);

        let lost = CHRONY.replace("Normal", "Not synchronised");
        let lost = check(&["chronyd"], &[("chronyc", said(&lost))], 9_000);
        assert_eq!(lost.level, Level::Degraded);
        assert_eq!(lost.remedy.expect("one").commands, ["chronyc -n sources"]);
    }

    #[test]
    fn one_that_does_not_answer_is_told_and_not_judged() {
        let failed = Answer::Failed("chronyc gave no answer within 2 s".to_owned());
        for answer in [failed, Answer::Absent, said("506 Cannot talk to daemon\n"), said("")] {
            let check = check(&["chronyd"], &[("chronyc", answer.clone())], 9_000);
            assert_eq!(check.level, Level::Good, "{answer:?}");
            assert!(check.measured.contains("does not say"), "{check:?}");
        }
    }

    #[test]
    fn two_that_steer_fight() {
        let two = check(&["ntpd", "systemd-timesyn"], &[], 9_000);
        assert_eq!(two.level, Level::Degraded);
        assert_eq!(two.summary, "ntpd and systemd-timesyncd steer the clock at once");
        // One sets the card's clock, the other the system's from it.
        assert_eq!(check(&["ptp4l", "phc2sys"], &[], 9_000).level, Level::Good);
    }

    #[test]
    fn nobody_matters_where_the_bound_is_not_kept() {
        assert_eq!(check(&[], &[], 9_000).level, Level::Good);
        let nobody = check(&[], &[], 16_000_000);
        assert_eq!(nobody.level, Level::Degraded);
        assert_eq!(nobody.remedy.expect("one").commands, ["apt-get install chrony"]);
        assert_eq!(KIND.check(&Pretended::default().bare()).level, Level::Skipped);
    }
}
