//! Starts this program again, in a background process that outlives the push.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// Starts this program with `arguments`, and `input` on its standard input. The caller reads its
/// standard output; its standard error goes to `log`, or nowhere.
///
/// The child inherits no open files, so neither git nor a terminal waits for it.
///
/// # Errors
/// If it cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that starts this program itself"
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

/// Detaches from the terminal: closing it, or Ctrl-C in it, does not end the background process.
pub fn detach() {
    // Refused only to the leader of a group, who is in no danger.
    let _ = rustix::process::setsid();
}
