//! The price of a model: built-in values, overridden by the user's settings.

use super::answerers::expect_known;
use crate::provider::prices::{Price, Prices, Rates};
use crate::settings::{OwnModel, Provider, Settings};

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
