//! Files out of Debian packages, fetched without touching this machine's apt.
//!
//! Every suite and CPU has an apt state of its own in the cache folder, so that
//! nothing is added to the machine's sources and a look-up reads one list only.
//! The mirror is the one that the machine's own sources name.

use anyhow::{Context, Result, anyhow, bail};
use duct::cmd;
use std::fs;
use std::path::{Path, PathBuf};

/// Debian's releases, to tell its archive from the machine's other sources.
const RELEASES: &[&str] =
    &["bullseye", "bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable"];

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The archive that this machine installs from.
pub(super) struct Mirror {
    address: String,
    /// The release that the machine's sources name.
    pub(super) release: String,
}

impl Mirror {
    /// Asks apt which archive this machine installs from; needs no network.
    pub(super) fn of_this_machine() -> Result<Mirror> {
        let uris = cmd!("apt-get", "--print-uris", "update")
            .stderr_null()
            .read()
            .context("no apt-get here")?;
        let mirror = uris.lines().find_map(|line| {
            let uri = line.strip_prefix('\'')?.split('\'').next()?;
            let (address, rest) = uri.split_once("/dists/")?;
            let release = rest.strip_suffix("/InRelease")?;
            RELEASES
                .contains(&release)
                .then(|| Mirror { address: address.to_owned(), release: release.to_owned() })
        });
        mirror.ok_or_else(|| anyhow!("no Debian archive among apt's sources"))
    }
}

/// Suites of the archive as one CPU sees them, with an apt state of their own.
pub(super) struct Suites {
    options: Vec<String>,
    folder: PathBuf,
}

impl Suites {
    /// Opens suites, fetching their lists the first time.
    pub(super) fn open(
        cache: &Path,
        mirror: &Mirror,
        suites: &[&str],
        cpu: &str,
    ) -> Result<Suites> {
        let folder = cache.join("apt").join(format!("{}_{cpu}", suites.join("_")));
        for below in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(below))?;
        }
        // A suite that is being frozen or was archived may state a date that
        // has passed; its signature is checked all the same.
        let sources: String = suites
            .iter()
            .map(|suite| {
                format!(
                    "deb [arch={cpu} signed-by={KEYRING} check-valid-until=no] {} {suite} main\n",
                    mirror.address
                )
            })
            .collect();
        fs::write(folder.join("sources.list"), sources)?;
        let at = |below: &str| folder.join(below).display().to_string();
        let settings = [
            format!("Dir::Etc::sourcelist={}", at("sources.list")),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            format!("Dir::State::lists={}", at("lists")),
            format!("Dir::Cache={}", at("cache")),
            "APT::Sandbox::User=".to_owned(),
            format!("APT::Architecture={cpu}"),
            // Else a suite that cannot be fetched is a warning, and looks empty.
            "APT::Update::Error-Mode=any".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
        ];
        let options = settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]).collect();
        let suites = Suites { options, folder };
        if !suites.folder.join("listed").exists() {
            suites.update()?;
        }
        Ok(suites)
    }

    /// The options that make apt use this state.
    pub(super) fn options(&self) -> &[String] {
        &self.options
    }

    /// Fetches the lists anew.
    pub(super) fn update(&self) -> Result<()> {
        self.apt("apt-get", &["-q", "update"])
            .map_err(|error| error.context("cannot fetch the archive's lists"))?;
        fs::write(self.folder.join("listed"), "")?;
        Ok(())
    }

    /// Names of the packages that start so.
    pub(super) fn names(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(self.apt("apt-cache", &["pkgnames", prefix])?.lines().map(str::to_owned).collect())
    }

    /// Versions of a package.
    pub(super) fn versions(&self, package: &str) -> Result<Vec<String>> {
        let table = self.apt("apt-cache", &["madison", package])?;
        let versions = table.lines().filter_map(|line| line.split('|').nth(1));
        Ok(versions.map(|version| version.trim().to_owned()).collect())
    }

    /// Unpacks the files of a package that match a pattern, into a folder.
    ///
    /// `package` is a name or `name=version`. The lists may be older than the
    /// archive, which keeps the newest packages only: then they are fetched
    /// anew, once.
    pub(super) fn unpack(&self, package: &str, pattern: &str, into: &Path) -> Result<()> {
        let download = tempfile::tempdir_in(&self.folder)?;
        if self.download(package, download.path()).is_err() {
            self.update()?;
            self.download(package, download.path())
                .with_context(|| format!("cannot fetch {package}"))?;
        }
        let archive = files(download.path())?
            .pop()
            .ok_or_else(|| anyhow!("apt fetched nothing for {package}"))?;
        cmd!("dpkg-deb", "--fsys-tarfile", archive)
            .pipe(cmd!("tar", "--extract", "--directory", into, "--wildcards", pattern))
            .stderr_capture()
            .run()
            .with_context(|| format!("{package} has no {pattern}"))?;
        Ok(())
    }

    fn download(&self, package: &str, into: &Path) -> Result<()> {
        let arguments = self.options.iter().map(String::as_str).chain(["-q", "download", package]);
        quietly(cmd("apt-get", arguments).dir(into)).map(drop)
    }

    fn apt(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let options = self.options.iter().map(String::as_str);
        quietly(cmd(program, options.chain(arguments.iter().copied())))
    }
}

/// Runs a command for its output; its complaints become the error.
pub(super) fn quietly(command: duct::Expression) -> Result<String> {
    let output = command.stdout_capture().stderr_capture().unchecked().run()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let last = complaint.lines().rev().find(|line| !line.trim().is_empty());
        bail!("{}", last.unwrap_or("failed without a word"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The plain files in a folder and below it.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
