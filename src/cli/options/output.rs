//! The formats and destinations of a report. Rendering is `report::render`.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::model::Hinted;
use crate::report::{Format, Verbosity};
use crate::scan::Reading;

/// How many findings a terminal shows by default.
const USUAL_TOP: usize = 20;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub struct OutputOptions {
    /// Write the report as FORMAT, to FILE or standard output; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text", long_help = long_help())]
    pub output: Vec<Destination>,

    /// Show only the N worst findings in text, worst first; 0 shows all
    ///
    /// The default is 20 on a terminal and all elsewhere. Other formats always contain all findings.
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,

    /// Category of SARIF results, to upload several sets for one commit
    ///
    /// GitHub replaces earlier results of the same category. If you analyze parts of a repository
    /// separately, give each part its own category. Written as 'automationDetails.id'. Without this
    /// option, the upload can set the category.
    #[arg(long, value_name = "CATEGORY", value_parser = category)]
    pub sarif_category: Option<String>,
}

/// GitHub keeps the part of an id before its last slash.
fn category(text: &str) -> std::result::Result<String, String> {
    if text.chars().any(char::is_control) || text.trim_matches([' ', '/']).is_empty() {
        return Err("a category is one line of text, such as 'packages/api'".to_owned());
    }
    Ok(text.to_owned())
}

impl OutputOptions {
    /// Checks that no two reports go to the same destination. Only formats for people and build logs
    /// may share standard output. Call this before analyzing anything.
    ///
    /// # Errors
    /// With a hint, if two reports have the same destination.
    pub fn expect_places(&self) -> Result<()> {
        if self.sarif_category.is_some() && !self.has(Format::Sarif) {
            let error = anyhow!("--sarif-category requires SARIF output");
            let hint = "add it: --output sarif=rustassistant.sarif";
            return Err(Hinted::attach(error, hint));
        }
        let shares = |one: &Destination| {
            let is_log = matches!(
                one.format,
                Format::Text
                    | Format::Concise
                    | Format::Summary
                    | Format::Markdown
                    | Format::Github
            );
            is_log && one.file.is_none()
        };
        let clash = |one: &Destination, other: &Destination| {
            one.file == other.file && !(shares(one) && shares(other))
        };
        let mut outputs = self.output.iter().enumerate();
        let clashing = outputs.find(|(at, one)| self.output[..*at].iter().any(|to| clash(one, to)));
        let Some((_, Destination { file, .. })) = clashing else {
            return Ok(());
        };
        let place = match file {
            Some(file) => file.display().to_string(),
            None => "standard output".to_owned(),
        };
        let error = anyhow!("cannot write two reports to {place}");
        let hint = "give each report its own file: --output text --output sarif=out.sarif";
        Err(Hinted::attach(error, hint))
    }

    /// How many findings text shows; `None` means all.
    pub fn top(&self, is_terminal: bool) -> Option<usize> {
        let usual = is_terminal.then_some(USUAL_TOP);
        self.top.or(usual).filter(|most| *most > 0)
    }

    /// Is a report written in this format?
    pub fn has(&self, format: Format) -> bool {
        self.output.iter().any(|output| output.format == format)
    }

    /// How much of each entry the reports need.
    pub fn reading(&self, verbosity: Verbosity) -> Reading {
        let of = |output: &Destination| match output.format {
            Format::Summary => Reading::Counts,
            Format::Json | Format::Jsonl | Format::Junit => Reading::Entries,
            // Verbose reports name who answered and who published the answer.
            _ if verbosity == Verbosity::Verbose => Reading::Entries,
            _ => Reading::Findings,
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

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name must follow '='".to_owned()),
            Some((format, "-")) => (format, None),
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
        "Write the report as FORMAT, to FILE or standard output; repeatable\n\nFormats: {}.",
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
        assert_eq!(parse("json=-").unwrap().file, None);
    }

    #[test]
    fn each_report_has_a_place_of_its_own() {
        let places = |texts: &[&str]| {
            let output = texts.iter().map(|text| text.parse().unwrap()).collect();
            let sarif_category = None;
            OutputOptions {
                top: None,
                output,
                sarif_category,
            }
            .expect_places()
        };
        assert!(places(&["text", "json=a", "sarif=b"]).is_ok());
        assert!(places(&["github", "summary"]).is_ok());
        assert!(places(&["text", "json"]).is_err());
        assert!(places(&["json", "sarif=-"]).is_err());
        assert!(places(&["json=a", "sarif=a"]).is_err());
    }
}
