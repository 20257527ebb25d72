//! The doctor's verdict, and the checks behind it.

use maud::{Markup, html};

use super::page::{class, section};
use crate::doctor::verdict::{Check, Level, Remedy, Verdict};

/// A sign beside the colour, for those who cannot tell colours apart.
fn sign(level: Level) -> &'static str {
    match level {
        Level::Good => "✓",
        Level::Degraded => "!",
        Level::Bad => "✗",
        Level::Skipped => "–",
    }
}

pub(super) fn banner(verdict: &Verdict) -> Markup {
    html! {
        div class=(format!("verdict {}", class(verdict.level))) {
            p { span aria-hidden="true" { (sign(verdict.level)) " " } (verdict.level.word()) ": " (verdict.summary) }
            @if let Some(remedy) = &verdict.remedy { (mended(remedy)) }
        }
    }
}

fn mended(remedy: &Remedy) -> Markup {
    html! {
        p { (remedy.text) }
        @if !remedy.commands.is_empty() {
            pre tabindex="0" { code { (remedy.commands.join("\n")) } }
        }
    }
}

pub(super) fn checks(verdict: &Verdict) -> Markup {
    let counts: Vec<String> = [Level::Good, Level::Degraded, Level::Bad, Level::Skipped]
        .into_iter()
        .map(|level| (verdict.checks.iter().filter(|check| check.level == level).count(), level))
        .filter(|&(count, _)| count > 0)
        .map(|(count, level)| format!("{count} {}", level.word()))
        .collect();
    section(
        "checks",
        html! {
            p.quiet { (counts.join(", ")) ". Each opens to what was measured and why it matters." }
            @for check in &verdict.checks { (one(check)) }
        },
    )
}

fn one(check: &Check) -> Markup {
    html! {
        // What is wrong is open from the start.
        details open[check.level >= Level::Degraded] {
            summary {
                span class=(format!("level {}", class(check.level))) {
                    span aria-hidden="true" { (sign(check.level)) " " } (check.level.word())
                }
                " " strong { (check.title) } ": " (check.summary)
            }
            div {
                p { (check.measured) }
                p.quiet { (check.why) }
                @if let Some(remedy) = &check.remedy { (mended(remedy)) }
                @if !check.details.is_empty() {
                    dl.facts {
                        @for detail in &check.details { dt { (detail.name) } dd { (detail.text) } }
                    }
                }
            }
        }
    }
}
