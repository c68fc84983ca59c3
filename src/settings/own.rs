//! Custom settings of providers, models and kinds. The room `provider` has the built-in providers.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::Provider;
use super::blocks::{BlockValue, Section};
use super::network::Network;
use super::spelling::short;
use super::value::{self, Wrong};
use crate::model::{Hinted, Kind, Usd};

/// Settings of one provider, overriding built-in ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnProvider {
    pub url: Option<String>,
    /// The name of the protocol, unchecked.
    pub api: Option<String>,
    /// Empty means no key is needed.
    pub key_variable: Option<String>,
    pub model: Option<String>,
    pub max_concurrency: Option<NonZeroUsize>,
    pub timeout: Option<Duration>,
    pub retry_delay: Option<Duration>,
    /// Allows http to a private network.
    pub allows_http: bool,
    /// Names and values, with variables not expanded.
    pub headers: Vec<(String, String)>,
    pub key_header: Option<String>,
}

/// Settings of one model. Prices are per million tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnModel {
    pub input: Option<Usd>,
    pub cached_input: Option<Usd>,
    pub output: Option<Usd>,
    pub context_window: Option<u64>,
    pub as_of: Option<String>,
}

/// The provider and model of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnKind {
    pub provider: Option<Provider>,
    pub model: Option<String>,
}

/// The settings in all blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    pub providers: BTreeMap<String, OwnProvider>,
    pub models: BTreeMap<String, OwnModel>,
    /// Custom kinds and the paths of their prompts.
    pub prompts: BTreeMap<Kind, String>,
    /// Kinds with their own provider or model, including built-in ones.
    pub kinds: BTreeMap<Kind, OwnKind>,
    /// Proxy and CA settings of git.
    pub network: Network,
    /// Invalid values in blocks of providers and models: an error when that block is used.
    wrong: BTreeMap<(Section, String), WrongValue>,
}

/// An invalid value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WrongValue {
    what: String,
    allowed: String,
}

impl Own {
    /// An invalid value disables only its own provider or model, and is a warning until that is used.
    ///
    /// # Errors
    /// If any other value is not one that its key allows.
    pub fn of(values: &[BlockValue], warnings: &mut Vec<String>) -> Result<Self> {
        let mut own = Self::default();
        for one in values {
            let Err(why) = own.set(one) else { continue };
            let (value, name) = (short(&one.value), short(&one.full_name()));
            let value = value.escape_debug();
            let wrong = WrongValue {
                what: format!("cannot use '{value}' as {name} ({}): {why}", one.place),
                allowed: format!("allowed: {}", one.key.allowed),
            };
            match one.key.section {
                Section::Kind => return Err(wrong.error()),
                section => {
                    warnings.push(wrong.what.clone());
                    let block = (section, one.block.clone());
                    own.wrong.entry(block).or_insert(wrong);
                }
            }
        }
        Ok(own)
    }

    /// Checks all settings of a provider or model.
    ///
    /// # Errors
    /// With a hint, if not.
    pub fn expect_right(&self, section: Section, block: &str) -> Result<()> {
        let wrong = self.wrong.get(&(section, block.to_owned()));
        wrong.map_or(Ok(()), |wrong| Err(wrong.error()))
    }

    fn set(&mut self, one: &BlockValue) -> Result<(), Wrong> {
        let text = one.value.trim();
        value::expect_short(text)?;
        let block = || one.block.clone();
        match one.key.section {
            Section::Provider => {
                provider_name(&one.block)?;
                set_provider(
                    self.providers.entry(block()).or_default(),
                    one.key.name,
                    text,
                )
            }
            Section::Model => {
                set_model(self.models.entry(block()).or_default(), one.key.name, text)
            }
            Section::Kind => {
                let kind = one.block.parse::<Kind>();
                let kind = kind.map_err(|error| error.to_string())?;
                self.set_kind(kind, one.key.name, text)
            }
        }
    }

    fn set_kind(&mut self, kind: Kind, key: &str, text: &str) -> Result<(), Wrong> {
        match (key, &kind) {
            ("provider", _) => {
                let provider = match text {
                    "" => None,
                    name => Some(provider(name)?),
                };
                self.kinds.entry(kind).or_default().provider = provider;
            }
            ("model", _) => {
                let model = Some(text.to_owned()).filter(|name| !name.is_empty());
                self.kinds.entry(kind).or_default().model = model;
            }
            (_, Kind::Custom(_)) => {
                self.prompts.insert(kind, text.to_owned());
            }
            _ => {
                return Err(format!("'{kind}' is a built-in kind: choose another name"));
            }
        }
        Ok(())
    }
}

impl WrongValue {
    fn error(&self) -> anyhow::Error {
        Hinted::attach(anyhow!("{}", self.what), self.allowed.clone())
    }
}

/// Parses the name of a provider.
///
/// # Errors
/// If the name is invalid.
pub fn provider(name: &str) -> Result<Provider, Wrong> {
    match name {
        "local" => Ok(Provider::Local),
        name => provider_name(name).map(|()| Provider::Models(name.to_owned())),
    }
}

/// Checks the name of a provider: letters, digits, `-`, `_` and `.`, starting with a letter or digit;
/// not `local` in any case.
///
/// # Errors
/// If the name is invalid.
fn provider_name(name: &str) -> Result<(), Wrong> {
    const LONGEST: usize = 64;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let fits = begins_well && name.len() <= LONGEST && name.chars().all(plain);
    if fits && !name.eq_ignore_ascii_case("local") {
        Ok(())
    } else {
        Err(format!("invalid provider name '{}'", name.escape_debug()))
    }
}

