//! Resolved settings: one vocabulary, git's configuration, whoever wrote it.
//!
//! Flags count most, then the environment, `git -c`, the work tree's and the repository's own
//! configuration, the tracked file of the team, the user's, the system's, and the defaults.
//! Not here: reading any of these, which is done in git and in cli.

mod asking;
mod belief;
mod blocks;
mod keys;
mod network;
mod own;
mod resolve;
mod spelling;
mod table;
mod value;
mod written;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::analyzers::Thresholds;
use crate::model::{Hinted, Kind, Level, Publish, Signing, Trust, Ttl};

pub use asking::{Asking, Consent};
pub use blocks::{BLOCK_KEYS, BlockKey, BlockValue, Section, key_variables, template};
pub use keys::{Field, Key, Tracked, every};
pub use network::Network;
pub use own::{Own, OwnKind, OwnModel, OwnProvider};
pub use resolve::{Effective, Resolution, resolve};
pub use spelling::closest;
pub use written::{Flag, Place, Sources};

use spelling::short;
use value::Wrong;

/// The name of the tracked file that holds a team's choices, at the root of a repository.
pub const TRACKED_FILE: &str = ".rustassistantconfig";

/// Who answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Provider {
    /// The embedded analyzer.
    #[default]
    Local,
    /// A provider of models, by name. Whether there is one of this name is not known here.
    Models(String),
}

/// What the user wants, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub provider: Provider,
    /// Never empty, each once, in the order asked.
    pub kinds: Vec<Kind>,
    /// Path patterns from the root; empty means every language that is known.
    pub include: Vec<String>,
    /// Path patterns from the root.
    pub exclude: Vec<String>,
    /// Those of the tracked file, which take back nothing of the others.
    pub exclude_tracked: Vec<String>,
    /// In bytes.
    pub max_file_size: u64,
    pub ttl: Ttl,
    /// `None` means one for each processor.
    pub jobs: Option<NonZeroUsize>,
    /// The level from which findings make a run fail; `None` means never.
    pub fail_on: Option<Level>,
    pub thresholds: Thresholds,
    /// What counts where a model answers.
    pub asking: Asking,
    /// Providers, models and kinds of the user's own.
    pub own: Own,
    /// The remote to share through; `None` means the one that git itself would push to.
    pub remote: Option<String>,
    /// The ref that a remote publishes.
    pub shared_ref: String,
    /// Whose analyses count.
    pub trust: Trust,
    /// Which analyses of this clone are published.
    pub publish: Publish,
    /// `None` means what git itself does with commits.
    pub signing: Option<Signing>,
    /// The subject of commits that publish; `None` means ours.
    pub publish_message: Option<String>,
    /// Their author; `None` means this program.
    pub publish_author: Option<String>,
    pub hook: Hook,
}

/// What the pre-push hook may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    pub enabled: bool,
    /// How long a push waits for it.
    pub budget: Duration,
    /// The level from which new findings stop a push; `None` means never.
    pub fail_on: Option<Level>,
}

impl Settings {
    /// What every key then sets.
    fn blank(own: Own) -> Self {
        Self {
            provider: Provider::Local,
            kinds: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            exclude_tracked: Vec::new(),
            max_file_size: 0,
            ttl: Ttl::Forever,
            jobs: None,
            fail_on: None,
            thresholds: Thresholds::default(),
            asking: Asking::default(),
            own,
            remote: None,
            shared_ref: String::new(),
            trust: Trust::Any,
            publish: Publish::All,
            signing: None,
            publish_message: None,
            publish_author: None,
            hook: Hook::default(),
        }
    }

    fn set(&mut self, key: &Key, effective: &[Effective]) -> Result<()> {
        for one in effective {
            self.set_one(key, one)
                .map_err(|why| refusal(key, Some(&one.value), &one.place, &why))?;
        }
        let last = effective.last().map(|one| &one.place);
        if matches!(last, Some(Place::Flag(_) | Place::Environment(_))) {
            self.hold_for_every_kind(key.field);
        }
        if key.field == Field::Kinds {
            let mut seen = HashSet::new();
            self.kinds.retain(|kind| seen.insert(kind.clone()));
        }
        Ok(())
    }

