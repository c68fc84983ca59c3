//! What else changes while commands run: nothing that they were not asked for. And what they do not
//! need: a network, a home, a generous mask.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::place::Place;

const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

#[test]
fn fetching_moves_one_ref_and_nothing_else() {
    let place = Place::plain();
    let theirs = &place.machine;
    theirs.git(&["tag", "later"]);
    theirs.write("later.rs", "pub fn later() {}\n");
    theirs.commit("later");
    theirs.git(&["push", "-q", "--follow-tags", "origin", "main", "later"]);
    place.git(&["config", "fetch.prune", "true"]);
    place.git(&["config", "fetch.writeCommitGraph", "true"]);
    place.git(&["config", "remote.origin.tagOpt", "--tags"]);
    let config = fs::read(place.folder.join(".git/config")).unwrap();
    let refs = || -> BTreeSet<String> {
        let refs = place.git(&["for-each-ref"]);
        refs.lines().map(str::to_owned).collect()
    };
    let before = refs();
    assert_eq!(place.run(&["fetch"]).silent(), "received 2 (1 author)\n");
    let after = refs();
    let new: Vec<&String> = after.difference(&before).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(new[0].ends_with(MIRROR), "{new:?}");
    assert_eq!(before.difference(&after).count(), 0);
    let git = place.folder.join(".git");
    assert_eq!(fs::read(git.join("config")).unwrap(), config);
    for name in [
        "FETCH_HEAD",
        "shallow",
        "objects/info/commit-graph",
        "objects/info/commit-graphs",
    ] {
        assert!(!git.join(name).exists(), "{name}");
    }
}

#[test]
fn where_there_is_no_network_everything_but_sharing_works() {
    let place = Place {
        before: ["unshare", "--net", "--map-root-user"]
            .map(str::to_owned)
            .to_vec(),
        ..Place::plain()
    };
    let cut = place.command(Path::new("true")).status();
    if !cut.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a network cannot be left here");
        return;
    }
    // Sharing goes through a folder, which is no network.
    super::as_in_a_plain_clone(Some(place));
}

#[test]
fn a_home_a_generous_mask_and_a_language_are_not_needed() {
    let place = Place {
        before: ["env", "-u", "HOME", "-u", "GIT_CONFIG_GLOBAL", "sh", "-c"]
            .into_iter()
            .chain(["umask 077; exec \"$0\" \"$@\""])
            .map(str::to_owned)
            .collect(),
        ..Place::plain()
    }
    .with("LC_ALL", "tr_TR.UTF-8")
    .with("LANGUAGE", "tr");
    super::as_in_a_plain_clone(Some(place));
}
