//! What is asked of the files, and how the store is used meanwhile.

use std::ffi::OsStr;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command};

use super::model::ModelOptions;
use crate::git::Repo;
use crate::scan::{Policy, Reading};
use crate::session::{Against, Base, Request};
use crate::settings::{Field, Flag};

const KIND_NAMES: [&str; 5] = ["refactor", "docs", "todos", "analysis", "all"];

/// What `--fail-on` takes.
pub const LEVELS: [&str; 4] = ["never", "note", "warning", "error"];

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run options")]
pub struct KindOptions {
    /// The kind of analysis; may be given several times
    ///
    /// Overrides the setting rustassistant.kinds. One of refactor, docs, todos and analysis, or a
    /// kind that has a prompt of its own; 'all' stands for every kind that is built in.
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',')]
    #[arg(value_parser = KindName)]
    pub kinds: Vec<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run options")]
pub struct RunOptions {
    /// How many files to analyse at a time; 0 means one for each processor
    ///
    /// A model is asked at most N questions at a time, and no more than the provider's
    /// maxConcurrency, which is 8.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<u32>,

    /// Say what would be analysed and why, and do nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Analyse anew what the store could answer
    #[arg(long, conflicts_with_all = ["cached", "no_cache"])]
    pub refresh: bool,

    /// Answer from the store alone; what is missing is reported as missing
    #[arg(long, conflicts_with = "no_cache")]
    pub cached: bool,

    /// Neither read the store nor write to it
    #[arg(long)]
    pub no_cache: bool,

    /// Fetch the analyses of others before, and publish those of this clone after
    ///
    /// The same as 'fetch', 'analyze' and 'push'. A remote that cannot be reached is a warning.
    #[arg(long, conflicts_with_all = ["dry_run", "no_cache"])]
    pub sync: bool,

    /// Exit with status 1 if a finding is at LEVEL or above
    #[arg(long, value_name = "LEVEL")]
    #[arg(value_parser = PossibleValuesParser::new(LEVELS))]
    pub fail_on: Option<String>,

    /// Judge by the tracked settings, attributes and prompts of REV
    ///
    /// Without it, a run that can fail judges by those of what it compares with, or of the remote's
    /// default branch, so that no change loosens the gate that it has to pass. HEAD stands for those
    /// that a change brings itself.
    #[arg(long, value_name = "REV")]
    pub settings_from: Option<String>,

    #[command(flatten)]
    pub model: ModelOptions,
}

impl KindOptions {
    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        vec![Flag {
            field: Field::Kinds,
            name: "--kind",
            values: self.kinds.clone(),
        }]
    }
}

impl KindOptions {
    /// As [`KindOptions::flags`]; every kind if none was named, whatever the settings say.
    pub fn flags_or_all(&self) -> Vec<Flag> {
        if self.kinds.is_empty() {
            Self {
                kinds: vec!["all".to_owned()],
            }
            .flags()
        } else {
            self.flags()
        }
    }
}

impl RunOptions {
    /// The run that they ask for, where this much of the answers is wanted.
    pub const fn request(&self, reading: Reading) -> Request {
        Request {
            policy: match (self.refresh, self.cached) {
                (true, _) => Policy::Refresh,
                (_, true) => Policy::CachedOnly,
                _ => Policy::Analyze,
            },
            reading,
            dry_run: self.dry_run,
            no_cache: self.no_cache,
        }
    }

    /// The one that keeps a run from analysing.
    pub const fn held_by(&self) -> Option<&'static str> {
        match (self.cached, self.dry_run) {
            (true, _) => Some("--cached"),
            (_, true) => Some("-n"),
            _ => None,
        }
    }

    /// Who judges: what is named, else `compared`, what the run compares with.
    ///
    /// # Errors
    /// If there is no such revision.
    pub fn against(&self, repo: &Repo, compared: Option<&str>) -> Result<Against> {
        match (&self.settings_from, compared) {
            (Some(rev), _) => Base::named(repo, rev).map(Against::Named),
            (None, Some(rev)) => Base::named(repo, rev).map(Against::Compared),
            (None, None) => Ok(Against::Nothing),
        }
    }

    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        let jobs = self.jobs.iter().map(ToString::to_string);
        let fail_on = self.fail_on.iter().cloned();
        let mut flags = self.model.flags();
        flags.extend([
            Flag {
                field: Field::Jobs,
                name: "--jobs",
                values: jobs.collect(),
            },
            Flag {
                field: Field::FailOn,
                name: "--fail-on",
                values: fail_on.collect(),
            },
        ]);
        flags
    }
}

/// Suggests the kinds that are built in, and takes others: settings say which there are.
#[derive(Clone, Copy, Debug)]
struct KindName;

impl TypedValueParser for KindName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> clap::error::Result<String> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(KIND_NAMES.into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn every_built_in_kind_can_be_asked_for() {
        let names = Kind::BUILT_IN.map(|kind| kind.name().to_owned());
        assert_eq!(KIND_NAMES[..4], names);
        assert_eq!(KIND_NAMES[4], "all");
    }
}
