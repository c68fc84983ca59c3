//! As what a report is written, and where to. Not how.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::report::{Format, Verbosity};
use crate::scan::Reading;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub struct OutputOptions {
    /// Write the report as FORMAT, to FILE if one is given; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text", long_help = long_help())]
    pub output: Vec<Destination>,
}

impl OutputOptions {
    /// How much the renderings show of an entry, if several kinds are asked about many files.
    pub fn reading(&self, verbosity: Verbosity) -> Reading {
        let of = |output: &Destination| match output.format {
            Format::Summary => Reading::Counts,
            Format::Text if verbosity < Verbosity::Verbose => Reading::Findings,
            Format::Concise | Format::Github | Format::Gitlab | Format::Rdjsonl => {
                Reading::Findings
            }
            _ => Reading::Entries,
        };
        self.output.iter().map(of).max().unwrap_or(Reading::Counts)
    }
}

/// One rendering of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub format: Format,
    /// None means standard output.
    pub file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name must follow '='".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = format
            .parse::<Format>()
            .map_err(|error| error.to_string())?;
        Ok(Self { format, file })
    }
}

fn long_help() -> String {
    let formats = Format::ALL.map(|format| format!("'{}' is {}", format.name(), format.about()));
    format!(
        "Write the report as FORMAT, to FILE if one is given; may be given several times\n\n\
         Of the formats, {}.",
        formats.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_goes_to_standard_output_unless_a_file_is_named() {
        let parse = |text: &str| text.parse::<Destination>();
        assert_eq!(parse("json").unwrap().file, None);
        let file = parse("json=a=b.json").unwrap().file;
        assert_eq!(file, Some(PathBuf::from("a=b.json")));
        assert!(parse("json=").is_err() && parse("yaml").is_err());
    }
}
