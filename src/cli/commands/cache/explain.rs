//! `cache explain`: explains why a file is a hit or a miss, with all ingredients of its key.

use std::ffi::OsString;
use std::io::Write;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::{AnswererOptions, KindOptions, SelectionOptions};
use crate::cli::status::Status as Exit;
use crate::model::{Kind, Status};
use crate::report::clean_line;
use crate::scan::{Policy, Question, Reading, State, Target, Verdict};
use crate::session::Session;

/// Explain why a file is a hit or a miss
///
/// Shows the two parts of the cache key, which are the blob id and the fingerprint of the recipe, and
/// every ingredient of the recipe. If any of them changes, the file is a miss.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The files to explain
    #[arg(value_name = "FILE", required = true)]
    files: Vec<OsString>,

    #[command(flatten)]
    kinds: KindOptions,
    #[command(flatten)]
    answerer: AnswererOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit> {
    let flags = [arguments.kinds.flags_or_all(), arguments.answerer.flags()].concat();
    let session = Session::open(context, flags)?;
    let selection = SelectionOptions {
        pathspecs: arguments.files.clone(),
        untracked: true,
        ..SelectionOptions::default()
    };
    let selected = session.select(&selection.resolve(&session)?, None)?;
    let store = session.store();
    let mut plan = session.plan(&store, selected, Reading::Entries, Policy::CachedOnly)?;
    session.examine(&mut plan)?;
    context.printer.data(|out| {
        for (target, kind, state) in plan.each() {
            let number = plan.kinds.iter().position(|known| known == kind);
            let question = match (&target.verdict, number) {
                (Verdict::Ask(language), Some(number)) => session.questions.get(*language, number),
                _ => None,
            };
            explain(out, target, kind, state, question)?;
        }
        Ok(Exit::Done)
    })
}

fn explain(
    out: &mut dyn Write,
    target: &Target,
    kind: &Kind,
    state: &State,
    question: Option<&Question>,
) -> Result<()> {
    let path = &target.path;
    let word = match state.status {
        Status::Cached(_) => "hit ",
        Status::Missing(_) | Status::Analyzed(_) => "miss",
        Status::Skipped(_) => "skip",
        Status::Failed(_) => "fail",
    };
    let why = state.status.reason().map(|why| clean_line(&why));
    let why = why.map_or(String::new(), |why| format!("  {why}"));
    writeln!(out, "{word}  {path}  {kind}{why}")?;
    let Some(question) = question else {
        return Ok(());
    };
    writeln!(out, "      blob         {}", target.blob)?;
    writeln!(out, "      fingerprint  {}", question.fingerprint)?;
    write!(out, "      recipe       {}", question.recipe.canonical()?)?;
    Ok(())
}
