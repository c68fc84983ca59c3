//! `doctor --repair`: what git would stumble over is mended, what can be read of ours is kept, and
//! nothing else is touched.

use std::fs;
use std::path::PathBuf;

use super::world::{LOCAL, MIRROR, World};
use crate::support::{Output, Report};

/// How many analyses lie in each of our refs.
const SHARED_FILES: usize = 3;
const OWN_FILES: usize = 3;

/// A clone with analyses of its own and a mirror, all of whose objects are single files; `None`
/// where refs are no files.
fn world() -> Option<World> {
    let world = World::of(SHARED_FILES - 2);
    if !world.clone().has_refs_in_files() {
        return None;
    }
    world.prepare(&["init", "--no-hook"]);
    world.prepare(&["analyze", "--output", "summary"]);
    world.prepare(&["push"]);
    world.prepare(&["analyze", "-k", "todos", "--output", "summary"]);
    loosen(&world);
    Some(world)
}

fn git_folder(world: &World) -> PathBuf {
    world.clone().path().join(".git")
}

fn loosen(world: &World) {
    let packs = git_folder(world).join("objects/pack");
    for file in fs::read_dir(packs).unwrap() {
        let file = file.unwrap().path();
        let away = world
            .clone()
            .path()
            .join("..")
            .join(file.file_name().unwrap());
        fs::rename(&file, &away).unwrap();
        if away.extension().is_some_and(|end| end == "pack") {
            let mut git = world.clone().command("git".as_ref());
            git.args(["unpack-objects", "-q"]);
            let output = world
                .clone()
                .finish(git.stdin(fs::File::open(&away).unwrap()));
            assert_eq!(output.code, Some(0), "{output:?}");
        }
    }
}

fn object(world: &World, name: &str) -> PathBuf {
    let oid = world.clone().git(&["rev-parse", name]);
    git_folder(world)
        .join("objects")
        .join(&oid[..2])
        .join(&oid[2..])
}

/// An entry below a ref, by its path.
fn entry(world: &World, name: &str) -> String {
    let listed = world
        .clone()
        .git(&["ls-tree", "-r", "--name-only", name, "entries/"]);
    format!("{name}:{}", listed.lines().next().unwrap())
}

fn overwrite(file: &PathBuf, with: &[u8]) {
    let _ = fs::remove_file(file);
    fs::write(file, with).unwrap();
}

type Damage = fn(&World, &str);

/// What can be wrong with a ref, and how many of the analyses behind it survive that.
const DAMAGES: [(&str, Damage, usize); 9] = [
    (
        "an empty file",
        |world, name| overwrite(&git_folder(world).join(name), b""),
        OWN_FILES,
    ),
    (
        "nonsense",
        |world, name| overwrite(&git_folder(world).join(name), b"nonsense\n"),
        OWN_FILES,
    ),
    (
        "a missing commit",
        |world, name| overwrite(&git_folder(world).join(name), "1".repeat(40).as_bytes()),
        OWN_FILES,
    ),
    (
        "a lost commit",
        |world, name| fs::remove_file(object(world, name)).unwrap(),
        0,
    ),
    (
        "a lost folder",
        |world, name| fs::remove_file(object(world, &format!("{name}:entries"))).unwrap(),
        0,
    ),
    (
        "a lost entry",
        |world, name| fs::remove_file(object(world, &entry(world, name))).unwrap(),
        OWN_FILES - 1,
    ),
    (
        "an empty entry",
        |world, name| overwrite(&object(world, &entry(world, name)), b""),
        OWN_FILES - 1,
    ),
    (
        "an entry that was tampered with",
        |world, name| {
            let other = fs::read(object(world, "HEAD:src/a.rs")).unwrap();
            overwrite(&object(world, &entry(world, name)), &other);
        },
        OWN_FILES - 1,
    ),
    (
        "a folder that was cut short",
        |world, name| {
            let file = object(world, &format!("{name}:entries"));
            let half = fs::read(&file).unwrap();
            overwrite(&file, &half[..half.len() / 2]);
        },
        0,
    ),
];

#[track_caller]
fn git_is_well(world: &World, what: &str) {
    for arguments in [
        &["gc", "-q"][..],
        &["fetch", "-q"],
        &["push", "-q"],
        &["fsck"],
    ] {
        let mut git = world.clone().command("git".as_ref());
        let output = world.clone().finish(git.args(arguments));
        assert_eq!(
            output.code,
            Some(0),
            "{what}: git {arguments:?}: {output:?}"
        );
    }
}

