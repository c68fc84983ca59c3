//! Settings, resolved from all sources, all in the vocabulary of git's configuration.
//!
//! Precedence, highest first: flags, the environment, `git -c`, the configuration of the work tree and
//! of the repository, the team's tracked file, the user's configuration, the system's, and defaults.
//! The rooms `git` and `cli` read these sources.

mod asking;
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
pub use keys::{Key, Tracked};
pub use network::Network;
pub use own::{Own, OwnKind, OwnModel, OwnProvider};
pub use resolve::{Effective, Resolution, resolve};
pub use spelling::closest;
pub use table::every;
pub use written::{Flag, Place, Sources};

use spelling::short;

/// The tracked file with a team's settings, at the root of a repository.
pub const TRACKED_FILE: &str = ".rustassistantconfig";

/// Who analyzes files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Provider {
    /// The embedded analyzer.
    #[default]
    Local,
    /// A provider of models, by name. It may not exist.
    Models(String),
}

/// Checked settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub provider: Provider,
    /// Never empty, without duplicates, in order.
    pub kinds: Vec<Kind>,
    /// Path patterns from the root; empty means all supported languages.
    pub include: Vec<String>,
    /// Path patterns from the root.
    pub exclude: Vec<String>,
    /// Patterns of the tracked file, which cannot undo the others.
    pub exclude_tracked: Vec<String>,
    /// In bytes.
    pub max_file_size: u64,
    pub ttl: Ttl,
    /// `None` means one per processor.
    pub jobs: Option<NonZeroUsize>,
    /// The level at which findings fail a run; `None` means never.
    pub fail_on: Option<Level>,
    pub thresholds: Thresholds,
    /// Settings for model requests.
    pub asking: Asking,
    /// Custom providers, models and kinds.
    pub own: Own,
    /// The remote to share through; `None` means git's push remote.
    pub remote: Option<String>,
    /// The ref for shared analyses at the remote.
    pub shared_ref: String,
    /// Whose analyses to use.
    pub trust: Trust,
    /// Which analyses to publish.
    pub publish: Publish,
    /// Whether to sign; `None` means as git signs other commits.
    pub signing: Option<Signing>,
    /// Subject of publishing commits; `None` means the default.
    pub publish_message: Option<String>,
    /// Author of publishing commits; `None` means this program.
    pub publish_author: Option<String>,
    pub hook: Hook,
}

/// Settings of the pre-push hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    pub enabled: bool,
    /// How long a push waits for the hook.
    pub budget: Duration,
    /// The level at which new findings stop a push; `None` means never.
    pub fail_on: Option<Level>,
}

impl Settings {
    /// Settings of which none is set yet.
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

    /// Sets one key.
    fn set(&mut self, key: &Key, effective: &[Effective]) -> Result<()> {
        for one in effective {
            let is_short = || value::expect_short(&one.value);
            let fits = if key.is_list { Ok(()) } else { is_short() };
            fits.and_then(|()| (key.read)(self, one))
                .map_err(|why| refusal(key, Some(&one.value), &one.place, &why))?;
        }
        let last = effective.last().map(|one| &one.place);
        if matches!(last, Some(Place::Flag(_) | Place::Environment(_))) {
            self.hold_for_every_kind(key.name);
        }
        if key.name == "kinds" {
            let mut seen = HashSet::new();
            self.kinds.retain(|kind| seen.insert(kind.clone()));
        }
        Ok(())
    }

    /// Flags override the provider and model of kinds, too.
    fn hold_for_every_kind(&mut self, key: &str) {
        match key {
            "provider" => self.own.kinds.clear(),
            "model" => {
                for own in self.own.kinds.values_mut() {
                    own.model.clone_from(&self.asking.model);
                }
            }
            _ => {}
        }
    }

    /// The provider of a kind, and the model named for it, if any. The setting `model` belongs to the
    /// setting `provider`: it does not apply to a kind with another provider.
    pub fn answerer(&self, kind: &Kind) -> (&Provider, Option<&str>) {
        let own = self.own.kinds.get(kind);
        let provider = own.and_then(|own| own.provider.as_ref());
        let provider = provider.unwrap_or(&self.provider);
        let model = own.and_then(|own| own.model.as_ref());
        let usual = self.asking.model.as_ref();
        let usual = usual.filter(|_| *provider == self.provider);
        (provider, model.or(usual).map(String::as_str))
    }

    /// Does a model answer the kind?
    pub fn asks_a_model(&self, kind: &Kind) -> bool {
        matches!(self.answerer(kind), (Provider::Models(_), _))
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
