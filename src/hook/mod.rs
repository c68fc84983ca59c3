//! The hook that runs when git pushes: how it gets into a repository, how it leaves again without
//! a trace, and what it does there.
//!
//! `hooks/pre-push` is the script for gits that know no hooks in the configuration; it is embedded
//! here as it is. Not here: words on a terminal, the clock, the environment.

mod advice;
mod install;
mod place;
mod shim;
mod status;
mod uninstall;

pub use install::{Doing, install};
pub use status::{Installed, Status, status};
pub use uninstall::uninstall;

/// The sections and keys by which git 2.54 and later run hooks: `hook.<name>.command` and
/// `hook.<name>.event` ("git help hook").
const SECTION: &str = "hook.rustassistant";

/// Git adds the arguments of a hook by itself. A program that is gone stops no push.
const COMMAND: &str = "command -v git-rustassistant >/dev/null 2>&1 || exit 0; \
                       git-rustassistant hook run pre-push";

const EVENT: &str = "pre-push";
