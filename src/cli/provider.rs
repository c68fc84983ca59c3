//! The provider that the settings name, as it is reached and paid: what is built in, and what the
//! user says in its place. Neither the key nor a connection.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::prompts::Prompt;
use crate::analyzers::llm::Asked;
use crate::analyzers::{Analyzer, Llm, Local, Thresholds};
use crate::model::{Hinted, Kind};
use crate::provider::prices::{Price, Prices, Rates};
use crate::provider::{BUILT_IN, BuiltIn, Endpoint, Protocol, built_in, host};
use crate::settings::{OwnModel, OwnProvider, Provider, Settings, closest};

/// How many requests are under way at a time if nobody says otherwise.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(8).expect("eight is more than none");

/// Where the key may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// No key is needed.
    Nowhere,
    /// In this variable, else with git's credential helpers.
    Variable(String),
    /// With git's credential helpers, if anywhere.
    Helpers,
}

/// A provider and the model that is asked.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub endpoint: Endpoint,
    pub model: String,
    pub key: KeyPlace,
    pub price: Option<Price>,
    pub context_window: Option<u64>,
    pub concurrency: NonZeroUsize,
    pub retry_delay: Option<Duration>,
}

impl Chosen {
    /// `xai/grok-4.7`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.endpoint.name, self.model)
    }
}

/// A provider, and the model of it if one is named.
type Named<'a> = (&'a Provider, Option<&'a str>);

/// Somebody who answers, and the kinds that are asked of it.
#[derive(Debug)]
pub struct Party {
    pub analyzer: Analyzer,
    /// The provider and model, unless it is the embedded analyzer.
    pub chosen: Option<Chosen>,
    pub kinds: Vec<Kind>,
}

