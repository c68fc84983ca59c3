//! Which paths are meant: pathspecs as users write them, and patterns as settings hold them.
//! Git itself judges pathspecs with magic or wildcards; here only the plain ones are.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use anyhow::{Context, Result, anyhow};

use super::error::git_error;
use crate::model::{RepoPath, ResultExt};

/// The pathspecs of a command line, and the folder they were written in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pathspecs {
    /// As written. Empty means the folder itself, as for `git grep`.
    pub written: Vec<std::ffi::OsString>,
    /// The folder, relative to the root.
    pub folder: Vec<u8>,
}

impl Pathspecs {
    /// The files and folders meant, from the root, if every pathspec is plain; `None` if one has
    /// magic or a wildcard. The empty path is the root.
    ///
    /// # Errors
    /// If one climbs out of the repository.
    pub fn plain(&self) -> Result<Option<Vec<RepoPath>>> {
        if self.written.is_empty() {
            return Ok(Some(vec![RepoPath::new(self.folder.clone())]));
        }
        let mut paths = Vec::new();
        for spec in &self.written {
            let bytes = spec.as_bytes();
            if let Some(rest) = bytes.strip_prefix(b":/") {
                if has_magic(rest) {
                    return Ok(None);
                }
                let rest = rest.strip_prefix(b"/").unwrap_or(rest);
                paths.push(normal(b"", rest)?);
            } else if has_magic(bytes) {
                return Ok(None);
            } else {
                paths.push(normal(&self.folder, bytes)?);
            }
        }
        Ok(Some(paths))
    }
}

fn has_magic(spec: &[u8]) -> bool {
    spec.first() == Some(&b':') || spec.iter().any(|b| b"*?[\\".contains(b))
}

fn normal(folder: &[u8], path: &[u8]) -> Result<RepoPath> {
    let path = RepoPath::new(path);
    let outside = || format!("'{path}' is outside of the repository");
    let within = path
        .within(folder)
        .filter(|_| !path.as_bytes().starts_with(b"/"));
    within
        .with_context(outside)
        .hint("paths are relative to the current folder; ':/' means the whole repository")
}

/// Patterns from settings, matched against whole paths from the root by git's own wildmatch:
/// `*` crosses slashes, a folder's name means all below it, a leading `!` takes back.
pub struct PathPatterns {
    matcher: git2::Pathspec,
    written: Vec<String>,
}

impl std::fmt::Debug for PathPatterns {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PathPatterns({:?})", self.written)
    }
}

/// More patterns in one list are no choice of anybody's: each is tried on each file.
const MOST_PATTERNS: usize = 1000;

impl PathPatterns {
    /// # Errors
    /// If a pattern holds a NUL byte, or there are too many.
    pub fn new(patterns: &[String]) -> Result<Self> {
        if patterns.len() > MOST_PATTERNS {
            let count = patterns.len();
            return Err(anyhow!(
                "{count} path patterns are more than {MOST_PATTERNS}"
            ))
            .hint("attributes are for so many: '-rustassistant' in .gitattributes");
        }
        let matcher = git2::Pathspec::new(patterns)
            .map_err(|e| git_error(&e))
            .context("cannot read a path pattern")?;
        Ok(Self {
            matcher,
            written: patterns.to_vec(),
        })
    }

    /// Does any pattern match `path`?
    pub fn matches(&self, path: &RepoPath) -> bool {
        let bytes = path.as_bytes();
        let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
        // A tree or a list that somebody forged can name what is no file: git2 breaks down over it.
        let is_one = matches!(path.components().next(), Some(Component::Normal(_)));
        if self.written.is_empty() || !is_one || bytes.contains(&0) {
            return false;
        }
        self.matcher
            .matches_path(path, git2::PathspecFlags::DEFAULT)
    }

    pub const fn is_empty(&self) -> bool {
        self.written.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs(folder: &str, written: &[&str]) -> Pathspecs {
        Pathspecs {
            written: written.iter().map(Into::into).collect(),
            folder: folder.into(),
        }
    }

    #[test]
    fn a_plain_pathspec_means_a_path_from_the_root() {
        let plain = |folder, written: &[&str]| {
            let paths = specs(folder, written).plain().unwrap().unwrap();
            paths.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(plain("", &[]), [""]);
        assert_eq!(plain("src", &[]), ["src"]);
        assert_eq!(
            plain("src/git", &["../a.rs", ":/", "./b//c/"]),
            ["src/a.rs", "", "src/git/b/c"]
        );
        assert!(specs("src", &["../../x"]).plain().is_err());
        assert_eq!(specs("", &["*.rs"]).plain().unwrap(), None);
        assert_eq!(specs("", &[":!a"]).plain().unwrap(), None);
    }

    #[test]
    fn a_pattern_matches_folders_and_wildcards_from_the_root() {
        let patterns = |p: &[&str]| {
            PathPatterns::new(&p.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
        };
        let path = RepoPath::from("src/gen/deep/a.rs");
        assert!(patterns(&["src/gen"]).matches(&path));
        assert!(patterns(&["*.rs"]).matches(&path));
        assert!(patterns(&["src/gen/"]).matches(&path));
        assert!(!patterns(&["gen"]).matches(&path));
        assert!(!patterns(&[]).matches(&path));
        assert!(PathPatterns::new(&vec!["a".to_owned(); 1001]).is_err());
        for none in ["", ".", "./a.rs", "../a.rs", "/a.rs", "a\0.rs"] {
            assert!(!patterns(&["*"]).matches(&RepoPath::from(none)), "{none:?}");
        }
    }
}
