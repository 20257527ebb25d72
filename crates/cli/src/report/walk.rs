//! The way from the counter to the date, drawn with this machine's numbers.

use maud::{Markup, html};

use super::svg::{at, image};
use crate::explain::{Sum, Walk};
use crate::quantity::grouped;

const WIDTH: f64 = 400.0;
const BOX_HEIGHT: f64 = 54.0;
const STEP: f64 = 78.0;

/// A box of the drawing.
struct Stage {
    /// What is done with the number above.
    by: String,
    what: &'static str,
    number: String,
    is_result: bool,
}

fn text(walk: &Walk) -> Markup {
    html! {
        p {
            "A reading takes the CPU's counter once. How far it has come since the kernel last wrote "
            "its line down, times a slope, plus where the clock stood then: that is the time. Nothing "
            "is called, and the whole of it is one multiplication."
        }
        @if let Some(frame) = &walk.frame {
            dl.facts {
                dt { "Sequence" } dd { (frame.sequence) ", even, and the same afterwards" }
                dt { "Mode" } dd { (frame.mode) ": " (frame.mode_meaning) }
                dt { "Slope" } dd { (frame.mult) " / 2" sup { (frame.shift) } " ns a tick: " (format!("{:.6} MHz", frame.hertz / 1e6)) }
                @if let Some(page) = &walk.page {
                    dt { "Page" } dd { "at " code { (page.address) } ", laid out as Linux " (page.layout) " does" }
                    dt { "Proof" } dd { (page.comparisons) " comparisons with the kernel, all agreed" }
                }
                @if let Some(count) = &walk.system_calls {
                    dt { "System calls" } dd { (count.system_calls) " in " (grouped(count.calls.into())) " readings" }
                }
            }
        }
    }
}

pub(super) fn section(walk: &Walk) -> Markup {
    let sum = walk.arithmetic.iter().find(|sum| sum.clock == "CLOCK_REALTIME");
    super::page::section(
        "walk",
        html! {
            div.beside {
                div { (text(walk)) }
                @match sum {
                    Some(sum) => figure {
                        (drawing(sum))
                        figcaption {
                            "The wall clock's reading, as this machine made it. It was computed twice, by the library and "
                            "by plain arithmetic in 128 bits; " (if sum.equal { "the results are equal." } else { "the results DIFFER." })
                        }
                    },
                    None => p { "On this machine there is no such line to be read: " (walk.origin.describe()) "." },
                }
            }
        },
    )
}

fn stages(sum: &Sum) -> Vec<Stage> {
    let stage = |by: String, what, number| Stage { by, what, number, is_result: false };
    let mut stages = vec![
        stage(String::new(), "the CPU's counter", grouped(sum.counter)),
        stage(
            format!("− origin {}", grouped(sum.origin)),
            "ticks since the kernel's last update",
            grouped(sum.delta),
        ),
        stage(
            format!("× mult {}", grouped(sum.mult.into())),
            "the way since then, shifted left",
            grouped(sum.product),
        ),
        stage(
            format!("+ base {}", grouped(sum.base_nsec)),
            "with where the clock stood",
            grouped(sum.sum),
        ),
        stage(format!(">> shift {}", sum.shift), "nanoseconds", grouped(sum.nanoseconds)),
    ];
    let seconds = match &sum.namespace {
        Some(offset) => format!("+ {} s, + {offset} s of the time namespace", sum.base_sec),
        None => format!("+ {} s", grouped(u128::from(sum.base_sec.unsigned_abs()))),
    };
    stages.push(stage(seconds, "seconds since 1970", sum.result.clone()));
    if let Some(date) = date(&sum.result) {
        stages.push(stage("calendar".to_owned(), "the date on the wall", date));
    }
    if let Some(last) = stages.last_mut() {
        last.is_result = true;
    }
    stages
}

/// Seconds with nine digits as a date.
fn date(seconds: &str) -> Option<String> {
    let (whole, fraction) = seconds.split_once('.')?;
    let time = instanter_clock::Timespec::new(whole.parse().ok()?, fraction.parse().ok()?);
    Some(crate::utc::rfc3339(time))
}

fn drawing(sum: &Sum) -> Markup {
    let stages = stages(sum);
    let height = STEP * stages.len() as f64 - (STEP - BOX_HEIGHT) + 2.0;
    let told: Vec<String> = stages
        .iter()
        .map(|stage| format!("{} {}: {}", stage.by, stage.what, stage.number).trim().to_owned())
        .collect();
    let content = html! {
        @for (index, stage) in stages.iter().enumerate() {
            @let top = index as f64 * STEP + 1.0;
            @if index > 0 {
                path.arrow d=(format!("M28 {} V{}", at(top - (STEP - BOX_HEIGHT)), at(top - 6.0))) {}
                path.head d=(format!("M28 {} l-5 -8 h10 z", at(top))) {}
                text.mono x="42" y=(at(top - 7.0)) { (stage.by) }
            }
            rect class=(if stage.is_result { "box result" } else { "box" })
                x="1" y=(at(top)) width=(at(WIDTH - 2.0)) height=(at(BOX_HEIGHT)) rx="7" {}
            text.quiet x="14" y=(at(top + 20.0)) { (stage.what) }
            text class="mono strong" x="14" y=(at(top + 42.0)) { (stage.number) }
        }
    };
    image(
        "walk-drawing",
        (WIDTH, height),
        "From the counter to the date",
        &told.join("; "),
        content,
    )
}
