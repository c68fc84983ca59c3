//! The sections that have a block for each name: providers, models, kinds of a team's own. Which
//! writings of them count; what their values mean is for `own`.

use std::collections::{BTreeMap, HashSet};

use super::keys::Tracked;
use super::spelling::{closest, short};
use super::written::{Place, Sources, place_of};
use crate::git::{ConfigEntry, Scope};

/// A section whose blocks have names: `[rustassistant-provider "xai"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Provider,
    Model,
    Kind,
}

impl Section {
    pub const ALL: [Self; 3] = [Self::Provider, Self::Model, Self::Kind];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "rustassistant-provider",
            Self::Model => "rustassistant-model",
            Self::Kind => "rustassistant-kind",
        }
    }
}

/// One key of such a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockKey {
    pub section: Section,
    pub name: &'static str,
    pub allowed: &'static str,
    pub help: &'static str,
    pub tracked: Tracked,
}

/// Every key that a block can hold.
pub const BLOCK_KEYS: [BlockKey; 15] = {
    use Section::{Kind, Model, Provider};
    const PRICE: &str = "US dollars for a million tokens, such as 2.00";
    [
        personal(
            Provider,
            "url",
            "an https address; http for this machine only",
            "The part of the address that all requests share",
        ),
        personal(
            Provider,
            "api",
            "openai-chat, openai-responses, anthropic or ollama",
            "The protocol that the provider speaks",
        ),
        personal(
            Provider,
            "keyEnv",
            "the name of a variable; empty means that no key is needed",
            "The environment variable that holds the key",
        ),
        personal(
            Provider,
            "model",
            "the provider's name for a model",
            "The model that is asked if the setting model is empty",
        ),
        personal(
            Provider,
            "maxConcurrency",
            "a whole number from 1 to 256; 8 if nothing is said",
            "The most requests at a time",
        ),
        personal(
            Provider,
            "timeout",
            "a length of time, such as 10m",
            "How long to wait for one answer",
        ),
        personal(
            Provider,
            "retryDelay",
            "a length of time, such as 1s",
            "The longest wait before a request is sent the second time; it doubles each time",
        ),
        personal(Model, "inputPrice", PRICE, "What a question costs"),
        personal(
            Model,
            "cachedInputPrice",
            PRICE,
            "What the part of a question costs that the provider still knew; inputPrice if nothing is said",
        ),
        personal(
            Model,
            "outputPrice",
            PRICE,
            "What an answer costs, its reasoning included",
        ),
        personal(
            Model,
            "contextWindow",
            "a number of tokens, such as 128000 or 128k",
            "What question and answer may take together",
        ),
        personal(
            Model,
            "asOf",
            "a date, such as 2026-11-01",
            "When the prices were looked up",
        ),
        BlockKey {
            section: Kind,
            name: "prompt",
            allowed: "the path of a tracked file, from the root of the repository",
            help: "What is asked about each file, in Markdown",
            tracked: Tracked::Allowed,
        },
        personal(
            Kind,
            "provider",
            "'local', or a provider of models; empty means the setting provider",
            "Who answers this kind, which may be a built-in one",
        ),
        personal(
            Kind,
            "model",
            "the provider's name for a model; empty means the one that is usual for the provider",
            "Which model answers this kind",
        ),
    ]
};

const fn personal(
    section: Section,
    name: &'static str,
    allowed: &'static str,
    help: &'static str,
) -> BlockKey {
    BlockKey {
        section,
        name,
        allowed,
        help,
        tracked: Tracked::Personal,
    }
}

/// One value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockValue {
    pub key: &'static BlockKey,
    /// The block's name: that of a provider, a model, a kind.
    pub block: String,
    pub value: String,
    pub place: Place,
}

impl BlockValue {
    /// `rustassistant-provider.xai.url`.
    pub fn full_name(&self) -> String {
        full_name(self.key, &self.block)
    }
}

fn full_name(key: &BlockKey, block: &str) -> String {
    format!("{}.{block}.{}", key.section.name(), key.name)
}

/// Kinds that a tracked file may describe: each is asked about every file.
const MOST_KINDS: usize = 64;

