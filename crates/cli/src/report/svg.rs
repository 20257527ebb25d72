//! Drawings in the page: axes, and the frame that tells a screen reader what they
//! show.

use maud::{Markup, html};

/// An image with a name and a description, drawn in `width` × `height` units and
/// scaled to the room there is. `id` tells it from the others on the page.
pub(super) fn image(
    id: &str,
    (width, height): (f64, f64),
    title: &str,
    description: &str,
    content: Markup,
) -> Markup {
    let (title_id, description_id) = (format!("{id}-t"), format!("{id}-d"));
    html! {
        svg viewBox=(format!("0 0 {width} {height}")) role="img"
            aria-labelledby=(format!("{title_id} {description_id}")) {
            title id=(title_id) { (title) }
            desc id=(description_id) { (description) }
            (content)
        }
    }
}

/// An axis of values onto units of a drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) is_log: bool,
}

impl Axis {
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.start + share * (self.end - self.start)
    }

    /// Values for ticks: round ones, of which so many at most.
    pub(super) fn ticks(&self, most: usize) -> Vec<f64> {
        let within = |value: &f64| (self.from..=self.to).contains(value);
        if self.is_log {
            let decades = |steps: &[f64]| -> Vec<f64> {
                (-3..13)
                    .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
                    .filter(within)
                    .collect()
            };
            let fine = decades(&[1.0, 2.0, 5.0]);
            return if fine.len() <= most { fine } else { decades(&[1.0]) };
        }
        let rough = (self.to - self.from) / most.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
        let step = step.into_iter().find(|step| *step >= rough).unwrap_or(rough);
        let first = (self.from / step).ceil() as i64;
        (first..).map(|count| count as f64 * step).take(most + 1).take_while(within).collect()
    }
}

/// A coordinate with as many digits as can be seen.
pub(super) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes() {
        let axis = Axis { from: 0.0, to: 10.0, start: 100.0, end: 0.0, is_log: false };
        assert_eq!((axis.place(0.0), axis.place(2.5), axis.place(99.0)), (100.0, 75.0, 0.0));
        assert_eq!(axis.ticks(5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        let level = Axis { from: 3.0, to: 3.0, ..axis };
        assert_eq!(level.place(3.0), 100.0);
        let axis = Axis { from: 8.0, to: 3_000.0, start: 0.0, end: 300.0, is_log: true };
        assert_eq!(axis.ticks(9), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0]);
        assert_eq!(axis.ticks(5), [10.0, 100.0, 1_000.0]);
        assert!(axis.place(-1.0) == 0.0 && axis.place(f64::NAN) == 0.0);
        assert_eq!((at(1.0), at(1.26), at(-0.5)), ("1".into(), "1.3".into(), "-0.5".into()));
    }
}
