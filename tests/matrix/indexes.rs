//! Work trees that are not all there, and indexes that say more than an index must.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::place::Place;

super::shapes! {
    in_a_sparse_checkout: Some(sparse(&["--cone", "--no-sparse-index"]));
    in_a_sparse_checkout_by_patterns: Some(sparse(&["--no-cone"]));
    with_a_sparse_index: Some(sparse(&["--cone", "--sparse-index"]));
    with_a_split_index: Some(configured(&[("core.splitIndex", "true")]));
    with_an_index_of_version_4: Some(configured(&[("index.version", "4")]));
    with_an_index_without_its_checksum: Some(configured(&[("index.skipHash", "true")]));
    with_an_untracked_cache: Some(configured(&[("core.untrackedCache", "true")]));
    with_what_git_offers_for_many_files: Some(configured(&[("feature.manyFiles", "true")]));
    with_a_file_system_monitor: Some(monitored());
    with_a_file_that_is_to_be_added: Some(intended());
    with_files_that_git_was_told_to_trust: Some(assumed());
}

/// `lib` and `vendor` are not checked out.
fn sparse(options: &[&str]) -> Place {
    let place = Place::plain();
    place.git(&[&["sparse-checkout", "set"], options, &["src"]].concat());
    assert!(!place.files.join("lib").exists());
    place
}

/// The index is written anew, as the configuration wants it.
fn configured(settings: &[(&str, &str)]) -> Place {
    let place = Place::plain();
    for (key, value) in settings {
        place.git(&["config", key, value]);
    }
    fs::remove_file(place.files.join(".git/index")).unwrap();
    place.git(&["reset", "-q"]);
    place.git(&["update-index", "--refresh"]);
    place.git(&["status"]);
    place
}

/// Git asks the monitor; this program does not.
fn monitored() -> Place {
    let place = Place::plain();
    let monitor = place.beside("monitor");
    let asked = place.beside("asked");
    let script = format!(
        "#!/bin/sh\ntouch {}\nprintf 'token\\0/\\0'\n",
        asked.display()
    );
    fs::write(&monitor, script).unwrap();
    fs::set_permissions(&monitor, fs::Permissions::from_mode(0o755)).unwrap();
    place.git(&["config", "core.fsmonitor", monitor.to_str().unwrap()]);
    place.git(&["update-index", "--fsmonitor"]);
    place.git(&["status"]);
    assert!(asked.exists());
    place
}

fn intended() -> Place {
    let place = Place::plain();
    place.write("note.txt", "a note\n");
    place.git(&["add", "-N", "note.txt"]);
    place
}

fn assumed() -> Place {
    let place = Place::plain();
    place.git(&["update-index", "--assume-unchanged", "lib/c.py"]);
    place.git(&["update-index", "--skip-worktree", "lib/twin.py"]);
    place
}
