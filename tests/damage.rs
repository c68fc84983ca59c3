//! Disks that are full or read-only, entries that lie, refs that hold something else: a clear word
//! or a miss, never a panic; nothing is lost, and findings are reported all the same.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::small_disk::SmallDisk;
use crate::support::{Output, Repo, Report, rust_source};

const REF: &str = "refs/rustassistant/local/v1";

fn repo_of(files: usize) -> Repo {
    let repo = Repo::new();
    for seed in 0..files {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 4));
    }
    repo.commit("files");
    repo
}

/// One file, analyzed; the path of its entry below our ref.
fn with_one_entry() -> (Repo, String) {
    let repo = repo_of(1);
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "1 analyzed");
    let listed = repo.git(&["ls-tree", "-r", "--name-only", REF, "entries/"]);
    (repo, listed)
}

/// Lays `content` over the file `path` of our ref, as another program could.
fn replace(repo: &Repo, path: &str, content: &str) {
    repo.write("../forged", content);
    let blob = repo.git(&["hash-object", "-w", "--no-filters", "../forged"]);
    let index = repo.path().join("../forged-index");
    let git = |arguments: &[&str]| {
        let mut git = repo.command("git".as_ref());
        git.env("GIT_INDEX_FILE", &index).args(arguments);
        let output = repo.finish(&mut git);
        assert_eq!(output.code, Some(0), "{output:?}");
        output.stdout.trim().to_owned()
    };
    git(&["read-tree", REF]);
    git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("100644,{blob},{path}"),
    ]);
    let tree = git(&["write-tree"]);
    let commit = git(&["commit-tree", "-m", "forged", "-p", REF, &tree]);
    git(&["update-ref", REF, &commit]);
}

#[track_caller]
fn no_panic(output: &Output) {
    assert!(!output.stderr.contains("panicked"), "{output:?}");
    assert!(output.code.is_some(), "{output:?}");
}

#[test]
fn an_entry_that_does_not_count_is_a_miss_with_one_warning_that_names_it() {
    let (repo, path) = with_one_entry();
    let entry = repo.git(&["show", &format!("{REF}:{path}")]);
    let other = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let blob = repo.git(&["rev-parse", ":src/m0.rs"]);
    let lies = [
        (entry.replace(&blob, other), "of another blob"),
        (entry[..entry.len() / 2].to_owned(), "cut short"),
        (String::new(), "empty"),
        ("null\n".to_owned(), "null"),
        ("[".repeat(100_000), "deep"),
        (
            format!("{{\"format\":1,\"x\":\"{}\"}}", "y".repeat(2 << 20)),
            "large",
        ),
        (entry.replace("\"todos\"", "\"docs\""), "of another kind"),
        ("\u{1b}[31mred\u{202e}".to_owned(), "escapes"),
    ];
    for (lie, what) in lies {
        replace(&repo, &path, &lie);
        let output = repo.run(&["analyze", "-k", "todos", "--cached"]);
        no_panic(&output);
        assert_eq!(output.code, Some(3), "{what}: {output:?}");
        let warned = output
            .stderr
            .matches("warning: ignoring a bad entry of the store")
            .count();
        assert_eq!(warned, 1, "{what}: {output:?}");
        assert!(
            !output.stderr.contains(['\u{1b}', '\u{202e}']),
            "{what}: {output:?}"
        );
        let output = repo.run(&["analyze", "-k", "todos", "--output", "json"]);
        assert_eq!(Report::of(&output).words(), "1 analyzed", "{what}");
        assert_eq!(
            repo.git(&["show", &format!("{REF}:{path}")]),
            entry,
            "{what}"
        );
        assert_eq!(repo.analyze(&["-k", "todos"]).words(), "1 cached", "{what}");
    }
}

#[test]
fn an_entry_of_a_newer_format_is_a_miss_and_stays_in_its_place() {
    let (repo, path) = with_one_entry();
    let entry = repo.git(&["show", &format!("{REF}:{path}")]);
    let newer = entry.replace("\"format\": 1", "\"format\": 99");
    assert_ne!(newer, entry);
    replace(&repo, &path, &newer);
    let analyzed = || {
        let output = repo.run(&["analyze", "-k", "todos", "--output", "json"]);
        assert_eq!(Report::of(&output).words(), "1 analyzed");
        assert!(
            output
                .stderr
                .contains("format 99 is newer than this program"),
            "{output:?}"
        );
    };
    analyzed();
    assert_eq!(repo.git(&["show", &format!("{REF}:{path}")]), newer);
    analyzed();
}

#[test]
fn an_entry_whose_object_is_gone_is_a_miss_and_is_made_again() {
    let (repo, path) = with_one_entry();
    let object = repo.git(&["rev-parse", &format!("{REF}:{path}")]);
    repo.git(&["repack", "-adq"]);
    let packs = repo.git(&["count-objects", "-v"]);
    assert!(packs.contains("packs: 1"), "{packs}");
    unpack_without(&repo, &object);
    let output = repo.run(&["analyze", "-k", "todos", "--output", "json"]);
    no_panic(&output);
    assert_eq!(Report::of(&output).words(), "1 analyzed", "{output:?}");
    repo.git(&["cat-file", "-e", &object]);
    repo.git(&["fsck", "--full"]);
}

/// Unpacks all objects and removes one.
fn unpack_without(repo: &Repo, object: &str) {
    let packs = repo.path().join(".git/objects/pack");
    for file in fs::read_dir(packs).unwrap() {
        let file = file.unwrap().path();
        let away = repo.path().join("..").join(file.file_name().unwrap());
        fs::rename(&file, &away).unwrap();
        if away
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let mut git = repo.command("git".as_ref());
            git.args(["unpack-objects", "-q"]);
            let output = repo.finish(git.stdin(fs::File::open(&away).unwrap()));
            assert_eq!(output.code, Some(0), "{output:?}");
        }
    }
    let loose = repo
        .path()
        .join(".git/objects")
        .join(&object[..2])
        .join(&object[2..]);
    fs::remove_file(loose).unwrap();
}

