//! What a partial clone lacks is asked for in one go, its configuration stays as it is, and what is
//! stored needs no remote.

use std::fs;

use super::place::{Place, world};

/// A bare clone without contents, and the file in which git notes what it starts.
fn partial(filter: &str) -> Place {
    let place = Place::cloned(world(&[]), &["--bare", &format!("--filter={filter}")]).bare();
    let notes = place.beside("notes");
    place.with("GIT_TRACE", notes)
}

/// How often the server was talked to since this was last asked.
fn visits(place: &Place) -> usize {
    let notes = fs::read_to_string(place.beside("notes")).unwrap_or_default();
    let _ = fs::remove_file(place.beside("notes"));
    let visits = notes
        .lines()
        .filter(|line| line.contains("run_command: unset"));
    visits
        .filter(|line| line.contains("git-upload-pack"))
        .count()
}

#[test]
fn all_files_come_at_once_and_attributes_before_them() {
    let place = partial("blob:none");
    let config = fs::read(place.folder.join("config")).unwrap();
    let run = |rev| {
        let output = place.run(&["analyze", "-k", "all", "--rev", rev, ":/"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    };
    run("HEAD");
    assert_eq!(visits(&place), 2);
    run("HEAD");
    assert_eq!(visits(&place), 0);
    run("HEAD~2");
    assert_eq!(visits(&place), 1);
    assert_eq!(fs::read(place.folder.join("config")).unwrap(), config);
}

#[test]
fn folders_come_all_at_once_where_they_lack_too() {
    let place = partial("tree:0");
    let output = place.run(&["analyze", "-k", "all", "--rev", "HEAD", ":/"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(visits(&place), 3);
    let again = place.run(&["analyze", "-k", "all", "--rev", "HEAD", ":/"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(visits(&place), 0);
}

#[test]
fn what_is_fetched_and_published_is_whole() {
    let place = partial("blob:none");
    assert_eq!(place.run(&["analyze", "--rev", "HEAD", ":/"]).code, Some(0));
    for command in ["fetch", "sync"] {
        place.run(&[command]).silent();
        let ours = place.git(&["for-each-ref", "--format=%(refname)", "refs/rustassistant"]);
        let ours: Vec<&str> = ours.lines().collect();
        assert!(!ours.is_empty());
        let walk = ["rev-list", "--objects", "--missing=print"];
        let listed = place.git(&[&walk[..], &ours].concat());
        assert!(
            !listed.lines().any(|line| line.starts_with('?')),
            "{listed}"
        );
    }
}

#[test]
fn a_teams_settings_are_fetched_before_anything_is_decided() {
    let machine = world(&[]);
    machine.write(".rustassistantconfig", "[rustassistant]\n\texclude = lib\n");
    machine.commit("settings");
    machine.git(&["push", "-q", "origin", "main"]);
    let place = Place::cloned(machine, &["--bare", "--filter=blob:none"]).bare();
    let output = place.run(&["analyze", "-v", "--rev", "HEAD", ":/"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let skipped = output.stderr.matches("skip  lib/").count();
    assert_eq!(skipped, 2, "{output:?}");
}

#[test]
fn without_the_remote_answers_that_are_stored_are_given_and_what_lacks_is_counted() {
    let place = partial("blob:none");
    let first = ["analyze", "--rev", "HEAD", ":/"];
    assert_eq!(place.run(&first).code, Some(0));
    let other = Place::cloned(world(&[]), &["--bare", "--filter=tree:0"]).bare();
    for place in [&place, &other] {
        fs::rename(place.beside("server.git"), place.beside("gone")).unwrap();
    }
    let again = place.run(&first);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (Some(0), ""),
        "{again:?}"
    );
    let older = place.run(&["analyze", "--rev", "HEAD~2", ":/"]);
    assert_eq!(older.code, Some(3), "{older:?}");
    let said = "cannot fetch 2 files missing in this partial clone from 'origin'";
    assert!(older.stderr.contains(said), "{older:?}");
    let nothing = other.run(&first);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    let said = "cannot fetch a directory missing in this partial clone from 'origin'";
    assert!(nothing.stderr.contains(said), "{nothing:?}");
}
