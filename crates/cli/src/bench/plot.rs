//! A picture of how long single calls take: their histograms and their tails.

use std::error::Error;
use std::ffi::OsStr;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::histogram::{Bucket, short};
use super::paths::Row;
use crate::failure::Failure;
use crate::quantity::nanos;

const SIZE: (u32, u32) = (1_000, 900);

/// Told apart by the colour-blind too (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
];

const FONT: &str = "DejaVu Sans";

/// How a file is written, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Svg,
    Png,
}

impl Form {
    /// What the name of a file asks for: `.svg` or `.png`.
    pub(crate) fn of(path: &Path) -> Result<Form, Failure> {
        let end = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match end.as_deref() {
            Some("svg") => Ok(Form::Svg),
            Some("png") => Ok(Form::Png),
            _ => Err(Failure::new(format!(
                "cannot plot to {:?}: its name should end in .svg or .png",
                path.display().to_string()
            ))),
        }
    }
}

/// Draws the rows into a file.
pub(super) fn write(rows: &[&Row], path: &Path, form: Form) -> Result<(), Failure> {
    picture(rows, form).and_then(|bytes| Ok(std::fs::write(path, bytes)?)).map_err(|error| {
        Failure::new(format!("cannot write {:?}: {error}", path.display().to_string()))
    })
}

fn picture(rows: &[&Row], form: Form) -> Result<Vec<u8>, Box<dyn Error>> {
    // The same letters wherever this runs, and no library that looks for fonts.
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| "the font cannot be read")?;
    match form {
        Form::Svg => {
            let mut text = String::new();
            draw(rows, &SVGBackend::with_string(&mut text, SIZE).into_drawing_area())?;
            Ok(text.into_bytes())
        }
        Form::Png => {
            let mut pixels = vec![0; (SIZE.0 * SIZE.1 * 3) as usize];
            draw(rows, &BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area())?;
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(BufWriter::new(&mut bytes), SIZE.0, SIZE.1);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&pixels)?;
            writer.finish()?;
            Ok(bytes)
        }
    }
}

fn draw<B: DrawingBackend>(
    rows: &[&Row],
    area: &DrawingArea<B, Shift>,
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    area.fill(&WHITE)?;
    let (upper, lower) = area.split_vertically(SIZE.1 / 2);
    let slowest = rows.iter().map(|row| quantile(row, 0.9999)).fold(1.0, f64::max);
    let fastest = rows
        .iter()
        .filter_map(|row| row.histogram.first())
        .map(|bucket| bucket.up_to_ns)
        .fold(slowest, f64::min)
        .max(0.5);
    // The slowest thousandth is the lower panel's subject, and would squeeze the upper.
    let usual = rows.iter().map(|row| quantile(row, 0.999)).fold(1.0, f64::max);
    shares(rows, &upper, fastest * 0.8..usual * 1.25)?;
    tails(rows, &lower, fastest * 0.8..slowest * 1.25)?;
    area.present()?;
    Ok(())
}

/// Upper panel: how many calls took how long.
fn shares<B: DrawingBackend>(
    rows: &[&Row],
    area: &DrawingArea<B, Shift>,
    times: Range<f64>,
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    let most = rows.iter().map(|row| largest_share(&row.histogram)).fold(0.01, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption("Share of single calls that take so long", (FONT, 22))
        .margin(14)
        .margin_right(40)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(times.log_scale(), 0.0..most * 1.1)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|value| short(*value))
        .y_label_formatter(&|share| format!("{:.0} %", share * 100.0))
        .x_desc("a call on its own")
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 16))
        .draw()?;
    for (row, colour) in rows.iter().zip(COLOURS.iter().cycle()) {
        let all: u64 = row.histogram.iter().map(|bucket| bucket.calls).sum();
        chart
            .draw_series(LineSeries::new(steps(&row.histogram, all), colour.stroke_width(2)))?
            .label(format!("{} ({})", row.name, nanos(row.latency_p50_ns)))
            .legend(move |(x, y)| {
                PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(3))
            });
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .label_font((FONT, 15))
        .draw()?;
    Ok(())
}

fn largest_share(buckets: &[Bucket]) -> f64 {
    let all: u64 = buckets.iter().map(|bucket| bucket.calls).sum();
    let most = buckets.iter().map(|bucket| bucket.calls).max().unwrap_or(0);
    most as f64 / all.max(1) as f64
}

/// The outline of a histogram, down to zero where a bucket is missing.
fn steps(buckets: &[Bucket], all: u64) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut last = 0.0;
    for bucket in buckets {
        let share = bucket.calls as f64 / all.max(1) as f64;
        let from = bucket.start_ns().max(last);
        if from > last * 1.001 {
            points.extend([(last.max(from * 0.99), 0.0), (from, 0.0)]);
        }
        points.extend([(from, share), (bucket.up_to_ns, share)]);
        last = bucket.up_to_ns;
    }
    points.push((last, 0.0));
    points.retain(|&(nanos, _)| nanos > 0.0);
    points
}

/// The shares at which the lower panel has its ticks: so many nines.
const NINES: [&str; 5] = ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"];

/// Lower panel: the time that a share of calls does not exceed.
fn tails<B: DrawingBackend>(
    rows: &[&Row],
    area: &DrawingArea<B, Shift>,
    times: Range<f64>,
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    let mut chart = ChartBuilder::on(area)
        .caption("Tails: the time that so many calls do not exceed", (FONT, 22))
        .margin(14)
        .margin_right(40)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..4.0_f64, times.log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_labels(5)
        .x_label_formatter(&|nines| {
            NINES.get(nines.round() as usize).map_or_else(String::new, |&text| text.to_owned())
        })
        .y_label_formatter(&|value| short(*value))
        .x_desc("share of calls")
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 16))
        .draw()?;
    for (row, colour) in rows.iter().zip(COLOURS.iter().cycle()) {
        let points = (0..=80).map(|step| {
            let nines = f64::from(step) / 20.0;
            (nines, quantile(row, 1.0 - 10_f64.powf(-nines)))
        });
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
    }
    Ok(())
}

/// The upper edge of the bucket in which a share of the calls is reached.
fn quantile(row: &Row, share: f64) -> f64 {
    let all: u64 = row.histogram.iter().map(|bucket| bucket.calls).sum();
    let mut seen = 0;
    for bucket in &row.histogram {
        seen += bucket.calls;
        if seen as f64 >= share * all as f64 {
            return bucket.up_to_ns;
        }
    }
    row.histogram.last().map_or(1.0, |bucket| bucket.up_to_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (name, want) in [("a.svg", Form::Svg), ("/x/b.PNG", Form::Png), ("a.b.png", Form::Png)]
        {
            assert_eq!(Form::of(Path::new(name)).ok(), Some(want), "of({name:?})");
        }
        for name in ["a", "svg", "a.jpeg", "a.svg.gz", ""] {
            let message = Form::of(Path::new(name)).expect_err("refused").to_string();
            assert!(message.contains(&format!("{name:?}")), "{message}");
        }
    }

    #[test]
    fn outlines_go_down_between_buckets() {
        let bucket = |up_to_ns, calls| Bucket { up_to_ns, calls };
        let points = steps(&[bucket(10.0, 1), bucket(100.0, 3)], 4);
        assert!(points.is_sorted_by(|one, next| one.0 <= next.0), "{points:?}");
        assert!(points.contains(&(10.0, 0.25)) && points.contains(&(100.0, 0.75)), "{points:?}");
        assert!(points.iter().any(|&(at, share)| at > 10.0 && at < 100.0 && share == 0.0));
    }
}
