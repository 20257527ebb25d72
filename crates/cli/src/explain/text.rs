//! The walk, told in plain words.

use instanter_counter as counter;

use super::arithmetic::Sum;
use super::walk::{Tried, Walk};
use crate::quantity::{grouped, nanos, ratio};
use crate::sheet::Sheet;
use crate::table::{Column, Table};

/// Text within a step.
const INDENT: usize = 3;

pub(super) fn write(walk: &Walk, sheet: &mut Sheet) {
    sheet.strong("How one call of now() comes to its answer on this machine");
    auxv(walk, sheet);
    vdso(walk, sheet);
    symbol(walk, sheet);
    page(walk, sheet);
    frame(walk, sheet);
    arithmetic(walk, sheet);
    cost(walk, sheet);
    system_calls(walk, sheet);
}

fn step(sheet: &mut Sheet, number: u32, title: &str, lesson: &str) {
    sheet.blank();
    sheet.heading(&format!("{number}. {title}"));
    sheet.prose(INDENT, lesson);
}

fn auxv(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        1,
        "The auxiliary vector",
        "When the kernel starts a program it leaves it a list of facts. One of them, \
         AT_SYSINFO_EHDR, is the address of the vDSO: a small library that the kernel maps into \
         every process. This and steps 2 to 4 happen once, at the first reading.",
    );
    let read_by = match walk.auxv.read_by {
        "prctl" => "asked from the kernel with prctl(PR_GET_AUXV); no file was opened",
        "proc" => "read from /proc/self/auxv: this kernel has no PR_GET_AUXV (Linux 6.4)",
        _ => "not readable: neither prctl(PR_GET_AUXV) nor /proc/self/auxv answered",
    };
    let absent = || "absent: this process has no vDSO".to_owned();
    let pinned = walk.pinned.map(|source| ("INSTANTER_SOURCE", format!("{source}: start there")));
    let fields = [
        ("Read", read_by.to_owned()),
        ("AT_SYSINFO_EHDR", walk.auxv.at_sysinfo_ehdr.clone().unwrap_or_else(absent)),
        ("AT_PAGESZ", format!("{} bytes", walk.auxv.page_size)),
    ];
    sheet.fields(INDENT, fields.into_iter().chain(pinned));
}

fn vdso(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        2,
        "The vDSO",
        "It is an ELF image like any shared library, only that no file holds it. Nobody has \
         linked it for us, so it is parsed here, every table checked against the image's bounds.",
    );
    let Some(vdso) = &walk.vdso else {
        sheet.prose(INDENT, "There is none, so readings are system calls.");
        return;
    };
    let mut fields = vec![("Address", vdso.address.clone())];
    if walk.auxv.at_sysinfo_ehdr.as_ref() != Some(&vdso.address) {
        fields.push(("Note", "another image stands in the place of the kernel's".to_owned()));
    }
    fields.extend(vdso.soname.clone().map(|soname| ("Name", soname)));
    fields.extend(vdso.bytes.map(|bytes| ("Size", format!("{bytes} bytes"))));
    fields.extend(vdso.error.clone().map(|error| ("Not readable", error)));
    sheet.fields(INDENT, fields);
}

fn symbol(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        3,
        "The function in it",
        "The vDSO's clock_gettime is found by its name's hash. It is not called where the page can \
         be read, but it is the witness against which the page is proved, and the next in line.",
    );
    if let Some(symbol) = &walk.symbol {
        let tables = match &walk.vdso {
            Some(vdso) if vdso.has_gnu_hash => "GNU hash table",
            Some(vdso) if vdso.has_sysv_hash => "System V hash table",
            _ => "symbol table, one by one",
        };
        sheet.fields(
            INDENT,
            [
                ("Symbol", format!("{}@{}", symbol.name, symbol.version)),
                ("Hashes", format!("System V {}, GNU {}", symbol.sysv_hash, symbol.gnu_hash)),
                ("Found in", format!("the {tables}")),
                ("Address", symbol.address.clone()),
            ],
        );
    }
    if let Some(error) = &walk.symbol_error {
        sheet.prose(INDENT, &format!("Not found: {error}."));
    }
}

