//! Each clock by each way to ask for it.

use instanter_clock::{Clock, Source, source, via};
use instanter_measure::{Settings, compare_watched, subject};
use nix::time::ClockId;
use serde::Serialize;

use crate::cost::{keep_one, vdso_call};
use crate::quantity::nanos;
use crate::sheet::Sheet;
use crate::table::{Column, Table};

/// What one clock costs, in nanoseconds a call (median of batches).
#[derive(Debug, Serialize)]
pub(crate) struct ByClock {
    pub(crate) clock: String,
    /// Who serves it here.
    pub(crate) source: &'static str,
    pub(crate) p50_ns: f64,
    /// By the C library: the vDSO's function, or for what that does not have the
    /// system call.
    pub(crate) c_library_ns: f64,
    pub(crate) syscall_ns: f64,
}

/// Measures each clock that answers.
pub(super) fn measure(settings: Settings, tick: impl Fn()) -> Vec<ByClock> {
    let clocks: Vec<Clock> = Clock::ALL.into_iter().filter(|clock| clock.now().is_ok()).collect();
    let read = |clock: Clock| subject!(clock.to_string(), keep_one(clock.now()));
    let call = |clock: Clock| subject!("", vdso_call(ClockId::from_raw(clock.id())));
    let ask = |clock: Clock| subject!("", keep_one(via(Source::Syscall, clock).ok_or(())));
    let mut subjects: Vec<_> =
        clocks.iter().flat_map(|&clock| [read(clock), call(clock), ask(clock)]).collect();
    let costs = compare_watched(&mut subjects, settings, |_| tick());
    let one = |(clock, costs): (&Clock, &[_])| {
        let [own, call, ask]: &[instanter_measure::Cost; 3] = costs.try_into().ok()?;
        Some(ByClock {
            clock: clock.to_string(),
            source: source(*clock).word(),
            p50_ns: own.batches.median(),
            c_library_ns: call.batches.median(),
            syscall_ns: ask.batches.median(),
        })
    };
    clocks.iter().zip(costs.chunks(3)).filter_map(one).collect()
}

pub(super) fn write(clocks: &[ByClock], sheet: &mut Sheet) {
    let is_narrow = sheet.is_narrow();
    sheet.strong("By clock");
    let mut table = Table::new([
        Column::text(if is_narrow { "CLOCK_…" } else { "clock" }),
        Column::text("served by").expendable(1),
        Column::number("Instanter"),
        Column::number("C library"),
        Column::number("system call").expendable(2),
    ]);
    for row in clocks {
        let short = row.clock.strip_prefix("CLOCK_").filter(|_| is_narrow);
        table.row([
            short.unwrap_or(&row.clock).to_owned(),
            row.source.to_owned(),
            nanos(row.p50_ns),
            nanos(row.c_library_ns),
            nanos(row.syscall_ns),
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
}
