//! Git's credential helpers: where a password for an address may be kept. Nobody is asked for
//! one here, and what a repository configures plays no part: it could name a program to run.

use std::fmt;
use std::path::Path;

use super::process::Git;

/// What a helper knows of one address. Its secret is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    url: String,
    user: String,
    secret: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Credential({})", self.url)
    }
}

impl Credential {
    /// What git's helpers know of `url`; `None` if that is nothing.
    pub fn find(url: &str) -> Option<Self> {
        let answer = git("fill").feed(format!("url={}\n\n", line(url)?).as_bytes());
        let answer = String::from_utf8(answer.ok()?).ok()?;
        let field = |name: &str| {
            let mut lines = answer.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.map(str::to_owned)
        };
        Some(Self {
            url: url.to_owned(),
            user: field("username").unwrap_or_default(),
            secret: field("password").filter(|secret| !secret.is_empty())?,
        })
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Tells the helpers that it was accepted.
    pub fn approve(&self) {
        self.tell("approve");
    }

    /// Tells the helpers that it was refused: they forget it.
    pub fn reject(&self) {
        self.tell("reject");
    }

    fn tell(&self, verb: &str) {
        let (url, user, secret) = (line(&self.url), line(&self.user), line(&self.secret));
        if let (Some(url), Some(user), Some(secret)) = (url, user, secret) {
            let text = format!("url={url}\nusername={user}\npassword={secret}\n\n");
            // A helper that keeps nothing is no failure of ours.
            drop(git(verb).feed(text.as_bytes()));
        }
    }
}

/// A value of git's credential protocol; nothing if it would be more than one line.
fn line(text: &str) -> Option<&str> {
    (!text.contains(['\n', '\r', '\0'])).then_some(text)
}

/// Stands outside of any repository, so that only the user's own configuration counts.
fn git(verb: &str) -> Git {
    Git::new(Path::new("/"), "credential")
        .without("GIT_DIR")
        .without("GIT_WORK_TREE")
        .without("GIT_COMMON_DIR")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("GCM_INTERACTIVE", "never")
        .arg(verb)
}
