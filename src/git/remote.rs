//! Remotes: bringing one ref, publishing one ref, and what is configured about them. Everything
//! here goes through the `git` process, so that the user's ssh, credentials, proxies and `insteadOf`
//! hold. Not here: what lies in the refs.

use anyhow::Result;

use super::bounds::Bounds;
use super::config::{Overrides, last_of};
use super::error::harmless;
use super::network::Terms;
use super::process::failed;
use super::refs::Expected;
use super::repo::Repo;
use crate::model::{Hinted, Oid};

/// What to do about a remote that sends more than [`Bounds::RECEIVING`].
const BEYOND: &str = "what the remote sends is beyond what analyses may take of memory or of the \
                      disk; 'git ls-remote' shows its refs, and 'git fetch' has no such bounds";

/// Nothing moves but what is named.
pub(super) const FETCHED_ALONE: [&str; 9] = [
    "--progress",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-write-commit-graph",
    "--no-recurse-submodules",
    "--no-show-forced-updates",
    "--no-prune",
    "--refmap=",
];

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    Accepted,
    /// The ref was not where it was expected, or somebody else was moving it.
    Rejected(String),
    /// The remote does not want it there: by a hook, a rule, or a setting.
    Refused(String),
}

impl Repo {
    /// Brings the ref `from` of `remote` and forces our ref `to` to it: what it points at now;
    /// `None` if the remote has no such ref, and `to` is then left as it is.
    ///
    /// Nothing else moves: no tag, no `FETCH_HEAD`, no remote-tracking branch (a moved one would
    /// defeat the user's next `--force-with-lease`).
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms, or what it sends cannot be stored.
    pub fn fetch_ref(
        &self,
        remote: &str,
        from: &str,
        to: &str,
        terms: &Terms<'_>,
    ) -> Result<Option<Oid>> {
        let before = self.resolve_ref(to)?;
        self.talks.set(true);
        let git = self.git_on_network("fetch", remote, terms)?;
        let git = git.args(FETCHED_ALONE).arg("--no-filter");
        let moving = self.moving_over_network(to)?;
        let output = git
            .args(["--stdin", "--end-of-options", remote])
            .within(Bounds::RECEIVING)
            .converse_over(format!("+{from}:{to}\n").into_bytes(), terms)?;
        moving.ended(output.status);
        self.refresh_objects()?;
        if output.status.success() {
            return self.resolve_ref(to);
        }
        // Whether the ref is absent is read off the remote, never off git's words.
        match self.remote_ref(remote, from, terms)? {
            None => Ok(None),
            // Another fetch of this clone held the ref's lock and brought the same.
            Some(there) if before != Some(there) && self.resolve_ref(to)? == Some(there) => {
                Ok(Some(there))
            }
            Some(_) => {
                let error = failed("fetch".to_owned(), &output).into();
                if Bounds::RECEIVING.ended(&output.stderr) {
                    Err(Hinted::attach(error, BEYOND))
                } else {
                    Err(error)
                }
            }
        }
    }

    /// What the ref `name` of `remote` points at, which need not be here; `None` if there is none.
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms.
    pub fn remote_ref(&self, remote: &str, name: &str, terms: &Terms<'_>) -> Result<Option<Oid>> {
        self.talks.set(true);
        let output = self
            .git_on_network("ls-remote", remote, terms)?
            .within(Bounds::RECEIVING)
            .args(["--refs", "--end-of-options", remote, name])
            .converse(terms)?;
        if !output.status.success() {
            return Err(failed("ls-remote".to_owned(), &output).into());
        }
        let lines = output.stdout.split(|&b| b == b'\n');
        let mut pairs = lines.filter_map(|line| {
            let tab = memchr::memchr(b'\t', line)?;
            Some((Oid::from_hex(&line[..tab])?, &line[tab + 1..]))
        });
        let found = pairs.find(|(_, listed)| *listed == name.as_bytes());
        Ok(found.map(|(oid, _)| oid))
    }

