//! One boot of one kernel in an emulator.
//!
//! The emulator runs in software, so that a row is the same on every machine.

use anyhow::{Context, Result, bail};
use duct::cmd;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A kernel that has not ended by then hangs: the slowest takes a minute, and several times
/// that on a busy machine.
const LONGEST: Duration = Duration::from_secs(900);

/// A kind of computer that is emulated.
pub(super) struct Machine {
    /// What rows call it.
    pub(super) name: &'static str,
    /// Debian's name of the CPU.
    pub(super) debian: &'static str,
    /// Rust's name of it.
    pub(super) target: &'static str,
    /// The emulator.
    pub(super) emulator: &'static str,
    /// Model of board and processor.
    pub(super) model: &'static [&'static str],
    /// The serial line, as the kernel names it.
    pub(super) console: &'static str,
    /// Boot parameters of every row.
    pub(super) parameters: &'static str,
    /// What starts the kernel, where the emulator cannot itself.
    pub(super) firmware: Option<Firmware>,
}

/// A file of a Debian package.
pub(super) struct Firmware {
    pub(super) suite: &'static str,
    pub(super) package: &'static str,
    pub(super) file: &'static str,
}

/// What one boot is made of.
pub(super) struct Parts<'a> {
    pub(super) firmware: Option<&'a Path>,
    pub(super) kernel: &'a Path,
    pub(super) initramfs: &'a Path,
    pub(super) parameters: &'a str,
    pub(super) processors: u32,
}

impl Machine {
    /// Whether its emulator is installed.
    pub(super) fn is_here(&self) -> bool {
        cmd!(self.emulator, "--version").stdout_null().stderr_null().run().is_ok()
    }

    /// Boots a kernel and returns what it wrote on its serial line.
    pub(super) fn boot(&self, parts: &Parts<'_>, log: &Path) -> Result<String> {
        let Parts { firmware, kernel, initramfs, parameters, processors } = *parts;
        // A panic restarts at once, and a restart ends the emulator. Whatever else
        // the kernel has to say would fall into the middle of the program's lines.
        let (console, always) = (self.console, self.parameters);
        let parameters = format!("console={console} panic=-1 loglevel=2 {always} {parameters}");
        let serial = format!("file:{}", log.display());
        let switches =
            ["-m", "256", "-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot"];
        let mut arguments: Vec<OsString> =
            self.model.iter().chain(&switches).map(OsString::from).collect();
        let files = [("-kernel", kernel.as_os_str()), ("-initrd", initramfs.as_os_str())];
        let bios = firmware.map(|firmware| ("-bios", firmware.as_os_str()));
        let processors = processors.to_string();
        let texts = [("-append", &parameters), ("-serial", &serial), ("-smp", &processors)];
        let texts = texts.map(|(switch, text)| (switch, OsStr::new(text)));
        for (switch, value) in files.into_iter().chain(bios).chain(texts) {
            arguments.extend([OsString::from(switch), value.to_owned()]);
        }
        // What an earlier boot said must not pass for this one's.
        if log.exists() {
            fs::remove_file(log)?;
        }
        let running = cmd(self.emulator, arguments)
            .stdin_null()
            .stdout_null()
            .stderr_capture()
            .unchecked()
            .start()?;
        let Some(ended) = running.wait_timeout(LONGEST)? else {
            running.kill()?;
            bail!("still running after {} s, see {}", LONGEST.as_secs(), log.display());
        };
        if !ended.status.success() {
            bail!("{}: {}", self.emulator, String::from_utf8_lossy(&ended.stderr).trim());
        }
        let console = fs::read(log).with_context(|| format!("no console in {}", log.display()))?;
        Ok(String::from_utf8_lossy(&console).into_owned())
    }
}

/// Not AMD's, as the emulator would have it: there the kernel leaves the divider
/// of the hardware clock alone when it sets the clock, and the beginning of its
/// seconds cannot be chosen.
pub(super) const X86_64: Machine = Machine {
    name: "x86-64",
    debian: "amd64",
    target: "x86_64-unknown-linux-gnu",
    emulator: "qemu-system-x86_64",
    model: &["-M", "q35", "-cpu", "max,vendor=GenuineIntel"],
    console: "ttyS0",
    // Else the kernel panics where a busy machine lets the emulator's timer be late.
    parameters: "no_timer_check",
    firmware: None,
};

pub(super) const AARCH64: Machine = Machine {
    name: "arm64",
    debian: "arm64",
    target: "aarch64-unknown-linux-gnu",
    emulator: "qemu-system-aarch64",
    model: &["-M", "virt", "-cpu", "cortex-a72"],
    console: "ttyAMA0",
    parameters: "",
    firmware: None,
};

/// The one above has no pages of 16 KiB.
pub(super) const AARCH64_PAGES: Machine =
    Machine { name: "arm64 a76", model: &["-M", "virt", "-cpu", "cortex-a76"], ..AARCH64 };

/// The newest Arm that the emulator knows; it has the counter that orders itself
/// (FEAT_ECV). Its pointer authentication would cost most of the time.
pub(super) const AARCH64_MAX: Machine =
    Machine { name: "arm64 max", model: &["-M", "virt", "-cpu", "max,pauth-impdef=on"], ..AARCH64 };

pub(super) const RISCV64: Machine = Machine {
    name: "riscv64",
    debian: "riscv64",
    target: "riscv64gc-unknown-linux-gnu",
    emulator: "qemu-system-riscv64",
    model: &["-M", "virt"],
    console: "ttyS0",
    parameters: "",
    firmware: None,
};

pub(super) const S390X: Machine = Machine {
    name: "s390x",
    debian: "s390x",
    target: "s390x-unknown-linux-gnu",
    emulator: "qemu-system-s390x",
    model: &["-M", "s390-ccw-virtio"],
    console: "ttysclp0",
    parameters: "",
    firmware: None,
};

pub(super) const POWERPC64LE: Machine = Machine {
    name: "ppc64le",
    debian: "ppc64el",
    target: "powerpc64le-unknown-linux-gnu",
    emulator: "qemu-system-ppc64",
    model: &["-M", "pseries", "-cpu", "power9"],
    console: "hvc0",
    parameters: "",
    firmware: None,
};

/// The emulator's own loader starts no compressed kernel here.
pub(super) const LOONGARCH64: Machine = Machine {
    name: "loongarch64",
    debian: "loong64",
    target: "loongarch64-unknown-linux-gnu",
    emulator: "qemu-system-loongarch64",
    model: &["-M", "virt"],
    console: "ttyS0",
    parameters: "",
    firmware: Some(Firmware {
        suite: "sid",
        package: "qemu-efi-loongarch64",
        file: "*/QEMU_EFI.fd",
    }),
};
