//! `rules`: explains the rules of the embedded analyzer and lists its languages. Analyzes nothing.

use std::io::Write;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::analyzers::Thresholds;
use crate::analyzers::local::RULES;
use crate::cli::context::Context;
use crate::cli::explained;
use crate::cli::status::Status;
use crate::git::Repo;
use crate::model::{Hinted, Language};
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
        out.write_all(explained::text(rule, &thresholds).as_bytes())?;
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
