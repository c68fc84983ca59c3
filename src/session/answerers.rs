//! Chooses providers and models, and their prices, from built-in values and the user's settings. `key`
//! finds API keys; `service` connects.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::prompts::Prompt;
use crate::analyzers::llm::Asked;
use crate::analyzers::{Analyzer, Llm, Local, Thresholds};
use crate::model::{Hinted, Kind};
use crate::provider::prices::{Price, Prices, Rates};
use crate::provider::{BUILT_IN, BuiltIn, Endpoint, Protocol, built_in, host};
use crate::scan::{Learned, TokenRatio};
use crate::settings::{OwnModel, OwnProvider, Provider, Section, Settings, closest};

/// Default limit of parallel requests.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(8).expect("eight is more than none");

/// Where to find the API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// No key is needed.
    Nowhere,
    /// In this variable, else in git's credential helpers.
    Variable(String),
    /// Only in git's credential helpers.
    Helpers,
}

/// A provider and model.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub endpoint: Endpoint,
    pub model: String,
    pub key: KeyPlace,
    pub price: Option<Price>,
    pub context_window: Option<u64>,
    pub concurrency: NonZeroUsize,
    pub retry_delay: Option<Duration>,
    /// Names and values, with variables not expanded.
    pub headers: Vec<(String, String)>,
}

impl ModelConfig {
    /// `xai/grok-4.7`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.endpoint.name, self.model)
    }

    /// Applies the context window that the provider reported, unless the user set one.
    fn within(mut self, settings: &Settings, learned: Learned) -> Self {
        let own = own_model(settings, &self.endpoint.name, &self.model);
        if own.and_then(|own| own.context_window).is_none() {
            let known = self.context_window.into_iter();
            self.context_window = known.chain(learned.window).min();
        }
        self
    }
}

/// A provider, and its model if named.
type Named<'a> = (&'a Provider, Option<&'a str>);

/// An answerer and the kinds it answers.
#[derive(Debug)]
pub struct Party {
    pub analyzer: Analyzer,
    /// The provider and model; `None` for the embedded analyzer.
    pub chosen: Option<ModelConfig>,
    pub kinds: Vec<Kind>,
}

/// The answerers of these kinds, according to settings. `prompts` are those of custom kinds. `measured`
/// returns the bytes per thousand tokens of a model and the limits that its provider reported; called
/// only for models. `program` is the executable of the worker process.
///
/// # Errors
/// With a hint, if a provider is unknown or incomplete, or a kind needs a model and none is chosen.
pub fn parties(
    settings: &Settings,
    kinds: &[Kind],
    prompts: &BTreeMap<Kind, Prompt>,
    measured: impl Fn(&ModelConfig) -> (TokenRatio, Learned),
    program: &Path,
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
        let chosen = chosen.map(|chosen| {
            let (measured, learned) = measured(&chosen);
            (chosen.within(settings, learned), measured, learned)
        });
        Ok(Party {
            analyzer: match &chosen {
                None => Analyzer::Local(local(settings, &kinds, program)?),
                Some((chosen, measured, learned)) => {
                    let text = |kind: &Kind| Some((kind.clone(), prompts.get(kind)?.text.clone()));
                    let prompts = kinds.iter().filter_map(text).collect();
                    let mut asked = asked(settings, chosen, prompts, *measured);
                    let most = learned.output.and_then(|most| u32::try_from(most).ok());
                    asked.max_output_tokens = asked.max_output_tokens.min(most.unwrap_or(u32::MAX));
                    let llm = Llm::new(asked).apart(program.to_owned());
                    Analyzer::Llm(Box::new(llm))
                }
            },
            chosen: chosen.map(|(chosen, ..)| chosen),
            kinds,
        })
    };
    answerers.into_iter().map(party).collect()
}

fn chosen(settings: &Settings, name: &str, model: Option<&str>) -> Result<ModelConfig> {
    settings.own.expect_right(Section::Provider, name)?;
    let own = settings.own.providers.get(name);
    let known = built_in(name);
    let nothing = OwnProvider::default();
    let own = match (own, known) {
        (None, None) => return Err(unknown(name, settings)),
        (own, _) => own.unwrap_or(&nothing),
    };
    let mut endpoint = endpoint(name, own, known)?;
    let network = &settings.own.network;
    endpoint.proxy = network.proxy(&endpoint.url).map(str::to_owned);
    endpoint.ca_file = network.ca_file(&endpoint.url).map(Into::into);
    let usual = || known.and_then(|known| known.model).map(str::to_owned);
    let asked = model.map(str::to_owned).or(own.model.clone());
    let Some(model) = asked.or_else(usual) else {
        return Err(hinted(
            anyhow!("no model chosen for provider {name}"),
            format!(
                "use --model, or: git config --global rustassistant-provider.{name}.model MODEL"
            ),
        ));
    };
    for written in [&model, &format!("{name}/{model}")] {
        settings.own.expect_right(Section::Model, written)?;
    }
    let said = own_model(settings, name, &model);
    let price = price(name, &model, said);
    let window = said.and_then(|own| own.context_window);
    let window = window.or(price.as_ref().and_then(|price| price.context_window));
    Ok(ModelConfig {
        key: key(own, known, &endpoint),
        context_window: window.or(endpoint.protocol.usual_window()),
        price,
        endpoint,
        model,
        concurrency: concurrency(settings, own),
        retry_delay: own.retry_delay,
        headers: own.headers.clone(),
    })
}

