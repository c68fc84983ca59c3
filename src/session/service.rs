//! Connects to providers when there is something to ask, after checking agreement, key and limits; and
//! estimates what asking would take.

use anyhow::{Result, anyhow};

use super::answerers::{ModelConfig, Party};
use super::host::Host;
use super::open::Session;
use super::{consent, key};
use crate::analyzers::Analyzer;
use crate::model::{Hinted, Revision};
use crate::provider::{Client, Manner};
use crate::report::{count, grouped, money};
use crate::scan::{self, Backoff, CostEstimate, Limits, Plan, Service};

/// A connected provider, and where its key comes from.
pub type Ready = (Service, key::Found);

/// Connects to the providers of all parties with questions in `plan`, in the order of the parties. Sends
/// nothing before the user has agreed to everything.
///
/// # Errors
/// With a hint, if an agreement, a key, or the price for a spending limit is missing, or a URL is
/// invalid.
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
        let hint = "to analyze committed files, use 'analyze --rev HEAD'; if those are the files you \
                    want: git config --global --add safe.directory \
                    \"$(git rev-parse --absolute-git-dir)\"";
        let why = "nothing sent: core.worktree, in the repository's own configuration, names a \
                   directory that does not belong to this repository";
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

/// The request features that the model supports, as earlier runs found.
pub fn manner(session: &Session<'_>, chosen: &ModelConfig) -> Option<Manner> {
    let folder = session.repo.own_folder().ok()?;
    scan::manner_of(&folder, &chosen.endpoint, &chosen.model, session.host.now())
}

/// The estimated usage of a party in `plan`; `None` if free.
pub fn outlook(session: &Session<'_>, number: usize, plan: &Plan) -> CostEstimate {
    let party = &session.parties[number];
    let Analyzer::Llm(llm) = &party.analyzer else {
        return CostEstimate::default();
    };
    let units = plan.units_of(&session.questions, number);
    let price = party.chosen.as_ref();
    let price = price.and_then(|chosen| chosen.price.as_ref());
    let limit = session.scope.max_file_size;
    scan::cost_estimate(&session.repo, &units, llm, &session.questions, limit, price)
}

/// Connects without checking anything else.
///
/// # Errors
/// With a hint, if the URL or the key is invalid.
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

/// A spending limit needs a price: an unknown price does not mean free.
///
/// # Errors
/// With a hint, if there is a limit and no price.
pub fn expect_price(session: &Session<'_>, chosen: &ModelConfig) -> Result<()> {
    if session.settings.asking.max_cost.is_none() || chosen.price.is_some() {
        return Ok(());
    }
    let model = &chosen.model;
    let set = |key: &str| format!("git config --global rustassistant-model.{model}.{key}");
    Err(Hinted::attach(
        anyhow!(
            "the price of {model} is unknown, so rustassistant.maxCost (--max-cost) does not work"
        ),
        format!(
            "set its prices in US dollars per million tokens: {} 2.00 and {} 6.00; or limit tokens \
             with --max-tokens",
            set("inputPrice"),
            set("outputPrice")
        ),
    ))
}

/// The budget of all providers together.
pub fn limits(session: &Session<'_>) -> Limits {
    let asking = &session.settings.asking;
    Limits {
        cost: asking.max_cost,
        tokens: asking.max_tokens,
        requests: asking.max_requests,
    }
}

/// `12 requests; 31,000 to 90,000 tokens in, up to 196,608 out; $0.06 to $1.35`.
pub fn words(outlook: &CostEstimate) -> String {
    let (least, most) = (outlook.input_tokens.start, outlook.input_tokens.end);
    let cost = match outlook.cost {
        Some((from, to)) if from != to => format!("{} to {}", money(Some(from)), money(Some(to))),
        cost => money(cost.map(|(_, to)| to)),
    };
    let likely = outlook.likely.map_or(String::new(), |likely| {
        let likely = money(Some(likely));
        format!(", likely about {likely}")
    });
    format!(
        "{}; {} to {} tokens in, up to {} out; {cost}{likely}",
        count(outlook.requests, "request"),
        grouped(least),
        grouped(most),
        grouped(outlook.output_tokens),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_is_a_question_mark() {
        let outlook = CostEstimate {
            files: 2,
            requests: 2,
            input_tokens: 1_000..3_000,
            output_tokens: 32_768,
            cost: None,
            likely: None,
        };
        insta::assert_snapshot!(words(&outlook), @"2 requests; 1,000 to 3,000 tokens in, up to 32,768 out; $?");
    }
}