fn page(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        4,
        "The page, and the proof",
        "Right before the vDSO lie the pages that it reads itself. Where each number lies in them \
         changed with the kernel's version and no interface promises it, so each known layout is \
         tried, and none is believed: every clock, computed from it, must fall between two of the \
         kernel's own answers, again and again.",
    );
    let mut fields: Vec<_> =
        walk.candidates.iter().map(|tried| ("Tried", candidate(tried))).collect();
    if let Some(page) = &walk.page {
        let what = if page.fine { "all clocks" } else { "the coarse clocks only" };
        let (comparisons, narrowest) = (page.comparisons, page.narrowest_ns);
        let proof = format!(
            "{what}: {comparisons} comparisons, all agreed; the narrowest was between two answers \
             {narrowest} ns apart"
        );
        fields.push(("Page", page.address.clone()));
        fields.push(("Proof", proof));
    }
    fields.extend(walk.page_error.clone().map(|error| ("No page", error)));
    sheet.fields(INDENT, fields);
}

fn candidate(tried: &Tried) -> String {
    let place = format!("Linux {} at vDSO − {:#x}", tried.layout, tried.before_vdso);
    match &tried.reason {
        Some(reason) => format!("{place}: {}, {reason}", tried.verdict),
        None => format!("{place}: {}", tried.verdict),
    }
}

fn frame(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        5,
        "One reading",
        "From here on it is what every call does. The kernel makes the sequence number odd while \
         it writes; a reader takes the numbers and the counter and checks that the sequence \
         number was even and has not moved.",
    );
    if let Some(frame) = &walk.frame {
        let mhz = frame.hertz / 1e6;
        let mut fields = vec![
            ("sequence", format!("{}: even, and the same afterwards", frame.sequence)),
            ("mode", format!("{}: {}", frame.mode, frame.mode_meaning)),
            ("mult", frame.mult.to_string()),
            (
                "shift",
                format!("{}: mult / 2^{} ns a tick is {mhz:.6} MHz", frame.shift, frame.shift),
            ),
            ("mask", format!("{}: the bits of the counter that count", frame.mask)),
            ("origin", format!("{} ticks: the counter when the kernel last wrote", frame.origin)),
            (
                "counter",
                format!(
                    "{} ticks, just read with {}",
                    frame.counter,
                    counter::ORDERED_INSTRUCTIONS
                ),
            ),
        ];
        if frame.in_namespace {
            fields.push(("namespace", "this process has clock offsets of its own".to_owned()));
        }
        sheet.fields(INDENT, fields);
    } else {
        sheet.prose(INDENT, &format!("Not here. Instead: {}.", walk.origin.describe()));
        if let Some(error) = &walk.frame_error {
            sheet.prose(INDENT, &format!("The page: {error}."));
        }
    }
}

fn arithmetic(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        6,
        "The arithmetic",
        "Time is a straight line: so many ticks since the origin, times mult, plus what the clock \
         stood at then. Both clocks come from the one counter value, so they are one moment. The \
         fraction of a nanosecond goes in the last step.",
    );
    if let [monotonic, realtime] = walk.arithmetic.as_slice() {
        sheet.table(INDENT, &sums(monotonic, realtime));
        let verdict = if monotonic.equal && realtime.equal {
            "Computed here in 128 bits, apart from the library; the library's answers are equal."
        } else {
            "The library's answers DIFFER from these, computed in 128 bits: please report it."
        };
        sheet.prose(INDENT, verdict);
    } else {
        sheet.prose(INDENT, "Without the page the kernel's own code does this.");
    }
    sheet.blank();
    sheet.prose(INDENT, "The slower ways, asked before and after it (monotonic clock):");
    let mut table =
        Table::new([Column::text("asked"), Column::number("answer"), Column::number("apart")]);
    for answer in &walk.bracket {
        let by = match answer.by {
            "vdso" => "the vDSO",
            "syscall" => "the kernel",
            "page" => "the page",
            _ => "now()",
        };
        table.row([
            by.to_owned(),
            format!("{} s", answer.monotonic),
            format!("{:+} ns", answer.after_ns),
        ]);
    }
    sheet.table(INDENT, &table);
    sheet.prose(
        INDENT,
        if walk.in_order {
            "Each is no earlier than the one before: the answer lies between the kernel's."
        } else {
            "They are NOT in order: was the clock source changed just now?"
        },
    );
}

