//! Sections with one block per name: providers, models and custom kinds. Decides which values are
//! effective; `own` parses them.

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

impl BlockKey {
    /// May it be given several times?
    fn is_multiple(&self) -> bool {
        self.name == "header"
    }
}

/// Every key of a block.
pub const BLOCK_KEYS: [BlockKey; 18] = {
    use Section::{Kind, Model, Provider};
    const PRICE: &str = "US dollars per million tokens, such as 2.00";
    [
        personal(
            Provider,
            "url",
            "an https URL; http for this machine, or with allowHttp for a private network",
            "Base URL of the API",
        ),
        personal(
            Provider,
            "api",
            "openai-chat, openai-responses, anthropic or ollama",
            "API protocol of the provider",
        ),
        personal(
            Provider,
            "keyEnv",
            "the name of a variable; empty means no key is needed",
            "Environment variable with the API key",
        ),
        personal(
            Provider,
            "allowHttp",
            "true or false; default false",
            "Allow unencrypted http, only to a host in a private network",
        ),
        personal(
            Provider,
            "header",
            "Name: value; $NAME in the value expands to a variable. Repeatable; an empty value \
             clears the headers before it",
            "Header to send with every request",
        ),
        personal(
            Provider,
            "keyHeader",
            "the name of a header, such as api-key; default: that of the protocol",
            "Header for the API key",
        ),
        personal(
            Provider,
            "model",
            "a model name of the provider",
            "Default model of the provider, if the setting model is empty",
        ),
        personal(
            Provider,
            "maxConcurrency",
            "a whole number from 1 to 256; default 8",
            "Limit of parallel requests",
        ),
        personal(
            Provider,
            "timeout",
            "a duration such as 10m",
            "Timeout of one request",
        ),
        personal(
            Provider,
            "retryDelay",
            "a duration such as 1s",
            "Longest wait before the first retry; doubles with each retry",
        ),
        personal(Model, "inputPrice", PRICE, "Price of input tokens"),
        personal(
            Model,
            "cachedInputPrice",
            PRICE,
            "Price of cached input tokens; default: inputPrice",
        ),
        personal(
            Model,
            "outputPrice",
            PRICE,
            "Price of output tokens, including reasoning",
        ),
        personal(
            Model,
            "contextWindow",
            "a number of tokens, such as 128000 or 128k",
            "Context window: limit of input and output tokens together",
        ),
        personal(
            Model,
            "asOf",
            "a date, such as 2026-11-01",
            "Date of the prices",
        ),
        BlockKey {
            section: Kind,
            name: "prompt",
            allowed: "the path of a tracked file, from the root of the repository",
            help: "Prompt of a custom kind, in Markdown",
            tracked: Tracked::Allowed,
        },
        personal(
            Kind,
            "provider",
            "'local', or a provider of models; empty means the setting provider",
            "Provider for this kind, which may be a built-in one",
        ),
        personal(
            Kind,
            "model",
            "a model name of the provider; empty means the provider's default model",
            "Model for this kind",
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

/// One effective value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockValue {
    pub key: &'static BlockKey,
    /// The name of the block: of a provider, a model or a kind.
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

/// Limit of custom kinds in a tracked file: each costs one request per source file.
const MOST_KINDS: usize = 64;

/// The effective values by section, block and key, and warnings for ignored ones.
pub fn blocks(sources: &Sources, warnings: &mut Vec<String>) -> Vec<BlockValue> {
    let mut entries: Vec<_> = sources.config.iter().collect();
    entries.sort_by_key(|entry| entry.scope);
    let mut kept: BTreeMap<(usize, String, usize), BlockValue> = BTreeMap::new();
    let mut tracked: HashSet<&str> = HashSet::new();
    let mut beyond: Option<Place> = None;
    for (turn, entry) in entries.into_iter().enumerate() {
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
                "ignoring {} ({place}): unknown key{meant}",
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
        let turn = if key.is_multiple() { turn } else { 0 };
        kept.insert((number, block.to_owned(), turn), value);
    }
    if let Some(place) = beyond {
        warnings.push(format!(
            "ignoring kinds ({place}): a tracked file may define at most {MOST_KINDS}"
        ));
    }
    kept.into_values().collect()
}

/// Environment variables that the user's settings name for keys or headers.
pub fn key_variables(config: &[ConfigEntry]) -> Vec<String> {
    let counts = |entry: &&ConfigEntry| Tracked::Personal.refusal(entry.scope).is_none();
    let mut variables = Vec::new();
    for entry in config.iter().filter(counts) {
        let (Some((Section::Provider, _, key)), Some(value)) =
            (parts(&entry.name), entry.value.as_deref())
        else {
            continue;
        };
        if key.eq_ignore_ascii_case("keyEnv") {
            variables.push(value.trim().to_owned());
        } else if key.eq_ignore_ascii_case("header") {
            variables.extend(template(value).filter_map(Result::err).map(str::to_owned));
        }
    }
    variables.retain(|name| !name.is_empty());
    variables
}

/// Splits a text at `$NAME` and `${NAME}`: literal text is `Ok`, variable names are `Err`. `$$` is a
/// dollar sign.
pub fn template(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (piece, after) = match rest.strip_prefix('$') {
            None if rest.is_empty() => return None,
            None => {
                let end = rest.find('$').unwrap_or(rest.len());
                (Ok(rest.get(..end)?), rest.get(end..)?)
            }
            Some(after) if after.starts_with('$') => (Ok("$"), after.get(1..)?),
            Some(after) => match after
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
            {
                Some((name, after)) => (Err(name), after),
                None => {
                    let end = after.find(|c| !is_of_name(c)).unwrap_or(after.len());
                    match after.get(..end)? {
                        "" => (Ok("$"), after),
                        name => (Err(name), after.get(end..)?),
                    }
                }
            },
        };
        rest = after;
        Some(piece)
    })
}

/// Does the name belong to one of these sections?
pub fn is_of_block(name: &str) -> bool {
    parts(name).is_some()
}

/// Splits `rustassistant-model.grok-4.7.asof`. The name of a block may contain dots.
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
