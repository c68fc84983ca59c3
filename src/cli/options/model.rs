//! Options that choose a provider and a model, and limit what they may cost.

use clap::Args;

use crate::settings::Flag;

/// Which provider and which model. Commands that only look answers up take these, too.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model options")]
pub struct AnswererOptions {
    /// Use this provider: 'local', or a provider of language models
    ///
    /// 'local' is the embedded analyzer. 'git rustassistant models' lists the known providers; each
    /// of them receives your code.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,

    /// Use this model of the provider
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model options")]
pub struct ModelOptions {
    #[command(flatten)]
    pub answerer: AnswererOptions,

    /// Spending limit in US dollars
    ///
    /// A request that could exceed a limit is not sent, and the exit status is 4. Answers received
    /// before that are kept.
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<String>,

    /// Limit of input and output tokens together
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<String>,

    /// Limit of requests
    #[arg(long, value_name = "N")]
    pub max_requests: Option<String>,

    /// Send code to the provider without asking first
    #[arg(short, long)]
    pub yes: bool,
}

impl AnswererOptions {
    /// The options as typed, each after a space; empty if there are none.
    pub fn words(&self) -> String {
        let word = |(name, value): (&str, &Option<String>)| {
            let value = value.as_ref()?;
            Some(format!(" --{name} {value}"))
        };
        let words = [("provider", &self.provider), ("model", &self.model)];
        words.into_iter().filter_map(word).collect()
    }

    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        vec![
            flag("provider", "--provider", self.provider.as_deref()),
            flag("model", "--model", self.model.as_deref()),
        ]
    }
}

impl ModelOptions {
    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        let mut flags = self.answerer.flags();
        flags.extend([
            flag("maxCost", "--max-cost", self.max_cost.as_deref()),
            flag("maxTokens", "--max-tokens", self.max_tokens.as_deref()),
            flag(
                "maxRequests",
                "--max-requests",
                self.max_requests.as_deref(),
            ),
            flag("yes", "--yes", self.yes.then_some("true")),
        ]);
        flags
    }
}

fn flag(key: &'static str, name: &'static str, value: Option<&str>) -> Flag {
    Flag {
        key,
        name,
        values: value.map(str::to_owned).into_iter().collect(),
    }
}
