//! Where a remote leads, as git sees it: which repositories are fetched from and pushed to, whether
//! two addresses are those of one, and which commits lie there. Not what follows from that.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::bounds::Bounds;
use super::network::Terms;
use super::process::failed;
use super::remote::{FETCHED_ALONE, without_password};
use super::repo::Repo;
use crate::model::Oid;

/// How git looks for a repository at a path, in this order.
const WAYS: [&str; 4] = ["/.git", "", ".git/.git", ".git"];

/// The addresses of one remote: `insteadOf` is applied, and paths are those of the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    from: String,
    to: Vec<String>,
}

impl Addresses {
    /// Do pushes lead to another repository than fetches, as far as addresses tell? What was fetched
    /// says nothing then of what is there.
    pub fn push_elsewhere(&self) -> bool {
        self.to.iter().any(|to| !is_same(&self.from, to))
    }

    /// One a line, each once: what was learnt at one place is known of that place.
    pub fn lines(&self) -> Vec<&str> {
        let all = std::iter::once(&self.from).chain(&self.to);
        let mut lines: Vec<&str> = all.map(String::as_str).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}

/// Which refs of a remote are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    BranchesAndTags,
    All,
}

impl Repo {
    /// Where `remote` is fetched from, and all places that a push to it leads to.
    ///
    /// # Errors
    /// If git cannot tell the addresses.
    pub fn addresses(&self, remote: &str) -> Result<Addresses> {
        let ask = |options: &[&str]| -> Result<Vec<String>> {
            let git = self.git("remote").arg("get-url").args(options);
            let output = git.args(["--end-of-options", remote]).output();
            let output = output.with_context(|| format!("cannot determine the URL of {remote}"))?;
            let output = String::from_utf8_lossy(&output);
            let urls = output.lines().map(|url| canonical(self.root(), url));
            Ok(urls.collect())
        };
        // Of several, git fetches from the first, and pushes to all.
        let from = ask(&[])?.into_iter().next().unwrap_or_default();
        let to = ask(&["--push", "--all"])?;
        Ok(Addresses { from, to })
    }

