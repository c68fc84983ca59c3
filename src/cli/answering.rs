//! Has a plan answered: the providers are readied, asked, and what they made of it is told. Not the
//! plan, and not the report.

use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::context::Context;
use super::opened::Opened;
use super::options::RunOptions;
use super::provider::Party;
use super::{interrupt, outlook, service};
use crate::analyzers::Analyzer;
use crate::model::{Hinted, Stop};
use crate::provider::host;
use crate::report::count;
use crate::scan::{self, Answerer, Plan, Ran, Reading, Run};
use crate::store::Store;

/// Has the plan's questions answered by whoever the settings name.
pub fn execute(
    opened: &Opened,
    context: &Context,
    options: &RunOptions,
    plan: &Plan,
    store: &Store<'_>,
    reading: Reading,
) -> Result<Ran> {
    let progress = context.progress();
    let is_local = |party: &Party| matches!(party.analyzer, Analyzer::Local(_));
    let (services, unready) = match service::open_all(context, opened, plan) {
        Ok(services) => (services, None),
        // What costs nothing and leaves nothing is answered all the same, and what is known told.
        Err(error) if plan.knows_something() || opened.parties.iter().any(is_local) => {
            context.printer.error(&error);
            let nobody = opened.parties.iter().map(|_| None).collect();
            (nobody, Some(format!("{error:#}")))
        }
        Err(error) => return Err(error),
    };
    let mut answerers = Vec::with_capacity(services.len());
    for (party, service) in opened.parties.iter().zip(&services) {
        answerers.push(match (&party.analyzer, service, &unready) {
            (Analyzer::Local(local), ..) => Answerer::Local(local),
            (Analyzer::Llm(llm), Some((service, _)), _) => Answerer::Model(llm, service),
            (Analyzer::Llm(_), None, Some(why)) => Answerer::Unready(why),
            // Everything is known already: no key, no connection.
            (Analyzer::Llm(_), None, None) => Answerer::Nobody,
        });
    }
    // Not before: who is asked for agreement may leave. Nor where there is nothing to wait for.
    let interrupt = if plan.units.is_empty() {
        Arc::default()
    } else {
        interrupt::watch()
    };
    let run = Run {
        repo: &opened.repo,
        questions: &opened.questions,
        answerers: &answerers,
        limits: service::limits(opened),
        progress: progress.as_ref(),
        jobs: opened.jobs(),
        wanted: opened.wanted(context, reading),
        keep: !options.no_cache,
        reuse: !options.refresh,
        interrupt: &interrupt,
        store,
    };
    let ran = scan::run(&run, plan)?;
    for ((party, service), closing) in opened.parties.iter().zip(&services).zip(&ran.closings) {
        let (Some(chosen), Some((service, key)), Some(closing)) = (&party.chosen, service, closing)
        else {
            continue;
        };
        key.judge(closing.key);
        if !options.no_cache
            && let Ok(folder) = opened.repo.own_folder()
        {
            closing.measured.remember(&folder, &chosen.full_name());
            let now = context.now();
            closing.learned.remember(&folder, &chosen.full_name(), now);
            if let Some(manner) = service.client.proven() {
                let (endpoint, model) = (&chosen.endpoint, &chosen.model);
                scan::remember_manner(&folder, endpoint, model, manner, now);
            }
        }
    }
    for (party, stop) in &ran.stops {
        match (stop, &opened.parties[*party].chosen) {
            // Why a provider is not ready was said before.
            (Stop::Provider(why), Some(chosen)) if services[*party].is_some() => {
                let error = anyhow!("{}: {why}", chosen.endpoint.name);
                context.printer.error(&Hinted::attach(error, TRY_IT));
            }
            (Stop::Store(why), _) => {
                let hint = "'--no-cache' asks all the same, and stores nothing";
                let error = Hinted::attach(anyhow!("{why}"), hint);
                context.printer.error(&error);
            }
            _ => {}
        }
    }
    Ok(ran)
}

/// What helps where a provider ends a run.
const TRY_IT: &str = "see what is set up, and ask a short question: git rustassistant doctor --ask";

/// Says what a dry run would send, where a model would answer.
pub fn foresee(opened: &Opened, context: &Context, plan: &Plan) {
    for (number, party) in opened.parties.iter().enumerate() {
        let Some(chosen) = &party.chosen else {
            continue;
        };
        let outlook = service::outlook(opened, number, plan);
        if outlook.requests > 0
            && let Err(error) = service::expect_price(opened, chosen)
        {
            // The run would refuse, too.
            context.printer.error(&error);
        }
        for (kind, prompt) in opened.prompts_of(party) {
            let path = &prompt.path;
            let line = format_args!("would ask for '{kind}' with the prompt {path}");
            context.printer.note(line);
            if let Err(error) = prompt.expect_no_secret(kind) {
                context.printer.error(&error);
            }
        }
        context.printer.note(format_args!(
            "would send {} to {} for {}: {}",
            count(outlook.files, "file"),
            host(&chosen.endpoint.url),
            chosen.model,
            outlook::words(&outlook)
        ));
    }
}
