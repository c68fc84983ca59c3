//! `show`: prints the stored analyses of one blob. Analyzes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::{AnswererOptions, KindOptions, OutputOptions};
use crate::cli::publish;
use crate::cli::status::Status;
use crate::model::{self, Language, Miss, Outcome, RepoPath, ResultExt, Revision, Role, Row};
use crate::report::clean_line;
use crate::scan::{
    self, Place, Policy, Reach, Reading, Selected, Selection, Tally, Target, Verdict,
};
use crate::session::{self, Session};

const EXAMPLES: &str = "\
Examples:
  git rustassistant show src/main.rs            the file in the work tree
  git rustassistant show HEAD~2:src/main.rs     the file two commits ago
  git rustassistant show 3b18e512 -k docs       any blob, by id";

/// Show the stored analyses of one file or blob
///
/// Analyzes nothing. If the store has no answer, the exit status is 3.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// A path, a path in a revision (REV:PATH), or a blob id
    #[arg(value_name = "PATH|REV:PATH|OID")]
    pub object: String,

    #[command(flatten)]
    pub kinds: KindOptions,
    #[command(flatten)]
    pub answerer: AnswererOptions,
    #[command(flatten)]
    pub output: OutputOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    arguments.output.expect_places()?;
    let flags = [arguments.kinds.flags_or_all(), arguments.answerer.flags()].concat();
    let session = Session::open(context, flags)?;
    session::adopt(&session.repo, context, session.settings.trust);
    let selected = find(&session, &arguments.object)?;
    let folder = session.repo.folder();
    let store = session.store();
    let plan = session.plan(&store, selected, Reading::Entries, Policy::CachedOnly)?;
    let mut outcome = scan::preview(&plan, Reading::Entries);
    session::name_publishers(&session.repo, &store, &mut outcome)?;
    let known = outcome.rows.iter().any(|row| row.entry.is_some());
    if known && arguments.kinds.kinds.is_empty() {
        // The user did not ask for the other kinds.
        outcome.keep_rows(|row| row.entry.is_some());
    }
    let asked = publish::Asked {
        answerer: arguments.answerer.words(),
        held_by: None,
    };
    let output = &arguments.output;
    publish::report(&session, context, &outcome, output, asked, folder)?;
    for other in others(&outcome) {
        context
            .printer
            .note(format_args!("hint: use {other} to show that analysis"));
    }
    if outcome.totals.missing > 0 || !known {
        Ok(Status::Incomplete)
    } else {
        Ok(Status::Done)
    }
}

/// Options that select stored answers of other analyzers, if there are any.
fn others(outcome: &Outcome) -> BTreeSet<String> {
    let other = |row: &Row| {
        let model::Status::Missing(Miss::OtherAnalyzer(which)) = &row.status else {
            return None;
        };
        let (provider, model) = which.split(' ').next()?.split_once('/')?;
        Some(clean_line(&match provider {
            "local" => "--provider local".to_owned(),
            _ => format!("--provider {provider} --model {model}"),
        }))
    };
    outcome.rows.iter().filter_map(other).collect()
}

/// Finds the blob that `object` names.
fn find(session: &Session<'_>, object: &str) -> Result<Selected> {
    let is_file = session.repo.work_dir().is_some() && Path::new(object).symlink_metadata().is_ok();
    if is_file {
        let selection = Selection {
            place: Place::WithUntracked,
            pathspecs: session.pathspecs(vec![object.into()]),
            files: None,
            differs_from: None,
        };
        return session.select(&selection, None);
    }
    let named = session.repo.blob_named(object);
    let (blob, path) = named
        .hint_if_none("expected a file, a file in a revision (HEAD:src/main.rs), or a blob id")?;
    let language = path.as_ref().and_then(Language::of);
    let languages = match language {
        Some(language) => vec![language],
        // Answers depend on the language: show all there are.
        None => Language::ALL.to_vec(),
    };
    let path = path.unwrap_or_else(|| RepoPath::from(blob.short().as_str()));
    let target = |language| Target {
        path: path.clone(),
        blob,
        verdict: Verdict::Ask(language),
        // Lookups send nothing.
        reach: Reach::Provider,
        role: Role::of(&path),
    };
    Ok(Selected {
        revision: Revision::Commit {
            rev: object.to_owned(),
            commit: None,
        },
        targets: languages.into_iter().map(target).collect(),
        spans: Vec::new(),
        known: Tally::default(),
    })
}