    /// The refs of `remote` below the folder `name`, for which a ref of that name has no room.
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms.
    pub fn remote_refs_below(
        &self,
        remote: &str,
        name: &str,
        terms: &Terms<'_>,
    ) -> Result<Vec<String>> {
        self.talks.set(true);
        let output = self
            .git_on_network("ls-remote", remote, terms)?
            .within(Bounds::RECEIVING)
            .args(["--refs", "--end-of-options", remote, &format!("{name}/*")])
            .converse(terms)?;
        if !output.status.success() {
            return Err(failed("ls-remote".to_owned(), &output).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let names = text.lines().filter_map(|line| line.split_once('\t'));
        let below = names.filter(|(_, at)| at.starts_with(&format!("{name}/")));
        Ok(below.map(|(_, at)| harmless(at.as_bytes())).collect())
    }

    /// Moves the ref `to` of `remote` to `new`, if it is where `expected` says. Git moves our
    /// `mirror` of it along, where a refspec says that it is one: at once, so that no other process of
    /// this clone goes by what it was.
    ///
    /// # Errors
    /// If the remote cannot be talked to on these terms.
    pub fn push_ref(
        &self,
        remote: &str,
        new: Oid,
        (to, mirror): (&str, &str),
        expected: Expected,
        terms: &Terms<'_>,
    ) -> Result<Pushed> {
        let lease = match expected {
            Expected::Absent => format!("--force-with-lease={to}:"),
            Expected::At(old) => format!("--force-with-lease={to}:{old}"),
        };
        let moving = self.moving_over_network(mirror)?;
        self.talks.set(true);
        let output = self
            .git_on_network("push", remote, terms)?
            .args(["--porcelain", "--progress", "--no-verify", "--no-signed"])
            .args(["--no-recurse-submodules", "--no-follow-tags", &lease])
            .args(["--end-of-options", remote, &format!("{new}:{to}")])
            .converse(terms)?;
        moving.ended(output.status);
        match verdict(&output.stdout, to) {
            Some(Pushed::Accepted) if output.status.success() => Ok(Pushed::Accepted),
            Some(Pushed::Rejected(summary)) => {
                let said = remote_words(&output.stderr);
                let is_race = is_race(&summary);
                let words = [summary, said].into_iter().filter(|text| !text.is_empty());
                let why = words.collect::<Vec<_>>().join("; ");
                Ok(if is_race {
                    Pushed::Rejected(why)
                } else {
                    Pushed::Refused(why)
                })
            }
            _ => Err(failed("push".to_owned(), &output).into()),
        }
    }

    /// The remote that is pushed to from here when none is named: that of the current branch, else
    /// `origin`, else the only one; `None` where that leaves nothing.
    pub fn usual_remote(&self) -> Option<String> {
        let remotes = self.remotes();
        let config = self.config(Overrides::Absent).unwrap_or_default();
        let setting = |key: &str| last_of(&config, key);
        let branch = self.branch();
        let of_branch = |key: &str| setting(&format!("branch.{}.{key}", branch.as_deref()?));
        let named = of_branch("pushremote")
            .or_else(|| setting("remote.pushdefault"))
            .or_else(|| of_branch("remote"))
            .or_else(|| Some("origin".to_owned()));
        let only = match remotes.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        named.filter(|name| remotes.contains(name)).or(only)
    }

    /// Where `remote` is, as configured, without a password.
    pub fn remote_url(&self, remote: &str) -> Option<String> {
        let config = self.config(Overrides::Absent).ok()?;
        let url = last_of(&config, &format!("remote.{remote}.url"))?;
        Some(without_password(&url))
    }

    pub(super) fn is_shallow(&self) -> bool {
        let list = std::fs::metadata(self.common_dir().join("shallow"));
        list.is_ok_and(|list| list.len() > 0)
    }
}

/// `https://ana:secret@host/x` is `https://ana@host/x`.
pub(super) fn without_password(url: &str) -> String {
    let parts = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{scheme}://{user}@{host}/{path}"))
    };
    parts().unwrap_or_else(|| url.to_owned())
}

/// What `git push --porcelain` says of the ref `to`: a flag, `<from>:<to>` and a summary,
/// separated by tabs (git-push(1), "OUTPUT").
fn verdict(stdout: &[u8], to: &str) -> Option<Pushed> {
    let text = String::from_utf8_lossy(stdout);
    let mut verdict = None;
    for line in text.lines() {
        let mut fields = line.splitn(3, '\t');
        let (Some(flag), Some(pair), summary) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if pair
            .rsplit_once(':')
            .is_none_or(|(_, ref_name)| ref_name != to)
        {
            continue;
        }
        // Of several places to push to, the one that refuses counts.
        match flag {
            "!" => return Some(Pushed::Rejected(harmless(summary.unwrap_or("").as_bytes()))),
            _ => verdict = Some(Pushed::Accepted),
        }
    }
    verdict
}

/// Would the same push, from what the remote has by then, be taken? git itself rejects what is not
/// where it was expected; a remote that was faster says so in one of these ways.
fn is_race(summary: &str) -> bool {
    const RACES: [&str; 9] = [
        "stale info",
        "fetch first",
        "non-fast-forward",
        "lock",
        "failed to update ref",
        "incorrect old value",
        "already exists",
        "but expected",
        "in progress",
    ];
    !summary.starts_with("[remote rejected]") || {
        let summary = summary.to_lowercase();
        let is_block = summary.contains("block");
        !is_block && RACES.iter().any(|race| summary.contains(race))
    }
}

/// What the other side said, without git's own words around it.
fn remote_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.split(['\r', '\n']);
    let words: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("remote: "))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    harmless(words.join("\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::network::Prompt;
    use crate::git::testing::TestRepo;
    use std::time::{Duration, Instant};

    const SHARED: &str = "refs/rustassistant/shared/v1";
    const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

    fn terms() -> Terms<'static> {
        Terms {
            until: Instant::now() + Duration::from_secs(60),
            silence: Duration::from_secs(60),
            prompt: Prompt::Never,
            say: &|_| {},
        }
    }

    /// A repository with a remote, both with one commit.
    fn pair() -> (TestRepo, TestRepo) {
        let (test, remote) = (TestRepo::new(), TestRepo::new());
        test.write("a", "a");
        test.commit("a");
        let place = remote.path.to_str().unwrap().to_owned();
        test.git(&["add", "origin", &place], "remote");
        (test, remote)
    }

    #[test]
    fn a_ref_is_pushed_with_a_lease_and_brought_back_and_nothing_else_moves() {
        let (test, remote) = pair();
        let repo = test.open();
        let first = repo.commit_named("HEAD").unwrap().unwrap();
        let push = |new, expected| {
            repo.push_ref("origin", new, (SHARED, MIRROR), expected, &terms())
                .unwrap()
        };
        let fetch = || repo.fetch_ref("origin", SHARED, MIRROR, &terms()).unwrap();
        assert_eq!(fetch(), None);
        assert_eq!(push(first, Expected::Absent), Pushed::Accepted);
        assert_eq!(fetch(), Some(first));
        test.commit("b");
        let second = repo.commit_named("HEAD").unwrap().unwrap();
        for stale in [Expected::Absent, Expected::At(second)] {
            assert!(matches!(push(second, stale), Pushed::Rejected(_)));
        }
        assert_eq!(push(second, Expected::At(first)), Pushed::Accepted);
        assert_eq!(remote.git(&[SHARED], "rev-parse"), second.to_string());
        assert_eq!(fetch(), Some(second));
        let refs = test.git(&["--format=%(refname)"], "for-each-ref");
        assert_eq!(refs, format!("refs/heads/main\n{MIRROR}"));
        assert!(!test.path.join(".git/FETCH_HEAD").exists());
    }

    #[test]
    fn a_remote_that_is_not_there_is_an_error_and_never_an_absent_ref() {
        let (test, remote) = pair();
        drop(remote);
        let repo = test.open();
        assert!(repo.fetch_ref("origin", SHARED, MIRROR, &terms()).is_err());
        let head = repo.commit_named("HEAD").unwrap().unwrap();
        let pushed = repo.push_ref("origin", head, (SHARED, MIRROR), Expected::Absent, &terms());
        assert!(pushed.is_err());
    }

    #[test]
    fn what_a_push_came_to_is_read_off_its_flags() {
        let of = |line: &str| verdict(format!("To x\n{line}\nDone\n").as_bytes(), SHARED);
        assert_eq!(
            of(&format!("*\tabc:{SHARED}\t[new reference]")),
            Some(Pushed::Accepted)
        );
        assert_eq!(
            of(&format!("!\tabc:{SHARED}\t[rejected] (stale info)")),
            Some(Pushed::Rejected("[rejected] (stale info)".to_owned()))
        );
        assert_eq!(of("!\tabc:refs/heads/main\t[rejected]"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn what_a_remote_does_not_want_is_told_from_what_somebody_else_was_faster_with() {
        for (summary, race) in [
            ("[rejected] (stale info)", true),
            ("[rejected] (fetch first)", true),
            ("[remote rejected] (failed to update ref)", true),
            (
                "[remote rejected] (cannot lock ref 'refs/x': is at a but expected b)",
                true,
            ),
            ("[remote rejected] (failed to lock)", true),
            ("[remote rejected] (non-fast-forward)", true),
            ("[remote rejected] (pre-receive hook declined)", false),
            ("[remote rejected] (hook declined)", false),
            ("[remote rejected] (deny updating a hidden ref)", false),
            (
                "[remote rejected] (prohibited by Gerrit: not permitted: create)",
                false,
            ),
            ("[remote rejected] (blocked by policy)", false),
        ] {
            assert_eq!(is_race(summary), race, "{summary}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            ("https://ana:secret@host/x", "https://ana@host/x"),
            ("https://host/a:b@c", "https://host/a:b@c"),
            ("git@host:x/y.git", "git@host:x/y.git"),
            ("/a/path", "/a/path"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn the_usual_remote_is_that_of_the_branch_then_origin_then_the_only_one() {
        let test = TestRepo::new();
        let usual = || test.open().usual_remote();
        assert_eq!(usual(), None);
        test.git(&["add", "team", "/nowhere"], "remote");
        assert_eq!(usual().as_deref(), Some("team"));
        test.git(&["add", "fork", "/nowhere"], "remote");
        assert_eq!(usual(), None);
        test.git(&["add", "origin", "/nowhere"], "remote");
        assert_eq!(usual().as_deref(), Some("origin"));
        test.config("branch.main.remote", "team");
        assert_eq!(usual().as_deref(), Some("team"));
        test.config("branch.main.pushRemote", "fork");
        assert_eq!(usual().as_deref(), Some("fork"));
    }
}
