//! `cache stats`: hits, tokens and costs of past runs in this clone, per day. For what is stored now,
//! see `cache status`.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::{Part, Usd};
use crate::report::{grouped, money_of};
use crate::session::{self, Past};

/// The number of days shown.
const DAYS: usize = 30;

/// Show hit rates, tokens and costs per day
///
/// Counts about the last two thousand runs in this clone, except runs with --no-cache. Days are in
/// UTC.
#[derive(Debug, Args)]
pub struct Arguments {}

const NONE: Part = Part {
    known: Usd(0),
    unpriced: 0,
};

/// Totals of one day, or of all days.
#[derive(Clone, Copy, Debug)]
struct Sum {
    runs: u64,
    hits: u64,
    asked: u64,
    requests: u64,
    input: u64,
    output: u64,
    cost: Part,
    saved: Part,
}

impl Sum {
    const NOTHING: Self = Self {
        runs: 0,
        hits: 0,
        asked: 0,
        requests: 0,
        input: 0,
        output: 0,
        cost: NONE,
        saved: NONE,
    };

    fn add(&mut self, past: &Past) {
        self.runs += 1;
        for (sum, more) in [
            (&mut self.hits, past.hits),
            (&mut self.asked, past.questions()),
            (&mut self.requests, past.requests),
            (&mut self.input, past.input_tokens),
            (&mut self.output, past.output_tokens),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.cost += past.cost();
        self.saved += past.saved();
    }
}

pub fn run(_arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let mut days: BTreeMap<String, Sum> = BTreeMap::new();
    let mut all = Sum::NOTHING;
    let own = repo.own_folder();
    for past in own.iter().flat_map(session::past) {
        let day = past.at.strftime("%Y-%m-%d").to_string();
        days.entry(day).or_insert(Sum::NOTHING).add(&past);
        all.add(&past);
    }
    context.printer.data(|out| {
        if all.runs == 0 {
            writeln!(out, "no runs recorded yet")?;
            return Ok(Status::Done);
        }
        writeln!(
            out,
            "{:<12}{:>8}{:>12}{:>12}{:>6}{:>10}{:>14}{:>12}{:>10}",
            "day", "runs", "questions", "hits", "", "requests", "tokens in", "out", "cost"
        )?;
        for (day, sum) in days.iter().skip(days.len().saturating_sub(DAYS)) {
            line(day, sum, out)?;
        }
        if days.len() > 1 {
            line("total", &all, out)?;
        }
        if all.saved != NONE {
            let saved = money_of(all.saved);
            writeln!(out, "saved {saved}: the original cost of reused answers")?;
        }
        Ok(Status::Done)
    })
}

fn line(day: &str, sum: &Sum, out: &mut dyn Write) -> Result<()> {
    let rate = match sum.asked {
        0 => "-".to_owned(),
        asked => format!("{}%", sum.hits.saturating_mul(100) / asked),
    };
    let is_counted = sum.requests == 0 || sum.input > 0 || sum.output > 0;
    let tokens = |number| {
        if is_counted {
            grouped(number)
        } else {
            "?".to_owned()
        }
    };
    writeln!(
        out,
        "{day:<12}{:>8}{:>12}{:>12}{rate:>6}{:>10}{:>14}{:>12}{:>10}",
        grouped(sum.runs),
        grouped(sum.asked),
        grouped(sum.hits),
        grouped(sum.requests),
        tokens(sum.input),
        tokens(sum.output),
        money_of(sum.cost),
    )?;
    Ok(())
}