fn set_provider(own: &mut OwnProvider, key: &str, text: &str) -> Result<(), Wrong> {
    match key {
        "url" => own.url = Some(text.to_owned()),
        "api" => own.api = Some(text.to_owned()),
        "keyEnv" => own.key_variable = Some(text.to_owned()),
        "model" => own.model = Some(text.to_owned()).filter(|name| !name.is_empty()),
        "maxConcurrency" => own.max_concurrency = Some(value::concurrency(text)?),
        "timeout" => own.timeout = Some(value::duration(text)?),
        "allowHttp" => own.allows_http = value::truth(text)?,
        "header" if text.is_empty() => own.headers.clear(),
        "header" => {
            let (name, value) = text.split_once(':').ok_or("missing ':'")?;
            let (name, value) = (header_name(name)?, value.trim());
            own.headers.push((name, value.to_owned()));
        }
        "keyHeader" => own.key_header = Some(header_name(text)?),
        _ => own.retry_delay = Some(value::duration(text)?),
    }
    Ok(())
}

/// Parses a header name, in lower case.
fn header_name(text: &str) -> Result<String, Wrong> {
    /// Headers that the HTTP client sets itself.
    const TAKEN: [&str; 7] = [
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
    ];
    let name = text.trim().to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.is_empty() && name.bytes().all(fits) && !TAKEN.contains(&name.as_str()) {
        Ok(name)
    } else {
        Err(format!("header '{}' cannot be set", text.escape_debug()))
    }
}

fn set_model(own: &mut OwnModel, key: &str, text: &str) -> Result<(), Wrong> {
    let price = || text.parse::<Usd>().map_err(str::to_owned);
    match key {
        "inputPrice" => own.input = Some(price()?),
        "cachedInputPrice" => own.cached_input = Some(price()?),
        "outputPrice" => own.output = Some(price()?),
        "contextWindow" => own.context_window = Some(value::tokens(text)?),
        _ => own.as_of = Some(value::date(text)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::blocks::BLOCK_KEYS;
    use crate::settings::written::Place;

    fn own(values: &[(&str, &str, &str)]) -> Result<Own> {
        let value = |(block, name, value): &(&str, &str, &str)| BlockValue {
            key: BLOCK_KEYS.iter().find(|key| key.name == *name).unwrap(),
            block: (*block).to_owned(),
            value: (*value).to_owned(),
            place: Place::Default,
        };
        Own::of(
            &values.iter().map(value).collect::<Vec<_>>(),
            &mut Vec::new(),
        )
    }

    #[test]
    fn names_of_providers_have_letters_of_both_cases_and_underscores() {
        for name in ["LiteLLM", "my_proxy", "gpt-4.1", "9router", "X"] {
            let own = own(&[(name, "url", "https://x")]).unwrap();
            assert!(own.providers.contains_key(name), "{name}");
            assert!(own.expect_right(Section::Provider, name).is_ok(), "{name}");
            assert_eq!(provider(name), Ok(Provider::Models(name.to_owned())));
        }
        for name in ["", "-x", ".x", "a/b", "a b", "Local", "ö", &"x".repeat(65)] {
            assert!(provider(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_wrong_provider_or_model_is_wrong_once_it_is_asked_for() {
        for (section, block, name, value) in [
            (Section::Provider, "a/b", "url", "https://x"),
            (Section::Provider, "local", "url", "https://x"),
            (Section::Provider, "x", "maxConcurrency", "0"),
            (Section::Provider, "x", "timeout", "soon"),
            (Section::Model, "m", "inputPrice", "$2"),
            (Section::Model, "m", "asOf", "yesterday"),
        ] {
            let own = own(&[(block, name, value), ("other", "url", "https://y")]).unwrap();
            let error = own.expect_right(section, block).unwrap_err();
            assert!(error.downcast_ref::<Hinted>().is_some(), "{error:#}");
            assert!(own.expect_right(section, "other").is_ok());
        }
    }

    #[test]
    fn a_provider_a_model_and_a_kind_are_read() {
        let own = own(&[
            ("team", "url", "https://llm.example/v1"),
            ("team", "maxConcurrency", "4"),
            ("team", "timeout", "90s"),
            ("grok-4.7", "inputPrice", "2.5"),
            ("grok-4.7", "contextWindow", "128k"),
            ("security", "prompt", "prompts/security.md"),
            ("security", "provider", "team"),
            ("docs", "provider", "local"),
            ("docs", "model", ""),
        ])
        .unwrap();
        let team = &own.providers["team"];
        assert_eq!(team.max_concurrency.unwrap().get(), 4);
        assert_eq!(team.timeout, Some(Duration::from_secs(90)));
        let grok = &own.models["grok-4.7"];
        assert_eq!(grok.input.unwrap().to_string(), "2.5");
        assert_eq!(grok.context_window, Some(128_000));
        assert_eq!(own.prompts.len(), 1);
        let security = &own.kinds[&Kind::Custom("security".into())];
        assert_eq!(security.provider, Some(Provider::Models("team".into())));
        assert_eq!(own.kinds[&Kind::Docs].provider, Some(Provider::Local));
        assert_eq!(own.kinds[&Kind::Docs].model, None);
    }

    #[test]
    fn what_is_no_value_is_an_error_with_what_is_allowed() {
        for (block, name, value) in [
            ("docs", "prompt", "p.md"),
            ("docs", "provider", "a/b"),
            ("../x", "prompt", "p.md"),
        ] {
            let error = own(&[(block, name, value)]).unwrap_err();
            assert!(error.downcast_ref::<Hinted>().is_some(), "{error:#}");
        }
    }
}
