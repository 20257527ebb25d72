//! `instanter watch`: clocks beside each other while they go.
//!
//! | file | subject |
//! |---|---|
//! | `record` | what one look yields; a line of a recording |
//! | `feed` | looks at this machine, or a recording's |
//! | `model` | offsets, frequencies, and what happened |
//! | `view`, `draw`, `chart`, `heat` | the screen |
//! | `lines` | the same as lines |
//! | `recorder`, `terminal` | the recording's file; the terminal taken and given back |

mod chart;
mod draw;
mod feed;
mod heat;
mod lines;
mod model;
#[cfg(test)]
mod pretend;
mod record;
mod recorder;
mod terminal;
mod view;

use std::io::{self, IsTerminal};
use std::time::Duration;

use ratatui::crossterm::event::Event;

use crate::args::WatchArgs;
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;
pub(crate) use feed::Live;
use feed::{Feed, Next, Replay};
pub(crate) use model::Model;
pub(crate) use record::Which;
use recorder::Recorder;
use terminal::{Heard, Session, Stop};
use view::{Act, View};

/// A key is answered within this.
const PATIENCE: Duration = Duration::from_millis(40);

pub(crate) fn run(args: &WatchArgs, screen: &Screen) -> Outcome {
    let (reference, device) = args.reference()?;
    let mut feed: Box<dyn Feed> = match &args.replay {
        Some(path) => Box::new(Replay::open(path, args.speed())?),
        None => {
            let with_coherence = !args.no_coherence;
            Box::new(Live::new(args.interval, args.length, device, with_coherence)?)
        }
    };
    let mut recorder = match &args.record {
        Some(path) => Some(Recorder::create(path, args.force, feed.head())?),
        None => None,
    };
    let stop = Stop::on_signals()?;
    let mut model = Model::new(reference);
    let as_lines = args.plain || screen.is_json() || !io::stdout().is_terminal();
    if as_lines {
        lines::run(&mut *feed, &mut model, Which::Realtime, &mut recorder, screen, &stop)?;
    } else {
        let note = match (&args.record, &args.replay) {
            (Some(path), _) => format!("● {}", path.display()),
            (None, Some(path)) => format!("▶ {}", path.display()),
            (None, None) => String::new(),
        };
        let note = note.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        let view = View::new(screen.has_colour(), note);
        on_screen(&mut *feed, &mut model, view, &mut recorder, &stop)?;
    }
    Ok(Status::Fine)
}

fn on_screen(
    feed: &mut dyn Feed,
    model: &mut Model,
    mut view: View,
    recorder: &mut Option<Recorder>,
    stop: &Stop,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(format!("cannot use the terminal: {error}"));
    let is_live = feed.head().interval_s > 0.0 && !view.note.starts_with('▶');
    let mut session = Session::begin().map_err(failed)?;
    let mut is_new = true;
    while !stop.is_asked() {
        let mut patience = PATIENCE;
        if !view.is_over {
            match feed.next()? {
                Next::Sample(sample) => {
                    if let Some(recorder) = recorder {
                        recorder.write(&sample)?;
                    }
                    model.push(*sample);
                    is_new = true;
                    // A recording that is replayed without waiting is drawn now and then.
                    patience = Duration::ZERO;
                }
                Next::In(wait) => patience = patience.min(wait),
                // What was watched for so long is done; a recording can be looked at.
                Next::End if is_live => return Ok(()),
                Next::End => (view.is_over, is_new) = (true, true),
            }
        }
        if is_new && !patience.is_zero() {
            session.terminal.draw(|frame| draw::draw(frame, model, &view)).map_err(failed)?;
            is_new = false;
        }
        match session.listen(patience).map_err(failed)? {
            Heard::Nothing => {}
            Heard::Event(Event::Key(key)) if view.press(key, model) == Act::Quit => return Ok(()),
            Heard::Event(_) => is_new = true,
            // Nobody is looking any more.
            Heard::Gone => return Ok(()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    /// The screen as text, after the made-up machine's first `seconds`.
    fn screen(width: u16, height: u16, seconds: usize, change: impl Fn(&mut View)) -> String {
        let mut model = Model::new(Which::Raw);
        for sample in pretend::samples().into_iter().take(seconds * 2) {
            model.push(sample);
        }
        let mut view = View::new(true, String::new());
        change(&mut view);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| draw::draw(frame, &model, &view)).expect("drawn");
        terminal.backend().to_string()
    }

    #[test]
    fn screens() {
        insta::assert_snapshot!("wide", screen(120, 34, 30, |_| ()));
        insta::assert_snapshot!("usual", screen(80, 24, 30, |_| ()));
        insta::assert_snapshot!("narrow", screen(40, 24, 30, |_| ()));
        insta::assert_snapshot!("while_slow", screen(80, 24, 20, |_| ()));
        insta::assert_snapshot!("first_look", screen(80, 24, 1, |_| ()));
        insta::assert_snapshot!("help", screen(60, 24, 30, |view| view.shows_help = true));
        insta::assert_snapshot!(
            "paused",
            screen(80, 24, 30, |view| {
                view.held_at_s = Some(10.0);
                view.is_over = true;
                view.note = "▶ day.jsonl".into();
            })
        );
    }

    #[test]
    fn any_size_is_drawn() {
        for (width, height) in [(1, 1), (3, 40), (200, 2), (40, 8), (20, 10), (300, 100)] {
            let _ = screen(width, height, 30, |_| ());
            let _ = screen(width, height, 0, |view| view.shows_help = true);
        }
    }

    #[test]
    fn a_slower_clock_source_stands_in_the_chart_and_in_words() {
        let text = screen(90, 40, 20, |_| ());
        assert!(text.contains("source clock source tsc → hpet"), "{text}");
        assert!(text.contains("a reading costs 40 times more"), "{text}");
        assert!(text.contains("hpet, read by syscall, 1360 ns"), "{text}");
        // The dots of a mark are as high as the chart.
        let dotted = text.lines().filter(|line| line.contains('•')).count();
        assert!(dotted > 8, "{dotted} lines have dots: {text}");
    }
}
