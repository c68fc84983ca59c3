//! What all commands that drop entries have in common: counting first, dropping here or also from
//! what the team shares, and telling it. Not which entries.

use std::collections::HashSet;
use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context as _, Result, anyhow};

use super::context::Context;
use super::opened::Opened;
use super::options::NetworkOptions;
use super::sharing::{self, Sharing};
use super::status::Status;
use crate::model::{EntryKey, Hinted, Origin, Part};
use crate::report::{count, grouped, money_of};
use crate::store::{self, Chosen, LOCAL_REF, Layer, Source, Store};

/// From where entries are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What this clone made and has not published.
    Here,
    /// And what the remote publishes that it shares through.
    Team,
}

impl Reach {
    pub const fn new(publish: bool) -> Self {
        match publish {
            true => Self::Team,
            false => Self::Here,
        }
    }
}

/// Says what would be dropped, as far as is known here without asking a remote.
///
/// # Errors
/// If the store cannot be read, or there is no remote to share through.
pub fn preview(
    context: &Context,
    opened: &Opened,
    reach: Reach,
    chosen: &Chosen<'_>,
) -> Result<Status> {
    let places = going(opened, reach, chosen)?;
    let parts: Vec<String> = places
        .iter()
        .map(|(place, layer)| format!("{} {place}", count(layer.count() as u64, "entry")))
        .collect();
    let paid = match paid(opened, &places) {
        (0, _) => String::new(),
        (answers, cost) => format!(" ({}, {})", count(answers, "paid answer"), money_of(cost)),
    };
    say(context, &format!("would drop {}{paid}", parts.join(", ")))
}

/// Makes sure that the user means it, where answers are among what is chosen that were paid for.
///
/// # Errors
/// With a hint, if the user does not, or there is nobody to ask; if the store cannot be read.
pub fn confirm(
    context: &Context,
    opened: &Opened,
    reach: Reach,
    chosen: &Chosen<'_>,
) -> Result<()> {
    let (answers, cost) = paid(opened, &going(opened, reach, chosen)?);
    if answers == 0 {
        return Ok(());
    }
    let what = format!("{} ({})", count(answers, "paid answer"), money_of(cost));
    let refusal = |why: &str| {
        let error = anyhow!("nothing was dropped: {what} would go, and {why}");
        Hinted::attach(error, "'cache clear --yes' drops them")
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refusal("there is nobody to ask"));
    }
    context
        .printer
        .question(&format!("This drops {what}. Drop them? [y/N] "));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refusal("you did not agree")),
    }
}

/// What is chosen, by where it lies, as far as is known here without asking a remote.
fn going(opened: &Opened, reach: Reach, chosen: &Chosen<'_>) -> Result<Vec<(String, Layer)>> {
    let repo = &opened.repo;
    let layer = |source: Option<Source>| match source {
        Some(source) => store::choose(repo, &source, chosen),
        None => Ok(Layer::default()),
    };
    let local = Source::open(repo, LOCAL_REF, Origin::Here)?;
    let mut places = vec![("here".to_owned(), layer(local)?)];
    if reach == Reach::Team {
        let remote = sharing::remote(repo, &opened.settings, None)?;
        let there = layer(store::mirror(repo, &remote.name)?)?;
        places.push((format!("of {}", remote.name), there));
    }
    Ok(places)
}

/// How many of these a model gave, each counted once, and what they cost. What cannot be read is
/// no answer to anybody.
fn paid(opened: &Opened, places: &[(String, Layer)]) -> (u64, Part) {
    let store = Store::empty(&opened.repo);
    let (mut seen, mut answers, mut cost) = (HashSet::new(), 0, Part::default());
    for (_, layer) in places {
        for ((kind, fingerprint), pairs) in &layer.entries {
            for (blob, value) in pairs.iter().filter(|(_, value)| seen.insert(*value)) {
                let key = EntryKey {
                    kind: kind.clone(),
                    fingerprint: *fingerprint,
                    blob: *blob,
                };
                let entry = store.read_value(*value, &key).ok();
                if let Some(usage) = entry.and_then(|entry| entry.usage) {
                    answers += 1;
                    cost += usage.cost.part();
                }
            }
        }
    }
    (answers, cost)
}

/// Drops what is chosen and says how much that was. `why` is the subject of the commit.
///
/// # Errors
/// If a store cannot be read or written, or there is no remote to share through.
pub fn carry_out(
    context: &Context,
    opened: &Opened,
    reach: Reach,
    why: &str,
    chosen: &Chosen<'_>,
) -> Result<Status> {
    if reach == Reach::Here {
        let dropped = store::evict(&opened.repo, chosen, why, context.now().as_second())?;
        return match dropped {
            0 => say(context, "nothing to drop"),
            _ => say(
                context,
                &format!(
                    "dropped {}; 'git update-ref {LOCAL_REF} {LOCAL_REF}@{{1}}' takes it back",
                    count(dropped as u64, "entry")
                ),
            ),
        };
    }
    let network = NetworkOptions::default();
    let sharing = Sharing::new(context, &opened.repo, &opened.settings, &network)?;
    let dropped = match sharing.evict(chosen, why) {
        Ok(dropped) => dropped,
        Err(trouble) => return Ok(sharing::tell_trouble(context, trouble)),
    };
    if let Some(trouble) = dropped.trouble {
        return Ok(sharing::tell_trouble(context, trouble));
    }
    let (here, there) = (dropped.local as u64, dropped.published as u64);
    let remote = &sharing.remote.name;
    match here + there {
        0 => say(context, "nothing to drop"),
        _ => say(
            context,
            &format!(
                "dropped {} here, {} of {remote}",
                count(here, "entry"),
                grouped(there)
            ),
        ),
    }
}

fn say(context: &Context, line: &str) -> Result<Status> {
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
