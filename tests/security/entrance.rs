//! What an archive may have laid in a repository's own folder, before anything of it is read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Objects, Output, Repo, SHARED, Team};

fn with_todo() -> Repo {
    let repo = Repo::new();
    repo.write("a.rs", "// TODO: mine\n");
    repo.commit("one");
    repo
}

/// Runs the program, but no longer than it may wait for anybody.
fn patiently(repo: &Repo, arguments: &[&str]) -> Output {
    let mut timeout = repo.command(Path::new("timeout"));
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    repo.finish(timeout.args(["-k", "1", "60"]).arg(program).args(arguments))
}

/// A pipe at a place in the repository, for as long as `look` looks at it.
fn with_pipe_at(repo: &Repo, place: &str, look: impl FnOnce()) {
    let place = repo.path().join(place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    let before = fs::read(&place).ok();
    let _ = fs::remove_file(&place);
    let mut mkfifo = repo.command(Path::new("mkfifo"));
    let mut mkfifo = mkfifo.current_dir("/").arg(&place).spawn().unwrap();
    assert!(mkfifo.wait().unwrap().success());
    look();
    fs::remove_file(&place).unwrap();
    if let Some(before) = before {
        fs::write(place, before).unwrap();
    }
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_gits_is_named_and_not_waited_for() {
    for place in [
        "HEAD",
        "config",
        "commondir",
        "index",
        "shallow",
        "packed-refs",
        "info/grafts",
        "objects/info/alternates",
        "objects/info/commit-graph",
        "objects/pack/multi-pack-index",
        "objects/pack/pack-0000000000000000000000000000000000000000.idx",
        "sharedindex.0000000000000000000000000000000000000000",
        "refs/heads/main",
        "refs/rustassistant/local/v1",
        "refs/rustassistant/imported/v1",
    ] {
        let repo = with_todo();
        if place.starts_with("refs") && !repo.has_refs_in_files() {
            continue;
        }
        with_pipe_at(&repo, &format!(".git/{place}"), || {
            for command in [&["status"][..], &["analyze", "--rev", "HEAD"]] {
                let output = patiently(&repo, command);
                assert_eq!(output.code, Some(2), "{place}: {output:?}");
                let name = place.rsplit('/').next().unwrap();
                assert!(output.stderr.contains(name), "{place}: {output:?}");
                assert!(output.stderr.contains("hint: "), "{place}: {output:?}");
            }
        });
    }
}

#[test]
fn a_pipe_that_a_configuration_includes_is_named() {
    let repo = with_todo();
    repo.git(&["config", "include.path", "more"]);
    with_pipe_at(&repo, ".git/more", || {
        let output = patiently(&repo, &["status"]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("more"), "{output:?}");
    });
}

#[test]
fn a_repository_is_no_part_of_one_that_lies_elsewhere() {
    let victim = with_todo();
    let hostile = Repo::new();
    hostile.write("b.rs", "// TODO: theirs\n");
    let git = hostile.path().join(".git");
    fs::write(
        git.join("commondir"),
        victim.path().join(".git").to_str().unwrap(),
    )
    .unwrap();
    for command in [
        &["analyze"][..],
        &["status"],
        &["cache", "clear", "--yes"],
        &["init"],
    ] {
        let output = hostile.run(command);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("which is elsewhere"), "{output:?}");
    }
    fs::remove_file(git.join("commondir")).unwrap();
    // A linked work tree is one, inside of the other.
    let linked = victim.home().join("linked");
    victim.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let mut program = victim.program();
    let output = victim.finish(
        program
            .current_dir(&linked)
            .args(["analyze", "-k", "todos"]),
    );
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn refs_that_are_links_do_not_lead_to_the_objects_of_another_repository() {
    let victim = with_todo();
    let hostile = Repo::new();
    if !victim.has_refs_in_files() {
        return;
    }
    let (from, to) = (victim.path().join(".git"), hostile.path().join(".git"));
    let objects = format!("{}\n", from.join("objects").display());
    fs::create_dir_all(to.join("objects/info")).unwrap();
    fs::write(to.join("objects/info/alternates"), objects).unwrap();
    symlink(from.join("refs/heads/main"), to.join("refs/heads/main")).unwrap();
    let output = hostile.run(&["analyze", "-k", "todos", "--rev", "HEAD"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(!output.whole().contains("mine"), "{output:?}");
    fs::remove_file(to.join("refs/heads/main")).unwrap();
    fs::remove_file(to.join("objects/info/alternates")).unwrap();
    // A clone that borrows objects is an ordinary one.
    let clone = victim.home().join("clone");
    let source = victim.path();
    victim.git(&[
        "clone",
        "-q",
        "-s",
        source.to_str().unwrap(),
        clone.to_str().unwrap(),
    ]);
    let mut program = victim.program();
    let output = victim.finish(program.current_dir(&clone).args(["analyze", "-k", "todos"]));
    assert_eq!(output.code, Some(0), "{output:?}");
}

/// Each with objects that are borrowed: what is then said to be here is another repository's.
#[test]
fn no_other_link_leads_into_another_repository_either() {
    let victim = with_todo();
    if !victim.has_refs_in_files() {
        return;
    }
    victim.git(&["pack-refs", "--all"]);
    let from = victim.path().join(".git");
    let borrow = |to: &Path| {
        fs::create_dir_all(to.join("objects/info")).unwrap();
        let objects = format!("{}\n", from.join("objects").display());
        fs::write(to.join("objects/info/alternates"), objects).unwrap();
    };
    let link = |to: &Path, name: &str| {
        let _ = fs::remove_file(to.join(name));
        let _ = fs::remove_dir_all(to.join(name));
        symlink(from.join(name), to.join(name)).unwrap();
    };
    type Prepare<'a> = &'a dyn Fn(&Path);
    let ways: [(&str, Prepare<'_>); 8] = [
        ("index", &|_| {}),
        ("packed-refs", &|to| borrow(to)),
        ("packed-refs", &|to| link(to, "objects")),
        ("packed-refs", &|to| link(to, "objects/pack")),
        ("packed-refs", &|_| {}),
        ("config", &|_| {}),
        ("index", &|to| borrow(to)),
        ("refs", &|to| link(to, "objects")),
    ];
    for (name, prepare) in ways {
        let hostile = Repo::new();
        let to = hostile.path().join(".git");
        prepare(&to);
        link(&to, name);
        for command in [
            &["analyze", "-k", "todos", "--rev", "main"][..],
            &["analyze", "-k", "todos", "--staged"],
            &["init"],
            &["sync"],
        ] {
            let output = hostile.run(command);
            assert_eq!(output.code, Some(2), "{name} {command:?}: {output:?}");
            assert!(!output.whole().contains("mine"), "{name}: {output:?}");
            assert!(output.stderr.contains("safe.directory"), "{output:?}");
        }
        fs::remove_dir_all(to).unwrap();
    }
    // Whoever made it so can say that it is meant.
    let mine = Repo::new();
    let git = mine.path().join(".git");
    link(&git, "objects");
    link(&git, "packed-refs");
    let named = git.to_str().unwrap();
    mine.git(&["config", "--global", "--add", "safe.directory", named]);
    let output = mine.run(&["analyze", "-k", "todos", "--rev", "main"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    fs::remove_dir_all(git).unwrap();
}

#[test]
fn a_symbolic_ref_in_the_place_of_our_mirror_moves_no_branch() {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    a.analyze(&["-k", "todos"]);
    a.run(&["sync"]).silent();
    let mirror = "refs/rustassistant/remotes/origin/v1";
    b.write("own.rs", "// TODO: unpushed\n");
    b.commit("my work");
    let before = b.git(&["rev-parse", "main"]);
    for target in ["refs/heads/main", "HEAD"] {
        b.git(&["symbolic-ref", mirror, target]);
        for command in [
            &["fetch"][..],
            &["sync"],
            &["analyze", "-k", "todos", "--sync"],
            &["push", "origin"],
            &["cache", "clear", "--publish", "--yes"],
            &["cache", "compact", "--now", "--publish"],
        ] {
            let output = b.run(command);
            assert_eq!(
                b.git(&["rev-parse", "main"]),
                before,
                "{command:?}: {output:?}"
            );
        }
        assert!(b.run(&["fetch"]).stderr.contains("symbolic-ref --delete"));
        b.git(&["symbolic-ref", "--delete", mirror]);
    }
    assert_eq!(b.run(&["fetch"]).code, Some(0));
}

#[test]
fn what_was_cut_short_is_named_whatever_leads_to_it() {
    let repo = Repo::with(Objects::Sha1);
    repo.write("a.rs", "// TODO: mine\n");
    repo.commit("one");
    repo.git(&["tag", "-a", "v1", "-m", "first"]);
    for name in ["HEAD", "HEAD^{tree}", "v1"] {
        let oid = repo.git(&["rev-parse", name]);
        let (folder, file) = oid.trim().split_at(2);
        let file = repo.path().join(".git/objects").join(folder).join(file);
        let whole = fs::read(&file).unwrap();
        for length in [2, 12, whole.len() - 1] {
            let _ = fs::remove_file(&file);
            fs::write(&file, &whole[..length]).unwrap();
            for rev in ["HEAD", "main", "v1", "HEAD^0", &oid.trim()[..8]] {
                for command in ["analyze", "status"] {
                    let output = patiently(&repo, &[command, "--rev", rev]);
                    let is_spared = name == "v1" && rev != "v1" && !oid.starts_with(rev);
                    let expected = [Some(2), Some(if is_spared { 0 } else { 2 })];
                    let has_ended = expected.contains(&output.code) || output.code == Some(3);
                    assert!(has_ended, "{name} {length} {rev}: {output:?}");
                }
            }
        }
        let _ = fs::remove_file(&file);
        fs::write(&file, whole).unwrap();
    }
    // Nor where it is borrowed.
    let oid = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let (folder, file) = oid.trim().split_at(2);
    let lent = repo.home().join("lent");
    fs::create_dir_all(lent.join(folder)).unwrap();
    let objects = repo.path().join(".git/objects");
    let whole = fs::read(objects.join(folder).join(file)).unwrap();
    fs::write(lent.join(folder).join(file), &whole[..12]).unwrap();
    fs::rename(objects.join(folder).join(file), repo.home().join("kept")).unwrap();
    fs::create_dir_all(objects.join("info")).unwrap();
    fs::write(
        objects.join("info/alternates"),
        format!("{}\n", lent.display()),
    )
    .unwrap();
    let output = patiently(&repo, &["analyze", "--rev", "HEAD"]);
    assert!(matches!(output.code, Some(2 | 3)), "{output:?}");
    fs::rename(repo.home().join("kept"), objects.join(folder).join(file)).unwrap();
    fs::remove_file(objects.join("info/alternates")).unwrap();
}

#[test]
fn a_pack_with_a_kind_of_object_that_there_is_not_is_damaged_and_no_fault_of_ours() {
    let repo = Repo::with(Objects::Sha1);
    repo.write("a.rs", "// TODO: mine\n");
    repo.commit("one");
    let blob = repo.git(&["rev-parse", "HEAD:a.rs"]);
    repo.git(&["gc", "-q"]);
    let packs = repo.path().join(".git/objects/pack");
    let names = fs::read_dir(packs)
        .unwrap()
        .map(|file| file.unwrap().path());
    let index = names
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "idx"))
        .unwrap();
    let listed = repo.git(&["verify-pack", "-v", index.to_str().unwrap()]);
    let line = listed
        .lines()
        .find(|line| line.starts_with(blob.trim()))
        .unwrap();
    let at: usize = line.split_whitespace().last().unwrap().parse().unwrap();
    let pack = index.with_extension("pack");
    let mut bytes = fs::read(&pack).unwrap();
    for kind in [0, 5] {
        bytes[at] = bytes[at] & 0x8f | kind << 4;
        let _ = fs::remove_file(&pack);
        fs::write(&pack, &bytes).unwrap();
        for command in [
            &["analyze", "--rev", "HEAD"][..],
            &["status"],
            &["show", "a.rs"],
        ] {
            let output = repo.run(command);
            assert!(
                matches!(output.code, Some(0 | 2 | 3)),
                "{command:?}: {output:?}"
            );
            assert!(!output.stderr.contains("panicked"), "{output:?}");
        }
    }
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
}

#[test]
fn what_is_mended_takes_nothing_of_anybodys_code() {
    let team = Team::new(2);
    let (mate, victim) = (&team.clones[0], &team.clones[1]);
    victim.write("more.rs", "pub fn more() {}\n");
    victim.commit("more");
    victim.git(&["push", "-q", "origin", "main"]);
    mate.git(&["pull", "-q"]);
    victim.git(&["tag", "-a", "v1", "-m", "one"]);
    for name in ["HEAD~1^{tree}", "HEAD:more.rs", "HEAD^{tree}"] {
        mate.git(&["push", "-q", "-f", "origin", &format!("{name}:{SHARED}")]);
        let fetched = victim.run(&["fetch"]);
        assert_ne!(fetched.code, Some(0), "{name}: {fetched:?}");
        let oid = victim.git(&["rev-parse", name]);
        let shared = "refs/rustassistant/zz/v1";
        victim.git(&["update-ref", shared, oid.trim()]);
        victim.git(&["update-ref", "refs/rustassistant/tag", "v1"]);
        let mended = victim.run(&["doctor", "--repair"]);
        assert_eq!(
            victim.git(&["cat-file", "-e", oid.trim()]),
            "",
            "{mended:?}"
        );
        victim.git(&["fsck", "--full", "--strict"]);
        victim.git(&["checkout", "-q", "HEAD~1"]);
        victim.git(&["checkout", "-q", "main"]);
        victim.git(&["update-ref", "-d", shared]);
        victim.git(&["update-ref", "-d", "refs/rustassistant/tag"]);
    }
    mate.git(&["push", "-q", "origin", &format!(":{SHARED}")]);
}

#[test]
fn a_linked_work_tree_lies_where_its_folder_leads_back() {
    let repo = with_todo();
    let notes = repo.home().join("notes");
    fs::create_dir(&notes).unwrap();
    fs::write(notes.join("a.rs"), "// TODO: of nobody else\n").unwrap();
    let archive = repo.path().join("archive");
    repo.git(&["worktree", "add", "-q", archive.to_str().unwrap()]);
    let program = |arguments: &[&str]| {
        let mut program = repo.program();
        repo.finish(program.current_dir(&archive).args(arguments))
    };
    assert_eq!(program(&["analyze", "-k", "todos"]).code, Some(0));
    let linked = repo.path().join(".git/worktrees/archive/gitdir");
    let before = fs::read(&linked).unwrap();
    fs::write(&linked, format!("{}\n", notes.join(".git").display())).unwrap();
    let output = program(&["analyze", "-k", "todos"]);
    assert!(!output.whole().contains("of nobody else"), "{output:?}");
    fs::write(&linked, before).unwrap();
}

#[test]
fn a_branch_of_many_parts_is_no_link() {
    let lender = with_todo();
    let deep = format!("y{}", "/y".repeat(40));
    lender.git(&["branch", &deep]);
    let clone = lender.home().join("clone");
    let source = lender.path();
    lender.git(&[
        "clone",
        "-q",
        "-s",
        source.to_str().unwrap(),
        clone.to_str().unwrap(),
    ]);
    let mut git = lender.command("git".as_ref());
    let branch = ["branch", &deep];
    let made = lender.finish(git.current_dir(&clone).args(branch));
    assert_eq!(made.code, Some(0), "{made:?}");
    let mut program = lender.program();
    let output = lender.finish(program.current_dir(&clone).args(["analyze", "-k", "todos"]));
    assert_eq!(output.code, Some(0), "{output:?}");
}

/// A ref may name another one by any name in git's folder, and that may be a link.
#[test]
fn a_ref_that_goes_through_a_link_beside_the_refs_leads_into_no_other_repository() {
    let victim = with_todo();
    if !victim.has_refs_in_files() {
        return;
    }
    let from = victim.path().join(".git");
    for (link, target, said) in [
        ("X_HEAD", "refs/heads/main", "X_HEAD"),
        ("y", "refs", "y/heads/main"),
        ("logs", "refs", "logs/heads/main"),
    ] {
        let hostile = Repo::new();
        let to = hostile.path().join(".git");
        let objects = format!("{}\n", from.join("objects").display());
        fs::create_dir_all(to.join("objects/info")).unwrap();
        fs::write(to.join("objects/info/alternates"), objects).unwrap();
        let _ = fs::remove_dir_all(to.join(link));
        symlink(from.join(target), to.join(link)).unwrap();
        fs::write(to.join("refs/heads/main"), format!("ref: {said}\n")).unwrap();
        for command in [
            &["analyze", "-k", "todos", "--rev", "HEAD"][..],
            &["analyze", "-k", "todos", "--rev", "main"],
            &["diff", "HEAD", "--analyze"],
        ] {
            let output = hostile.run(command);
            assert_eq!(output.code, Some(2), "{link} {command:?}: {output:?}");
            assert!(!output.whole().contains("mine"), "{link}: {output:?}");
        }
        fs::remove_dir_all(to).unwrap();
    }
}
