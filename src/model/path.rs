//! A path inside a repository: bytes, slashes, relative to the root. Never an operating system's path.

use std::fmt;

use serde::{Serialize, Serializer};

use super::is_unsafe;

/// A path as git's trees and index hold it. It need not be UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &[u8] {
        match self.0.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => &self.0[slash + 1..],
            None => &self.0,
        }
    }

    /// The folder it lies in, without a slash at the end; empty at the root.
    pub fn folder(&self) -> &[u8] {
        match self.0.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => &self.0[..slash],
            None => b"",
        }
    }

    /// All folders it lies in, from its own up to the root.
    pub fn folders(&self) -> impl Iterator<Item = &[u8]> {
        let mut next = Some(self.folder());
        std::iter::from_fn(move || {
            let folder = next?;
            next = match folder.iter().rposition(|&byte| byte == b'/') {
                Some(slash) => Some(&folder[..slash]),
                None if folder.is_empty() => None,
                None => Some(b"".as_slice()),
            };
            Some(folder)
        })
    }

    /// Is it `folder` itself or below it? The empty folder holds everything.
    pub fn is_below(&self, folder: &[u8]) -> bool {
        folder.is_empty()
            || self
                .0
                .strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }

    /// The path that this one, written in `folder`, means: without `.`, `..` and double slashes;
    /// `None` if it climbs out of the repository.
    pub fn within(&self, folder: &[u8]) -> Option<Self> {
        let mut parts: Vec<&[u8]> = folder
            .split(|&b| b == b'/')
            .filter(|p| !p.is_empty())
            .collect();
        for part in self.0.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        Some(Self(parts.join(&b'/')))
    }

    /// In double quotes with C escapes, whatever it is.
    pub fn quoted(&self) -> String {
        let mut quoted = String::new();
        // A string takes everything.
        let _ = write_quoted(&self.0, &mut quoted);
        quoted
    }

    /// The path as seen from `folder`, climbing with `..` where needed, as git's messages do.
    pub fn relative_to(&self, folder: &[u8]) -> Self {
        if folder.is_empty() {
            return self.clone();
        }
        let mine: Vec<&[u8]> = self.0.split(|&b| b == b'/').collect();
        let theirs: Vec<&[u8]> = folder.split(|&b| b == b'/').collect();
        let most = mine.len().saturating_sub(1);
        let shared = mine[..most]
            .iter()
            .zip(&theirs)
            .take_while(|(a, b)| a == b)
            .count();
        let up = std::iter::repeat_n(b"..".as_slice(), theirs.len() - shared);
        let parts: Vec<&[u8]> = up.chain(mine[shared..].iter().copied()).collect();
        Self(parts.join(&b'/'))
    }
}

/// As git prints paths under `core.quotePath=false`: plain where it is harmless text, else in
/// double quotes with C escapes. What could steer a terminal never comes out raw.
impl fmt::Display for RepoPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let harmless = |c: char| c != '"' && c != '\\' && !is_unsafe(c);
        match std::str::from_utf8(&self.0) {
            Ok(text) if text.chars().all(harmless) => out.pad(text),
            _ => write_quoted(&self.0, out),
        }
    }
}

fn write_quoted(bytes: &[u8], out: &mut impl fmt::Write) -> fmt::Result {
    out.write_str("\"")?;
    for &byte in bytes {
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\t' => out.write_str("\\t")?,
            b' '..=b'~' => write!(out, "{}", char::from(byte))?,
            _ => write!(out, "\\{byte:03o}")?,
        }
    }
    out.write_str("\"")
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl From<&str> for RepoPath {
    fn from(path: &str) -> Self {
        Self(path.as_bytes().to_vec())
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_from_where_the_user_stands() {
        let path = RepoPath::from("src/git/mod.rs");
        assert_eq!(path.relative_to(b"").to_string(), "src/git/mod.rs");
        assert_eq!(path.relative_to(b"src").to_string(), "git/mod.rs");
        assert_eq!(path.relative_to(b"src/git").to_string(), "mod.rs");
        assert_eq!(path.relative_to(b"src/model").to_string(), "../git/mod.rs");
        assert_eq!(path.relative_to(b"docs").to_string(), "../src/git/mod.rs");
    }

    #[test]
    fn a_name_that_could_steer_a_terminal_is_quoted() {
        assert_eq!(
            RepoPath::new(*b"a\x1b[2J.rs").to_string(),
            "\"a\\033[2J.rs\""
        );
        assert_eq!(RepoPath::new(*b"a\xff").to_string(), "\"a\\377\"");
        assert_eq!(RepoPath::from("größe.rs").to_string(), "größe.rs");
        assert_eq!(
            RepoPath::from("a\u{202e}b").to_string(),
            "\"a\\342\\200\\256b\""
        );
    }

    #[test]
    fn a_folder_holds_what_lies_below_it_and_nothing_that_only_begins_alike() {
        let path = RepoPath::from("src/a.rs");
        assert!(path.is_below(b"src") && path.is_below(b"") && path.is_below(b"src/a.rs"));
        assert!(!path.is_below(b"sr"));
    }
}
