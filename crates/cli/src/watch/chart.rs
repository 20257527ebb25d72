//! The scrolling charts: how far a clock has gone from the reference, and how fast
//! it goes.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Block, Borders, Chart, Dataset, GraphType};

use super::draw::{colour, kind_style};
use super::model::Model;
use super::view::View;

/// Values that lie this close together are drawn as a level line in the middle.
const LEAST_HEIGHT: f64 = 1.0;

pub(super) fn offset(frame: &mut Frame<'_>, model: &Model, view: &View, area: Rect) {
    let (from, to) = window(model, view);
    let points = model.points.iter().filter(|point| (from..=to).contains(&point.at_s));
    let points: Vec<(f64, f64)> = points
        .filter_map(|point| Some((point.at_s, model.offset_ns(view.clock, point)?)))
        .collect();
    let title = format!("{} − {}", view.clock.word(), model.reference.word());
    let (scale, unit) = match points.iter().map(|point| point.1.abs()).fold(0.0, f64::max) {
        most if most < 1e4 => (1.0, "ns"),
        most if most < 1e7 => (1e3, "µs"),
        most if most < 1e10 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    let points = points.into_iter().map(|(at, offset)| (at, offset / scale)).collect();
    draw(frame, model, view, area, &Drawn { title: format!("{title}, {unit}"), points });
}

pub(super) fn frequency(frame: &mut Frame<'_>, model: &Model, view: &View, area: Rect) {
    let (from, to) = window(model, view);
    let points = model.points.iter().enumerate();
    let points = points
        .filter(|(_, point)| (from..=to).contains(&point.at_s))
        .filter_map(|(index, point)| Some((point.at_s, model.frequency_ppm(view.clock, index)?)))
        .collect();
    draw(frame, model, view, area, &Drawn { title: "frequency, ppm".to_owned(), points });
}

/// The seconds that are shown.
fn window(model: &Model, view: &View) -> (f64, f64) {
    let last = model.points.back().map_or(0.0, |point| point.at_s);
    let to = view.held_at_s.unwrap_or(last);
    // From the beginning until it is full; then it scrolls.
    let to = to.max(view.span_s());
    (to - view.span_s(), to)
}

struct Drawn {
    title: String,
    points: Vec<(f64, f64)>,
}

fn draw(frame: &mut Frame<'_>, model: &Model, view: &View, area: Rect, drawn: &Drawn) {
    let (from, to) = window(model, view);
    let values = || drawn.points.iter().map(|point| point.1);
    let (mut low, mut high) =
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    if !(low.is_finite() && high.is_finite()) {
        (low, high) = (0.0, 0.0);
    }
    let margin = ((high - low) * 0.05).max((LEAST_HEIGHT - (high - low)).max(0.0) / 2.0);
    (low, high) = (low - margin, high + margin);

    // A mark is a dotted line over the whole height.
    let shown = model.marks.iter().filter(|mark| (from..=to).contains(&mark.at_s));
    let lines: Vec<(Style, Vec<(f64, f64)>)> = shown
        .map(|mark| {
            let dots =
                (0..=24).map(|step| (mark.at_s, low + (high - low) * f64::from(step) / 24.0));
            (kind_style(mark.kind, view.has_colour), dots.collect())
        })
        .collect();
    let mut sets: Vec<Dataset<'_>> = lines
        .iter()
        .map(|(style, dots)| Dataset::default().marker(Marker::Dot).style(*style).data(dots))
        .collect();
    sets.push(
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(colour(view.has_colour, Color::Cyan))
            .data(&drawn.points),
    );
    let dim = Style::new().add_modifier(Modifier::DIM);
    let digits = if high - low < 10.0 { 2 } else { 0 };
    let label = |value: f64| Line::from(signed(value, digits));
    let vertical = [label(low), label((low + high) / 2.0), label(high)];
    let horizontal = [from, (from + to) / 2.0, to].map(|at| Line::from(format!("{at:.0} s")));
    let chart = Chart::new(sets)
        .block(Block::new().borders(Borders::TOP).title(drawn.title.as_str()))
        .x_axis(Axis::default().bounds([from, to]).labels(horizontal).style(dim))
        .y_axis(Axis::default().bounds([low, high]).labels(vertical).style(dim))
        .legend_position(None);
    frame.render_widget(chart, area);
}

/// With its sign, which zero does not have.
fn signed(value: f64, digits: usize) -> String {
    let text = format!("{value:+.digits$}");
    match text.trim_matches(['+', '-', '0', '.']) {
        "" => text[1..].to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn zero_has_no_sign() {
        let cases = [(-0.004, 2, "0.00"), (0.0, 0, "0"), (-0.006, 2, "-0.01"), (20.0, 0, "+20")];
        for (value, digits, expected) in cases {
            assert_eq!(signed(value, digits), expected);
        }
    }
}
