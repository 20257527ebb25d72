//! The copy of the tz database in the zone crate.

mod encode;
mod grammar;
mod tzif;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::repository;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail if the file would be written otherwise, and write nothing
    #[arg(long)]
    check: bool,
    /// Folder of the zones to copy
    #[arg(long, default_value = "/usr/share/zoneinfo")]
    zoneinfo: PathBuf,
}

/// Writes or checks `tzdb.bin`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = repository().join("crates/zone/src/embedded/tzdb.bin");
    let folder = &arguments.zoneinfo;
    if !arguments.check {
        let made = encode::make(folder)?;
        std::fs::write(&file, &made).with_context(|| file.display().to_string())?;
        println!("tzdb.bin: {} bytes, version {}", made.len(), encode::version(folder)?);
        return Ok(());
    }
    let (installed, copied) = match (encode::version(folder), instanter_zone::embedded_version()) {
        (Ok(installed), Some(copied)) => (installed, copied),
        (Err(error), _) => {
            println!("skipped tzdb: {error:#}");
            return Ok(());
        }
        (_, None) => bail!("the zone crate was built without its copy"),
    };
    if installed != copied {
        println!("skipped tzdb: the copy is of {copied}, {installed} is installed");
        return Ok(());
    }
    let absent = encode::absent(folder)?;
    if let Some(first) = absent.first() {
        println!(
            "skipped tzdb: {} of tzdata.zi's names are not installed, as {first}; some systems \
             have them in a package of their own (Debian: tzdata-legacy)",
            absent.len()
        );
        return Ok(());
    }
    let there = std::fs::read(&file).with_context(|| file.display().to_string())?;
    if encode::make(folder)? != there {
        bail!("tzdb.bin is not what {} gives", folder.display());
    }
    println!("tzdb.bin: {} bytes, version {copied}, as it should be", there.len());
    Ok(())
}
