//! `man`: a page for every command, made from the same arguments as the help.

use std::collections::BTreeSet;
use std::fs;

use crate::support::Repo;

#[test]
fn the_main_page_goes_to_standard_output() {
    let page = Repo::new().run(&["man"]).silent();
    assert!(page.contains(".TH git-rustassistant 1"), "{page}");
    assert!(page.contains("git\\-rustassistant\\-analyze(1)"), "{page}");
}

#[test]
fn every_command_gets_a_page() {
    let repo = Repo::new();
    assert_eq!(repo.run(&["man", "pages/man1"]).silent(), "");
    let folder = repo.path().join("pages/man1");
    let names = fs::read_dir(folder).unwrap();
    let names: BTreeSet<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    insta::assert_snapshot!(names.join("\n"), @"
    git-rustassistant-analyze.1
    git-rustassistant-cache-clear.1
    git-rustassistant-cache-compact.1
    git-rustassistant-cache-expire.1
    git-rustassistant-cache-explain.1
    git-rustassistant-cache-export.1
    git-rustassistant-cache-import.1
    git-rustassistant-cache-init.1
    git-rustassistant-cache-list.1
    git-rustassistant-cache-purge.1
    git-rustassistant-cache-stats.1
    git-rustassistant-cache-status.1
    git-rustassistant-cache-verify.1
    git-rustassistant-cache.1
    git-rustassistant-completions.1
    git-rustassistant-config-consent.1
    git-rustassistant-config-list.1
    git-rustassistant-config.1
    git-rustassistant-diff.1
    git-rustassistant-docs-module.1
    git-rustassistant-docs.1
    git-rustassistant-doctor.1
    git-rustassistant-fetch.1
    git-rustassistant-hook-install.1
    git-rustassistant-hook-run-pre-push.1
    git-rustassistant-hook-run.1
    git-rustassistant-hook-status.1
    git-rustassistant-hook-uninstall.1
    git-rustassistant-hook.1
    git-rustassistant-init.1
    git-rustassistant-man.1
    git-rustassistant-models.1
    git-rustassistant-push.1
    git-rustassistant-refactor-analyze.1
    git-rustassistant-refactor.1
    git-rustassistant-rules.1
    git-rustassistant-show.1
    git-rustassistant-status.1
    git-rustassistant-sync.1
    git-rustassistant-todos.1
    git-rustassistant.1
    ");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let repo = Repo::new();
    repo.write("file", "");
    let output = repo.run(&["man", "file/man1"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .starts_with("error: cannot create directory 'file/man1': "),
        "{output:?}"
    );
}
