//! What of a repository's own configuration may start a process or open a connection when git
//! fetches what a partial clone lacks, and whether its user has vouched for it. Whoever only looks at
//! files has not asked for a connection, and an archive brings a configuration of strangers.
//! docs/security.md has every key. Not what is turned off for every process of git: that is
//! `process.rs`.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow};

use super::config::{ConfigEntry, Overrides, Scope};
use super::process::knows_no_lazy_fetch;
use super::repo::Repo;
use super::{around, opening};
use crate::model::Hinted;

/// What may stand in the section of a remote that files come from: names and choices.
const OF_REMOTE: [&str; 14] = [
    "url",
    "pushurl",
    "fetch",
    "push",
    "promisor",
    "partialclonefilter",
    "tagopt",
    "prune",
    "prunetags",
    "mirror",
    "followremotehead",
    "skipfetchall",
    "skipdefaultupdate",
    // What the other side is to run if it is pushed to.
    "receivepack",
];

/// What may stand in `http`: none names a program, a file or another host. A header goes where the
/// address leads anyway, and is how build services log in.
const OF_HTTP: [&str; 8] = [
    "extraheader",
    "lowspeedlimit",
    "lowspeedtime",
    "maxrequests",
    "minsessions",
    "postbuffer",
    "useragent",
    "version",
];

/// What may stand in `credential`, where a helper is a program.
const OF_CREDENTIAL: [&str; 4] = ["interactive", "protectprotocol", "usehttppath", "username"];

/// Whole keys that git obeys on its way to a remote.
const REFUSED: [&str; 7] = [
    "core.alternaterefscommand",
    "core.askpass",
    "core.gitproxy",
    "core.sshcommand",
    // Git looks for room when it has fetched.
    "gc.recentobjectshook",
    "ssh.variant",
    "transfer.bundleuri",
];

const HINT: &str = "if you trust this repository's configuration: git config --global --add \
                    safe.directory \"$(git rev-parse --absolute-git-dir)\"";

impl Repo {
    /// May files be fetched that nobody asked for by name? The user has asked for a connection, or
    /// has vouched for the repository, or its configuration says nothing but where they are.
    ///
    /// # Errors
    /// With a hint, and the key that forbids it.
    pub(super) fn may_fetch_promised(&self) -> Result<()> {
        if self.talks.get() {
            return Ok(());
        }
        let entries = self.config_with_origins()?;
        if self.is_vouched_for(&entries) {
            return Ok(());
        }
        match self.objection(&entries) {
            None => Ok(()),
            Some((key, why)) => Err(Hinted::attach(
                anyhow!(
                    "not fetching: {} {why}, in the repository's own configuration",
                    key.escape_debug()
                ),
                HINT,
            )),
        }
    }

    /// Does the repository's own configuration alone say that its files lie in a folder that knows
    /// nothing of it? An archive may name any folder of the user's that way.
    ///
    /// # Errors
    /// If git cannot list its configuration.
    pub fn claims_a_work_tree(&self) -> Result<bool> {
        let key = "core.worktree";
        if !self
            .config(Overrides::Absent)?
            .iter()
            .any(|entry| entry.name == key)
        {
            return Ok(false);
        }
        let entries = self.config_with_origins()?;
        let mut said = entries.iter().filter(|entry| entry.name == key);
        let is_own = said.next_back().is_some_and(is_own);
        let named = opening::work_tree().is_some();
        if named || !is_own || self.is_vouched_for(&entries) {
            return Ok(false);
        }
        let leads_here = |top: &Path| {
            let there = around::git_folder(&top.join(".git"))?.canonicalize().ok()?;
            Some(there == self.hand.git_dir().canonicalize().ok()?)
        };
        Ok(self
            .work_dir()
            .is_some_and(|top| leads_here(top) != Some(true)))
    }

    /// Does the user's `safe.directory` name this repository? `*` names none.
    pub(super) fn is_vouched(&self) -> bool {
        let entries = self.config_with_origins();
        entries.is_ok_and(|entries| self.is_vouched_for(&entries))
    }

