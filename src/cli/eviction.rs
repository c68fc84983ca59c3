//! What all commands that drop entries have in common: counting first, dropping here or also from
//! what the team shares, and telling it. Not which entries.

use std::collections::HashSet;

use anyhow::{Result, anyhow};

use super::context::Context;
use super::options::NetworkOptions;
use super::printer::Printer;
use super::sharing::{self, Sharing};
use super::status::Status;
use crate::git::Repo;
use crate::model::{Entry, EntryKey, Hinted, Origin, Part};
use crate::report::{count, grouped, money_of};
use crate::session::Session;
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
        if publish { Self::Team } else { Self::Here }
    }
}

/// Says what would be dropped, as far as is known here without asking a remote.
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
    say(context, &format!("would drop {}{paid}", parts.join(", ")))
}

/// Answers that somebody has paid for, and what they cost.
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

    /// To be told behind a number of entries; nothing, if none of them was paid for.
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

    /// Makes sure that the user of `command` means it, where there are such answers.
    ///
    /// # Errors
    /// With a hint, if the user does not, or there is nobody to ask.
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
            let error = anyhow!("nothing was dropped: {what} would go, and {why}");
            Hinted::attach(error, format!("'{command} --yes' drops them"))
        };
        if !Printer::can_ask() {
            return Err(refusal("there is nobody to ask"));
        }
        let question = format!("This drops {what}. Drop them? [y/N] ");
        if context.printer.asks(&question)? {
            Ok(())
        } else {
            Err(refusal("you did not agree"))
        }
    }
}

/// Makes sure that the user means it, where answers are among what is chosen that were paid for.
///
/// # Errors
/// With a hint, if the user does not, or there is nobody to ask; if the store cannot be read.
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

/// What is chosen, by where it lies, as far as is known here without asking a remote.
fn going(session: &Session<'_>, reach: Reach, chosen: &Chosen<'_>) -> Result<Vec<(String, Layer)>> {
    let repo = &session.repo;
    let layer = |source: Option<Source>| match source {
        Some(source) => store::choose(repo, &source, chosen),
        None => Ok(Layer::default()),
    };
    let local = Source::open(repo, LOCAL_REF, Origin::Here)?;
    let mut places = vec![("here".to_owned(), layer(local)?)];
    if reach == Reach::Team {
        let remote = sharing::remote(repo, &session.settings, None)?;
        let there = layer(store::mirror(repo, &remote.name)?)?;
        places.push((format!("of {}", remote.name), there));
    }
    Ok(places)
}

/// Those of these that a model gave, each counted once. What cannot be read is no answer to anybody.
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

/// Drops what is chosen and says how much that was. `why` is the subject of the commit.
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
        let dropped = store::evict(&session.repo, chosen, why, context.now().as_second())?;
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

pub fn say(context: &Context, line: &str) -> Result<Status> {
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