/// Who answers each of these kinds, by the settings. `prompts` are those of kinds that
/// are the team's own, `measured` the bytes of a thousand tokens of a model; read if a model is asked.
///
/// # Errors
/// With a hint, if a provider is not known or not enough is said of it, or a kind is asked for that
/// only a model answers, and none is chosen.
pub fn parties(
    settings: &Settings,
    kinds: &[Kind],
    prompts: &BTreeMap<Kind, Prompt>,
    measured: impl Fn(&Chosen) -> Option<u64>,
) -> Result<Vec<Party>> {
    let mut answerers: Vec<(Named<'_>, Vec<Kind>)> = Vec::new();
    let mut numbers: HashMap<Named<'_>, usize> = HashMap::new();
    for kind in kinds {
        let answerer = settings.answerer(kind);
        let number = *numbers.entry(answerer).or_insert(answerers.len());
        match answerers.get_mut(number) {
            Some((_, kinds)) => kinds.push(kind.clone()),
            None => answerers.push((answerer, vec![kind.clone()])),
        }
    }
    let party = |((provider, model), kinds): (Named<'_>, Vec<Kind>)| {
        let chosen = match provider {
            Provider::Local => None,
            Provider::Models(name) => Some(chosen(settings, name, model)?),
        };
        Ok(Party {
            analyzer: match &chosen {
                None => Analyzer::Local(local(settings, &kinds)?),
                Some(chosen) => {
                    let text = |kind: &Kind| Some((kind.clone(), prompts.get(kind)?.text.clone()));
                    let prompts = kinds.iter().filter_map(text).collect();
                    let llm = Llm::new(asked(settings, chosen, prompts, measured(chosen)));
                    let llm = llm.apart(this_program());
                    Analyzer::Llm(Box::new(llm))
                }
            },
            chosen,
            kinds,
        })
    };
    answerers.into_iter().map(party).collect()
}

fn chosen(settings: &Settings, name: &str, model: Option<&str>) -> Result<Chosen> {
    let own = settings.own.providers.get(name);
    let known = built_in(name);
    let nothing = OwnProvider::default();
    let own = match (own, known) {
        (None, None) => return Err(unknown(name, settings)),
        (own, _) => own.unwrap_or(&nothing),
    };
    let endpoint = endpoint(name, own, known)?;
    let usual = || known.and_then(|known| known.model).map(str::to_owned);
    let asked = model.map(str::to_owned).or(own.model.clone());
    let Some(model) = asked.or_else(usual) else {
        return Err(hinted(
            anyhow!("no model of {name} is named"),
            format!(
                "name one with --model, or: git config --global rustassistant-provider.{name}.model MODEL"
            ),
        ));
    };
    let price = price(name, &model, settings.own.models.get(&model));
    let said = settings.own.models.get(&model);
    let window = said.and_then(|own| own.context_window);
    let window = window.or(price.as_ref().and_then(|price| price.context_window));
    Ok(Chosen {
        key: key(own, known, &endpoint),
        context_window: window.or(endpoint.protocol.usual_window()),
        price,
        endpoint,
        model,
        concurrency: concurrency(settings, own),
        retry_delay: own.retry_delay,
    })
}

/// Who asks for fewer files at a time than requests may be under way means both.
fn concurrency(settings: &Settings, own: &OwnProvider) -> NonZeroUsize {
    let most = own.max_concurrency.unwrap_or(CONCURRENCY);
    settings.jobs.map_or(most, |jobs| jobs.min(most))
}

fn local(settings: &Settings, kinds: &[Kind]) -> Result<Local> {
    let mut kinds = kinds.iter();
    match kinds.find(|kind| matches!(kind, Kind::Custom(_))) {
        None => Ok(embedded(settings.thresholds.clone())),
        Some(kind) => Err(hinted(
            anyhow!("the kind '{kind}' is answered by language models alone"),
            format!(
                "choose a provider with --provider, or: git config --global \
                 rustassistant-kind.{kind}.provider NAME"
            ),
        )),
    }
}

/// The embedded analyzer, which works in processes of its own.
pub fn embedded(thresholds: Thresholds) -> Local {
    Local::new(thresholds).apart(this_program())
}

/// Which is started to parse. Where the system does not tell, none can be, and nothing is parsed.
fn this_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

fn asked(
    settings: &Settings,
    chosen: &Chosen,
    prompts: BTreeMap<Kind, String>,
    measured: Option<u64>,
) -> Asked {
    let usual = Asked::new(&chosen.endpoint.name, &chosen.model);
    Asked {
        parameters: settings.asking.parameters.clone(),
        prompts,
        max_output_tokens: settings.asking.max_output_tokens,
        context_window: chosen.context_window,
        bytes_per_1000_tokens: measured.unwrap_or(usual.bytes_per_1000_tokens),
        ..usual
    }
}

fn endpoint(name: &str, own: &OwnProvider, known: Option<&BuiltIn>) -> Result<Endpoint> {
    let config = format!("git config --global rustassistant-provider.{name}");
    let url = own.url.as_deref().or(known.map(|known| known.url));
    let Some(url) = url else {
        let hint = format!("{config}.url https://HOST/v1");
        return Err(hinted(anyhow!("the provider {name} has no url"), hint));
    };
    let protocol = match (&own.api, known) {
        (Some(api), _) => api.parse::<Protocol>().map_err(|_| {
            let api = api.escape_debug();
            let known: Vec<&str> = Protocol::ALL.map(Protocol::name).to_vec();
            hinted(
                anyhow!("cannot use '{api}' as rustassistant-provider.{name}.api"),
                format!("known are {}", known.join(", ")),
            )
        })?,
        (None, Some(known)) => known.protocol,
        // What most servers speak.
        (None, None) => Protocol::Chat,
    };
    let mut endpoint = Endpoint::new(name, url, protocol);
    endpoint.timeout = own.timeout.unwrap_or(endpoint.timeout);
    Ok(endpoint)
}

/// A key that comes with a built-in provider's name is for that provider's host alone.
fn key(own: &OwnProvider, known: Option<&BuiltIn>, endpoint: &Endpoint) -> KeyPlace {
    let at_home = known.filter(|known| host(known.url) == host(&endpoint.url));
    match (&own.key_variable, at_home) {
        (Some(variable), _) if variable.is_empty() => KeyPlace::Nowhere,
        (Some(variable), _) => KeyPlace::Variable(variable.clone()),
        (None, Some(known)) => match known.key_variable {
            Some(variable) => KeyPlace::Variable(variable.to_owned()),
            None => KeyPlace::Nowhere,
        },
        (None, None) => KeyPlace::Helpers,
    }
}

/// The table's price, with what the user says of this model in its place.
fn price(provider: &str, model: &str, own: Option<&OwnModel>) -> Option<Price> {
    let table = Prices::built_in();
    let base = table.find(provider, model);
    let Some(own) = own.filter(|own| own.input.is_some() || own.output.is_some()) else {
        return base.cloned();
    };
    let rates = base.map(|base| base.rates);
    let input = own.input.or(rates.map(|rates| rates.input))?;
    Some(Price {
        provider: provider.to_owned(),
        model: model.to_owned(),
        as_of: own.as_of.clone().unwrap_or_default(),
        source: "your settings".to_owned(),
        rates: Rates {
            input,
            cached_input: own.cached_input.unwrap_or(input),
            cache_write: input,
            output: own.output.or(rates.map(|rates| rates.output))?,
        },
        tiers: Vec::new(),
        context_window: own
            .context_window
            .or(base.and_then(|base| base.context_window)),
    })
}

/// What the user says that a model costs, under the provider that is chosen or, if that is the
/// embedded analyzer, under none.
pub fn own_price(settings: &Settings, model: &str, own: &OwnModel) -> Option<Price> {
    let provider = match &settings.provider {
        Provider::Models(name) => name.as_str(),
        Provider::Local => "any",
    };
    let is_priced = own.input.is_some() || own.output.is_some();
    is_priced
        .then(|| price(provider, model, Some(own)))
        .flatten()
}

/// # Errors
/// With a hint, if a provider is neither built in nor described.
pub fn expect_known(name: &str, settings: &Settings) -> Result<()> {
    match built_in(name).is_some() || settings.own.providers.contains_key(name) {
        true => Ok(()),
        false => Err(unknown(name, settings)),
    }
}

fn unknown(name: &str, settings: &Settings) -> anyhow::Error {
    let own = settings.own.providers.keys().map(String::as_str);
    let names = || BUILT_IN.iter().map(|known| known.name).chain(["local"]);
    let hint = match closest(name, names().chain(own)) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!(
            "known are {}; describe another: git config --global rustassistant-provider.{name}.url https://HOST/v1",
            names().collect::<Vec<_>>().join(", ")
        ),
    };
    hinted(anyhow!("there is no provider '{name}'"), hint)
}

