//! This program once more, in a process that outlives the push it was started by. Not what it does
//! there.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// Starts this program anew with `arguments` and `input` on its standard input. What it prints is
/// to be read from the child; what it says goes to `log`, or nowhere.
///
/// It stays a child as long as we live, but holds nothing of ours open: neither git nor a terminal
/// waits for it.
///
/// # Errors
/// If it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts this program itself; git is not asked"
)]
pub fn start(
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: &[u8],
    log: Option<File>,
) -> io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log.map_or_else(Stdio::null, Stdio::from))
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early tells so by its status.
        let _ = stdin.write_all(input);
    }
    Ok(child)
}

/// Leaves the session of whoever started this process: a closed terminal, or Ctrl-C in it, does
/// not end what goes on in the background.
pub fn detach() {
    // Refused only to the leader of a group, who is in no danger.
    let _ = rustix::process::setsid();
}