    /// The same, by all that is configured.
    fn is_vouched_for(&self, entries: &[ConfigEntry]) -> bool {
        let folders = [
            self.work_dir(),
            Some(self.common_dir()),
            Some(self.hand.git_dir()),
        ];
        let real: Vec<PathBuf> = folders
            .into_iter()
            .flatten()
            .filter_map(|folder| folder.canonicalize().ok())
            .collect();
        let said = entries
            .iter()
            .filter(|entry| entry.name == "safe.directory" && !is_own(entry));
        let mut vouched = false;
        for entry in said {
            let value = entry.value.as_deref().unwrap_or_default();
            let path = match (value.strip_prefix("~/"), std::env::home_dir()) {
                (Some(below), Some(home)) => home.join(below),
                _ => PathBuf::from(value),
            };
            let names = path.is_absolute() && path.canonicalize().is_ok_and(|p| real.contains(&p));
            vouched = names || (vouched && !value.is_empty());
        }
        vouched
    }

    /// The first key that may start or reach something else than git at a plain address, and why.
    fn objection(&self, entries: &[ConfigEntry]) -> Option<(String, &'static str)> {
        let remotes = promisors(entries);
        let own = entries.iter().filter(|entry| is_own(entry));
        for entry in own {
            let value = entry.value.as_deref();
            if let Some(why) = self.objection_to(&entry.name, value, &remotes) {
                return Some((entry.name.clone(), why));
            }
        }
        // Git would take the name itself for an address, or look into `.git/remotes`.
        let nameless = remotes.into_iter().find(|remote| {
            let key = format!("remote.{remote}.url");
            !entries.iter().any(|entry| entry.name == key)
        });
        nameless.map(|remote| (format!("remote.{remote}.url"), "is missing"))
    }

    fn objection_to(
        &self,
        name: &str,
        value: Option<&str>,
        remotes: &BTreeSet<String>,
    ) -> Option<&'static str> {
        const STARTS: &str = "may start a program";
        const LEADS: &str = "leads elsewhere";
        let (section, rest) = name.split_once('.')?;
        let (subsection, key) = rest.rsplit_once('.').unwrap_or(("", rest));
        let unless = |harmless: bool, why| (!harmless).then_some(why);
        match section {
            "remote" if !remotes.contains(subsection) => None,
            "remote" if key == "url" => unless(
                value.is_some_and(|url| self.is_plain(url)),
                "is no plain address",
            ),
            "remote" => unless(OF_REMOTE.contains(&key), STARTS),
            "http" => unless(OF_HTTP.contains(&key), LEADS),
            // An empty one takes away what the user has.
            "credential" => unless(OF_CREDENTIAL.contains(&key) || value == Some(""), STARTS),
            "protocol" => unless(key == "version", STARTS),
            "url" => unless(key != "insteadof", LEADS),
            // What carries a way of talking that git itself has not learnt.
            "alias" => unless(!rest.starts_with("remote-"), STARTS),
            "fetch" => unless(!["bundleuri", "uriprotocols"].contains(&key), LEADS),
            _ => unless(!REFUSED.contains(&name), STARTS),
        }
    }

    /// Is it an address that git itself reaches, and the user's ssh?
    fn is_plain(&self, url: &str) -> bool {
        if url.is_empty() || url.starts_with('-') || url.contains(char::is_control) {
            return false;
        }
        if let Some((scheme, rest)) = url.split_once("://") {
            return match scheme {
                "https" | "ssh" | "git" => !rest.is_empty() && !rest.starts_with('-'),
                "file" => !rest.contains('%') && self.is_plain_path(Path::new(rest)),
                _ => false,
            };
        }
        match url.split_once(':') {
            // `helper::address`, but not `[::1]:path`.
            Some((before, after)) if !before.contains('/') => {
                before.starts_with('[') || !after.starts_with(':')
            }
            _ => self.is_plain_path(Path::new(url)),
        }
    }

    /// A repository beside this one. Git serves those of strangers without obeying them, but old ones
    /// fetch in turn what is lacking there, as the configuration there says.
    fn is_plain_path(&self, path: &Path) -> bool {
        let odd = ["/proc", "/dev", "/sys"];
        let Some(real) = path
            .is_absolute()
            .then(|| path.canonicalize().ok())
            .flatten()
        else {
            // What is not there serves nothing.
            return path.is_absolute();
        };
        let own = [self.work_dir(), Some(self.common_dir())];
        let is_inside = own.into_iter().flatten().any(|folder| {
            folder
                .canonicalize()
                .is_ok_and(|folder| real.starts_with(folder))
        });
        let climbs = path.components().any(|part| part == Component::ParentDir);
        !is_inside
            && !climbs
            && !odd.iter().any(|odd| path.starts_with(odd))
            && knows_no_lazy_fetch()
    }
}

