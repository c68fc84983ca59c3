//! The part of Git LFS in a push, where no hook of its own does it: content that stays here is lost to
//! everybody else. So it comes before all that is ours, no setting of ours turns it off, and what
//! fails there stops the push, as LFS's own hook would.

use super::PrePush;
use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::status::Status;
use crate::git::{self, Repo};
use crate::hook;

/// Is there anything of LFS that no hook of its own sees to?
pub fn has_work(context: &Context) -> bool {
    let Ok(repo) = Repo::open() else { return false };
    if !repo.uses_lfs() {
        return false;
    }
    let uploader = hook::uploader(&repo);
    uploader.map(|file| file.is_none()).unwrap_or_else(|error| {
        let sentence = error::sentence(&error);
        context.printer.note(format!("rustassistant: {sentence}"));
        // To upload twice does no harm.
        true
    })
}

/// Uploads. [`Status::Findings`] is what all that run us stop a push for.
pub fn run(event: &PrePush, lines: &[u8], context: &Context) -> Status {
    match git::lfs_pre_push(&event.remote, lines) {
        Ok(true) => Status::Done,
        told => {
            let why = told
                .err()
                .map(|error| format!(": {}", error::sentence(&error)));
            context.printer.note(format!(
                "rustassistant: 'git lfs pre-push' failed, so the push stops{}\n\
                 hint: what it needs is said above; to push without the content: git push --no-verify",
                why.unwrap_or_default()
            ));
            Status::Findings
        }
    }
}
