//! Uploads Git LFS content if no hook of Git LFS does. Others cannot read content that is not uploaded.
//! So this runs first, no setting turns it off, and a failure stops the push, as with LFS's own hook.

use super::PrePush;
use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::status::Status;
use crate::git::{self, Repo};
use crate::hook;

/// Does this repository use LFS without a hook that uploads its content?
pub fn has_work(context: &Context) -> bool {
    let Ok(repo) = Repo::open() else { return false };
    if !repo.uses_lfs() {
        return false;
    }
    let uploader = hook::uploader(&repo);
    uploader.map(|file| file.is_none()).unwrap_or_else(|error| {
        let sentence = error::sentence(&error);
        context.printer.note(format!("rustassistant: {sentence}"));
        // Uploading twice is harmless.
        true
    })
}

/// Uploads. [`Status::Findings`] makes every caller of the hook stop the push.
pub fn run(event: &PrePush, lines: &[u8], context: &Context) -> Status {
    match git::lfs_pre_push(&event.remote, lines) {
        Ok(true) => Status::Done,
        told => {
            let why = told
                .err()
                .map(|error| format!(": {}", error::sentence(&error)));
            context.printer.note(format!(
                "rustassistant: push stopped: 'git lfs pre-push' failed{}\n\
                 hint: see its output above; to push without the content: git push --no-verify",
                why.unwrap_or_default()
            ));
            Status::Findings
        }
    }
}
