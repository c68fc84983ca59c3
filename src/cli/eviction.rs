//! Shared by commands that remove entries: counting, removing here or also from the shared entries, and
//! reporting. The commands choose the entries.

use std::collections::HashSet;

use anyhow::{Result, anyhow};

use super::context::Context;
use super::options::NetworkOptions;
use super::printer::Printer;
use super::sharing::{self, Sharing};
use super::status::Status;
use crate::git::Repo;
use crate::model::{Entry, EntryKey, Hinted, Part};
use crate::report::{count, grouped, money_of};
use crate::session::Session;
use crate::store::{self, Chosen, LOCAL_REF, Layer, Source, Store};

/// Where to remove entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Unpublished entries of this clone.
    Here,
    /// Also the shared entries at the remote.
    Team,
}

impl Reach {
    pub const fn new(publish: bool) -> Self {
        if publish { Self::Team } else { Self::Here }
    }
}

/// Says what would be removed, as far as known without network.
///
/// # Errors
/// If the store cannot be read, or there is no remote to share through.
pub fn preview(
    context: &Context,
    session: &Session<'_>,
    reach: Reach,
    chosen: &Chosen<'_>,
) -> Result<Status> {
    let places = going(session, reach, chosen)?;
    let parts: Vec<String> = places
        .iter()
        .map(|(place, layer)| format!("{} {place}", count(layer.count() as u64, "entry")))
        .collect();
    let paid = paid(&session.repo, places.iter().map(|(_, layer)| layer)).in_brackets();
    say(context, &format!("would remove {}{paid}", parts.join(", ")))
}

/// Paid answers and what they cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paid {
    answers: u64,
    cost: Part,
}

impl Paid {
    pub fn add(&mut self, entry: &Entry) {
        if let Some(usage) = &entry.usage {
            self.answers += 1;
            self.cost += usage.cost.part();
        }
    }

    /// A suffix for a number of entries; empty if none of them was paid for.
    pub fn in_brackets(self) -> String {
        match self.answers {
            0 => String::new(),
            answers => format!(
                " ({}, {})",
                count(answers, "paid answer"),
                money_of(self.cost)
            ),
        }
    }

    /// Asks for confirmation if there are paid answers.
    ///
    /// # Errors
    /// With a hint, if the user declines, or there is no terminal.
    pub fn confirm(self, context: &Context, command: &str) -> Result<()> {
        if self.answers == 0 {
            return Ok(());
        }
        let what = format!(
            "{} ({})",
            count(self.answers, "paid answer"),
            money_of(self.cost)
        );
        let refusal = |why: &str| {
            let error = anyhow!("nothing removed: this would remove {what}, and {why}");
            Hinted::attach(
                error,
                format!("to remove them without asking: {command} --yes"),
            )
        };
        if !Printer::can_ask() {
            return Err(refusal("there is no terminal to ask on"));
        }
        let question = format!("This removes {what}. Continue? [y/N] ");
        if context.printer.asks(&question)? {
            Ok(())
        } else {
            Err(refusal("you declined"))
        }
    }
}

/// Asks for confirmation if paid answers are among the chosen entries.
///
/// # Errors
/// With a hint, if the user declines, or there is no terminal; if the store cannot be read.
pub fn confirm(
    context: &Context,
    session: &Session<'_>,
    reach: Reach,
    chosen: &Chosen<'_>,
) -> Result<()> {
    let places = going(session, reach, chosen)?;
    let paid = paid(&session.repo, places.iter().map(|(_, layer)| layer));
    paid.confirm(context, "cache clear")
}

/// The chosen entries by place, as far as known without network.
fn going(session: &Session<'_>, reach: Reach, chosen: &Chosen<'_>) -> Result<Vec<(String, Layer)>> {
    let repo = &session.repo;
    let layer = |source: Option<Source>| match source {
        Some(source) => store::choose(repo, &source, chosen),
        None => Ok(Layer::default()),
    };
    let local = store::own_store(repo)?;
    let mut places = vec![("here".to_owned(), layer(local)?)];
    if reach == Reach::Team {
        let remote = sharing::remote(repo, &session.settings, None)?;
        let there = layer(store::mirror(repo, &remote.name)?)?;
        places.push((format!("from {}", remote.name), there));
    }
    Ok(places)
}

/// The paid answers among these, each counted once. Unreadable entries do not count.
pub fn paid<'a>(repo: &Repo, layers: impl Iterator<Item = &'a Layer>) -> Paid {
    let store = Store::empty(repo);
    let (mut seen, mut paid) = (HashSet::new(), Paid::default());
    for ((kind, fingerprint), pairs) in layers.flat_map(|layer| &layer.entries) {
        for (blob, value) in pairs.iter().filter(|(_, value)| seen.insert(*value)) {
            let key = EntryKey {
                kind: kind.clone(),
                fingerprint: *fingerprint,
                blob: *blob,
            };
            if let Ok(entry) = store.read_value(*value, &key) {
                paid.add(&entry);
            }
        }
    }
    paid
}

/// Removes the chosen entries and says how many. `why` is the subject of the commit.
///
/// # Errors
/// If a store cannot be read or written, or there is no remote to share through.
pub fn carry_out(
    context: &Context,
    session: &Session<'_>,
    reach: Reach,
    why: &str,
    chosen: &Chosen<'_>,
) -> Result<Status> {
    if reach == Reach::Here {
        let dropped = store::evict(
            &session.repo,
            chosen,
            why,
            session.settings.trust,
            context.now().as_second(),
        )?;
        return match dropped {
            0 => say(context, "nothing to remove"),
            _ => say(
                context,
                &format!(
                    "removed {}; to undo: git update-ref {LOCAL_REF} {LOCAL_REF}@{{1}}",
                    count(dropped as u64, "entry")
                ),
            ),
        };
    }
    let network = NetworkOptions::default();
    let sharing = Sharing::new(context, &session.repo, &session.settings, &network)?;
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
        0 => say(context, "nothing to remove"),
        _ => say(
            context,
            &format!(
                "removed {} here, {} from {remote}",
                count(here, "entry"),
                grouped(there)
            ),
        ),
    }
}

pub fn say(context: &Context, line: &str) -> Result<Status> {
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
