//! Options of `instanter doctor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::doctor;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Make only these checks: names with commas between them
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    #[arg(value_parser = check_name(), hide_possible_values = true)]
    pub(crate) only: Vec<String>,

    /// Say what a check looks at, how, and what its levels mean; measure nothing
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["only", "watch", "prometheus", "output"])]
    #[arg(value_parser = check_name(), hide_possible_values = true)]
    pub(crate) explain: Option<String>,

    /// Look again and again [default: every 10s]
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, default_missing_value = "10s")]
    #[arg(value_parser = interval, hide_default_value = true)]
    pub(crate) watch: Option<Duration>,

    /// Print metrics for Prometheus, as node_exporter's textfile collector reads them
    #[arg(long)]
    pub(crate) prometheus: bool,

    /// Write to FILE, which is replaced in one step, rather than to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn check_name() -> PossibleValuesParser {
    PossibleValuesParser::new(doctor::check_names())
}

/// A number of seconds, or a length of time such as `90s`, `5m` or `1h`.
fn interval(text: &str) -> Result<Duration, String> {
    const DAY_S: u64 = 86_400;
    let seconds = || text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let length = || {
        let length: instanter::Duration = text.parse().ok()?;
        Some(length.as_nanos() as f64 / 1e9)
    };
    let Some(seconds) = seconds().or_else(length) else {
        return Err("it is no number of seconds and no length of time such as 5m".to_owned());
    };
    if !(1.0..=DAY_S as f64).contains(&seconds) {
        return Err("it can be one second to one day".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        let table = [
            ("5", Some(5.0)),
            ("1.5", Some(1.5)),
            ("90s", Some(90.0)),
            ("5m", Some(300.0)),
            ("1h", Some(3_600.0)),
        ];
        for (text, want) in table {
            assert_eq!(interval(text).ok().map(|length| length.as_secs_f64()), want, "{text:?}");
        }
        for text in ["", "0", "0.5", "-3", "nan", "inf", "2d", "soon", "1e9"] {
            assert!(interval(text).is_err(), "{text:?}");
        }
    }
}
