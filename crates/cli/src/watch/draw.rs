//! The screen: clocks side by side, a chart, what happened, the CPUs.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Row, Table, Wrap};

use super::chart;
use super::heat;
use super::model::{Kind, Mark, Model};
use super::record::Which;
use super::view::View;
use crate::quantity;

/// From here on the chart has the marks and the CPUs beside it, not below.
const WIDE: u16 = 100;

/// Narrower than this, columns and words go.
const NARROW: u16 = 68;

pub(crate) fn draw(frame: &mut Frame<'_>, model: &Model, view: &View) {
    let area = frame.area();
    let clocks = model.clocks().count() as u16 + 1;
    let [title, table, rest, keys] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(clocks + 1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(heading(model, view, area.width), title);
    frame.render_widget(clock_table(model, view, area.width), table);
    frame.render_widget(footer(view, area.width), keys);
    if area.width >= WIDE {
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(42)])
            .spacing(2)
            .areas(rest);
        charts(frame, model, view, left);
        let [upper, lower] = Layout::vertical([
            Constraint::Fill(1),
            Constraint::Length(heat::height(model.coherence.as_ref()).min(right.height / 2)),
        ])
        .areas(right);
        marks(frame, model, view, upper);
        heat::draw(frame, model.coherence.as_ref(), view.has_colour, lower);
    } else {
        // What is most worth its lines comes first.
        let below = if rest.height >= 18 { rest.height / 4 } else { (rest.height / 3).min(5) };
        let cpus = if rest.height >= 18 { heat::height(model.coherence.as_ref()) } else { 0 };
        let [upper, middle, lower] = Layout::vertical([
            Constraint::Fill(1),
            Constraint::Length(below),
            Constraint::Length(cpus.min(rest.height / 4)),
        ])
        .areas(rest);
        charts(frame, model, view, upper);
        marks(frame, model, view, middle);
        heat::draw(frame, model.coherence.as_ref(), view.has_colour, lower);
    }
    if view.shows_help {
        help(frame, area);
    }
}

/// Narrower than this, the clocks' frequencies go, too.
const VERY_NARROW: u16 = 38;

/// A colour, where colours are wanted.
pub(super) fn colour(has_colour: bool, colour: Color) -> Style {
    if has_colour { Style::new().fg(colour) } else { Style::new() }
}

pub(super) fn kind_style(kind: Kind, has_colour: bool) -> Style {
    match kind {
        Kind::Step | Kind::Suspend => colour(has_colour, Color::Yellow),
        Kind::Source | Kind::Cost => colour(has_colour, Color::LightRed),
        Kind::Backward => {
            colour(has_colour, Color::LightRed).add_modifier(Modifier::BOLD | Modifier::REVERSED)
        }
        Kind::Tai | Kind::Epoch => colour(has_colour, Color::Magenta),
    }
}

fn heading(model: &Model, view: &View, width: u16) -> Paragraph<'static> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let Some(sample) = &model.last else {
        return Paragraph::new(Line::styled("waiting for a first look at the clocks …", bold));
    };
    let time = instanter_clock::Timespec::from_nanos(i128::from(sample.clocks.realtime));
    let mut utc = crate::utc::rfc3339(time);
    if width < NARROW {
        // Whole seconds.
        utc = utc.split_once('.').map_or(utc.clone(), |(seconds, _)| format!("{seconds}Z"));
    }
    let mut first = vec![Span::styled(utc, bold)];
    let mut say = |text: String, style| first.extend([Span::raw("  "), Span::styled(text, style)]);
    if view.held_at_s.is_some() {
        say("PAUSED".to_owned(), bold.add_modifier(Modifier::REVERSED));
    }
    if view.is_over {
        say("END".to_owned(), bold.add_modifier(Modifier::REVERSED));
    }
    if !view.note.is_empty() {
        say(view.note.clone(), colour(view.has_colour, Color::Cyan));
    }
    let counts = sample.clock_source.as_deref().unwrap_or("?");
    let mut second = format!(
        "{counts}, read by {}, {} a reading",
        sample.source,
        quantity::nanos(sample.cost_ns)
    );
    if let Some(ppm) = sample.steered_ppm.filter(|_| width >= NARROW) {
        second += &format!("; steered by {ppm:+.3} ppm");
    }
    if sample.synchronized == Some(false) && width >= NARROW {
        second += ", not synchronised";
    }
    let is_slow = sample.source == "syscall";
    let style = if is_slow { colour(view.has_colour, Color::LightRed) } else { Style::new() };
    Paragraph::new(vec![Line::from(first), Line::styled(second, style)])
}