/// The values in force, by section, block and key; with a warning for each that does not count.
pub fn blocks(sources: &Sources, warnings: &mut Vec<String>) -> Vec<BlockValue> {
    let mut entries: Vec<_> = sources.config.iter().collect();
    entries.sort_by_key(|entry| entry.scope);
    let mut kept: BTreeMap<(usize, String), BlockValue> = BTreeMap::new();
    let mut tracked: HashSet<&str> = HashSet::new();
    let mut beyond: Option<Place> = None;
    for entry in entries {
        let Some((section, block, name)) = parts(&entry.name) else {
            continue;
        };
        let place = place_of(entry);
        let keys = || BLOCK_KEYS.iter().filter(|key| key.section == section);
        let Some(key) = keys().find(|key| key.name.eq_ignore_ascii_case(name)) else {
            let meant = closest(name, keys().map(|key| key.name));
            let meant = meant.map(|name| format!("; did you mean {name}?"));
            let meant = meant.unwrap_or_default();
            warnings.push(format!(
                "ignoring {} ({place}): no such key{meant}",
                short(&entry.name)
            ));
            continue;
        };
        if let Some(why) = key.tracked.refusal(entry.scope) {
            warnings.push(format!(
                "ignoring {} ({place}): {why}",
                short(&full_name(key, block))
            ));
            continue;
        }
        if entry.scope == Scope::Tracked {
            if tracked.len() >= MOST_KINDS && !tracked.contains(block) {
                beyond = Some(place);
                continue;
            }
            tracked.insert(block);
        }
        let number = BLOCK_KEYS
            .iter()
            .position(|known| known == key)
            .unwrap_or_default();
        let value = BlockValue {
            key,
            block: block.to_owned(),
            value: entry.value.clone().unwrap_or_default(),
            place,
        };
        kept.insert((number, block.to_owned()), value);
    }
    if let Some(place) = beyond {
        warnings.push(format!(
            "ignoring kinds ({place}): a tracked file may describe {MOST_KINDS}"
        ));
    }
    kept.into_values().collect()
}

/// The environment variables that the user has said hold keys.
pub fn key_variables(config: &[ConfigEntry]) -> Vec<String> {
    let is_one = |entry: &&ConfigEntry| {
        let named = parts(&entry.name).is_some_and(|(section, _, key)| {
            section == Section::Provider && key.eq_ignore_ascii_case("keyEnv")
        });
        named && Tracked::Personal.refusal(entry.scope).is_none()
    };
    let values = config.iter().filter(is_one);
    let values = values.filter_map(|entry| Some(entry.value.as_deref()?.trim().to_owned()));
    values.filter(|name| !name.is_empty()).collect()
}

/// Does the name belong to one of these sections?
pub fn is_of_block(name: &str) -> bool {
    parts(name).is_some()
}

/// `rustassistant-model.grok-4.7.asof`: a block's name may have dots.
fn parts(name: &str) -> Option<(Section, &str, &str)> {
    let (section, rest) = name.split_once('.')?;
    let section = Section::ALL
        .into_iter()
        .find(|known| known.name().eq_ignore_ascii_case(section))?;
    let (block, key) = rest.rsplit_once('.')?;
    Some((section, block, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[(Scope, &str, &str)]) -> (Vec<String>, Vec<String>) {
        let config = entries.iter().map(|(scope, name, value)| ConfigEntry {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
            scope: *scope,
            origin: None,
        });
        let sources = Sources {
            config: config.collect(),
            ..Sources::default()
        };
        let mut warnings = Vec::new();
        let kept = blocks(&sources, &mut warnings);
        let shown = kept
            .iter()
            .map(|one| format!("{}={}", one.full_name(), one.value));
        (shown.collect(), warnings)
    }

    #[test]
    fn what_reaches_a_provider_counts_from_its_user_alone() {
        let scopes = [
            Scope::System,
            Scope::Global,
            Scope::Tracked,
            Scope::Local,
            Scope::Worktree,
            Scope::Command,
        ];
        for scope in scopes {
            for key in BLOCK_KEYS.iter().filter(|key| key.name != "prompt") {
                let name = full_name(key, "x.y");
                let personal = matches!(scope, Scope::System | Scope::Global | Scope::Command);
                let (kept, warnings) = of(&[(scope, &name, "1")]);
                assert_eq!(kept.len() == 1, personal, "{name} {scope:?}");
                assert_eq!(warnings.is_empty(), personal);
                assert!(warnings.iter().all(|warning| warning.contains(&name)));
            }
        }
    }

    #[test]
    fn where_keys_are_is_for_the_user_alone_to_say() {
        let entry = |scope, value: &str| ConfigEntry {
            name: "rustassistant-provider.x.keyenv".to_owned(),
            value: Some(value.to_owned()),
            scope,
            origin: None,
        };
        let all = [
            entry(Scope::Global, "TEAM_TOKEN"),
            entry(Scope::Local, "PATH"),
            entry(Scope::Global, ""),
        ];
        assert_eq!(key_variables(&all), ["TEAM_TOKEN"]);
    }

    #[test]
    fn a_team_may_name_the_prompt_of_a_kind() {
        let (kept, warnings) = of(&[
            (Scope::Tracked, "rustassistant-kind.security.prompt", "a.md"),
            (Scope::Global, "rustassistant-kind.security.prompt", "b.md"),
        ]);
        assert_eq!(kept, ["rustassistant-kind.security.prompt=a.md"]);
        assert!(warnings.is_empty());
    }

    #[test]
    fn a_key_that_no_block_has_is_named_with_the_one_that_was_meant() {
        let (kept, warnings) = of(&[(Scope::Global, "rustassistant-provider.x.key", "k")]);
        assert!(kept.is_empty());
        let said = warnings.join("\n");
        assert!(
            said.contains("ignoring rustassistant-provider.x.key"),
            "{said}"
        );
    }
}
