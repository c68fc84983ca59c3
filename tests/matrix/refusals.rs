//! Repositories that git itself refuses, or that have lost a part: one clear word, and nothing is
//! written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::place::{Place, world};

const OURS: &str = "refs/rustassistant/local/v1";

const COMMANDS: [&[&str]; 7] = [
    &["analyze", ":/"],
    &["analyze", "--rev", "HEAD", ":/"],
    &["status", ":/"],
    &["show", "HEAD:src/a.rs"],
    &["diff", "HEAD~1"],
    &["sync"],
    &["cache", "expire"],
];

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path))
        } else {
            drop(files.insert(path.clone(), fs::read(path).unwrap()))
        }
    }
    files
}

/// No command works, each says `word` in one error, and leaves the git folder as it is.
#[track_caller]
fn refuses(place: &Place, word: &str) {
    let before = files(&place.folder.join(".git"));
    for command in COMMANDS {
        let output = place.run(command);
        assert_eq!(output.code, Some(2), "{command:?}: {output:?}");
        assert_eq!(output.stderr.matches("error: ").count(), 1, "{output:?}");
        assert!(output.stderr.contains(word), "{command:?}: {output:?}");
    }
    assert!(files(&place.folder.join(".git")) == before);
}

#[test]
fn an_extension_that_git_does_not_know_is_named_and_nothing_is_written() {
    let place = Place::plain();
    place.git(&["config", "core.repositoryFormatVersion", "1"]);
    place.git(&["config", "extensions.unheardOf", "true"]);
    refuses(&place, "unheardof");
    let git = place.folder.join(".git");
    let config = format!("--file={}", git.join("config").display());
    let repair = ["config", &config, "--unset", "extensions.unheardOf"];
    place.machine.git(&repair);
}

#[test]
fn where_another_repository_had_the_objects_and_is_gone_the_error_says_what_is_missing() {
    let place = Place::cloned(world(&[]), &["--bare", "--no-hardlinks"]);
    fs::rename(&place.folder, place.beside("other")).unwrap();
    place
        .machine
        .git(&["clone", "-q", "--shared", "../other", "../here"]);
    fs::rename(place.beside("other"), place.beside("gone")).unwrap();
    for command in &COMMANDS[..5] {
        let output = place.run(command);
        assert_eq!(output.code, Some(2), "{command:?}: {output:?}");
        assert_eq!(output.stderr.matches("error: ").count(), 1, "{output:?}");
        assert!(
            !output.stderr.contains("no commits yet"),
            "{command:?}: {output:?}"
        );
    }
    fs::rename(place.beside("gone"), place.beside("other")).unwrap();
    assert_eq!(place.run(&["analyze", ":/"]).code, Some(0));
}

#[test]
fn a_list_of_refs_with_a_line_that_means_nothing_costs_no_entry() {
    let place = Place::plain();
    let list = place.folder.join(".git/packed-refs");
    if place.folder.join(".git/reftable").exists() {
        eprintln!("skipped: refs are in no list here");
        return;
    }
    assert_eq!(place.run(&["analyze", ":/"]).code, Some(0));
    place.git(&["pack-refs", "--all", "--prune"]);
    let whole = fs::read_to_string(&list).unwrap();
    let line = whole.lines().find(|line| line.ends_with(OURS)).unwrap();
    for broken in [
        line.replace(" refs/", "XXrefs/"),
        format!("{line}\nnonsense"),
    ] {
        fs::write(&list, whole.replace(line, &broken)).unwrap();
        for command in [&["analyze", ":/"][..], &["analyze", "--refresh", ":/"]] {
            let output = place.run(command);
            assert!(
                !output.stderr.contains("panicked"),
                "{broken} {command:?}: {output:?}"
            );
            assert!(
                output.stderr.contains("packed-refs"),
                "{broken} {command:?}: {output:?}"
            );
        }
        let written = fs::read_to_string(&list).unwrap();
        assert_eq!(written, whole.replace(line, &broken));
        assert!(!place.folder.join(".git").join(OURS).exists(), "{broken}");
    }
    fs::write(&list, whole).unwrap();
    let known = place.run(&["analyze", "--cached", ":/"]);
    assert_eq!(known.code, Some(0), "{known:?}");
}
