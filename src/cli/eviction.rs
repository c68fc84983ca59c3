//! What all commands that drop entries have in common: counting first, dropping here or also from
//! what the team shares, and telling it. Not which entries.

use anyhow::Result;

use super::context::Context;
use super::opened::Opened;
use super::options::NetworkOptions;
use super::sharing::{self, Sharing};
use super::status::Status;
use crate::git::Repo;
use crate::model::Origin;
use crate::report::{count, grouped};
use crate::store::{self, Chosen, LOCAL_REF, Source};

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
    let local = Source::open(&opened.repo, LOCAL_REF, Origin::Here)?;
    let mut parts = vec![format!("{} here", entries(&opened.repo, local, chosen)?)];
    if reach == Reach::Team {
        let remote = sharing::remote(&opened.repo, &opened.settings, None)?;
        let mirror = store::mirror(&opened.repo, &remote.name)?;
        let there = entries(&opened.repo, mirror, chosen)?;
        parts.push(format!("{there} of {}", remote.name));
    }
    say(context, &format!("would drop {}", parts.join(", ")))
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

fn entries(repo: &Repo, source: Option<Source>, chosen: &Chosen<'_>) -> Result<String> {
    let going = source
        .map(|source| store::choose(repo, &source, chosen))
        .transpose()?;
    Ok(count(
        going.map_or(0, |going| going.count()) as u64,
        "entry",
    ))
}

fn say(context: &Context, line: &str) -> Result<Status> {
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
