//! How clocks drifted against the raw clock while this was made.

use maud::{Markup, html};

use super::page::scrolling;
use super::svg::{Axis, at, image};
use crate::watch::{Model, Which};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 74.0;

pub(super) fn section(model: &Model) -> Markup {
    let seconds = model.points.back().map_or(0.0, |point| point.at_s);
    let last = model.points.len().saturating_sub(1);
    let clocks: Vec<Which> = model.clocks().filter(|&clock| clock != Which::Raw).collect();
    super::page::section(
        "drift",
        html! {
            p {
                "For " (format!("{seconds:.1}")) " s the clocks were compared with the raw clock, which goes as the "
                "counter goes and is steered by nobody. What they gain or lose is what NTP, or whoever steers, does."
            }
            figure {
                (chart(model))
                figcaption { "The wall clock against the raw clock; steps are taken out and marked." }
            }
            @if !model.marks.is_empty() {
                h3 { "What happened meanwhile" }
                ul { @for mark in &model.marks { li { (format!("{:.1} s", mark.at_s)) ": " (mark.text) } } }
            }
            (scrolling("How clocks drifted", html! {
                table {
                    thead { tr {
                        th scope="col" { "Clock" }
                        th.number scope="col" { "gained" }
                        th.number scope="col" { "frequency" }
                    } }
                    tbody {
                        @for clock in clocks {
                            tr {
                                th scope="row" { (clock.word()) }
                                td.number { @if let Some(ns) = model.total_offset_ns(clock) { (format!("{ns:+.0} ns")) } }
                                td.number { @if let Some(ppm) = model.frequency_ppm(clock, last) { (format!("{ppm:+.3} ppm")) } }
                            }
                        }
                    }
                }
            }))
        },
    )
}

fn chart(model: &Model) -> Markup {
    let points: Vec<(f64, f64)> = model
        .points
        .iter()
        .filter_map(|point| Some((point.at_s, model.offset_ns(Which::Realtime, point)?)))
        .collect();
    let low = points.iter().map(|point| point.1).fold(0.0, f64::min);
    let high = points.iter().map(|point| point.1).fold(0.0, f64::max);
    // A nanosecond or two is the rounding of the last digit.
    let margin = ((high - low) * 0.08).max((20.0 - (high - low)) / 2.0);
    let seconds = points.last().map_or(1.0, |point| point.0).max(0.1);
    let across = Axis { from: 0.0, to: seconds, start: LEFT, end: WIDTH - 12.0, is_log: false };
    let up = Axis {
        from: low - margin,
        to: high + margin,
        start: HEIGHT - 32.0,
        end: 8.0,
        is_log: false,
    };
    let mut path = String::new();
    for (index, (second, offset)) in points.iter().enumerate() {
        let letter = if index == 0 { 'M' } else { 'L' };
        path += &format!("{letter}{} {}", at(across.place(*second)), at(up.place(*offset)));
    }
    let content = html! {
        @for tick in up.ticks(5) {
            line.rule x1=(at(LEFT)) x2=(at(WIDTH - 12.0)) y1=(at(up.place(tick))) y2=(at(up.place(tick))) {}
            text class="quiet end" x=(at(LEFT - 6.0)) y=(at(up.place(tick) + 5.0)) { (format!("{tick:+.0} ns")) }
        }
        @for tick in across.ticks(5) {
            text class="quiet middle" x=(at(across.place(tick).min(WIDTH - 24.0))) y=(at(HEIGHT - 10.0)) { (format!("{} s", (tick * 10.0).round() / 10.0)) }
        }
        line.axis x1=(at(LEFT)) x2=(at(LEFT)) y1="8" y2=(at(HEIGHT - 32.0)) {}
        line.axis x1=(at(LEFT)) x2=(at(WIDTH - 12.0)) y1=(at(HEIGHT - 32.0)) y2=(at(HEIGHT - 32.0)) {}
        @for mark in &model.marks {
            line.mark x1=(at(across.place(mark.at_s))) x2=(at(across.place(mark.at_s))) y1="8" y2=(at(HEIGHT - 32.0)) {}
        }
        @if !path.is_empty() { path.curve d=(path) {} }
    };
    let end = points.last().map_or(0.0, |point| point.1);
    let told =
        format!("After {seconds:.1} seconds the wall clock had gained {end:+.0} nanoseconds.");
    image("drift-drawing", (WIDTH, HEIGHT), "The wall clock against the raw clock", &told, content)
}