fn clock_table(model: &Model, view: &View, width: u16) -> Table<'static> {
    let is_narrow = width < NARROW;
    let dim = Style::new().add_modifier(Modifier::UNDERLINED);
    let against = format!("against {}", model.reference.word());
    let last = model.points.len().saturating_sub(1);
    let row = |clock: Which| {
        let value = model.last.as_ref().and_then(|sample| clock.of(&sample.clocks));
        let value =
            value.map(|nanos| instanter_clock::Timespec::from_nanos(i128::from(nanos)).to_string());
        let is_reference = clock == model.reference;
        let offset = model.total_offset_ns(clock).filter(|_| !is_reference).map(nanos_signed);
        let ppm = model.frequency_ppm(clock, last).filter(|_| !is_reference);
        let ppm = ppm.map(|ppm| format!("{ppm:+.3}"));
        let right = |text: Option<String>| Line::from(text.unwrap_or_default()).right_aligned();
        let mut cells = vec![Line::from(format!(
            "{} {}",
            if clock == view.clock { ">" } else { " " },
            clock.word()
        ))];
        if !is_narrow {
            cells.push(right(value));
        }
        let offset = if is_reference { Some("reference".to_owned()) } else { offset };
        cells.push(right(offset));
        if width >= VERY_NARROW {
            cells.push(right(ppm));
        }
        let style = if clock == view.clock {
            colour(view.has_colour, Color::Cyan).add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        };
        Row::new(cells).style(style)
    };
    let title = |text: &str| Line::from(text.to_owned()).right_aligned();
    let mut titles = vec![Line::from("  clock")];
    let mut widths = vec![Constraint::Length(11)];
    if !is_narrow {
        titles.push(title("s"));
        widths.push(Constraint::Length(22));
    }
    titles.push(title(if is_narrow { "apart" } else { &against }));
    widths.push(Constraint::Length(if is_narrow { 14 } else { 20 }));
    if width >= VERY_NARROW {
        titles.push(title("ppm"));
        widths.push(Constraint::Length(11));
    }
    Table::new(model.clocks().map(row).collect::<Vec<_>>(), widths)
        .header(Row::new(titles).style(dim))
}

/// Nanoseconds, seven digits at most.
fn nanos_signed(nanos: f64) -> String {
    match nanos.abs() {
        size if size < 9_999.5 => format!("{nanos:+.0} ns"),
        size if size < 9_999_500.0 => format!("{:+.3} µs", nanos / 1e3),
        size if size < 9_999_500_000.0 => format!("{:+.3} ms", nanos / 1e6),
        _ => format!("{:+.3} s", nanos / 1e9),
    }
}

fn charts(frame: &mut Frame<'_>, model: &Model, view: &View, area: Rect) {
    if area.height < 16 {
        return chart::offset(frame, model, view, area);
    }
    let [upper, lower] = Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    chart::offset(frame, model, view, upper);
    chart::frequency(frame, model, view, lower);
}

fn marks(frame: &mut Frame<'_>, model: &Model, view: &View, area: Rect) {
    let title = match model.marks.len() {
        0 => "what happened".to_owned(),
        many => format!("what happened ({many})"),
    };
    let block = Block::new().borders(Borders::TOP).title(title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if model.marks.is_empty() {
        let text = "No step, no other clock source, nothing.";
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inner);
        return;
    }
    let line = |mark: &Mark| {
        Line::from(vec![
            Span::raw(format!("{:>7.1} s ", mark.at_s)),
            Span::styled(mark.kind.word(), kind_style(mark.kind, view.has_colour)),
            Span::raw(format!(" {}", mark.text)),
        ])
    };
    // The newest first; those that there is no room for are left out below.
    let lines: Vec<Line<'_>> =
        model.marks.iter().rev().take(usize::from(inner.height)).map(line).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

fn footer(view: &View, width: u16) -> Line<'static> {
    let pause = if view.held_at_s.is_some() { "go on" } else { "pause" };
    let mut text = format!("q quit  space {pause}  ? keys");
    if width >= NARROW {
        text += "  tab clock  r reference  + - time";
    }
    Line::styled(text, Style::new().add_modifier(Modifier::DIM))
}

const HELP: &str = "\
q, Esc    quit
space     hold the picture; looking goes on
tab       the next clock in the chart
r         the next clock as reference
+ -       less time in the chart, more
?         this

The chart shows how far the clock has gone from the reference; steps and \
suspended time are taken out of it and marked. The table has them in. Against \
the raw clock, which nobody steers, you see what NTP does.";

fn help(frame: &mut Frame<'_>, area: Rect) {
    let width = area.width.min(58);
    let height = area.height.min(if width < 50 { 20 } else { 14 });
    let window = Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
    frame.render_widget(Clear, window);
    let text = Paragraph::new(HELP).wrap(Wrap { trim: false });
    frame.render_widget(text.block(Block::bordered().title("keys")), window);
}
