//! Options of a run: kinds, jobs, limits, and how to use the store.

use std::ffi::OsStr;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command};

use super::model::ModelOptions;
use crate::git::Repo;
use crate::scan::{Policy, Reading};
use crate::session::{Against, Base, Request};
use crate::settings::Flag;

const KIND_NAMES: [&str; 5] = ["refactor", "docs", "todos", "analysis", "all"];

/// The values of `--fail-on`.
pub const LEVELS: [&str; 4] = ["never", "note", "warning", "error"];

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run options")]
pub struct KindOptions {
    /// Kind of analysis; repeatable
    ///
    /// Overrides the setting rustassistant.kinds. One of refactor, docs, todos and analysis, or a
    /// custom kind; 'all' selects every built-in kind.
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',')]
    #[arg(value_parser = KindName)]
    pub kinds: Vec<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Run options")]
pub struct RunOptions {
    /// Number of files to analyze in parallel; 0 means one per processor
    ///
    /// A model gets at most N requests at a time, and no more than the provider's maxConcurrency,
    /// which is 8 by default.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<u32>,

    /// Show what would be analyzed, without analyzing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Ignore stored answers: analyze everything again
    #[arg(long, conflicts_with_all = ["cached", "no_cache"])]
    pub refresh: bool,

    /// Use stored answers only; report the rest as missing
    #[arg(long, conflicts_with = "no_cache")]
    pub cached: bool,

    /// Do not read or write the store
    #[arg(long)]
    pub no_cache: bool,

    /// Fetch shared analyses first, and publish new ones afterward
    ///
    /// Same as 'fetch', 'analyze' and 'push'. An unreachable remote is only a warning.
    #[arg(long, conflicts_with_all = ["dry_run", "no_cache"])]
    pub sync: bool,

    /// Exit with status 1 on a finding at LEVEL or above
    #[arg(long, value_name = "LEVEL")]
    #[arg(value_parser = PossibleValuesParser::new(LEVELS))]
    pub fail_on: Option<String>,

    /// Use the tracked settings, attributes and prompts of REV
    ///
    /// By default, a run that can fail uses those of the revision it compares with, or of the
    /// remote's default branch, so that a change cannot loosen its own gate. HEAD uses those of the
    /// change itself.
    #[arg(long, value_name = "REV")]
    pub settings_from: Option<String>,

    #[command(flatten)]
    pub model: ModelOptions,
}

impl KindOptions {
    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        vec![Flag {
            key: "kinds",
            name: "--kind",
            values: self.kinds.clone(),
        }]
    }
}

impl KindOptions {
    /// Same as [`KindOptions::flags`], but every kind by default, whatever the settings say.
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
    /// The run these options ask for.
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

    /// The option that keeps a run from analyzing, if any.
    pub const fn held_by(&self) -> Option<&'static str> {
        match (self.cached, self.dry_run) {
            (true, _) => Some("--cached"),
            (_, true) => Some("-n"),
            _ => None,
        }
    }

    /// The revision whose settings count: the named one, else `compared`, the one the run compares
    /// with.
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
                key: "jobs",
                name: "--jobs",
                values: jobs.collect(),
            },
            Flag {
                key: "failOn",
                name: "--fail-on",
                values: fail_on.collect(),
            },
        ]);
        flags
    }
}

/// Suggests built-in kinds and accepts others: settings define custom kinds.
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
