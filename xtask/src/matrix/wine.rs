//! The Windows programs under Wine, out of Debian's packages. Nothing is installed: Wine looks
//! for its files below `/usr`, so it gets a `/usr` of its own, in which its packages lie over
//! this machine's, and which nobody else sees.

use super::debian::{Mirror, Suites};
use super::library::{self, Library};
use super::limited::{self, Ended};
use super::progress::Progress;
use super::report::{How, Outcome, Row};
use super::running::Run;
use crate::repository;
use anyhow::{Context, Result, anyhow, bail};
use duct::{Expression, cmd};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NAME: &str = "Windows under Wine 10";
const SUITE: &str = "trixie";
const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Wine, what its programs without windows need, and the C library that both were built with.
const PACKAGES: &[&str] =
    &["wine64", "libwine", "libunwind8", "liblzma5", "libz-mingw-w64", "libc6"];

/// In the folder of all three: 32-bit programs are none of ours.
const NOT_NEEDED: &str = "usr/lib/x86_64-linux-gnu/wine/i386-windows";

/// Wine imports it from where Windows has its libraries; Debian's wrapper would put it there.
const ZLIB: &str = "usr/x86_64-w64-mingw32/lib/zlib1.dll";

/// Makes a `/usr` of the folder and this machine's, and runs the rest there.
const IN_OWN_USR: &str =
    "mount -t overlay overlay -o lowerdir=\"$1/usr\":/usr /usr && shift && exec \"$@\"";

/// The first start makes a folder of Windows' own.
const LONGEST_START: Duration = Duration::from_secs(300);
const LONGEST_BUILD: Duration = Duration::from_secs(1_200);
const LONGEST_RUN: Duration = Duration::from_secs(300);

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    vec![NAME.to_owned()]
}

/// Runs the row, if that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    if !run.begins(NAME) {
        return Ok(());
    }
    let row = row(&run.cache, &run.progress);
    run.ended(NAME, How::Ran, vec![row])
}

/// Runs the command, and the clock's tests of the page.
fn row(cache: &Path, progress: &Progress) -> Row {
    let start = Instant::now();
    let (subject, outcome) = match Wine::find(cache) {
        Err(reason) => (String::new(), Outcome::Skipped(format!("{reason:#}"))),
        Ok(wine) => match wine.seen(progress) {
            Ok(subject) => (subject, Outcome::Passed),
            Err(reason) => (String::new(), Outcome::Failed(format!("{reason:#}"))),
        },
    };
    Row { name: NAME.to_owned(), took: start.elapsed(), subject, outcome }
}

struct Wine<'a> {
    /// What was unpacked, and Windows' own folder.
    folder: PathBuf,
    prefix: PathBuf,
    cache: &'a Path,
}

