//! Whether code may leave the machine: asked once for each provider, kind and prompt in a
//! repository. Where that is kept is for `agreement`.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context as _, Result, anyhow};

use super::agreement::{Agreement, Agreements, digest};
use super::context::Context;
use super::opened::Opened;
use super::provider::Chosen;
use crate::model::{Hinted, Kind, Language};
use crate::provider::host;
use crate::report::clean_line;
use crate::scan::Outlook;
use crate::settings::Consent;

/// What the settings would send of these kinds, and to whom: an agreement for each.
fn needed(context: &Context, opened: &Opened, chosen: &Chosen, kinds: &[Kind]) -> Vec<Agreement> {
    let day = context.now().strftime("%Y-%m-%d").to_string();
    let all = opened.questions.kinds.iter().enumerate();
    let agreement = |(number, kind): (usize, &Kind)| {
        let ask = |language| opened.questions.get(language, number);
        let question = Language::ALL.into_iter().find_map(ask)?;
        Some(Agreement {
            host: host(&chosen.endpoint.url),
            kind: kind.clone(),
            prompt: digest(question.recipe.prompt.as_ref()?),
            day: day.clone(),
        })
    };
    let kinds = all.filter(|(_, kind)| kinds.contains(kind));
    kinds.filter_map(agreement).collect()
}

/// Makes sure that the user agrees to what would be sent.
///
/// # Errors
/// With a hint, if the user does not, or there is nobody to ask.
pub fn obtain(
    context: &Context,
    opened: &Opened,
    chosen: &Chosen,
    kinds: &[Kind],
    outlook: impl FnOnce() -> Outlook,
) -> Result<()> {
    let needed = needed(context, opened, chosen, kinds);
    let given = Agreements::of(context, &opened.repo)?;
    if opened.settings.asking.consent == Consent::Given || given.hold(&needed) {
        return Ok(());
    }
    let host = clean_line(&host(&chosen.endpoint.url));
    let refusal = |why: &str| {
        let hint = format!(
            "if the code of this repository may be sent to {host}, say so with 'analyze --yes' or \
             RUSTASSISTANT_YES=1; 'analyze -n' shows what would be sent"
        );
        Hinted::attach(anyhow!("nothing was sent to {host}: {why}"), hint)
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refusal("nobody has agreed to it in this repository yet"));
    }
    context
        .printer
        .question(&explanation(&needed, chosen, &outlook(), &host));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => given.add(needed.iter()),
        _ => Err(refusal("you did not agree")),
    }
}

fn explanation(needed: &[Agreement], chosen: &Chosen, outlook: &Outlook, host: &str) -> String {
    let kinds = needed.iter();
    let kinds: Vec<String> = kinds
        .map(|one| format!("{} (prompt {})", one.kind, one.prompt.short()))
        .collect();
    format!(
        "This sends code to {host}, which has not been agreed to in this repository yet.\n\
         \x20 provider  {} with the model {}\n\
         \x20 files     {}, the whole text of each, without its path\n\
         \x20 kinds     {}\n\
         \x20 takes     {}\n\
         Not sent: files with anything that looks like a secret, files with the attribute\n\
         rustassistant=local, excluded files, names, history.\n\
         Send it? [y/N] ",
        chosen.endpoint.name,
        clean_line(&chosen.model),
        outlook.files,
        kinds.join(", "),
        super::outlook::words(outlook),
    )
}
