//! What a partial clone lacks is not fetched by programs, with keys or from hosts that its own
//! configuration chooses, unless its user vouches for it. Not the fetch itself: that is
//! `matrix/promises.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use super::configured::{HANDS, Home, run, scripts};
use super::{Trap, assert_untouched, order};
use crate::support::Repo;
use crate::support::server::{Canned, Server};

/// Who only looks at what is not here has these.
const LOOKS: [&[&str]; 7] = [
    &["analyze", "--rev", "HEAD", ":/"],
    &["analyze", "--rev", "HEAD~1..HEAD"],
    &["status"],
    &["show", "HEAD:src/a.rs"],
    &["diff", "HEAD~1"],
    &["cache", "verify"],
    &["doctor"],
];

/// A repository with a clone in `clone` that lacks what `filter` says, as an archive may bring it.
fn lacking(filter: &str) -> (Repo, PathBuf) {
    let repo = Repo::of_two_files();
    repo.write("src/a.rs", "pub fn a() { b() }\n");
    repo.write(".gitattributes", "*.txt rustassistant=local\n");
    repo.commit("two");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", repo.path().join(".git").display());
    let filter = format!("--filter={filter}");
    repo.git(&["clone", "-q", "--no-checkout", &filter, &url, "clone"]);
    let clone = repo.path().join("clone");
    (repo, clone)
}

fn assert_nothing_is_fetched(repo: &Repo, clone: &Path, what: &str) {
    for hand in HANDS {
        for command in LOOKS {
            let output = run(repo, clone, hand, command);
            assert!(
                output.code.is_some_and(|code| code < 4),
                "{what}: {output:?}"
            );
            assert_untouched(repo, &format!("{what} '{hand}' {command:?}: {output:?}"));
        }
    }
}

/// Each leads a fetch of what is lacking to a program; `{}` is the order.
const ATTACKS: [&[(&str, &str)]; 16] = [
    &[("remote.origin.uploadpack", "{};:")],
    &[("remote.origin.vcs", "evil"), ("alias.remote-evil", "!{}")],
    &[
        ("remote.origin.url", "evil::x"),
        ("alias.remote-evil", "!{}"),
    ],
    &[
        ("remote.origin.url", "evil://x"),
        ("alias.remote-evil", "!{}"),
    ],
    &[
        ("remote.origin.url", "ext::{}"),
        ("protocol.ext.allow", "always"),
    ],
    &[
        ("remote.origin.url", "ext::{}"),
        ("protocol.allow", "always"),
    ],
    &[
        ("url.ext::{} .insteadOf", "file://"),
        ("protocol.ext.allow", "always"),
    ],
    &[
        ("remote.origin.url", "ssh://nowhere.invalid/x"),
        ("core.sshCommand", "{};:"),
    ],
    &[
        ("remote.origin.url", "nowhere.invalid:x"),
        ("core.sshCommand", "{};:"),
    ],
    &[
        ("remote.origin.url", "git://nowhere.invalid/x"),
        ("core.gitProxy", "path"),
    ],
    &[
        ("remote.evil.url", "file:///"),
        ("remote.evil.promisor", "true"),
        ("remote.evil.uploadpack", "{};:"),
    ],
    &[
        ("extensions.partialClone", "ext::{}"),
        ("core.repositoryFormatVersion", "1"),
        ("protocol.ext.allow", "always"),
    ],
    &[("core.alternateRefsCommand", "{};:")],
    &[
        ("fetch.bundleURI", "/bundle"),
        ("core.alternateRefsCommand", "{};:"),
    ],
    &[
        ("gc.recentObjectsHook", "{}"),
        ("gc.auto", "1"),
        ("gc.autoPackLimit", "1"),
    ],
    &[("core.hooksPath", "hook")],
];

