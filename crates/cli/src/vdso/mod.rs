//! `instanter vdso`: the symbols of a vDSO, and its image as a file.

mod dump;
mod image;

use instanter_clock::vdso::{Image, hash};
use serde::Serialize;

use crate::args::{VdsoArgs, VdsoCommand};
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
use crate::sheet::Sheet;
use crate::table::{Column, Table};
pub(crate) use image::Loaded;

/// One symbol. Addresses and hashes are hexadecimal, as Go's table has them.
#[derive(Debug, Serialize)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    /// Whether another version is the name's default one.
    hidden: bool,
    /// Where it is in memory; `None` for a file, and for what is no place.
    pub(crate) address: Option<String>,
    /// Its value as the image has it.
    value: String,
    pub(crate) size: u64,
    #[serde(rename = "type")]
    kind: String,
    binding: String,
    pub(crate) sysv_hash: String,
    pub(crate) gnu_hash: String,
}

#[derive(Debug, Serialize)]
struct Version {
    name: String,
    sysv_hash: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// `this process`, `process N`, or the file's name.
    of: String,
    pub(crate) soname: Option<String>,
    machine: u16,
    pub(crate) machine_name: String,
    bits: u8,
    byte_order: &'static str,
    base: Option<String>,
    pub(crate) bytes: usize,
    has_sysv_hash: bool,
    has_gnu_hash: bool,
    has_versions: bool,
    versions: Vec<Version>,
    pub(crate) symbols: Vec<Symbol>,
    /// What could not be read, where the image is damaged.
    errors: Vec<String>,
}

pub(crate) fn run(args: VdsoArgs, screen: &Screen) -> Outcome {
    let loaded = match (args.origin.pid, &args.origin.file) {
        (Some(pid), _) => Loaded::of_process(pid)?,
        (None, Some(path)) => Loaded::of_file(path)?,
        (None, None) => Loaded::own()?,
    };
    if let Some(VdsoCommand::Dump { to, force }) = args.command {
        return dump::run(&loaded, &to, force, screen);
    }
    let report = report(&loaded)?;
    let status = if report.errors.is_empty() { Status::Fine } else { Status::Degraded };
    screen.print(&report, write, status)
}

/// The vDSO of this process.
pub(crate) fn own() -> Result<Report, Failure> {
    report(&Loaded::own()?)
}

fn report(loaded: &Loaded) -> Result<Report, Failure> {
    let image = loaded.image()?;
    let (mut symbols, mut errors) = (Vec::new(), Vec::new());
    for symbol in image.symbols() {
        match symbol {
            Ok(symbol) => symbols.push(Symbol {
                name: symbol.name.to_owned(),
                version: symbol.version.map(str::to_owned),
                hidden: symbol.hidden,
                address: loaded
                    .base
                    .zip(symbol.offset)
                    .map(|(base, offset)| hex(base.wrapping_add(offset as u64))),
                value: hex(symbol.value),
                size: symbol.size,
                kind: symbol.kind.to_string(),
                binding: symbol.binding.to_string(),
                sysv_hash: hex(u64::from(hash::sysv(symbol.name))),
                gnu_hash: hex(u64::from(hash::gnu(symbol.name))),
            }),
            Err(error) => errors.push(error.to_string()),
        }
    }
    let mut versions: Vec<Version> = Vec::new();
    for name in symbols.iter().filter_map(|symbol| symbol.version.as_ref()) {
        if !versions.iter().any(|version| version.name == *name) {
            let sysv_hash = hex(u64::from(hash::sysv(name)));
            versions.push(Version { name: name.clone(), sysv_hash });
        }
    }
    Ok(Report {
        of: loaded.of.clone(),
        soname: image.soname().map(str::to_owned),
        machine: image.machine(),
        machine_name: machine_name(&image),
        bits: if image.is_64_bit() { 64 } else { 32 },
        byte_order: if image.is_big_endian() { "big" } else { "little" },
        base: loaded.base.map(hex),
        bytes: loaded.bytes.len(),
        has_sysv_hash: image.has_sysv_hash(),
        has_gnu_hash: image.has_gnu_hash(),
        has_versions: image.has_versions(),
        versions,
        symbols,
        errors,
    })
}

pub(crate) fn hex(number: u64) -> String {
    format!("{number:#x}")
}

/// The CPUs that have had a vDSO, by `e_machine` as the gABI numbers them.
fn machine_name(image: &Image<'_>) -> String {
    match image.machine() {
        3 => "i386".to_owned(),
        8 => "MIPS".to_owned(),
        20 => "PowerPC".to_owned(),
        21 => "PowerPC 64".to_owned(),
        22 => "s390".to_owned(),
        40 => "Arm".to_owned(),
        62 => "x86-64".to_owned(),
        183 => "AArch64".to_owned(),
        243 => "RISC-V".to_owned(),
        258 => "LoongArch".to_owned(),
        other => format!("CPU {other}"),
    }
}

fn write(report: &Report, sheet: &mut Sheet) {
    let soname = report.soname.as_deref().unwrap_or("an image without a name");
    sheet.strong(&format!("{soname}, {}", report.of));
    sheet.blank();
    let tables: Vec<&str> =
        [(report.has_sysv_hash, "DT_HASH"), (report.has_gnu_hash, "DT_GNU_HASH")]
            .into_iter()
            .filter_map(|(has, name)| has.then_some(name))
            .collect();
    let tables = if tables.is_empty() { "none".to_owned() } else { tables.join(", ") };
    let class = format!(
        "{}, {} bits, {} byte first",
        report.machine_name,
        report.bits,
        if report.byte_order == "big" { "most significant" } else { "least significant" }
    );
    let mut fields = vec![("CPU", class), ("Size", format!("{} bytes", report.bytes))];
    fields.extend(report.base.clone().map(|base| ("Address", base)));
    fields.push(("Hash tables", tables));
    for version in &report.versions {
        fields.push(("Version", format!("{}, SysV hash {}", version.name, version.sysv_hash)));
    }
    if !report.has_versions {
        fields.push(("Version", "none: the image has no symbol versions".to_owned()));
    }
    sheet.fields(0, fields);
    sheet.blank();

    let mut table = Table::new([
        Column::text("symbol"),
        Column::text("version").expendable(2),
        Column::number(if report.base.is_some() { "address" } else { "value" }).expendable(1),
        Column::number("size").expendable(3),
        Column::text("type").expendable(4),
        Column::number("SysV hash"),
        Column::number("GNU hash"),
    ]);
    for symbol in &report.symbols {
        table.row([
            symbol.name.clone(),
            symbol.version.clone().unwrap_or_default(),
            // A number has no address: it is shown as the image has it.
            symbol.address.clone().unwrap_or_else(|| symbol.value.clone()),
            format!("{} B", symbol.size),
            symbol.kind.clone(),
            symbol.sysv_hash.clone(),
            symbol.gnu_hash.clone(),
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
    for error in &report.errors {
        sheet.prose(0, &format!("Not readable: {error}"));
    }
    sheet.blank();
    sheet.note(
        0,
        "An ELF file keeps its symbols in hash tables, so a function is found by its name's hash: \
         DT_HASH takes the System V hash, DT_GNU_HASH the GNU hash, and a version is compared by \
         its System V hash. Runtimes that look functions up on their own carry these numbers.",
    );
}
