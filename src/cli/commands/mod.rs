//! The commands, one file each: arguments and `run`. Each command resolves its arguments, calls one
//! operation of a lower room, and prints the result.

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

/// Commands where startup time matters: people wait for them, or git runs them.
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

/// The definition of one quick command. Building the definition of all commands takes a tenth of the
/// time of a cache hit. `None` for other commands and unknown names.
pub fn definition(name: &str) -> Option<clap::Command> {
    let (name, describe) = QUICK.iter().find(|(quick, _)| *quick == name)?;
    Some(describe(clap::Command::new(*name)))
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Any error ends the program with [`Status::Failure`].
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
