//! How objects are named and kept, where refs are, and what extensions say of both.

use std::fs;

use super::place::{Ids, Place, world};
use crate::support::Repo;

super::shapes! {
    where_ids_are_of_the_other_length: other_length();
    where_git_reads_for_us: Some(Place::plain().with("RUSTASSISTANT_GIT", "process"));
    with_refs_in_tables: reftable();
    with_worktree_configuration: extended("worktreeConfig");
    with_precious_objects: extended("preciousObjects");
    with_relative_links_to_work_trees: extended("relativeWorktrees");
    with_the_objects_of_another_repository: Some(Place::cloned(world(&[]), &["--shared"]));
    with_a_chain_of_other_repositories: Some(chained());
    with_a_list_of_objects_in_the_environment: Some(alternates_in_the_environment());
    after_all_maintenance: Some(maintained());
    with_every_object_on_its_own: Some(loose());
    with_thousands_of_packed_refs: many_refs();
    with_a_detached_head: Some(detached());
    with_replaced_objects: Some(replaced());
}

fn other_length() -> Option<Place> {
    let plain = Place::plain().git(&["rev-parse", "--show-object-format"]);
    let option = match plain.as_str() {
        "sha1" => "--object-format=sha256",
        _ => "--object-format=sha1",
    };
    let place = Place::cloned(world(&[option]), &[]);
    Some(Place {
        ids: Ids::Others,
        ..place
    })
}

fn reftable() -> Option<Place> {
    if !Repo::new().knows_reftables() {
        return None;
    }
    let options = ["--ref-format=reftable"];
    Some(Place::cloned(world(&options), &options))
}

fn extended(name: &str) -> Option<Place> {
    let place = Place::plain();
    place.git(&["config", "core.repositoryFormatVersion", "1"]);
    place.git(&["config", &format!("extensions.{name}"), "true"]);
    let known = place.try_git(&["rev-parse"]).code == Some(0);
    if !known {
        eprintln!("skipped: this git does not know extensions.{name}");
    }
    known.then_some(place)
}

fn chained() -> Place {
    let place = Place::unmade(world(&[]));
    let git = &place.machine;
    git.git(&[
        "clone",
        "-q",
        "--bare",
        "--shared",
        &place.server(),
        "../first",
    ]);
    git.git(&["clone", "-q", "--shared", "../first", "../here"]);
    place.git(&["remote", "set-url", "origin", &place.server()]);
    place
}

fn alternates_in_the_environment() -> Place {
    let place = Place::plain();
    let objects = place.beside("objects: other");
    fs::rename(place.folder.join(".git/objects"), &objects).unwrap();
    for name in ["pack", "info"] {
        fs::create_dir_all(place.folder.join(".git/objects").join(name)).unwrap();
    }
    let list = format!("\"{}\"", objects.display());
    place.with("GIT_ALTERNATE_OBJECT_DIRECTORIES", list)
}

fn maintained() -> Place {
    let place = Place::plain();
    place.git(&["config", "pack.writeBitmaps", "true"]);
    place.git(&["gc", "-q", "--prune=now"]);
    place.git(&["repack", "-q", "-a", "-d", "-b", "--write-midx"]);
    place.git(&["commit-graph", "write", "--reachable", "--changed-paths"]);
    place.git(&["pack-refs", "--all"]);
    place
}

fn loose() -> Place {
    let place = Place::plain();
    let packs = place.beside("packs");
    fs::rename(place.folder.join(".git/objects/pack"), &packs).unwrap();
    for file in fs::read_dir(&packs).into_iter().flatten() {
        let pack = file.unwrap().path();
        if pack.extension().is_some_and(|ending| ending == "pack") {
            let mut git = place.command("git".as_ref());
            git.args(["unpack-objects", "-q"]);
            git.stdin(fs::File::open(pack).unwrap());
            assert!(git.status().unwrap().success());
        }
    }
    place
}

fn many_refs() -> Option<Place> {
    let place = Place::plain();
    let head = place.git(&["rev-parse", "HEAD"]);
    let list = place.folder.join(".git/packed-refs");
    let Ok(packed) = fs::read_to_string(&list) else {
        eprintln!("skipped: refs are in no list here");
        return None;
    };
    let lines = (0..5000).map(|number| format!("{head} refs/heads/many/{number:04}\n"));
    let unsorted = packed.replace(" sorted", "");
    fs::write(&list, unsorted + &lines.collect::<String>()).unwrap();
    assert!(place.git(&["for-each-ref"]).lines().count() > 5000);
    Some(place)
}

fn detached() -> Place {
    let place = Place::plain();
    place.git(&["checkout", "-q", "--detach"]);
    place
}

/// What is analyzed is what an id names, not what git shows in its place.
fn replaced() -> Place {
    let place = Place::plain();
    place.git(&["replace", "HEAD:src/a.rs", "HEAD:lib/c.py"]);
    place
}
