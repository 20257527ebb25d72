//! Tables: the clocks, the vDSO's symbols.

use maud::{Markup, html};

use super::page::{scrolling, section};
use crate::clocks::{Absent, Row};
use crate::quantity::nanos;
use crate::vdso;

pub(super) fn clocks(rows: &[Row], absent: &[Absent]) -> Markup {
    section(
        "clocks",
        html! {
            (scrolling("Table of clocks", html! {
                table {
                    thead { tr {
                        th scope="col" { "Clock" }
                        th.number scope="col" { "value, s" }
                        th.number scope="col" { "resolution" }
                        th scope="col" { "served by" }
                        th.number scope="col" { "p50" }
                        th.number scope="col" { "p99" }
                        th scope="col" { "what for" }
                    } }
                    tbody {
                        @for row in rows {
                            tr {
                                th scope="row" { (row.name) }
                                td.number { (row.texts[0]) }
                                td.number { (row.texts[1]) }
                                td { (row.source) }
                                td.number { (nanos(row.p50_ns)) }
                                td.number { (nanos(row.p99_ns)) }
                                td { (row.purpose) }
                            }
                        }
                    }
                }
            }))
            @if !absent.is_empty() {
                details {
                    summary { "Clocks that this machine lacks (" (absent.len()) ")" }
                    div { ul {
                        @for group in absent.chunk_by(|one, other| one.reason == other.reason) {
                            li {
                                (group.iter().map(|absent| absent.name.as_str()).collect::<Vec<_>>().join(", "))
                                ": " (group[0].reason)
                            }
                        }
                    } }
                }
            }
        },
    )
}

pub(super) fn symbols(report: &Result<vdso::Report, String>) -> Markup {
    section(
        "vdso",
        html! {
            @match report {
                Ok(report) => {
                    p {
                        "The kernel maps this small library into every process: "
                        code { (report.soname.as_deref().unwrap_or("an image without a name")) } ", for "
                        (report.machine_name) ", " (report.bytes) " bytes. Its functions read the same page; they are "
                        "the witness against which the page is proved, and the next in line."
                    }
                    (scrolling("Symbols of the vDSO", html! {
                        table {
                            thead { tr {
                                th scope="col" { "Symbol" }
                                th scope="col" { "version" }
                                th.number scope="col" { "address" }
                                th.number scope="col" { "bytes" }
                                th.number scope="col" { "System V hash" }
                                th.number scope="col" { "GNU hash" }
                            } }
                            tbody {
                                @for symbol in &report.symbols {
                                    tr {
                                        th scope="row" { code { (symbol.name) } }
                                        td { (symbol.version.as_deref().unwrap_or("")) }
                                        td.number { code { (symbol.address.as_deref().unwrap_or("")) } }
                                        td.number { (symbol.size) }
                                        td.number { code { (symbol.sysv_hash) } }
                                        td.number { code { (symbol.gnu_hash) } }
                                    }
                                }
                            }
                        }
                    }))
                }
                Err(why) => p { "There is none to be read: " (why) "." },
            }
        },
    )
}
