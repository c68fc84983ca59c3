//! Names and values that would like to be options, paths or commands stay what they are.

use std::io::Write;
use std::process::Stdio;

use rustassistant::model::Oid;
use rustassistant::settings::{Sources, resolve};
use rustassistant::store::mirror_ref;

use super::{Trap, assert_untouched, order};
use crate::support::Repo;

/// What options, shells, transports and revisions of git are made of.
fn hostile(order: &str, url: &str) -> Vec<String> {
    let heads = [
        "",
        "-",
        "--",
        "-u",
        "-o",
        "-c ",
        "-C",
        "--upload-pack=",
        "--receive-pack=",
        "--exec=",
        "--output=",
        "--source=",
        "--git-dir=",
        "--config-env=core.pager=",
        "--open-files-in-pager=",
        "ext::sh -c ",
        "file://",
        "ssh://-oProxyCommand=",
        "git://-x/",
        "http::",
        "fd::",
        "!",
        "|",
        "`",
        "$(",
        ";",
        "&&",
        "\n",
        "\r\n",
        "../",
        "/",
        "~",
        ":(",
        ":(attr:",
        ":(exclude)",
        ":/",
        "HEAD^{/",
        "@{",
        "HEAD:",
        "refs/heads/",
        "refs/rustassistant/../",
    ];
    let tails = [
        order.to_owned(),
        format!("{order})"),
        format!("{url}/x.git"),
        "../../etc/passwd".to_owned(),
        "a..b".to_owned(),
        "a.lock".to_owned(),
        "a/-x".to_owned(),
        "caf\u{e9}\u{202e}\u{9b}".to_owned(),
        "%s%n$HOME*?[".to_owned(),
        "x".repeat(300),
        "-x".to_owned(),
        " ".to_owned(),
        "\\".to_owned(),
    ];
    let all = heads
        .iter()
        .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")));
    let mut all: Vec<String> = all.collect();
    all.dedup();
    all
}

/// Puts each name wherever a user, or what a user pastes, can put one.
fn tried(names: impl Iterator<Item = String>, repo: &Repo, trap: &Trap) {
    repo.git(&["remote", "add", "origin", "/nowhere"]);
    for name in names {
        let uses: [&[&str]; 9] = [
            &["analyze", "--cached", "--rev", &name],
            &["analyze", "--cached", "--changed", &name],
            &["analyze", "--cached", "--", &name],
            &["diff", &name],
            &["show", &name],
            &["fetch", "--", &name],
            &["push", "--", &name],
            &["init", "--dry-run", "--remote", &name],
            &["cache", "explain", "--", &name],
        ];
        for arguments in uses {
            let output = repo.run(arguments);
            assert!(
                output.code.is_some_and(|code| code < 5),
                "{arguments:?}: {output:?}"
            );
        }
        for key in ["remote", "sharedRef", "include", "exclude"] {
            let mut command = repo.program();
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_VALUE_0", &name);
            command.env("GIT_CONFIG_KEY_0", format!("rustassistant.{key}"));
            let output = repo.finish(command.args(["fetch"]));
            assert!(
                output.code.is_some_and(|code| code < 5),
                "{key} {name:?}: {output:?}"
            );
        }
        assert_untouched(repo, &name);
        assert_eq!(trap.visits(), 0, "{name:?}");
    }
    let refs = repo.git(&["for-each-ref", "--format=%(refname)"]);
    assert!(refs.lines().all(|name| name == "refs/heads/main"), "{refs}");
}

#[test]
fn a_hostile_name_is_no_option_no_path_and_no_command() {
    let (repo, trap) = (Repo::of_two_files(), Trap::set());
    let names = hostile(&order(&repo), &trap.url());
    assert!(names.len() >= 500);
    tried(names.into_iter().step_by(29), &repo, &trap);
}