impl Wine<'_> {
    /// Finds it in the cache, or fetches it, and starts it once. An error is what this machine
    /// lacks.
    fn find(cache: &Path) -> Result<Wine<'_>> {
        if !cfg!(target_arch = "x86_64") {
            bail!("this machine is no x86-64");
        }
        if cmd!(LINKER, "--version").stdout_null().stderr_null().run().is_err() {
            bail!("no {LINKER} here (Debian's gcc-mingw-w64-x86-64)");
        }
        let parent = cache.join("wine");
        let (folder, prefix) = (parent.join("unpacked"), parent.join("prefix"));
        fs::create_dir_all(&parent)?;
        if !folder.exists() {
            let partial = tempfile::tempdir_in(&parent)?;
            let suites = Suites::open(cache, &Mirror::of_this_machine()?, &[SUITE], "amd64")?;
            for package in PACKAGES {
                suites.unpack(package, "./usr/*", partial.path())?;
            }
            fs::remove_dir_all(partial.path().join(NOT_NEEDED))?;
            fs::rename(partial.keep(), &folder)?;
        }
        let wine = Wine { folder, prefix, cache };
        if !wine.prefix.exists() {
            wine.start_first()?;
        }
        Ok(wine)
    }

    fn start_first(&self) -> Result<()> {
        let libraries = self.prefix.join("drive_c/windows/system32");
        fs::create_dir_all(&libraries)?;
        fs::copy(self.folder.join(ZLIB), libraries.join("zlib1.dll"))?;
        let log = limited::log(self.cache, "wine start")?;
        let ended = limited::run(&self.windows("cmd", &["/c", "ver"]), LONGEST_START, &log);
        let said = fs::read_to_string(&log).unwrap_or_default();
        if matches!(ended, Ok(Ended::Well)) && said.contains("Microsoft Windows") {
            return Ok(());
        }
        // A half of it would be taken for the whole the next time.
        fs::remove_dir_all(&self.prefix)?;
        let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("without a word");
        Err(anyhow!("Wine does not start here: {line}"))
    }

    /// A Windows program.
    fn windows(&self, program: &str, arguments: &[&str]) -> Expression {
        let folder = self.folder.display().to_string();
        let mut words = vec!["--mount".to_owned()];
        // Who is not root is it in a namespace of its own.
        if !cmd!("id", "-u").read().is_ok_and(|id| id == "0") {
            words.push("--map-root-user".to_owned());
        }
        words.extend(["sh", "-c", IN_OWN_USR, "sh"].map(str::to_owned));
        words.extend([folder, "/usr/lib/wine/wine64".to_owned(), program.to_owned()]);
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        cmd("unshare", words)
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            // Neither installers nor menus.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe=")
            .env_remove("INSTANTER_SOURCE")
            .env_remove("TZ")
    }

    /// Returns what was seen.
    fn seen(&self, progress: &Progress) -> Result<String> {
        let programs = self.build()?;
        self.now(&programs.command)?;
        let clocks = self.said("clocks", &programs.command, &["clocks"])?;
        for name in
            ["CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_BOOTTIME", "CLOCK_THREAD_CPUTIME_ID"]
        {
            if !clocks.contains(name) {
                bail!("`clocks` does not list {name}");
            }
        }
        let zone = self.said("zone", &programs.command, &["zone"])?;
        if !zone.contains("Zone ") || !zone.contains("Offset ") {
            bail!("`zone` says {zone:?}");
        }
        let tests = self.said("shared-data", &programs.tests, &["--nocapture"])?;
        for line in tests.lines().filter(|line| line.starts_with("CLOCK_")) {
            progress.say(&format!("  {line}"));
        }
        let passed = tests
            .lines()
            .find_map(|line| line.strip_prefix("test result: ok. ")?.split_once(" passed"))
            .ok_or_else(|| anyhow!("the tests do not say how they ended"))?
            .0;
        Ok(format!("now, clocks, zone; KUSER_SHARED_DATA beside the functions: {passed} tests"))
    }

    /// The time, between two looks at this machine's clock.
    fn now(&self, command: &Path) -> Result<()> {
        let unix = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let before = unix();
        let text = self.said("now", command, &["now"])?;
        let after = unix();
        let seconds = text
            .lines()
            .find_map(|line| line.strip_prefix("Unix time")?.trim().strip_suffix(" s"))
            .and_then(|number| number.parse::<f64>().ok())
            .with_context(|| format!("`now` says {text:?}"))?;
        // To the microsecond, which is what an f64 of this size holds.
        let error = 1e-6;
        if seconds < before.as_secs_f64() - error || seconds > after.as_secs_f64() + error {
            bail!("`now` says {seconds}, this machine {before:?} before and {after:?} after");
        }
        Ok(())
    }

    /// Runs a program, and returns what it said.
    fn said(&self, name: &str, program: &Path, arguments: &[&str]) -> Result<String> {
        let log = limited::log(self.cache, &format!("wine {name}"))?;
        let command = self.windows(&program.display().to_string(), arguments);
        let ended = limited::run(&command, LONGEST_RUN, &log)?;
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        match ended {
            Ended::Well => Ok(text),
            Ended::Badly => bail!("{name} fails, see {}", log.display()),
            Ended::TooLate => {
                bail!("{name} was killed after {} s, see {}", LONGEST_RUN.as_secs(), log.display())
            }
        }
    }

    fn build(&self) -> Result<Programs> {
        let manifest = repository().join("Cargo.toml").display().to_string();
        let folder = self.cache.join("windows").display().to_string();
        let shared = ["--manifest-path", &manifest, "--target-dir", &folder, "--target", TARGET];
        let command = ["build", "--quiet", "--package", "instanter-cli"];
        self.cargo("command", command.iter().chain(&shared))?;
        let tests = ["test", "--no-run", "--package", "instanter-clock", "--test", "windows"];
        let log = self.cargo("tests", tests.iter().chain(&shared))?;
        // "  Executable tests/windows.rs (/…/windows-0123456789abcdef.exe)"
        let tests = log
            .lines()
            .find_map(|line| {
                line.trim().strip_prefix("Executable ")?.split_once(" (")?.1.strip_suffix(')')
            })
            .ok_or_else(|| anyhow!("cargo does not say where the tests are"))?;
        let command = Path::new(&folder).join(TARGET).join("debug/instanter.exe");
        Ok(Programs { command, tests: repository().join(tests) })
    }

    /// Builds with Rust's own library for Windows, where it is installed, or from its source.
    fn cargo<'a>(
        &self,
        what: &str,
        arguments: impl Iterator<Item = &'a &'a str>,
    ) -> Result<String> {
        let arguments: Vec<&str> = arguments.copied().collect();
        let command = if library::has_std(TARGET)? {
            cmd("cargo", arguments)
        } else {
            let own = ["-Zbuild-std=std,panic_unwind,test"];
            Library::find(self.cache)?.cargo(arguments.into_iter().chain(own))
        };
        let log = limited::log(self.cache, &format!("wine build {what}"))?;
        let linker = format!("CARGO_TARGET_{}_LINKER", TARGET.to_uppercase().replace('-', "_"));
        let command = command
            .env(linker, LINKER)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TERM_COLOR", "never");
        match limited::run(&command, LONGEST_BUILD, &log)? {
            Ended::Well => Ok(fs::read_to_string(&log)?),
            Ended::Badly => bail!("does not build, see {}", log.display()),
            Ended::TooLate => bail!("not built in {} s", LONGEST_BUILD.as_secs()),
        }
    }
}

struct Programs {
    command: PathBuf,
    tests: PathBuf,
}
