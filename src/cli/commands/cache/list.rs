//! `cache list`: lists the entries of the store, one per line.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::options::KindOptions;
use crate::cli::status::Status;
use crate::model::Origin;
use crate::session::Session;
use crate::store::survey;

/// List stored entries
///
/// Each line has the kind, the id of the analyzed blob, the id of the blob with the analysis, the
/// analyzer, the language, and where the entry is stored. 'git show' prints both blobs.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    kinds: KindOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let session = Session::open(context, arguments.kinds.flags_or_all())?;
    let store = session.store();
    let mut groups = survey(&session.repo, &store)?;
    groups.retain(|group| {
        arguments.kinds.kinds.is_empty() || session.questions.kinds.contains(&group.kind)
    });
    context.printer.data(|out| {
        for group in groups {
            let (answerer, language) = match &group.recipe {
                Some(recipe) => (recipe.answerer(), recipe.language.clone()),
                None => ("?".to_owned(), "?".to_owned()),
            };
            let place = match &group.origin {
                Origin::Here => "here".to_owned(),
                Origin::Shared => "shared".to_owned(),
                Origin::Imported => "imported".to_owned(),
                Origin::Remote(remote) => format!("from {remote}"),
            };
            for (key, value) in group.entries(&session.repo)? {
                let (kind, blob) = (key.kind, key.blob);
                writeln!(
                    out,
                    "{kind:<9} {blob} {value} {answerer} {language} {place}"
                )?;
            }
        }
        Ok(Status::Done)
    })
}
