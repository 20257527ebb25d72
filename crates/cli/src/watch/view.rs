//! What the person at the screen has chosen: which clock, how much time, help.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::Model;
use super::record::Which;

/// Seconds that the chart can show, from one key press to the next.
const SPANS: [f64; 7] = [15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 1_800.0];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) clock: Which,
    span: usize,
    /// The moment at which the picture stands still.
    pub(crate) held_at_s: Option<f64>,
    pub(crate) shows_help: bool,
    pub(crate) has_colour: bool,
    /// What is said in the first line beside the time: that it is recorded, or
    /// replayed from where.
    pub(crate) note: String,
    pub(crate) is_over: bool,
}

/// What a key does beside changing the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Quit,
    Nothing,
}

impl View {
    pub(crate) fn new(has_colour: bool, note: String) -> View {
        View {
            clock: Which::Realtime,
            span: 2,
            held_at_s: None,
            shows_help: false,
            has_colour,
            note,
            is_over: false,
        }
    }

    /// Seconds that the chart shows.
    pub(crate) fn span_s(&self) -> f64 {
        SPANS[self.span]
    }

    pub(crate) fn press(&mut self, key: KeyEvent, model: &mut Model) -> Act {
        if key.kind == KeyEventKind::Release {
            return Act::Nothing;
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if is_control => return Act::Quit,
            KeyCode::Esc if self.shows_help => self.shows_help = false,
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => return Act::Quit,
            KeyCode::Char('?' | 'h') => self.shows_help = !self.shows_help,
            KeyCode::Char(' ') => {
                self.held_at_s = match self.held_at_s {
                    Some(_) => None,
                    None => model.points.back().map(|point| point.at_s),
                };
            }
            KeyCode::Tab | KeyCode::Down | KeyCode::Char('c') => {
                self.clock = after(self.clock, model);
            }
            KeyCode::Char('r') => model.reference = after(model.reference, model),
            KeyCode::Char('+' | '=') => self.span = self.span.saturating_sub(1),
            KeyCode::Char('-') => self.span = (self.span + 1).min(SPANS.len() - 1),
            _ => {}
        }
        Act::Nothing
    }
}

/// The clock after this one.
fn after(clock: Which, model: &Model) -> Which {
    let all: Vec<Which> = model.clocks().collect();
    let place = all.iter().position(|&which| which == clock).map_or(0, |place| place + 1);
    all.get(place).or(all.first()).copied().unwrap_or(clock)
}

#[cfg(test)]
mod tests {
    use super::super::pretend;
    use super::*;

    #[test]
    fn keys() {
        let mut model = Model::new(Which::Raw);
        let mut view = View::new(true, String::new());
        let start = view.clone();
        let press = |view: &mut View, model: &mut Model, code| {
            view.press(KeyEvent::new(code, KeyModifiers::NONE), model)
        };
        // Nothing has been seen yet: there is nothing to hold.
        press(&mut view, &mut model, KeyCode::Char(' '));
        assert_eq!(view, start);
        model.push(pretend::sample(0));
        model.push(pretend::sample(1));
        press(&mut view, &mut model, KeyCode::Char(' '));
        assert_eq!(view.held_at_s, Some(0.5));
        press(&mut view, &mut model, KeyCode::Char(' '));
        press(&mut view, &mut model, KeyCode::Char('?'));
        assert!(view.shows_help && view.held_at_s.is_none());
        assert_eq!(press(&mut view, &mut model, KeyCode::Esc), Act::Nothing);
        assert_eq!(view, start);
        for _ in 0..5 {
            press(&mut view, &mut model, KeyCode::Tab);
        }
        assert_eq!(view.clock, Which::Realtime, "all five, and round");
        press(&mut view, &mut model, KeyCode::Char('r'));
        assert_eq!(model.reference, Which::Boottime);
        for _ in 0..20 {
            press(&mut view, &mut model, KeyCode::Char('-'));
        }
        assert_eq!(view.span_s(), 1_800.0);
        for _ in 0..20 {
            press(&mut view, &mut model, KeyCode::Char('+'));
        }
        assert_eq!(view.span_s(), 15.0);
        assert_eq!(press(&mut view, &mut model, KeyCode::Char('q')), Act::Quit);
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(view.press(control_c, &mut model), Act::Quit);
    }
}