    /// The refs of `remote` and what they point at, asked of it; of tags, what they lead to as well.
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms.
    pub fn listed_by(
        &self,
        remote: &str,
        which: Asked,
        terms: &Terms<'_>,
    ) -> Result<Vec<(Oid, String)>> {
        let only: &[&str] = match which {
            Asked::BranchesAndTags => &["--heads", "--tags"],
            Asked::All => &[],
        };
        self.talks.set(true);
        let output = self
            .git_on_network("ls-remote", remote, terms)?
            .within(Bounds::RECEIVING)
            .args(only)
            .args(["--end-of-options", remote])
            .converse(terms)?;
        if !output.status.success() {
            return Err(failed("ls-remote".to_owned(), &output).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        let refs =
            pairs.filter_map(|(oid, name)| Some((Oid::from_hex(oid.as_bytes())?, name.to_owned())));
        Ok(refs.collect())
    }

    /// Brings the history of some refs of `remote`, and moves nothing.
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms, or what it sends cannot be stored.
    pub fn bring_history(&self, remote: &str, refs: &[&str], terms: &Terms<'_>) -> Result<()> {
        self.talks.set(true);
        let names: String = refs.iter().map(|name| format!("{name}\n")).collect();
        let output = self
            .git_on_network("fetch", remote, terms)?
            .args(FETCHED_ALONE)
            .args(["--stdin", "--end-of-options", remote])
            .within(Bounds::RECEIVING)
            .converse_over(names.into_bytes(), terms)?;
        if !output.status.success() {
            return Err(failed("fetch".to_owned(), &output).into());
        }
        self.refresh_objects()
    }
}

/// An address in one spelling, without a password; a path as that of the repository that lies there.
/// Relative ones begin at `root`, as for git.
fn canonical(root: &Path, url: &str) -> String {
    let url = url.trim();
    if let Some(path) = local(url) {
        return repository_at(&root.join(path));
    }
    let url = without_password(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.trim_end_matches('/').to_owned();
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    // Over http, a user is who asks, and may be a token; over ssh, a home folder may be meant.
    let user = match user {
        "" => String::new(),
        _ if scheme.starts_with("http") => String::new(),
        user => format!("{user}@"),
    };
    let (host, path) = (host.to_ascii_lowercase(), path.trim_end_matches('/'));
    format!("{scheme}://{user}{host}/{path}")
}

/// The path that an address is, if it is one.
fn local(url: &str) -> Option<&str> {
    if let Some(path) = url.strip_prefix("file://") {
        return Some(path);
    }
    // `host:path` has a colon before any slash.
    let colon = url.find(':').unwrap_or(usize::MAX);
    let slash = url.find('/').unwrap_or(usize::MAX);
    (colon == usize::MAX || slash < colon).then_some(url)
}

/// The real folder of the repository that git finds at `path`; where there is none, the path itself.
fn repository_at(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.trim_end_matches('/');
    let is_one = |place: &PathBuf| place.is_file() || place.join("objects").is_dir();
    let mut ways = WAYS.iter().map(|end| PathBuf::from(format!("{text}{end}")));
    let found = ways
        .find(is_one)
        .and_then(|place| place.canonicalize().ok());
    match found {
        Some(place) => place.to_string_lossy().into_owned(),
        None => text.strip_suffix(".git").unwrap_or(text).to_owned(),
    }
}

/// Are these addresses of one repository? It may be reached over https and over ssh.
fn is_same(one: &str, other: &str) -> bool {
    let is_path = |url: &str| local(url).is_some();
    if one == other || is_path(one) || is_path(other) {
        return one == other;
    }
    let (one, other) = (Parts::of(one), Parts::of(other));
    one.place() == other.place() && (one.scheme != other.scheme || one.port == other.port)
}

/// An address that is no path.
struct Parts<'a> {
    scheme: &'a str,
    user: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let (scheme, authority, path) = match url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                (scheme, authority, path)
            }
            // As scp has it.
            None => {
                let (authority, path) = url.split_once(':').unwrap_or(("", url));
                ("ssh", authority, path)
            }
        };
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if is_port(port) => (host, port),
            _ => (host, ""),
        };
        // What begins in a home folder is whose it is; on a host of repositories, all ask as `git`.
        let is_at_home = if url.contains("://") {
            path.starts_with('~')
        } else {
            !path.starts_with('/')
        };
        Self {
            scheme,
            user: if is_at_home && user != "git" {
                user
            } else {
                ""
            },
            host,
            port,
            path,
        }
    }

    /// Host and path.
    fn place(&self) -> String {
        let path = self.path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        format!("{}@{}/{path}", self.user, self.host.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let at = |url| canonical(Path::new("/here"), url);
        is_same(&at(one), &at(other))
    }

    #[test]
    fn one_repository_has_many_addresses() {
        let code = "https://example.com/team/code.git";
        for url in [
            "git@example.com:team/code",
            "ssh://git@Example.com:2222/team/code.git/",
            "https://ana:secret@example.com/team/code",
            "ssh://ana@example.com:29418/team/code",
        ] {
            assert!(same(code, url), "{url}");
        }
        assert!(same("/srv/code.git", "file:///srv/code"));
        for other in [
            "https://example.org/team/code",
            "https://example.com:8443/team/code",
            "ana@example.com:team/code",
            "/team/code",
            "../code",
            "team/code",
        ] {
            assert!(!same(code, other), "{other}");
        }
        assert!(!same("ssh://ana@h/~/r", "ssh://ben@h/~/r"));
        assert!(!same("ana@h:r", "ben@h:r"));
        assert!(!same("ssh://h:2222/r", "ssh://h:2223/r"));
    }

    #[test]
    fn a_path_is_that_of_the_repository_which_git_finds_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |url: &str| canonical(&root, url);
        std::fs::create_dir_all(root.join("a.git/objects")).unwrap();
        assert_eq!(at("a"), at("a.git"));
        assert_eq!(at("a"), at(&format!("file://{}/a.git/", root.display())));
        std::fs::create_dir_all(root.join("a/.git/objects")).unwrap();
        assert_ne!(at("a"), at("a.git"));
        std::os::unix::fs::symlink("a.git", root.join("b")).unwrap();
        assert_eq!(at("./b"), at("a.git"));
    }

    #[test]
    fn no_password_is_written_down() {
        let at = |url| canonical(Path::new("/"), url);
        assert_eq!(at("https://ana:secret@h/x/"), "https://h/x");
        assert_eq!(at("https://token@h/x"), "https://h/x");
        assert_eq!(at("ssh://ana:secret@H/~/x"), "ssh://ana@h/~/x");
        assert_eq!(at("git@h:x"), "git@h:x");
    }
}