#[test]
#[ignore = "ten minutes: cargo test every_hostile_name -- --ignored"]
fn every_hostile_name_is_no_option_no_path_and_no_command() {
    let (repo, trap) = (Repo::of_two_files(), Trap::set());
    tried(
        hostile(&order(&repo), &trap.url()).into_iter(),
        &repo,
        &trap,
    );
}

/// Does git take it for the name of a ref?
fn git_takes(repo: &Repo, name: &str) -> bool {
    let mut git = repo.command("git".as_ref());
    git.args(["check-ref-format", name]);
    !name.contains('\0') && git.status().unwrap().success()
}

#[test]
fn no_name_is_taken_for_a_ref_that_git_would_not_take() {
    let repo = Repo::new();
    let names = hostile("x", "http://127.0.0.1:1");
    let more = [
        "refs/heads/a/v1",
        "refs/heads/-a/v1",
        "refs/heads/a//v1",
        "refs/heads/@{/v1",
    ];
    let (mut ours, mut gits) = (0, 0);
    for name in names.into_iter().chain(more.map(str::to_owned)) {
        let mirror = mirror_ref(&name).ok();
        let sources = Sources {
            environment: vec![("RUSTASSISTANT_SHARED_REF".to_owned(), name.clone())],
            ..Sources::default()
        };
        let shared = resolve(&sources)
            .ok()
            .map(|resolution| resolution.settings.shared_ref);
        for taken in mirror.iter().chain(&shared) {
            assert!(git_takes(&repo, taken), "{taken}");
            assert!(!taken.contains("/-"), "{taken}");
            ours += 1;
        }
        gits += usize::from(git_takes(&repo, &format!("refs/x/{name}/v1")));
    }
    assert!(ours > 0 && gits > ours, "{ours} {gits}");
}

#[test]
fn an_id_is_forty_or_sixty_four_small_digits_and_nothing_else() {
    let hex = "0123456789abcdef".repeat(5);
    for length in 0..=80 {
        let taken = Oid::from_hex(&hex.as_bytes()[..length]).is_some();
        assert_eq!(taken, length == 40 || length == 64, "{length}");
    }
    for wrong in ["A", "g", " ", "\n", "-", "\u{e9}", "\0"] {
        let bent = format!("{wrong}{}", &hex[..40 - wrong.len()]);
        assert!(Oid::from_hex(bent.as_bytes()).is_none(), "{wrong:?}");
    }
}

/// Paths come from trees and lists: they are told to git on its input, ended by a zero byte.
#[test]
fn a_hostile_path_is_a_path_in_every_place_it_is_told_to_git() {
    let repo = Repo::new();
    let order = order(&repo).replace('/', "\u{2215}");
    let names: Vec<String> = hostile(&order, "u")
        .into_iter()
        .map(|name| name.replace(['/', '\0'], "_"))
        .filter(|name| name.len() < 200 && !matches!(name.as_str(), "" | "." | ".."))
        .step_by(3)
        .collect();
    for name in &names {
        repo.write(&format!("{name}.rs"), "fn a() {}\n");
    }
    repo.write(".gitattributes", "* -linguist-generated\n");
    repo.commit("names");
    let count = names
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let all = |status: &str| format!("{count} {status}");
    assert_eq!(repo.analyze(&[]).words(), all("analyzed"));
    for name in &names {
        repo.write(&format!("{name}.rs"), "fn changed() {}\n");
    }
    assert_eq!(repo.analyze(&[]).words(), all("analyzed"));
    let mut listed = repo.program();
    listed.args(["analyze", "-z", "--files-from", "-", "--output", "json"]);
    listed
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut listed = listed.spawn().unwrap();
    let list: String = names.iter().map(|name| format!("./{name}.rs\0")).collect();
    listed
        .stdin
        .take()
        .unwrap()
        .write_all(list.as_bytes())
        .unwrap();
    let output = repo.output_of(&listed.wait_with_output().unwrap());
    assert_eq!(
        crate::support::Report::of(&output).words(),
        all("cached"),
        "{output:?}"
    );
    assert_untouched(&repo, "names");
}