#[test]
fn a_ref_that_holds_something_else_is_an_error_that_says_how_to_start_anew() {
    let repo = repo_of(2);
    if !repo.has_refs_in_files() {
        return;
    }
    let head = repo.git(&["rev-parse", "HEAD"]);
    let file = repo.path().join(".git").join(REF);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let foreign = [
        (format!("{head}\n"), "a commit of the user"),
        (
            format!("{}\n", repo.git(&["rev-parse", "HEAD:src/m0.rs"])),
            "a blob",
        ),
        (format!("{}\n", "1".repeat(40)), "a missing object"),
        (String::new(), "an empty file"),
        ("nonsense\n".to_owned(), "nonsense"),
        (format!("ref: {REF}\n"), "itself"),
    ];
    for (content, what) in foreign {
        fs::write(&file, &content).unwrap();
        let commands: [&[&str]; 6] = [
            &["analyze"],
            &["analyze", "--cached"],
            &["status"],
            &["cache", "status"],
            &["cache", "list"],
            &["cache", "clear"],
        ];
        for command in commands {
            let output = repo.run(command);
            no_panic(&output);
            assert!(
                output.stderr.contains(REF),
                "{what} {command:?}: {output:?}"
            );
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), content, "{what}");
        let output = repo.run(&["analyze", "--no-cache"]);
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{what}: {output:?}"
        );
        let output = repo.run(&["analyze"]);
        assert!(output.stderr.contains("hint: "), "{what}: {output:?}");
        fs::remove_file(&file).unwrap();
    }
    assert_eq!(repo.analyze(&[]).words(), "2 analyzed");
}

#[test]
fn a_repository_that_cannot_be_written_is_analyzed_and_nothing_is_stored() {
    let repo = repo_of(3);
    repo.write("src/m0.rs", "// TODO: dirty\n");
    let Some(mut program) = repo.unprivileged() else {
        eprintln!("skipped: cannot run as another user");
        return;
    };
    let git = repo.path().join(".git");
    let mut chmod = repo.command("chmod".as_ref());
    chmod.args(["-R", "a-w"]).arg(&git);
    assert_eq!(repo.finish(&mut chmod).code, Some(0));
    let output = repo.finish(program.args(["analyze", "-k", "todos", "--output", "json"]));
    let mut chmod = repo.command("chmod".as_ref());
    assert_eq!(
        repo.finish(chmod.args(["-R", "u+w"]).arg(&git)).code,
        Some(0)
    );
    no_panic(&output);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(Report::of(&output).words(), "3 analyzed");
    assert!(
        output.stderr.contains("nothing will be stored"),
        "{output:?}"
    );
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
}

#[test]
fn a_store_that_was_filled_before_is_read_where_nothing_can_be_written() {
    let repo = repo_of(3);
    assert_eq!(repo.analyze(&[]).words(), "3 analyzed");
    let Some(mut program) = repo.unprivileged() else {
        eprintln!("skipped: cannot run as another user");
        return;
    };
    let mode = fs::Permissions::from_mode(0o555);
    fs::set_permissions(repo.path().join(".git/rustassistant"), mode).unwrap();
    let output = repo.finish(program.args(["analyze", "--output", "json"]));
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    assert_eq!(Report::of(&output).words(), "3 cached");
}

#[test]
fn a_full_disk_costs_the_storing_and_nothing_else() {
    let repo = repo_of(0);
    for free in [0, 8, 24, 64, 120] {
        let Some(disk) = SmallDisk::mount(&repo, "1200k") else {
            eprintln!("skipped: cannot mount a small disk");
            return;
        };
        let git = |arguments: &[&str]| repo.git(&[&["-C", "small"], arguments].concat());
        git(&["init", "-q", "--template="]);
        for seed in 0..12 {
            repo.write(&format!("small/m{seed}.rs"), rust_source(seed, 8));
        }
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "files"]);
        let run = || repo.run_in("small", &["analyze", "-k", "all", "--output", "json"]);
        disk.fill(free);
        let output = run();
        no_panic(&output);
        assert_eq!(output.code, Some(0), "{free}k free: {output:?}");
        assert_eq!(Report::of(&output).words(), "48 analyzed", "{free}k free");
        let told = output.stderr.contains("stored") || output.stderr.contains("store");
        assert!(told || free == 120, "{free}k free: {output:?}");
        git(&["fsck", "--full", "--strict"]);
        fs::remove_file(disk.path("filler")).unwrap();
        assert_eq!(Report::of(&run()).count("failed"), 0, "{free}k free");
        assert_eq!(Report::of(&run()).words(), "48 cached", "{free}k free");
        git(&["fsck", "--full", "--strict"]);
    }
}

#[test]
fn what_could_not_be_stored_is_not_remembered_as_known() {
    let repo = Repo::new();
    repo.write("b.rs", "fn b() {}\n");
    repo.commit("a file");
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    repo.write("src/a.rs", "fn a() {}\n");
    repo.commit("another");
    let journal = repo.path().join(".git/rustassistant/journal");
    fs::remove_dir(&journal).unwrap();
    fs::write(&journal, "in the way").unwrap();
    let output = repo.run(&["analyze", "--output", "summary"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("nothing will be stored"),
        "{output:?}"
    );
    fs::remove_file(&journal).unwrap();
    let output = repo.run(&["analyze", "--cached", "--output", "summary"]);
    assert_eq!(output.code, Some(3), "{output:?}");
}
