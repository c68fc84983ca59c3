//! The pre-push hook: installing and uninstalling it, and finding out what a push sends.
//!
//! `hooks/pre-push` is the script for git versions without hooks in the configuration; this room embeds
//! it. This room does not print, or read the clock or the environment.

mod advice;
mod background;
mod caller;
mod install;
mod leaving;
mod lfs;
mod log;
mod place;
mod shim;
mod status;
mod uninstall;
mod updates;

pub use background::{detach, start};
pub use install::{Doing, install};
pub use leaving::{Leaving, MOST_TIPS, leaving};
pub use lfs::{Lfs, lfs, uploader};
pub use log::Log;
pub use status::{Installed, Status, status};
pub use uninstall::uninstall;
pub use updates::{Update, deletes, names_own_refs, updates};

/// The section for git 2.54 and later, which reads `hook.<name>.command` and `hook.<name>.event` ("git
/// help hook").
const SECTION: &str = "hook.rustassistant";

/// Git adds the arguments of the hook. A missing or failing program does not stop a push; a gate does,
/// with status 1.
const COMMAND: &str = "f() { PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin; \
                       command -v git-rustassistant >/dev/null 2>&1 || return 0; \
                       git-rustassistant hook run pre-push \"$@\"; [ $? -ne 1 ]; }; f";

const EVENT: &str = "pre-push";