fn sums(monotonic: &Sum, realtime: &Sum) -> Table {
    let mut table =
        Table::new([Column::text(""), Column::number("monotonic"), Column::number("wall (UTC)")]);
    let mut row = |label: &str, number: fn(&Sum) -> String| {
        table.row([label.to_owned(), number(monotonic), number(realtime)]);
    };
    row("counter", |sum| grouped(sum.counter));
    row("− origin", |sum| grouped(sum.origin));
    row("= ticks", |sum| grouped(sum.delta));
    row("× mult", |sum| grouped(sum.mult.into()));
    row("= product", |sum| grouped(sum.product));
    row("+ base", |sum| grouped(sum.base_nsec));
    row("= sum", |sum| grouped(sum.sum));
    row(">> shift", |sum| sum.shift.to_string());
    row("= ns", |sum| grouped(sum.nanoseconds));
    row("→ carry s", |sum| grouped(sum.carry));
    row("+ base s", |sum| sum.base_sec.to_string());
    if monotonic.namespace.is_some() {
        row("+ offset s", |sum| sum.namespace.clone().unwrap_or_default());
    }
    row("= s", |sum| sum.result.clone());
    table
}

fn cost(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        7,
        "Without the page, and without the vDSO",
        "If a check fails, the vDSO's function is called, once for each clock; without a vDSO the \
         kernel is, which also leaves user space and comes back. All of these were measured just \
         now, side by side, for the wall and the monotonic clock:",
    );
    let cost = &walk.cost;
    let mut table =
        Table::new([Column::text("way"), Column::number("median"), Column::number("of ordered")]);
    let here = match walk.origin.source {
        "page" => "the page",
        "vdso" => "now(): the vDSO",
        _ => "now(): the kernel",
    };
    let rows = [
        (format!("bare counter, {}", counter::RELAXED_INSTRUCTIONS), cost.counter_relaxed_ns),
        (format!("bare counter, {}", counter::ORDERED_INSTRUCTIONS), cost.counter_ordered_ns),
        (format!("{here}, relaxed"), cost.relaxed_ns),
        (format!("{here}, ordered"), cost.ordered_ns),
        ("two calls of the vDSO".to_owned(), cost.vdso_ns.unwrap_or(f64::NAN)),
        ("two system calls".to_owned(), cost.syscall_ns.unwrap_or(f64::NAN)),
    ];
    for (way, median) in rows {
        table.row([way, nanos(median), ratio(median / cost.ordered_ns)]);
    }
    sheet.table(INDENT, &table);
}

fn system_calls(walk: &Walk, sheet: &mut Sheet) {
    step(
        sheet,
        8,
        "Was the kernel called?",
        "Counted from outside: this program was started once more and stopped with ptrace each \
         time it entered the kernel.",
    );
    if let Some(count) = &walk.system_calls {
        sheet.fields(
            INDENT,
            [
                (
                    "First call",
                    format!(
                        "{} system calls: it looks for the vDSO and the page, and proves it",
                        count.first_call_system_calls
                    ),
                ),
                (
                    "Then",
                    format!(
                        "{} calls of now(), {} system calls",
                        grouped(count.calls.into()),
                        grouped(count.system_calls.into())
                    ),
                ),
            ],
        );
    }
    if let Some(error) = &walk.system_calls_error {
        sheet.prose(INDENT, &format!("Not counted: {error}."));
    }
}
