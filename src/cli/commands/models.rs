//! `models`: lists known providers and models with prices and their dates. Uses no network.

use std::io::Write;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::Usd;
use crate::provider::prices::{Price, Prices};
use crate::provider::{BUILT_IN, built_in, host};
use crate::report::{clean_line, grouped, money};
use crate::session::{self, expect_known, own_price};
use crate::settings::{OwnProvider, Settings};

const CHANGING: &str = "\
Settings:
  git config --global rustassistant.provider xai
  git config --global rustassistant-provider.team.url https://llm.example/v1
  git config --global rustassistant-model.MODEL.inputPrice 2.00

Prices are in US dollars per million tokens, as of the date shown. A cost that the provider reports
itself takes precedence.";

/// List known providers and models, with prices
///
/// You can use any other model of a provider, too, by its name.
#[derive(Debug, Args)]
#[command(after_help = CHANGING)]
pub struct Arguments {
    /// List only this provider
    #[arg(value_name = "PROVIDER")]
    provider: Option<String>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let settings = session::personal(context, &Repo::open()?)?;
    if let Some(name) = &arguments.provider {
        expect_known(name, &settings)?;
    }
    let wanted = |name: &str| {
        arguments
            .provider
            .as_deref()
            .is_none_or(|only| only == name)
    };
    context.printer.data(|out| {
        writeln!(out, "Providers{:>45}{:>24}{:>22}", "key", "model", "as of")?;
        for known in BUILT_IN.iter().filter(|known| wanted(known.name)) {
            let own = settings.own.providers.get(known.name);
            provider(known.name, own, out)?;
        }
        for (name, own) in &settings.own.providers {
            if built_in(name).is_none() && wanted(name) {
                provider(name, Some(own), out)?;
            }
        }
        writeln!(
            out,
            "\nModels{:>42}{:>10}{:>10}{:>10}  as of",
            "context", "in", "cached", "out"
        )?;
        for price in prices(&settings)
            .iter()
            .filter(|price| wanted(&price.provider))
        {
            model(price, out)?;
        }
        Ok(Status::Done)
    })
}

fn provider(name: &str, own: Option<&OwnProvider>, out: &mut dyn Write) -> Result<()> {
    let known = built_in(name);
    let url = own
        .and_then(|own| own.url.as_deref())
        .or(known.map(|known| known.url));
    let key = own.and_then(|own| own.key_variable.as_deref());
    // A custom address does not get the key of the default one.
    let is_usual = own.is_none_or(|own| own.url.is_none());
    let usual = known.filter(|_| is_usual);
    let key = key
        .or(usual.and_then(|known| known.key_variable))
        .unwrap_or("-");
    let model = own.and_then(|own| own.model.as_deref());
    let model = model.or(known.and_then(|known| known.model)).unwrap_or("-");
    let as_of = known.and_then(|known| known.as_of).unwrap_or("");
    let host = clean_line(&host(url.unwrap_or("?")));
    let (name, key, model) = (clean_line(name), clean_line(key), clean_line(model));
    let line = format!("  {name:<12}{host:<36}{key:<22}{model:<20}  {as_of}");
    Ok(writeln!(out, "{}", line.trim_end())?)
}

fn model(price: &Price, out: &mut dyn Write) -> Result<()> {
    let name = clean_line(&format!("{}/{}", price.provider, price.model));
    let window = price.context_window.map_or("?".to_owned(), grouped);
    let rate = |usd: Usd| money(Some(usd));
    let rates = &price.rates;
    let (input, cached, output) = (
        rate(rates.input),
        rate(rates.cached_input),
        rate(rates.output),
    );
    let as_of = match price.as_of.as_str() {
        "" => "your settings",
        day => day,
    };
    writeln!(
        out,
        "  {name:<34}{window:>12}{input:>10}{cached:>10}{output:>10}  {as_of}"
    )?;
    for tier in &price.tiers {
        let from = format!("  from {} tokens in", grouped(tier.min_input_tokens));
        let rates = &tier.rates;
        let (input, cached, output) = (
            rate(rates.input),
            rate(rates.cached_input),
            rate(rates.output),
        );
        writeln!(out, "  {from:<46}{input:>10}{cached:>10}{output:>10}")?;
    }
    Ok(())
}

/// Built-in prices, and those from the user's settings.
fn prices(settings: &Settings) -> Prices {
    let own = settings.own.models.iter();
    let own = own.filter_map(|(model, own)| own_price(settings, model, own));
    Prices::built_in().with(own.collect())
}
