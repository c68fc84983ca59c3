//! `cache clear`: drops entries that this clone has made.

use anyhow::Result;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::opened::Opened;
use crate::cli::options::KindOptions;
use crate::cli::status::Status;
use crate::model::{Kind, Origin};
use crate::report::count;
use crate::store::{self, LOCAL_REF, survey};

/// Drop entries that this clone has made
///
/// All of them, or those of the kinds named with -k. The reflog of refs/rustassistant/local/v1
/// keeps what was dropped, for as long as git keeps reflogs.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Say what would be dropped, and drop nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    #[command(flatten)]
    kinds: KindOptions,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let opened = Opened::new(context, arguments.kinds.flags_or_all())?;
    let store = opened.store(context);
    let everything = arguments.kinds.kinds.is_empty();
    let mut kinds: Vec<Kind> = Vec::new();
    let mut entries = 0;
    for group in survey(&opened.repo, &store)? {
        let wanted = everything || opened.questions.kinds.contains(&group.kind);
        if wanted && group.origin == Origin::Here {
            entries += group.count(&opened.repo)?;
            kinds.push(group.kind);
        }
    }
    kinds.sort();
    kinds.dedup();
    let what = count(entries, "entry");
    let line = match (entries, arguments.dry_run) {
        (0, _) => "nothing to drop".to_owned(),
        (_, true) => format!("would drop {what}"),
        (_, false) => {
            store::clear(&opened.repo, &kinds, context.now().as_second())?;
            format!("dropped {what}; 'git update-ref {LOCAL_REF} {LOCAL_REF}@{{1}}' takes it back")
        }
    };
    context.printer.data(|out| {
        writeln!(out, "{line}")?;
        Ok(Status::Done)
    })
}
