//! `cache status`: counts entries by ref and kind.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::Origin;
use crate::report::count;
use crate::store::{Store, survey};

/// Count stored entries by ref and kind
#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let store = Store::open(&repo, &repo.remotes());
    for reason in &store.unreadable {
        context.printer.warning(reason);
    }
    let mut counts: BTreeMap<(Origin, String), (u64, usize)> = BTreeMap::new();
    let mut total = 0;
    let mut is_whole = store.unreadable.is_empty();
    for group in survey(&repo, &store)? {
        let entries = match group.count(&repo) {
            // A bad ref at a remote must not hide the rest.
            Err(error) if group.origin != Origin::Here => {
                let name = &group.ref_name;
                let warning = format!("cannot read the analyses at {name}: {error:#}");
                context.printer.warning(warning);
                is_whole = false;
                continue;
            }
            counted => counted?,
        };
        let place = (group.origin.clone(), group.kind.name().to_owned());
        let (sum, recipes) = counts.entry(place).or_default();
        *sum += entries;
        *recipes += 1;
        total += entries;
    }
    context.printer.data(|out| {
        for source in store.sources() {
            writeln!(out, "{}  {}", source.ref_name, source.commit.short())?;
            let here = counts
                .iter()
                .filter(|((origin, _), _)| *origin == source.origin);
            for ((_, kind), (entries, recipes)) in here {
                let recipes = count(*recipes as u64, "recipe");
                writeln!(
                    out,
                    "  {kind:<10}{:>16} by {recipes}",
                    count(*entries, "entry")
                )?;
            }
        }
        match total {
            0 => writeln!(out, "no entries")?,
            _ => writeln!(out, "{} in total", count(total, "entry"))?,
        }
        Ok(if is_whole {
            Status::Done
        } else {
            Status::Incomplete
        })
    })
}
