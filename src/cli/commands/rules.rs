//! `rules`: what the embedded analyzer reports, why, and how to silence it; and which languages it
//! reads. Analyzes nothing.

use std::io::Write;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::analyzers::Thresholds;
use crate::analyzers::local::{Example, RULES, Rule, example_of, holds_in};
use crate::cli::context::Context;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::{Hinted, Language, Roles};
use crate::session;
use crate::settings::closest;

/// Explain what is reported: every rule, or one in detail
///
/// Without RULE, lists the rules of the embedded analyzer by kind, and the languages it reads. With
/// one, says what it reports and why, shows code it reports and code it does not, its threshold, and
/// how to silence it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The rule, as reports name it
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Some(name) = &arguments.rule else {
        return context.printer.data(|out| {
            list(out)?;
            Ok(Status::Done)
        });
    };
    let Some(rule) = RULES.iter().find(|rule| rule.id == name) else {
        let hint = match closest(name, RULES.iter().map(|rule| rule.id)) {
            Some(meant) => format!("did you mean '{meant}'? git rustassistant rules {meant}"),
            None => "list them all: git rustassistant rules".to_owned(),
        };
        let error = anyhow!("there is no rule '{}'", name.escape_debug());
        return Err(Hinted::attach(error, hint));
    };
    // Outside of a repository the usual values count.
    let thresholds = match Repo::open() {
        Ok(repo) => session::personal(context, &repo)?.thresholds,
        Err(_) => Thresholds::default(),
    };
    context.printer.data(|out| {
        explain(rule, &thresholds, out)?;
        Ok(Status::Done)
    })
}

fn list(out: &mut dyn Write) -> Result<()> {
    let mut kinds: Vec<_> = RULES.iter().map(|rule| &rule.kind).collect();
    kinds.dedup();
    for kind in kinds {
        writeln!(out, "{kind}")?;
        for rule in RULES.iter().filter(|rule| rule.kind == *kind) {
            writeln!(
                out,
                "  {:<30}{:<9}{}",
                rule.id,
                rule.level.name(),
                rule.help
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Languages")?;
    for language in Language::ALL {
        let endings = language.endings().join(" ");
        writeln!(out, "  {:<14}{endings}", language.name())?;
    }
    writeln!(out, "\ngit rustassistant rules RULE explains one of them")?;
    Ok(())
}

fn explain(rule: &Rule, thresholds: &Thresholds, out: &mut dyn Write) -> Result<()> {
    let Rule {
        id, kind, level, ..
    } = rule;
    writeln!(out, "{id}: {}\n", rule.help)?;
    writeln!(out, "{}\n", textwrap::fill(rule.details, 80))?;
    if let Some(example) = example_of(id) {
        let Example { bad, good, .. } = example;
        writeln!(out, "Reported:\n{}", indented(bad))?;
        writeln!(out, "Not reported:\n{}", indented(good))?;
    }
    writeln!(out, "Kind     {kind}")?;
    writeln!(out, "Level    {level} at most")?;
    let roles = holds_in(kind, id);
    if roles != Roles::EVERY {
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        writeln!(out, "Files    {}", names.join(", "))?;
    }
    for threshold in Thresholds::ALL {
        if rule.details.contains(&format!("`{}`", threshold.name)) {
            let (name, value) = (threshold.name, thresholds.get(threshold.name));
            writeln!(out, "Limit    rustassistant.{name} = {value}")?;
        }
    }
    writeln!(
        out,
        "Silence  a comment on the line or above the item: rustassistant: ignore[{id}] why"
    )?;
    Ok(())
}

fn indented(text: &str) -> String {
    textwrap::indent(text.trim_end(), "  ") + "\n"
}
