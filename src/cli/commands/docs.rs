//! `docs module FILE…`: writes module documentation from source code and comments.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::analyze;
use crate::cli::context::Context;
use crate::cli::options::{OutputOptions, RunOptions, SelectionOptions};
use crate::cli::publish;
use crate::cli::status::Status;
use crate::model::{Kind, Outcome};
use crate::report::clean;
use crate::scan::Reading;
use crate::session::{Gate, Session};

/// Generate documentation from source code
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Module(ModuleArguments),
}

/// Generate Markdown documentation of modules
///
/// Includes public items with signatures and comments, and sections on errors, panics and safety.
/// To find items without documentation, use 'analyze --kind docs'.
#[derive(Debug, Args)]
pub struct ModuleArguments {
    /// The source files to document
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<OsString>,

    /// Write to OUT instead of standard output
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub run: RunOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Verb::Module(arguments) = &arguments.verb;
    let output = OutputOptions::default();
    let selection = SelectionOptions::of(&arguments.files);
    let asked = analyze::Arguments::shortcut(&Kind::Docs, selection, &arguments.run, output);
    let flags = [asked.kinds.flags(), asked.run.flags()].concat();
    let session = Session::gate(context, &flags, Gate::Run, |repo| {
        asked.run.against(repo, None)
    })?;
    let selection = asked.selection.resolve(&session)?;
    let outcome = session.analyze(&selection, asked.run.request(Reading::Entries))?;
    for row in outcome.rows.iter().filter(|row| row.entry.is_none()) {
        let reason = row.status.reason().unwrap_or_default();
        context
            .printer
            .warning(format_args!("cannot document {}: {reason}", row.path));
    }
    let text = documents(&outcome);
    match &arguments.out {
        Some(out) => publish::to_file(out, |out| out.write_all(text.as_bytes()))?,
        None => context
            .printer
            .data(|out| Ok(out.write_all(clean(&text).as_bytes())?))?,
    }
    let nothing = text.is_empty() && !asked.run.dry_run;
    let status = analyze::status(&outcome, &asked.run, session.settings.fail_on);
    Ok(if nothing {
        status.and(Status::Incomplete)
    } else {
        status
    })
}

/// All documents, each under its file name. Stored analyses contain no file names.
fn documents(outcome: &Outcome) -> String {
    let documents = outcome.rows.iter().filter_map(|row| {
        let entry = row.entry.as_ref()?.entry();
        let document = entry.analysis.document.as_deref()?;
        Some(format!("# `{}`\n\n{document}", row.path))
    });
    documents.collect::<Vec<_>>().join("\n")
}
