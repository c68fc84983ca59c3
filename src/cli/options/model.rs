//! Who answers, and for how much, as the command line says it.

use clap::Args;

use crate::settings::{Field, Flag};

/// Which provider and which model: also for those who only look answers up.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model options")]
pub struct AnswererOptions {
    /// Have NAME answer: 'local', or a provider of language models
    ///
    /// 'local' is the embedded analyzer. 'git rustassistant models' lists the providers that are
    /// known; with any of them, code leaves this machine.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,

    /// The model of the provider that answers
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model options")]
pub struct ModelOptions {
    #[command(flatten)]
    pub answerer: AnswererOptions,

    /// Spend at most so many US dollars
    ///
    /// A request that may pass a limit is not sent; the exit status is then 4. What was answered
    /// before is kept.
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<String>,

    /// Use at most N tokens, of questions and answers together
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<String>,

    /// Send at most N requests
    #[arg(long, value_name = "N")]
    pub max_requests: Option<String>,

    /// Send code to the provider without asking first
    #[arg(short, long)]
    pub yes: bool,
}

impl AnswererOptions {
    /// As they were typed, with a space before each; nothing if they were not.
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
            flag(Field::Provider, "--provider", self.provider.as_deref()),
            flag(Field::Model, "--model", self.model.as_deref()),
        ]
    }
}

impl ModelOptions {
    /// What they say about settings.
    pub fn flags(&self) -> Vec<Flag> {
        let mut flags = self.answerer.flags();
        flags.extend([
            flag(Field::MaxCost, "--max-cost", self.max_cost.as_deref()),
            flag(Field::MaxTokens, "--max-tokens", self.max_tokens.as_deref()),
            flag(
                Field::MaxRequests,
                "--max-requests",
                self.max_requests.as_deref(),
            ),
            flag(Field::Yes, "--yes", self.yes.then_some("true")),
        ]);
        flags
    }
}

fn flag(field: Field, name: &'static str, value: Option<&str>) -> Flag {
    Flag {
        field,
        name,
        values: value.map(str::to_owned).into_iter().collect(),
    }
}
