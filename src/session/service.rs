//! The connection to the provider that answers, made when there is something to ask: agreed to,
//! with a key, within limits. Not the asking.

use anyhow::{Result, anyhow};

use super::answerers::{ModelConfig, Party};
use super::host::Host;
use super::open::Session;
use super::{consent, key};
use crate::analyzers::Analyzer;
use crate::model::{Hinted, Revision};
use crate::provider::{Client, Manner};
use crate::scan::{self, Backoff, Limits, Outlook, Plan, Service};

/// A provider that is ready, and where its key is from.
pub type Ready = (Service, key::Found);

/// Readies the providers of those parties that have questions in `plan`, in the order of the
/// parties. Nothing is sent before all of it is agreed to.
///
/// # Errors
/// With a hint: nobody has agreed, there is no key, a limit of cost has no price to go by, the
/// address cannot be used.
pub fn open_all(session: &Session<'_>, plan: &Plan) -> Result<Vec<Option<Ready>>> {
    let open = |(number, party): (usize, &Party)| {
        let has_questions = !plan.units_of(&session.questions, number).is_empty();
        let chosen = party.chosen.as_ref().filter(|_| has_questions);
        let ready = chosen.map(|chosen| open(session, chosen, number, plan));
        ready.transpose()
    };
    session.parties.iter().enumerate().map(open).collect()
}

fn open(session: &Session<'_>, chosen: &ModelConfig, number: usize, plan: &Plan) -> Result<Ready> {
    expect_price(session, chosen)?;
    for (kind, prompt) in session.prompts_of(&session.parties[number]) {
        prompt.expect_no_secret(kind)?;
    }
    if plan.selected.revision == Revision::WorkTree && session.repo.claims_a_work_tree()? {
        let hint = "'analyze --rev HEAD' asks about what was committed; if those are the files you \
                    mean, say so: git config --global --add safe.directory \
                    \"$(git rev-parse --absolute-git-dir)\"";
        let why = "nothing was sent: core.worktree, in the repository's own configuration, names a \
                   folder that knows nothing of this repository";
        return Err(Hinted::attach(anyhow!(why), hint));
    }
    let found = key::find(session.host.environment(), chosen)?;
    let mut client = client(session.host, chosen, &found)?;
    if let Some(manner) = manner(session, chosen) {
        client = client.in_manner(manner);
    }
    let kinds = &session.parties[number].kinds;
    consent::obtain(session, chosen, kinds, || outlook(session, number, plan))?;
    let usual = Backoff::default();
    let service = Service {
        client,
        price: chosen.price.clone(),
        concurrency: chosen.concurrency,
        backoff: Backoff {
            first: chosen.retry_delay.unwrap_or(usual.first),
        },
        key_origin: found.origin.clone(),
    };
    Ok((service, found))
}

/// How earlier runs have found that the model is to be asked.
pub fn manner(session: &Session<'_>, chosen: &ModelConfig) -> Option<Manner> {
    let folder = session.repo.own_folder().ok()?;
    scan::manner_of(&folder, &chosen.endpoint, &chosen.model, session.host.now())
}

/// What a party would take to answer what `plan` asks of it; nothing if that is free.
pub fn outlook(session: &Session<'_>, number: usize, plan: &Plan) -> Outlook {
    let party = &session.parties[number];
    let Analyzer::Llm(llm) = &party.analyzer else {
        return Outlook::default();
    };
    let units = plan.units_of(&session.questions, number);
    let price = party.chosen.as_ref();
    let price = price.and_then(|chosen| chosen.price.as_ref());
    let limit = session.scope.max_file_size;
    scan::outlook(&session.repo, &units, llm, &session.questions, limit, price)
}

/// The connection alone, without any conditions.
///
/// # Errors
/// With a hint, if the address or the key cannot be used.
pub fn client(host: &dyn Host, chosen: &ModelConfig, found: &key::Found) -> Result<Client> {
    let mut endpoint = chosen.endpoint.clone();
    endpoint.headers.clone_from(&found.headers);
    // As git has it: before what is configured.
    if let Some(file) = host.environment().get("GIT_SSL_CAINFO") {
        endpoint.ca_file = Some(file.into());
    }
    let client = Client::new(endpoint, found.key.clone());
    let client = client.map(|client| client.at(host.now()));
    client.map_err(|error| Hinted::attach(anyhow!("{}", error.message), error.hint))
}

/// A limit of cost needs a price: an unknown one is not taken for nothing.
///
/// # Errors
/// With a hint, where there is the one and not the other.
pub fn expect_price(session: &Session<'_>, chosen: &ModelConfig) -> Result<()> {
    if session.settings.asking.max_cost.is_none() || chosen.price.is_some() {
        return Ok(());
    }
    let model = &chosen.model;
    let set = |key: &str| format!("git config --global rustassistant-model.{model}.{key}");
    Err(Hinted::attach(
        anyhow!(
            "what {model} costs is not known, so rustassistant.maxCost (--max-cost) cannot be kept"
        ),
        format!(
            "give its prices in US dollars for a million tokens: {} 2.00 and {} 6.00; or limit \
             tokens with --max-tokens",
            set("inputPrice"),
            set("outputPrice")
        ),
    ))
}

/// What all providers together may take.
pub fn limits(session: &Session<'_>) -> Limits {
    let asking = &session.settings.asking;
    Limits {
        cost: asking.max_cost,
        tokens: asking.max_tokens,
        requests: asking.max_requests,
    }
}
