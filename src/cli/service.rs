//! The connection to the provider that answers, made when there is something to ask: agreed to,
//! with a key, within limits. Not the asking.

use anyhow::{Result, anyhow};

use super::context::Context;
use super::opened::Opened;
use super::provider::Chosen;
use super::{consent, key};
use crate::analyzers::Llm;
use crate::model::Hinted;
use crate::provider::Client;
use crate::scan::{self, Backoff, Limits, Plan, Service};

/// Readies the provider for the questions of `plan`.
///
/// # Errors
/// With a hint: nobody has agreed, there is no key, a limit of cost has no price to go by, the
/// address cannot be used.
pub fn open(
    context: &Context,
    opened: &Opened,
    chosen: &Chosen,
    llm: &Llm,
    plan: &Plan,
) -> Result<(Service, key::Found)> {
    let limits = limits(opened, chosen)?;
    let found = key::find(&context.environment, chosen)?;
    let client = client(chosen, &found)?;
    consent::obtain(context, opened, chosen, || {
        let limit = opened.scope.max_file_size;
        let price = chosen.price.as_ref();
        scan::outlook(&opened.repo, plan, llm, &opened.questions, limit, price)
    })?;
    let usual = Backoff::default();
    let service = Service {
        client,
        price: chosen.price.clone(),
        limits,
        concurrency: chosen.concurrency,
        backoff: Backoff {
            first: chosen.retry_delay.unwrap_or(usual.first),
        },
        key_origin: found.origin.clone(),
    };
    Ok((service, found))
}

/// The connection alone, without any conditions.
///
/// # Errors
/// With a hint, if the address or the key cannot be used.
pub fn client(chosen: &Chosen, found: &key::Found) -> Result<Client> {
    let client = Client::new(chosen.endpoint.clone(), found.key.clone());
    client.map_err(|error| Hinted::attach(anyhow!("{}", error.message), error.hint))
}

/// A limit of cost needs a price: an unknown one is not taken for nothing.
fn limits(opened: &Opened, chosen: &Chosen) -> Result<Limits> {
    let asking = &opened.settings.asking;
    if asking.max_cost.is_some() && chosen.price.is_none() {
        let model = &chosen.model;
        let set = |key: &str| format!("git config --global rustassistant-model.{model}.{key}");
        return Err(Hinted::attach(
            anyhow!("what {model} costs is not known, so --max-cost cannot be kept"),
            format!(
                "give its prices in US dollars for a million tokens: {} 2.00 and {} 6.00; or limit \
                 tokens with --max-tokens",
                set("inputPrice"),
                set("outputPrice")
            ),
        ));
    }
    Ok(Limits {
        cost: asking.max_cost,
        tokens: asking.max_tokens,
        requests: asking.max_requests,
    })
}
