//! `config list`: every setting, its value, and where that was written.

use crate::support::{Objects, Repo};

#[test]
fn every_setting_is_listed_with_its_default() {
    let listed = Repo::with(Objects::Sha256)
        .run(&["config", "list"])
        .silent();
    for line in [
        "rustassistant.kinds=refactor",
        "rustassistant.maxFileSize=1m",
    ] {
        assert!(listed.lines().any(|listed| listed == line), "{listed}");
    }
}

#[test]
fn the_place_of_each_value_is_named() {
    let mut repo = Repo::new();
    repo.git(&["config", "rustassistant.ttl", "30d"]);
    repo.git(&["config", "--global", "rustassistant.kinds", "docs"]);
    repo.git(&["config", "--add", "rustassistant.kinds", "todos"]);
    repo.write(
        ".rustassistantconfig",
        "[rustassistant]\n\tfailOn = warning\n\tkinds =\n",
    );
    repo.set("RUSTASSISTANT_JOBS", "3");
    repo.set("GIT_CONFIG_COUNT", "1");
    repo.set("GIT_CONFIG_KEY_0", "rustassistant.exclude");
    repo.set("GIT_CONFIG_VALUE_0", "vendor");
    let listed = repo.run(&["config", "list", "--origin"]).silent();
    let lines: Vec<&str> = listed.lines().take(9).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    default	rustassistant.provider=local
    default	rustassistant.model=
    local .git/config	rustassistant.kinds=todos
    default	rustassistant.include=
    command	rustassistant.exclude=vendor
    default	rustassistant.maxFileSize=1m
    local .git/config	rustassistant.ttl=30d
    environment RUSTASSISTANT_JOBS	rustassistant.jobs=3
    tracked .rustassistantconfig	rustassistant.failOn=warning
    ");
}

#[test]
fn what_is_ignored_is_said_and_is_no_failure() {
    let repo = Repo::new();
    repo.git(&["config", "rustassistant.jbos", "3"]);
    repo.write(
        ".rustassistantconfig",
        "[rustassistant]\n\tjobs = 99\n\tmaxFileSize = 1g\n[core]\n\tpager = evil\n",
    );
    let output = repo.run(&["config", "list"]);
    assert_eq!(output.code, Some(0));
    insta::assert_snapshot!(output.stderr, @r"
    warning: ignoring rustassistant.maxFileSize (tracked .rustassistantconfig): a tracked file may only lower it
    warning: ignoring rustassistant.jobs (tracked .rustassistantconfig): a tracked file may not set it
    warning: ignoring rustassistant.jbos (local .git/config): unknown key; did you mean rustassistant.jobs?
    warning: ignoring core.pager (tracked .rustassistantconfig): a tracked file may only contain keys of rustassistant
    ");
    assert_eq!(repo.run(&["-q", "config", "list"]).stderr, "");
}

#[test]
fn a_bad_value_is_an_error_with_what_is_allowed() {
    let repo = Repo::new();
    repo.git(&["config", "--global", "rustassistant.failOn", "fatal"]);
    let output = repo.run(&["config", "list"]);
    insta::assert_snapshot!(output.whole(), @"
    status 2
    --- stdout
    --- stderr
    error: cannot use 'fatal' as rustassistant.failOn (global $HOME/.gitconfig): 'fatal' is not a level
    hint: allowed: one of never, note, warning, error
    ");
}

#[test]
fn a_tracked_file_that_git_cannot_parse_is_an_error() {
    let repo = Repo::new();
    repo.write(".rustassistantconfig", "[rustassistant\n");
    let output = repo.run(&["config", "list"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("cannot parse .rustassistantconfig"),
        "{output:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_tracked_file_that_leads_elsewhere_is_not_followed() {
    let repo = Repo::new();
    let elsewhere = repo.outside().join("secret");
    std::fs::write(&elsewhere, "[rustassistant]\n\tjobs = 7\n").unwrap();
    std::os::unix::fs::symlink(&elsewhere, repo.path().join(".rustassistantconfig")).unwrap();
    let output = repo.run(&["config", "list"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("is not a regular file"),
        "{output:?}"
    );
}

#[test]
fn in_a_bare_repository_the_tracked_file_is_that_of_the_last_commit() {
    let repo = Repo::new();
    repo.write(".rustassistantconfig", "[rustassistant]\n\tttl = 2d\n");
    repo.commit("settings");
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let listed = repo.run_in("bare.git", &["config", "list"]).silent();
    assert!(listed.contains("rustassistant.ttl=2d\n"), "{listed}");
}
