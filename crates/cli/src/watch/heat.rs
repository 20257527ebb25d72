//! How the CPUs' counters agree, as a map: a square for each pair.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use super::draw::colour;
use crate::doctor::coherence::Matrix;
use crate::quantity;

/// Bounds, in nanoseconds, from which on a square is darker.
const LEVELS: [(f64, char, Color); 4] = [
    (0.0, '░', Color::Green),
    (200.0, '▒', Color::LightGreen),
    (1_000.0, '▓', Color::Yellow),
    (10_000.0, '█', Color::Red),
];

/// Lines that it takes, title and legend included.
pub(super) fn height(matrix: Option<&Matrix>) -> u16 {
    matrix
        .map_or(2, |matrix| u16::try_from(matrix.cpus.len()).unwrap_or(u16::MAX).saturating_add(3))
}

/// The sign and the colour of a bound.
fn shade(bound_ns: f64) -> (char, Color) {
    let level = LEVELS.iter().rev().find(|(from, ..)| bound_ns >= *from).unwrap_or(&LEVELS[0]);
    (level.1, level.2)
}

pub(super) fn draw(frame: &mut Frame<'_>, matrix: Option<&Matrix>, has_colour: bool, area: Rect) {
    let block = Block::new().borders(Borders::TOP).title("CPUs: counters differ by at most");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(matrix) = matrix else {
        frame.render_widget(Paragraph::new("not measured"), inner);
        return;
    };
    // Two characters a square, and the number of the CPU in front of them.
    let columns = usize::from(inner.width.saturating_sub(4) / 2);
    let rows = usize::from(inner.height.saturating_sub(2));
    let shown = matrix.cpus.len().min(columns);
    let head: String =
        matrix.cpus.iter().take(shown).map(|cpu| format!("{:>2}", cpu % 100)).collect();
    let mut lines = vec![Line::from(format!("    {head}"))];
    for &row in matrix.cpus.iter().take(rows) {
        let mut spans = vec![Span::raw(format!("{row:>3} "))];
        for &column in matrix.cpus.iter().take(shown) {
            spans.push(match matrix.between(row, column) {
                _ if row == column => Span::raw(" ·"),
                Some(pair) => {
                    let (sign, shown) = shade(pair.bound_ns());
                    let style = if pair.certain_ns() > 0.0 {
                        // They differ for certain: time can go back between them.
                        colour(has_colour, Color::LightRed)
                            .add_modifier(ratatui::style::Modifier::REVERSED)
                    } else {
                        colour(has_colour, shown)
                    };
                    Span::styled(format!("{sign}{sign}"), style)
                }
                None => Span::raw("  "),
            });
        }
        lines.push(Line::from(spans));
    }
    let mut legend =
        vec![Span::styled(format!("most {} ", quantity::nanos(matrix.bound_ns())), Style::new())];
    for (from, sign, shown) in LEVELS.iter().skip(1) {
        legend.push(Span::styled(format!(" {sign}"), colour(has_colour, *shown)));
        legend.push(Span::raw(format!("≥{}", short(*from))));
    }
    lines.push(Line::from(legend));
    frame.render_widget(Paragraph::new(lines), inner);
}

fn short(nanos: f64) -> String {
    if nanos < 1e3 { format!("{nanos} ns") } else { format!("{} µs", nanos / 1e3) }
}