/// The remotes that git asks for what is lacking.
fn promisors(entries: &[ConfigEntry]) -> BTreeSet<String> {
    let of_remote = |entry: &ConfigEntry| {
        let (name, key) = entry.name.strip_prefix("remote.")?.rsplit_once('.')?;
        ["promisor", "partialclonefilter"]
            .contains(&key)
            .then(|| name.to_owned())
    };
    let of_old = |entry: &ConfigEntry| match entry.name.as_str() {
        "extensions.partialclone" => entry.value.clone(),
        _ => None,
    };
    let all = entries.iter();
    all.filter_map(|entry| of_remote(entry).or_else(|| of_old(entry)))
        .collect()
}

/// Did the repository's own files say it, or one that they include?
fn is_own(entry: &ConfigEntry) -> bool {
    matches!(entry.scope, Scope::Local | Scope::Worktree | Scope::Tracked)
}

#[cfg(test)]
mod tests {
    use crate::git::testing::TestRepo;

    fn objection(keys: &[(&str, &str)]) -> Option<String> {
        let test = TestRepo::new();
        test.config("remote.origin.promisor", "true");
        for (key, value) in keys {
            test.git(&["--add", key, value], "config");
        }
        let refused = test.open().may_fetch_promised().err()?;
        Some(format!("{refused:#}"))
    }

    #[test]
    fn a_plain_address_is_enough_and_what_stands_beside_it_as_a_rule_does_not_harm() {
        for url in [
            "https://example.com/a.git",
            "ssh://ana@example.com/a.git",
            "git://example.com/a.git",
            "git@example.com:a/b.git",
            "[::1]:a/b.git",
            "/nowhere/a.git",
            "file:///nowhere/a.git",
            "file:///",
        ] {
            let keys = [
                ("remote.origin.url", url),
                ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
                ("remote.origin.partialclonefilter", "blob:none"),
                ("remote.other.url", "ext::sh"),
                ("http.https://example.com/.extraheader", "a: b"),
                ("credential.helper", ""),
                ("credential.username", "ana"),
                ("core.editor", "vi"),
                ("alias.st", "!git status"),
                ("filter.lfs.clean", "git-lfs clean -- %f"),
            ];
            assert_eq!(objection(&keys), None, "{url}");
        }
    }

    #[test]
    fn an_address_that_is_not_plain_is_refused() {
        for url in [
            "ext::sh -c true",
            "foo::bar",
            "fd::17",
            "http://example.com/a.git",
            "ftp://example.com/a.git",
            "foo://bar",
            "-uevil",
            "https://-evil/a",
            "../a.git",
            "a.git",
            "./a:b",
            "file://a.git",
            "file:///%70roc/self/cwd/a.git",
            "/proc/self/cwd",
            "",
        ] {
            let refused = objection(&[("remote.origin.url", url)]);
            assert!(refused.is_some(), "{url}");
        }
        assert!(objection(&[]).unwrap().contains("is missing"));
        let old = [
            ("remote.origin.url", "https://example.com/a.git"),
            ("extensions.partialClone", "ext::sh"),
        ];
        assert!(objection(&old).is_some());
        let second = [
            ("remote.origin.url", "https://example.com/a.git"),
            ("remote.origin.url", "ext::sh"),
        ];
        assert!(objection(&second).is_some());
    }

    #[test]
    fn what_starts_something_on_the_way_is_named_until_the_user_vouches_for_it() {
        for (key, value) in [
            ("remote.origin.uploadpack", "evil"),
            ("remote.origin.vcs", "evil"),
            ("remote.origin.proxy", "http://evil"),
            ("core.sshCommand", "evil"),
            ("core.gitProxy", "evil"),
            ("core.askPass", "evil"),
            ("core.alternateRefsCommand", "evil"),
            ("credential.helper", "!evil"),
            ("credential.https://example.com.helper", "!evil"),
            ("http.proxy", "http://evil"),
            ("http.sslVerify", "false"),
            ("http.cookieFile", "/home/ana/cookies"),
            ("http.sslCert", "/home/ana/cert"),
            ("http.curloptResolve", "example.com:443:127.0.0.1"),
            ("url.ext::evil.insteadOf", "https://example.com"),
            ("protocol.ext.allow", "always"),
            ("fetch.bundleURI", "https://evil"),
            ("ssh.variant", "simple"),
            ("alias.remote-https", "!evil"),
            ("gc.recentObjectsHook", "evil"),
        ] {
            let plain = ("remote.origin.url", "https://example.com/a.git");
            let refused = objection(&[plain, (key, value)]).expect(key);
            let named = refused.to_lowercase();
            assert!(named.contains(&key.to_lowercase()), "{refused}");
        }
    }
}