    /// What is said for this once counts for kinds that have a provider or a model of their own,
    /// too.
    fn hold_for_every_kind(&mut self, field: Field) {
        match field {
            Field::Provider => self.own.kinds.clear(),
            Field::Model => {
                for own in self.own.kinds.values_mut() {
                    own.model.clone_from(&self.asking.model);
                }
            }
            _ => {}
        }
    }

    /// Who answers a kind, and the model that was named for that, if one was. The setting `model`
    /// speaks of the setting `provider`: it does not follow a kind to another one.
    pub fn answerer(&self, kind: &Kind) -> (&Provider, Option<&str>) {
        let own = self.own.kinds.get(kind);
        let provider = own.and_then(|own| own.provider.as_ref());
        let provider = provider.unwrap_or(&self.provider);
        let model = own.and_then(|own| own.model.as_ref());
        let usual = self.asking.model.as_ref();
        let usual = usual.filter(|_| *provider == self.provider);
        (provider, model.or(usual).map(String::as_str))
    }

    /// Is it a model that answers the kind?
    pub fn asks_a_model(&self, kind: &Kind) -> bool {
        matches!(self.answerer(kind), (Provider::Models(_), _))
    }

    fn set_one(&mut self, key: &Key, one: &Effective) -> Result<(), Wrong> {
        let text = one.value.as_str();
        if !key.field.is_list() {
            value::expect_short(text)?;
        }
        let words = || value::words(text).map(str::to_owned);
        match key.field {
            Field::Provider => self.provider = own::provider(text)?,
            Field::Kinds => self.kinds.extend(value::kinds(text, &self.own.prompts)?),
            Field::Include => self.include.extend(words()),
            Field::Exclude if one.place.is_tracked() => self.exclude_tracked.extend(words()),
            Field::Exclude => self.exclude.extend(words()),
            Field::MaxFileSize => self.max_file_size = value::size(text)?,
            Field::Ttl => self.ttl = value::ttl(text)?,
            Field::Jobs => self.jobs = value::jobs(text)?,
            Field::FailOn => self.fail_on = value::fail_on(text)?,
            Field::Remote => self.remote = Some(text.to_owned()).filter(|name| !name.is_empty()),
            Field::SharedRef => self.shared_ref = value::shared_ref(text)?,
            Field::Trust => self.trust = belief::trust(text)?,
            Field::PublishMessage => self.publish_message = belief::message(text)?,
            Field::PublishAuthor => self.publish_author = belief::author(text)?,
            Field::Publish => self.publish = value::publish(text)?,
            Field::Sign => self.signing = belief::signing(text)?,
            Field::HookEnabled => self.hook.enabled = value::truth(text)?,
            Field::HookBudget => self.hook.budget = value::wait(text)?,
            Field::HookFailOn => self.hook.fail_on = value::fail_on(text)?,
            Field::Threshold => {
                self.thresholds.set(key.name, value::threshold(text)?);
            }
            Field::Model
            | Field::MaxCost
            | Field::MaxTokens
            | Field::MaxRequests
            | Field::MaxOutputTokens
            | Field::Parameter
            | Field::Yes => self.asking.set(key, text.trim())?,
        }
        Ok(())
    }
}

fn refusal(key: &Key, value: Option<&str>, place: &Place, why: &str) -> anyhow::Error {
    let name = key.full_name();
    let what = match value {
        Some(value) => format!(
            "cannot use '{}' as {name} ({place})",
            short(value).escape_debug()
        ),
        None => format!("cannot use {name} ({place})"),
    };
    Hinted::attach(
        anyhow!("{why}").context(what),
        format!("allowed: {}", key.allowed),
    )
}
