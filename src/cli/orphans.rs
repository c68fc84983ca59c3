//! Answers that an earlier run could not store: it was killed, or the disk was full. Whoever wants
//! to know what there is stores them first. Where they are kept until then is for `store`.

use super::context::Context;
use crate::git::Repo;
use crate::store::Batch;

/// Stores them, if there are any and no run is at work on them. What goes wrong is told.
pub fn adopt(repo: &Repo, context: &Context) {
    if !Batch::has_orphans(repo) {
        return;
    }
    let adopted = Batch::start(repo).and_then(|mut batch| batch.flush(context.now().as_second()));
    match adopted {
        Ok(flushed) => context.printer.detail(format_args!(
            "stored {} analyses that an earlier run could not store",
            flushed.entries
        )),
        Err(error) => context.printer.warning(format!("{error:#}")),
    }
}
