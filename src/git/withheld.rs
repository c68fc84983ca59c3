//! What no `git` process is given, nor any hook or helper that it starts: keys of model providers.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How variables end that hold keys of model providers: no business of git's, nor of any hook or
/// helper it starts.
const SECRET: &[u8] = b"_API_KEY";

/// Variables that the user's settings name as holding such keys.
static WITHHELD: Mutex<BTreeSet<OsString>> = Mutex::new(BTreeSet::new());

/// No `git` that is started from now on is given this variable.
pub fn withhold(variable: &str) {
    withheld().insert(variable.into());
}

fn withheld() -> MutexGuard<'static, BTreeSet<OsString>> {
    WITHHELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes them out of what the process will see.
#[expect(
    clippy::disallowed_methods,
    reason = "which variables there are, to take some out"
)]
pub(super) fn keep_secrets(command: &mut Command) {
    for name in withheld().iter() {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().ends_with(SECRET) {
            command.env_remove(name);
        }
    }
}
