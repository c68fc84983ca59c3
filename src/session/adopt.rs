//! Answers that an earlier run could not store: it was killed, or the disk was full. Whoever wants
//! to know what there is stores them first. And paid answers whose refs are gone though nobody has
//! dropped them. Where all of them are kept until then is for `store`.

use super::host::Host;
use crate::git::Repo;
use crate::report::count;
use crate::store::{Anchor, Batch};

/// Stores them, if there are any and no run is at work on them. What goes wrong is told.
pub fn adopt(repo: &Repo, host: &dyn Host) {
    match Anchor::of(repo).check(host.now().as_second()) {
        Ok(restored) => tell_restored(host, restored),
        Err(error) => host.warning(format!("{error:#}")),
    }
    if !Batch::has_orphans(repo) {
        return;
    }
    let adopted = Batch::start(repo).and_then(|mut batch| batch.flush(host.now().as_second()));
    match adopted {
        Ok(flushed) => host.detail(format!(
            "stored {} analyses that an earlier run could not store",
            flushed.entries
        )),
        Err(error) => host.warning(format!("{error:#}")),
    }
}

/// Says that paid answers are back, if any are.
pub fn tell_restored(host: &dyn Host, restored: usize) {
    if restored > 0 {
        host.note(format!(
            "{} that were paid for and lost are pending again: their refs are gone or rewritten, as \
             after a push that mirrors, a fetch that prunes, or 'git filter-repo'; or what somebody \
             has published in their place cannot be read",
            count(restored as u64, "answer")
        ));
    }
}
