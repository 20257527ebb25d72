//! The page as a whole: head, verdict, sections, foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::facts::Facts;
use super::{coherence, costs, drift, tables, verdict, walk};
use crate::doctor::verdict::Level;

const STYLE: &str = include_str!("page.css");

/// Nothing is loaded from anywhere and no script runs, even if something that is
/// quoted on the page tried to.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Sections: where a link leads, and what it says.
const SECTIONS: [(&str, &str); 7] = [
    ("checks", "Checks"),
    ("walk", "From counter to date"),
    ("costs", "Costs"),
    ("clocks", "Clocks"),
    ("cpus", "CPUs"),
    ("drift", "Drift"),
    ("vdso", "vDSO"),
];

pub(super) fn page(facts: &Facts) -> String {
    let machine = &facts.machine;
    let title = format!("The clock of {}: {}", machine.host, facts.verdict.level.word());
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("instanter ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                // Ours, and without anything that would end it.
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "The clock of " (machine.host) }
                    p.quiet { (machine.local) " · " span.mono { (machine.utc) } }
                    nav aria-label="Sections" {
                        ul { @for (id, name) in SECTIONS { li { a href=(format!("#{id}")) { (name) } } } }
                    }
                }
                main {
                    (verdict::banner(&facts.verdict))
                    dl.facts {
                        dt { "Machine" } dd { (machine.cpu) }
                        dt { "Kernel" } dd { "Linux " (machine.kernel) }
                        dt { "Time comes from" } dd { (facts.costs.origin.describe()) }
                    }
                    (verdict::checks(&facts.verdict))
                    (walk::section(&facts.walk))
                    (costs::section(&facts.costs))
                    (tables::clocks(&facts.clocks, &facts.absent))
                    (coherence::section(&facts.coherence))
                    (drift::section(&facts.drift))
                    (tables::symbols(&facts.symbols))
                }
                footer {
                    p {
                        "Made by " code { "instanter report" } ", version "
                        (env!("CARGO_PKG_VERSION")) ", in one run on the machine that it tells of. "
                        "This file needs nothing else: no network, no scripts."
                    }
                }
            }
        }
    };
    markup.into_string()
}

/// A section with its heading.
pub(super) fn section(id: &str, content: Markup) -> Markup {
    let name = SECTIONS.iter().find(|(section, _)| *section == id).map_or(id, |(_, name)| name);
    let heading = format!("{id}-heading");
    html! {
        section id=(id) aria-labelledby=(heading) {
            h2 id=(heading) { (name) }
            (content)
        }
    }
}

/// A table that scrolls by itself where it is wider than the page; whoever has no
/// mouse can focus and scroll it.
pub(super) fn scrolling(label: &str, table: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (table) } }
}

/// The class that gives a level its colour.
pub(super) fn class(level: Level) -> &'static str {
    level.word()
}
