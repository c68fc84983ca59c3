//! How a failing git looks to the rooms above. Not a place for advice: that is given where the
//! user's intent is known.

use std::fmt;

/// A `git` process that did not do what it was asked.
#[derive(Debug)]
pub struct GitFailed {
    /// The subcommand: `update-ref`.
    pub command: String,
    /// None if a signal ended it.
    pub code: Option<i32>,
    /// The last lines it wrote to standard error, made harmless.
    pub message: String,
}

impl GitFailed {
    /// How git ends when it does not know an option: that of a newer one, mostly.
    pub const USAGE: i32 = 129;
}

impl fmt::Display for GitFailed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "git {}", self.command)?;
        match (self.message.as_str(), self.code) {
            ("", Some(code)) => write!(out, " ended with status {code}"),
            ("", None) => out.write_str(" was killed"),
            (message, _) => write!(out, ": {message}"),
        }
    }
}

impl std::error::Error for GitFailed {}

/// libgit2's message without its class and code, which say nothing to a user.
pub fn git_error(error: &git2::Error) -> anyhow::Error {
    anyhow::anyhow!("{}", harmless(error.message().as_bytes()))
}

/// The last few lines of a child's standard error, without what could steer a terminal.
pub fn harmless(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.chars().filter(|c| !c.is_control()).take(400).collect())
        .collect();
    let first = lines.len().saturating_sub(4);
    let text = lines[first..].join("; ");
    let bare = ["fatal: ", "error: "]
        .iter()
        .find_map(|word| text.strip_prefix(word));
    bare.unwrap_or(&text).to_owned()
}
