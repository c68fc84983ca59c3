//! Asks whether code may be sent: once per provider, kind and prompt in a repository. `agreement` stores
//! the answers.

use std::collections::HashSet;

use anyhow::{Result, anyhow};

use super::agreement::{Agreement, Agreements, digest};
use super::answerers::ModelConfig;
use super::open::Session;
use crate::model::{Hinted, Kind, Language};
use crate::provider::host as host_of;
use crate::report::clean_line;
use crate::scan::CostEstimate;
use crate::settings::Consent;

/// The agreements needed for these kinds.
fn needed(session: &Session<'_>, chosen: &ModelConfig, kinds: &[Kind]) -> Vec<Agreement> {
    let day = session.host.now().strftime("%Y-%m-%d").to_string();
    let all = session.questions.kinds.iter().enumerate();
    let agreement = |(number, kind): (usize, &Kind)| {
        let ask = |language| session.questions.get(language, number);
        let question = Language::ALL.into_iter().find_map(ask)?;
        Some(Agreement {
            host: host_of(&chosen.endpoint.url),
            kind: kind.clone(),
            prompt: digest(question.recipe.prompt.as_ref()?),
            day: day.clone(),
        })
    };
    let wanted: HashSet<&Kind> = kinds.iter().collect();
    let kinds = all.filter(|(_, kind)| wanted.contains(kind));
    kinds.filter_map(agreement).collect()
}

/// Makes sure that the user agrees.
///
/// # Errors
/// With a hint, if the user declines, or there is no terminal.
pub fn obtain(
    session: &Session<'_>,
    chosen: &ModelConfig,
    kinds: &[Kind],
    outlook: impl FnOnce() -> CostEstimate,
) -> Result<()> {
    if session.settings.asking.consent == Consent::Given {
        return Ok(());
    }
    let needed = needed(session, chosen, kinds);
    let given = Agreements::of(session.host.environment(), &session.repo)?;
    if given.hold(&needed) {
        return Ok(());
    }
    let host = clean_line(&host_of(&chosen.endpoint.url));
    let refusal = |why: &str| {
        let hint = format!(
            "to allow sending code of this repository to {host}, use 'analyze --yes' or \
             RUSTASSISTANT_YES=1; to see what would be sent: git rustassistant analyze -n"
        );
        Hinted::attach(anyhow!("nothing sent to {host}: {why}"), hint)
    };
    if !session.host.can_ask() {
        let own = needed
            .iter()
            .filter(|one| session.prompts.contains_key(&one.kind));
        let own: Vec<String> = own.map(|one| told(one, session)).collect();
        let own = if own.is_empty() {
            String::new()
        } else {
            format!(", or to the prompts of {}", own.join(", "))
        };
        let why = format!("you have not agreed to that in this repository{own}");
        return Err(refusal(&why));
    }
    let question = explanation(&needed, session, chosen, &outlook(), &host);
    if session.host.ask(&question)? {
        given.add(needed.iter())
    } else {
        Err(refusal("you declined"))
    }
}

/// A kind with the digest of its prompt, and the path of a custom one.
fn told(one: &Agreement, session: &Session<'_>) -> String {
    let digest = one.prompt.short();
    match session.prompts.get(&one.kind) {
        Some(prompt) => format!("{} ({}, prompt {digest})", one.kind, prompt.path),
        None => format!("{} (prompt {digest})", one.kind),
    }
}

fn explanation(
    needed: &[Agreement],
    session: &Session<'_>,
    chosen: &ModelConfig,
    outlook: &CostEstimate,
    host: &str,
) -> String {
    let kinds: Vec<String> = needed.iter().map(|one| told(one, session)).collect();
    let prompts = needed
        .iter()
        .filter_map(|one| session.prompts.get(&one.kind));
    let prompts: String = prompts
        .map(|prompt| {
            let path = &prompt.path;
            format!("  {path} starts with:\n{}", prompt.beginning("    | "))
        })
        .collect();
    format!(
        "This sends code to {host}, which you have not agreed to in this repository yet.\n\
         \x20 provider  {} with model {}\n\
         \x20 files     {}, the whole text of each, without its path\n\
         \x20 kinds     {}\n\
         \x20 takes     {}\n\
         {prompts}\
         Not sent: files and prompts in which something looks like a secret (a net, not a proof),\n\
         files with the attribute rustassistant=local, excluded files, names, history.\n\
         Send it? [y/N] ",
        chosen.endpoint.name,
        clean_line(&chosen.model),
        outlook.files,
        kinds.join(", "),
        super::estimate::words(outlook),
    )
}
