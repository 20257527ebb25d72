//! How the CPUs' counters agree, as a map of pairs.

use maud::{Markup, html};

use super::svg::{at, image};
use crate::doctor::coherence::Matrix;
use crate::quantity::nanos;

/// Bounds, in nanoseconds, from which on a square has the next colour.
const LEVELS: [f64; 4] = [0.0, 200.0, 1_000.0, 10_000.0];

/// More CPUs than this have squares without numbers.
const WITH_NUMBERS: usize = 8;

fn level(bound_ns: f64) -> usize {
    LEVELS.iter().rposition(|from| bound_ns >= *from).unwrap_or(0)
}

fn sentence(matrix: &Matrix) -> String {
    match matrix.worst() {
        Some(pair) => format!(
            "The counters of CPU {} and CPU {} differ by at least {}: a program that moves from one to the other can see time go back.",
            pair.a,
            pair.b,
            nanos(pair.certain_ns())
        ),
        None => format!(
            "No two counters were seen to differ. If they do, then by no more than {}, which is what light and caches leave open.",
            nanos(matrix.bound_ns())
        ),
    }
}

pub(super) fn section(coherence: &Result<Matrix, String>) -> Markup {
    super::page::section(
        "cpus",
        html! {
            @match coherence {
                Ok(matrix) => {
                    p { (sentence(matrix)) }
                    figure {
                        (map(matrix))
                        figcaption {
                            @if !matrix.every_pair { "A sample of the pairs. " }
                            @if !matrix.missed.is_empty() { (matrix.missed.len()) " pairs could not be measured: the machine was busy. " }
                            "The most that the counters of two CPUs can differ by: "
                            @for (index, from) in LEVELS.iter().enumerate() {
                                span class=(format!("key k{index}")) {} (if index == 0 { "less".to_owned() } else { format!("{} and more", nanos(*from)) })
                                @if index + 1 < LEVELS.len() { ", " } @else { "." }
                            }
                        }
                    }
                }
                Err(why) => p { "Not measured: " (why) "." },
            }
        },
    )
}

fn map(matrix: &Matrix) -> Markup {
    let many = matrix.cpus.len();
    let has_numbers = many <= WITH_NUMBERS;
    let size = if has_numbers { 74.0 } else { (600.0 / many as f64).clamp(6.0, 40.0) };
    let margin = 62.0;
    let side = margin + size * many as f64 + 2.0;
    let every = many.div_ceil(16);
    let content = html! {
        @for (row, &a) in matrix.cpus.iter().enumerate() {
            @let y = margin + size * row as f64;
            @if row % every == 0 {
                text class="quiet end" x=(at(margin - 8.0)) y=(at(y + size / 2.0 + 5.0)) { "CPU " (a) }
                text class="quiet middle" x=(at(margin + size * (row as f64 + 0.5))) y=(at(margin - 10.0)) { @if has_numbers { "CPU " } (a) }
            }
            @for (column, &b) in matrix.cpus.iter().enumerate() {
                @let x = margin + size * column as f64;
                @if a == b {
                    rect.box x=(at(x)) y=(at(y)) width=(at(size - 1.0)) height=(at(size - 1.0)) {}
                } @else if let Some(pair) = matrix.between(a, b) {
                    rect class=(format!("h{}", level(pair.bound_ns()))) x=(at(x)) y=(at(y)) width=(at(size - 1.0)) height=(at(size - 1.0)) {}
                    @if has_numbers {
                        text.cell x=(at(x + size / 2.0)) y=(at(y + size / 2.0 + 5.0)) { (nanos(pair.bound_ns())) }
                    }
                }
            }
        }
    };
    let told: Vec<String> = matrix
        .pairs
        .iter()
        .take(64)
        .map(|pair| {
            format!("CPU {} and CPU {}: at most {}", pair.a, pair.b, nanos(pair.bound_ns()))
        })
        .collect();
    let width = side.max(420.0);
    image(
        "cpus-drawing",
        (width, side),
        "How far counters differ, by pairs of CPUs",
        &told.join("; "),
        content,
    )
}