/// `--jobs` also limits parallel requests.
fn concurrency(settings: &Settings, own: &OwnProvider) -> NonZeroUsize {
    let most = own.max_concurrency.unwrap_or(CONCURRENCY);
    settings.jobs.map_or(most, |jobs| jobs.min(most))
}

fn local(settings: &Settings, kinds: &[Kind], program: &Path) -> Result<Local> {
    let mut kinds = kinds.iter();
    match kinds.find(|kind| matches!(kind, Kind::Custom(_))) {
        None => Ok(embedded(settings.thresholds.clone(), program)),
        Some(kind) => Err(hinted(
            anyhow!("kind '{kind}' requires a language model"),
            format!(
                "use --provider, or: git config --global \
                 rustassistant-kind.{kind}.provider NAME"
            ),
        )),
    }
}

/// The embedded analyzer, which runs in separate processes.
pub fn embedded(thresholds: Thresholds, program: &Path) -> Local {
    Local::new(thresholds).apart(program.to_owned())
}

fn asked(
    settings: &Settings,
    chosen: &ModelConfig,
    prompts: BTreeMap<Kind, String>,
    measured: TokenRatio,
) -> Asked {
    let usual = Asked::new(&chosen.endpoint.name, &chosen.model);
    Asked {
        parameters: settings.asking.parameters.clone(),
        prompts,
        max_output_tokens: settings.asking.max_output_tokens,
        context_window: chosen.context_window,
        bytes_per_1000_tokens: measured
            .bytes_per_1000_tokens()
            .unwrap_or(usual.bytes_per_1000_tokens),
        answer_tokens: measured.answer_tokens(),
        ..usual
    }
}

fn endpoint(name: &str, own: &OwnProvider, known: Option<&BuiltIn>) -> Result<Endpoint> {
    let config = format!("git config --global rustassistant-provider.{name}");
    let url = own.url.as_deref().or(known.map(|known| known.url));
    let Some(url) = url else {
        let hint = format!("{config}.url https://HOST/v1");
        return Err(hinted(anyhow!("provider {name} has no url"), hint));
    };
    let protocol = match (&own.api, known) {
        (Some(api), _) => api.parse::<Protocol>().map_err(|_| {
            let api = api.escape_debug();
            let known: Vec<&str> = Protocol::ALL.map(Protocol::name).to_vec();
            hinted(
                anyhow!("cannot use '{api}' as rustassistant-provider.{name}.api"),
                format!("allowed: {}", known.join(", ")),
            )
        })?,
        (None, Some(known)) => known.protocol,
        // What most servers speak.
        (None, None) => Protocol::Chat,
    };
    let mut endpoint = Endpoint::new(name, url, protocol);
    endpoint.timeout = own.timeout.unwrap_or(endpoint.timeout);
    endpoint.allows_http = own.allows_http;
    endpoint.key_header = own.key_header.clone();
    Ok(endpoint)
}

/// The API key of a built-in provider is only sent to that provider's host.
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

/// # Errors
/// With a hint, if a provider is neither built in nor configured.
pub fn expect_known(name: &str, settings: &Settings) -> Result<()> {
    if built_in(name).is_some() || settings.own.providers.contains_key(name) {
        Ok(())
    } else {
        Err(unknown(name, settings))
    }
}

fn unknown(name: &str, settings: &Settings) -> anyhow::Error {
    let own = settings.own.providers.keys().map(String::as_str);
    let names = || BUILT_IN.iter().map(|known| known.name).chain(["local"]);
    let hint = match closest(name, names().chain(own)) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!(
            "known providers: {}; to add one: git config --global rustassistant-provider.{name}.url https://HOST/v1",
            names().collect::<Vec<_>>().join(", ")
        ),
    };
    hinted(anyhow!("unknown provider '{name}'"), hint)
}

fn hinted(error: anyhow::Error, hint: String) -> anyhow::Error {
    Hinted::attach(error, hint)
}

/// The user's settings for a model, named with or without its provider.
pub fn own_model<'a>(settings: &'a Settings, provider: &str, model: &str) -> Option<&'a OwnModel> {
    let models = &settings.own.models;
    models
        .get(&format!("{provider}/{model}"))
        .or_else(|| models.get(model))
}

/// The built-in price of this model, overridden by the user's settings.
pub fn price(provider: &str, model: &str, own: Option<&OwnModel>) -> Option<Price> {
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

/// The user's price of a model: for the provider in its name, else for the chosen provider or, if that is
/// the embedded analyzer, for any.
pub fn own_price(settings: &Settings, model: &str, own: &OwnModel) -> Option<Price> {
    let named = model.split_once('/');
    let named = named.filter(|(provider, _)| expect_known(provider, settings).is_ok());
    let (provider, model) = match (&settings.provider, named) {
        (_, Some(named)) => named,
        (Provider::Models(name), None) => (name.as_str(), model),
        (Provider::Local, None) => ("any", model),
    };
    let is_priced = own.input.is_some() || own.output.is_some();
    is_priced
        .then(|| price(provider, model, Some(own)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Sources, resolve};

    fn chosen(settings: &Settings) -> Result<ModelConfig> {
        let nothing = |_: &ModelConfig| Default::default();
        let mut parties = parties(
            settings,
            &settings.kinds,
            &BTreeMap::new(),
            nothing,
            Path::new(""),
        )?;
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
