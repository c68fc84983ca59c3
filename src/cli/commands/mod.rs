//! The commands: one file each, its arguments and what it does with them. Each resolves what the
//! user meant, calls one operation of a lower room, and hands the result to the printer.

pub mod analyze;
mod cache;
mod completions;
mod config;
mod diff;
mod docs;
mod doctor;
mod fetch;
mod hook;
mod init;
mod man;
mod models;
mod push;
mod refactor;
mod rules;
mod show;
mod status;
mod sync;
mod todos;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::context::Context;
use super::status::Status;

#[derive(Debug, Subcommand)]
pub enum Command {
    Analyze(analyze::Arguments),
    Refactor(refactor::Arguments),
    Docs(docs::Arguments),
    Todos(todos::Arguments),
    Diff(diff::Arguments),
    Show(show::Arguments),
    Status(status::Arguments),
    Init(init::Arguments),
    Fetch(fetch::Arguments),
    Push(push::Arguments),
    Sync(sync::Arguments),
    Hook(hook::Arguments),
    Cache(cache::Arguments),
    Config(config::Arguments),
    Rules(rules::Arguments),
    Models(models::Arguments),
    Doctor(doctor::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

type Describe = fn(clap::Command) -> clap::Command;

/// The commands that people wait for, or that git runs.
const QUICK: [(&str, Describe); 12] = [
    ("analyze", analyze::Arguments::augment_args),
    ("refactor", refactor::Arguments::augment_args),
    ("docs", docs::Arguments::augment_args),
    ("todos", todos::Arguments::augment_args),
    ("diff", diff::Arguments::augment_args),
    ("show", show::Arguments::augment_args),
    ("status", status::Arguments::augment_args),
    ("fetch", fetch::Arguments::augment_args),
    ("push", push::Arguments::augment_args),
    ("sync", sync::Arguments::augment_args),
    ("hook", hook::Arguments::augment_args),
    ("cache", cache::Arguments::augment_args),
];

/// What can be typed after a command: describing all of them takes a tenth of the time in which a
/// hit is answered. `None` for one that nobody waits for, and for what is none.
pub fn definition(name: &str) -> Option<clap::Command> {
    let (name, describe) = QUICK.iter().find(|(quick, _)| *quick == name)?;
    Some(describe(clap::Command::new(*name)))
}

impl Command {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever kept the command from its work; it ends with [`Status::Failure`].
    pub fn run(self, context: &Context) -> Result<Status> {
        match self {
            Self::Analyze(arguments) => analyze::run(&arguments, context),
            Self::Refactor(arguments) => refactor::run(&arguments, context),
            Self::Docs(arguments) => docs::run(&arguments, context),
            Self::Todos(arguments) => todos::run(&arguments, context),
            Self::Diff(arguments) => diff::run(&arguments, context),
            Self::Show(arguments) => show::run(&arguments, context),
            Self::Status(arguments) => status::run(&arguments, context),
            Self::Init(arguments) => init::run(&arguments, context),
            Self::Fetch(arguments) => fetch::run(&arguments, context),
            Self::Push(arguments) => push::run(&arguments, context),
            Self::Sync(arguments) => sync::run(&arguments, context),
            Self::Hook(arguments) => hook::run(&arguments, context),
            Self::Cache(arguments) => cache::run(&arguments, context),
            Self::Config(arguments) => config::run(&arguments, context),
            Self::Rules(arguments) => rules::run(&arguments, context),
            Self::Models(arguments) => models::run(&arguments, context),
            Self::Doctor(arguments) => doctor::run(&arguments, context),
            Self::Completions(arguments) => completions::run(&arguments, context),
            Self::Man(arguments) => man::run(&arguments, context),
        }
    }
}