fn hinted(error: anyhow::Error, hint: String) -> anyhow::Error {
    Hinted::attach(error, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Sources, resolve};

    fn chosen(settings: &Settings) -> Result<Chosen> {
        let mut parties = parties(settings, &settings.kinds, &BTreeMap::new(), |_| None)?;
        Ok(parties.remove(0).chosen.unwrap())
    }

    fn settings(provider: &str) -> Settings {
        let mut settings = resolve(&Sources::default()).unwrap().settings;
        settings.provider = Provider::Models(provider.to_owned());
        settings
    }

    #[test]
    fn a_provider_that_is_built_in_needs_nothing_said() {
        let chosen = chosen(&settings("xai")).unwrap();
        assert_eq!(host(&chosen.endpoint.url), "api.x.ai");
        assert_eq!(chosen.key, KeyPlace::Variable("XAI_API_KEY".into()));
    }

    #[test]
    fn the_key_of_a_known_provider_does_not_follow_its_name_to_another_host() {
        let mut settings = settings("xai");
        let own = OwnProvider {
            url: Some("https://gateway.example/v1".into()),
            ..OwnProvider::default()
        };
        settings.own.providers.insert("xai".into(), own.clone());
        assert_eq!(chosen(&settings).unwrap().key, KeyPlace::Helpers);
        let own = OwnProvider {
            key_variable: Some("XAI_API_KEY".into()),
            ..own
        };
        settings.own.providers.insert("xai".into(), own);
        let key = chosen(&settings).unwrap().key;
        assert_eq!(key, KeyPlace::Variable("XAI_API_KEY".into()));
    }

    #[test]
    fn an_unknown_provider_is_an_error_with_advice() {
        for (name, advice) in [
            ("xia", "did you mean 'xai'?"),
            ("wholly-else", "rustassistant-provider.wholly-else.url"),
        ] {
            let error = chosen(&settings(name)).unwrap_err();
            let hint = error.downcast_ref::<Hinted>().unwrap().hint();
            assert!(hint.contains(advice), "{hint}");
        }
        let error = chosen(&settings("openrouter")).unwrap_err();
        assert!(error.to_string().contains("no model"), "{error}");
    }

    #[test]
    fn a_price_of_the_users_own_stands_for_the_tables() {
        let usd = |text: &str| Some(text.parse().unwrap());
        let own = OwnModel {
            input: usd("2"),
            output: usd("6"),
            ..OwnModel::default()
        };
        let price = price("team", "m", Some(&own)).unwrap();
        assert_eq!(price.rates.cached_input, price.rates.input);
        let half = OwnModel {
            input: usd("2"),
            ..OwnModel::default()
        };
        assert!(super::price("team", "m", Some(&half)).is_none());
    }
}
