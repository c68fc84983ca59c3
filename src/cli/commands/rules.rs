//! `rules`: explains the rules of the embedded analyzer and lists its languages. Analyzes nothing.

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

/// List all rules, or explain one
///
/// Without RULE, lists the rules of the embedded analyzer by kind, and the supported languages. With
/// RULE, explains what the rule reports and why, with an example of code it reports and code it does
/// not, its threshold, and how to silence it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The rule to explain
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
            None => "to list all rules: git rustassistant rules".to_owned(),
        };
        let error = anyhow!("unknown rule '{}'", name.escape_debug());
        return Err(Hinted::attach(error, hint));
    };
    // Outside a repository, use the defaults.
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
    writeln!(out, "\nTo explain a rule: git rustassistant rules RULE")?;
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
