//! Options of `instanter doctor`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::doctor;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Make only these checks: names, with commas between them
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(doctor::check_names()))]
    #[arg(hide_possible_values = true)]
    pub(crate) only: Vec<String>,
}