fn repair(world: &World, arguments: &[&str]) -> Output {
    let output = world
        .clone()
        .run(&[&["doctor", "--repair"], arguments].concat());
    assert_eq!(output.stderr, "", "{output:?}");
    output
}

#[test]
fn a_damaged_ref_of_ours_is_found_and_mended_and_what_can_be_read_is_kept() {
    for (what, damage, survive) in DAMAGES {
        for name in [LOCAL, MIRROR] {
            let Some(world) = world() else { return };
            let users = ["for-each-ref", "refs/heads", "refs/remotes", "refs/tags"];
            let before = world.clone().git(&users);
            damage(&world, name);
            let what = format!("{what} at {name}");

            let found = world.clone().run(&["cache", "verify"]);
            assert_eq!(found.code, Some(1), "{what}: {found:?}");
            assert!(found.stdout.contains(name), "{what}: {found:?}");
            let found = repair(&world, &["-n"]);
            assert_eq!(found.code, Some(3), "{what}: {found:?}");
            assert!(found.stdout.contains(name), "{what}: {found:?}");

            let mended = repair(&world, &[]);
            assert_eq!(mended.code, Some(0), "{what}: {mended:?}");
            assert!(mended.stdout.contains(name), "{what}: {mended:?}");
            git_is_well(&world, &what);
            assert_eq!(world.clone().git(&users), before, "{what}");
            let again = repair(&world, &[]);
            let nothing = "no problems under refs/rustassistant/\n";
            assert_eq!(
                (again.code, again.stdout.as_str()),
                (Some(0), nothing),
                "{what}"
            );

            world.prepare(&["fetch"]);
            let kinds = ["analyze", "-k", "todos", "--output", "json"];
            let report = Report::of(&world.clone().run(&kinds));
            let survive = if name == LOCAL { survive } else { OWN_FILES };
            assert_eq!(report.count("cached"), survive as u64, "{what}: {mended:?}");
            let report = world.clone().analyze(&["--cached"]);
            assert_eq!(report.count("cached"), SHARED_FILES as u64, "{what}");
            git_is_well(&world, &what);
        }
    }
}

#[test]
fn what_a_reflog_of_ours_leads_to_is_mended_too() {
    let Some(world) = world() else { return };
    let past = object(&world, LOCAL);
    world.prepare(&["analyze", "-k", "docs", "--refresh", "--output", "summary"]);
    world.prepare(&["cache", "clear", "-k", "docs"]);
    overwrite(&past, b"");
    assert_eq!(repair(&world, &["-n"]).code, Some(3));
    assert_eq!(repair(&world, &[]).code, Some(0));
    git_is_well(&world, "a lost past");
    let report = world.clone().analyze(&["-k", "todos", "--cached"]);
    assert_eq!(report.count("cached"), OWN_FILES as u64);
}

#[test]
fn a_lock_that_nobody_gives_back_is_removed() {
    let Some(world) = world() else { return };
    for name in [LOCAL, MIRROR, "refs/rustassistant/other/v7"] {
        let lock = git_folder(&world).join(format!("{name}.lock"));
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        fs::write(&lock, "").unwrap();
    }
    let foreign = git_folder(&world).join("refs/heads/theirs.lock");
    fs::write(&foreign, "").unwrap();
    let mended = repair(&world, &[]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    assert_eq!(mended.stdout.lines().count(), 3, "{mended:?}");
    assert_eq!(world.leftovers(), [foreign.display().to_string()]);
}

#[test]
fn a_clone_that_is_well_needs_no_mending_and_is_not_written_to() {
    let Some(world) = world() else { return };
    let (refs, keys) = (world.clone().git(&["for-each-ref"]), world.keys());
    let output = repair(&world, &[]);
    assert_eq!(output.stdout, "no problems under refs/rustassistant/\n");
    assert_eq!(
        (world.clone().git(&["for-each-ref"]), world.keys()),
        (refs, keys)
    );
}

#[test]
fn a_ref_of_ours_that_holds_somebodys_code_is_left_alone() {
    let Some(world) = world() else { return };
    world.clone().git(&["update-ref", LOCAL, "HEAD"]);
    let head = world.clone().git(&["rev-parse", "HEAD"]);
    assert_eq!(repair(&world, &[]).code, Some(0));
    assert_eq!(world.clone().git(&["rev-parse", LOCAL]), head);
}
