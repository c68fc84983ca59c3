//! The hook that runs when git pushes: how it gets into a repository, how it leaves again without
//! a trace, and what it does there.
//!
//! `hooks/pre-push` is the script for gits that know no hooks in the configuration; it is embedded
//! here as it is. Not here: words on a terminal, the clock, the environment.

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

/// The sections and keys by which git 2.54 and later run hooks: `hook.<name>.command` and
/// `hook.<name>.event` ("git help hook").
const SECTION: &str = "hook.rustassistant";

/// Git adds the arguments of a hook by itself. Neither a program that is gone nor one that fails
/// stops a push; a gate does, with status 1.
const COMMAND: &str = "f() { PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin; \
                       command -v git-rustassistant >/dev/null 2>&1 || return 0; \
                       git-rustassistant hook run pre-push \"$@\"; [ $? -ne 1 ]; }; f";

const EVENT: &str = "pre-push";
