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
    let outside = || format!("'{path}' is outside the repository");
    let within = path
        .within(folder)
        .filter(|_| !path.as_bytes().starts_with(b"/"));
    within
        .with_context(outside)
        .hint("paths are relative to the current directory; ':/' means the whole repository")
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

/// Bytes of all patterns in one list: for the same reason, and each star takes a call of its own.
const MOST_BYTES: usize = 65_536;

impl PathPatterns {
    /// # Errors
    /// If a pattern holds a NUL byte or white space, or there is too much of them.
    pub fn new(patterns: &[String]) -> Result<Self> {
        let (count, bytes) = (
            patterns.len(),
            patterns.iter().map(String::len).sum::<usize>(),
        );
        if count > MOST_PATTERNS || bytes > MOST_BYTES {
            return Err(anyhow!(
                "too many path patterns: {count} with {bytes} bytes; the limits are {MOST_PATTERNS} \
                 and {MOST_BYTES} bytes"
            ))
            .hint("use attributes instead: '-rustassistant' in .gitattributes");
        }
        if let Some(spaced) = patterns
            .iter()
            .find(|one| one.contains(char::is_whitespace))
        {
            return Err(anyhow!("path pattern '{spaced}' contains whitespace"))
                .hint("use '?' for a space");
        }
        let matcher = git2::Pathspec::new(patterns.iter().map(|one| without_leaps(one)))
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

/// The same pattern, with what follows a star written so that libgit2 does not leap to its next
/// occurrence: where a leap finds none, it goes on to try every other way of dividing the path
/// among the stars, which for `*a*a*a*a*b` takes longer than anybody lives. Git mended its own in
/// 2.41 ("wildmatch: fix exponential behavior"). `\c` means `c`.
fn without_leaps(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() + 8);
    let (mut rest, mut follows_star) = (pattern, false);
    while let Some(c) = rest.chars().next() {
        // A slash at the end is taken away where the pattern is read.
        if follows_star && !"*?[\\".contains(c) && rest != "/" {
            written.push('\\');
        }
        // What a backslash takes the meaning of, and a member of a class, is no star.
        let length = match c {
            '[' => class(rest.as_bytes()),
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => c.len_utf8(),
        };
        written.push_str(&rest[..length]);
        (rest, follows_star) = (&rest[length..], c == '*');
    }
    written
}

/// How many bytes of `rest`, which begins with `[`, are one class of characters, as git's
/// wildmatch.c reads it; all, if it is never closed.
fn class(rest: &[u8]) -> usize {
    let at = |place: usize| rest.get(place).copied().unwrap_or(0);
    let mut place = if matches!(at(1), b'!' | b'^') { 2 } else { 1 };
    let mut begins_range = false;
    loop {
        let closed = |from| rest.iter().skip(from).position(|&b| b == b']');
        let (length, may_begin) = match (at(place), at(place + 1)) {
            (0, _) => return rest.len(),
            (b'\\', _) => (2, true),
            (b'-', end) if begins_range && !matches!(end, 0 | b']') => {
                (if end == b'\\' { 3 } else { 2 }, false)
            }
            // [:alpha:], if it ends so.
            (b'[', b':') => match closed(place + 2) {
                Some(name) if name > 0 && at(place + 1 + name) == b':' => (name + 3, false),
                Some(_) => (1, true),
                None => return rest.len(),
            },
            _ => (1, true),
        };
        (place, begins_range) = (place + length, may_begin);
        // A bracket that comes first is a member.
        if at(place) == b']' {
            return place + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert!(PathPatterns::new(&["a".repeat(65_537)]).is_err());
        for none in ["", ".", "./a.rs", "../a.rs", "/a.rs", "a\0.rs"] {
            assert!(!patterns(&["*"]).matches(&RepoPath::from(none)), "{none:?}");
        }
    }

    /// What libgit2 says of a pattern as it is written.
    fn as_written(pattern: &str, path: &str) -> bool {
        let matcher = git2::Pathspec::new([pattern]).unwrap();
        matcher.matches_path(Path::new(path), git2::PathspecFlags::DEFAULT)
    }

    proptest! {
        #[test]
        fn a_pattern_without_leaps_means_what_was_written(
            pattern in r"[ab*?/!:\\\\\]\[^\u{e9}-]{1,9}",
            path in r"[ab]{1,2}[ab/! \u{e9}\]\[^*\\\\-]{1,9}",
        ) {
            let changed = without_leaps(&pattern);
            prop_assert_eq!(
                as_written(&changed, &path), as_written(&pattern, &path),
                "{:?} is written as {:?}", pattern, changed,
            );
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_their_number_times_the_path() {
        let path = RepoPath::from(&*"ab/".repeat(1365));
        for piece in ["*a", "*b*", "*/", "**a?", "*[a]", "*\\a", "*\u{e9}", "*ab"] {
            for end in ["", "c", "/", "?", "[c]", "\\"] {
                let pattern = format!("{}{end}", piece.repeat(1000));
                PathPatterns::new(&[pattern]).unwrap().matches(&path);
            }
        }
    }
}
