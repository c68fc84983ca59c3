//! Recovers answers that an earlier run could not store, because it was killed or the disk was full,
//! and paid answers whose refs were lost. Commands that read the store do this first. The room `store`
//! keeps these answers until then.

use super::host::Host;
use crate::git::Repo;
use crate::model::Trust;
use crate::report::count;
use crate::store::{Anchor, Batch};

/// Stores such answers, unless a run is working on them. Errors are warnings.
pub fn adopt(repo: &Repo, host: &dyn Host, trust: Trust) {
    match Anchor::of(repo)
        .trusting(trust)
        .check(host.now().as_second())
    {
        Ok(restored) => tell_restored(host, restored),
        Err(error) => host.warning(format!("{error:#}")),
    }
    if !Batch::has_orphans(repo) {
        return;
    }
    let adopted = Batch::start(repo).and_then(|mut batch| batch.flush(host.now().as_second()));
    match adopted {
        Ok(flushed) => host.detail(format!(
            "recovered {} analyses of an earlier run",
            flushed.entries
        )),
        Err(error) => host.warning(format!("{error:#}")),
    }
}

/// Reports recovered paid answers, if any.
pub fn tell_restored(host: &dyn Host, restored: usize) {
    if restored > 0 {
        host.note(format!(
            "recovered {} as pending: their refs were deleted or rewritten, as by a mirror push, a \
             pruning fetch or 'git filter-repo', or someone published unreadable data in their place",
            count(restored as u64, "paid answer")
        ));
    }
}