#[test]
fn what_a_repository_lacks_is_not_fetched_by_programs_that_its_configuration_names() {
    for (number, attack) in ATTACKS.iter().enumerate() {
        let (repo, clone) = lacking(match number % 2 {
            0 => "blob:none",
            _ => "tree:0",
        });
        let order = order(&repo);
        let (script, hooks) = scripts(&repo, &order);
        let git = |arguments: &[&str]| {
            let folder = clone.to_str().unwrap();
            drop(repo.git(&[&["-C", folder], arguments].concat()));
        };
        // What it borrows from, for whoever asks what that has.
        let alternates = clone.join(".git/objects/info/alternates");
        fs::write(alternates, format!("{}\n", repo.home().display())).unwrap();
        let home = Home::ALL[number % Home::ALL.len()];
        let file = home.file(&git, &clone.join(".git"));
        for (key, value) in *attack {
            let key = key.replace("{}", &order);
            let value = match *value {
                "path" => script.display().to_string(),
                "hook" => hooks.display().to_string(),
                value => value.replace("{}", &order),
            };
            if key == "remote.origin.url" {
                git(&["config", "--unset", &key]);
            }
            git(&["config", "--file", file.to_str().unwrap(), &key, &value]);
        }
        assert_nothing_is_fetched(&repo, &clone, &format!("{attack:?} in {home:?}"));
    }
}

#[test]
fn what_a_repository_lacks_is_not_fetched_with_keys_or_from_hosts_that_it_chooses() {
    let trap = Trap::set();
    let server =
        Server::start(|_| Canned::new(401, "").header("www-authenticate", "Basic realm=x"));
    for lines in [
        vec![
            ("remote.origin.url", server.url()),
            ("credential.helper", "!{}".into()),
        ],
        vec![
            ("remote.origin.url", server.url()),
            ("core.askPass", "path".into()),
        ],
        vec![
            ("remote.origin.url", "https://nowhere.invalid/x".into()),
            ("http.proxy", trap.url()),
        ],
        vec![
            ("remote.origin.url", "https://nowhere.invalid/x".into()),
            ("remote.origin.proxy", trap.url()),
        ],
        vec![("remote.origin.url", trap.url())],
        vec![("url.https://127.0.0.1:1/.insteadOf", "file://".into())],
        vec![("fetch.bundleURI", trap.url())],
    ] {
        let (repo, clone) = lacking("blob:none");
        let order = order(&repo);
        let (script, _) = scripts(&repo, &order);
        for (key, value) in &lines {
            let value = match value.as_str() {
                "path" => script.display().to_string(),
                value => value.replace("{}", &order),
            };
            repo.git(&["-C", clone.to_str().unwrap(), "config", key, &value]);
        }
        assert_nothing_is_fetched(&repo, &clone, &format!("{lines:?}"));
        assert_eq!(trap.visits(), 0, "{lines:?}");
    }
}

#[test]
fn what_forbids_a_fetch_is_named_and_the_users_word_allows_it() {
    let (mut repo, clone) = lacking("blob:none");
    let git = |repo: &Repo, arguments: &[&str]| {
        let folder = clone.to_str().unwrap();
        repo.git(&[&["-C", folder], arguments].concat())
    };
    git(
        &repo,
        &["config", "remote.origin.uploadpack", "git-upload-pack"],
    );
    let analyze = |repo: &Repo| run(repo, &clone, "", &["analyze", "--rev", "HEAD", ":/"]);
    let refused = analyze(&repo);
    assert!(
        refused
            .stderr
            .contains("remote.origin.uploadpack may start a program"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("safe.directory"), "{refused:?}");
    // Everything is nothing.
    repo.git(&["config", "--global", "safe.directory", "*"]);
    assert_ne!(analyze(&repo).code, Some(0));
    // Nor may the repository say it.
    git(
        &repo,
        &["config", "safe.directory", clone.to_str().unwrap()],
    );
    assert_ne!(analyze(&repo).code, Some(0));
    let own = git(&repo, &["rev-parse", "--absolute-git-dir"]);
    repo.set("GIT_CONFIG_COUNT", "1");
    repo.set("GIT_CONFIG_KEY_0", "safe.directory");
    repo.set("GIT_CONFIG_VALUE_0", &own);
    let output = analyze(&repo);
    assert_eq!(output.code, Some(0), "{output:?}");
}
