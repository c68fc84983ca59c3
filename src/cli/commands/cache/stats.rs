//! `cache stats`: what the runs in this clone found and took, day by day. Not what is stored now.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::runs::{self, Past};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::Usd;
use crate::report::{grouped, money};

/// How many days are shown.
const DAYS: usize = 30;

/// Show how often the store could answer, and what models took, day by day
///
/// Counts the runs of this clone that are remembered, about the last two thousand. Runs with
/// --no-cache are not. Days are those of UTC.
#[derive(Debug, Args)]
pub struct Arguments {}

/// The runs of one day, or of all.
#[derive(Clone, Copy, Debug)]
struct Sum {
    runs: u64,
    hits: u64,
    asked: u64,
    requests: u64,
    input: u64,
    output: u64,
    cost: Option<Usd>,
}

impl Sum {
    const NOTHING: Self = Self {
        runs: 0,
        hits: 0,
        asked: 0,
        requests: 0,
        input: 0,
        output: 0,
        cost: Some(Usd(0)),
    };

    /// An unknown cost makes the whole unknown.
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
        let both = self.cost.zip(past.cost_usd);
        self.cost = both.map(|(sum, more)| sum.saturating_add(more));
    }
}

pub fn run(_arguments: &Arguments, context: &Context) -> Result<Status> {
    let repo = Repo::open()?;
    let mut days: BTreeMap<String, Sum> = BTreeMap::new();
    let mut all = Sum::NOTHING;
    let own = repo.own_folder();
    for past in own.iter().flat_map(runs::past) {
        let day = past.at.strftime("%Y-%m-%d").to_string();
        days.entry(day).or_insert(Sum::NOTHING).add(&past);
        all.add(&past);
    }
    context.printer.data(|out| {
        if all.runs == 0 {
            writeln!(out, "no runs are remembered: 'analyze' makes some")?;
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
            line("in all", &all, out)?;
        }
        Ok(Status::Done)
    })
}

fn line(day: &str, sum: &Sum, out: &mut dyn Write) -> Result<()> {
    let rate = match sum.asked {
        0 => "-".to_owned(),
        asked => format!("{}%", sum.hits.saturating_mul(100) / asked),
    };
    writeln!(
        out,
        "{day:<12}{:>8}{:>12}{:>12}{rate:>6}{:>10}{:>14}{:>12}{:>10}",
        grouped(sum.runs),
        grouped(sum.asked),
        grouped(sum.hits),
        grouped(sum.requests),
        grouped(sum.input),
        grouped(sum.output),
        money(sum.cost),
    )?;
    Ok(())
}
