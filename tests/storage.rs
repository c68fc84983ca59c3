//! What is written into a repository: entries under our own ref, in the layout that
//! docs/storage.md promises, and nothing else anywhere.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{Objects, Repo, rust_source};

const REF: &str = "refs/rustassistant/local/v1";

fn repo_of(objects: Objects) -> Repo {
    let repo = Repo::with(objects);
    for seed in 0..6 {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 3));
    }
    repo.write("tool.py", "def f(x):\n    return x\n");
    repo.write("README.md", "# Not code\n");
    repo.commit("files");
    repo
}

fn both() -> [Repo; 2] {
    [Objects::Sha1, Objects::Sha256].map(repo_of)
}

/// The paths below our ref.
fn stored(repo: &Repo) -> Vec<String> {
    let listed = repo.git(&["ls-tree", "-r", "--name-only", REF]);
    listed.lines().map(str::to_owned).collect()
}

/// Kind, fingerprint and blob of every entry.
fn keys(repo: &Repo) -> BTreeSet<(String, String, String)> {
    let key = |path: &str| {
        let rest = path.strip_prefix("entries/")?;
        let (kind, rest) = rest.split_once('/')?;
        let (fingerprint, blob) = rest.split_once('/')?;
        Some((
            kind.to_owned(),
            fingerprint.to_owned(),
            blob.replace('/', ""),
        ))
    };
    stored(repo).iter().filter_map(|path| key(path)).collect()
}

#[test]
fn the_names_of_entries_are_the_blobs_that_were_analyzed() {
    for repo in both() {
        let report = repo.analyze(&["-k", "all"]);
        assert_eq!(report.words(), "28 analyzed");
        let keys = keys(&repo);
        assert_eq!(keys.len(), 28);
        for kind in ["refactor", "docs", "todos", "analysis"] {
            let blobs = keys.iter().filter(|key| key.0 == kind);
            let blobs: BTreeSet<&String> = blobs.map(|key| &key.2).collect();
            let analyzed = report.answered_blobs();
            assert_eq!(blobs, analyzed.iter().collect(), "{kind}");
        }
    }
}

#[test]
fn every_recipe_is_the_blob_of_its_own_name_and_every_entry_has_one() {
    for repo in both() {
        assert_eq!(repo.analyze(&["-k", "all"]).words(), "28 analyzed");
        let listed = repo.git(&["ls-tree", "-r", REF, "recipes/"]);
        let mut recipes = BTreeSet::new();
        for line in listed.lines() {
            let (meta, path) = line.split_once('\t').unwrap();
            let name = path.strip_prefix("recipes/").unwrap();
            assert_eq!(meta, format!("100644 blob {name}"));
            recipes.insert(name.to_owned());
        }
        let used: BTreeSet<String> = keys(&repo).into_iter().map(|key| key.1).collect();
        assert_eq!(used, recipes);
        assert_eq!(repo.git(&["show", &format!("{REF}:format")]), "1");
    }
}

#[test]
fn git_show_prints_an_entry_that_reads_well() {
    let repo = repo_of(Objects::Sha1);
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "7 analyzed");
    for path in stored(&repo)
        .iter()
        .filter(|path| path.starts_with("entries/"))
    {
        let text = repo.git(&["show", &format!("{REF}:{path}")]);
        let entry: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text, serde_json::to_string_pretty(&entry).unwrap());
        let key = format!(
            "entries/{}/{}/{}",
            text_of(&entry, "kind"),
            text_of(&entry, "fingerprint"),
            text_of(&entry, "blob")
        );
        assert_eq!(path.replace('/', ""), key.replace('/', ""));
        for secret in ["created", "usage", "m0.rs"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

fn text_of<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().unwrap()
}

#[test]
fn two_clones_that_analyze_the_same_make_the_same_tree() {
    let trees = [["-k", "docs,todos"], ["-k", "todos,docs"]].map(|kinds| {
        let repo = repo_of(Objects::Sha1);
        for file in ["tool.py", ":/src"] {
            assert_eq!(
                repo.analyze(&[&kinds[..], &[file]].concat())
                    .count("failed"),
                0
            );
        }
        repo.git(&["rev-parse", &format!("{REF}^{{tree}}")])
    });
    assert_eq!(trees[0], trees[1]);
}

/// All that must stay as it is: the index's bytes, HEAD, status, refs but ours, the work tree.
fn surroundings(repo: &Repo) -> String {
    let index = fs::read(repo.path().join(".git/index")).unwrap();
    let head = fs::read_to_string(repo.path().join(".git/HEAD")).unwrap();
    let refs = repo.git(&["for-each-ref"]);
    let refs = refs.lines().filter(|line| !line.contains(REF));
    let refs = refs.collect::<Vec<_>>().join("\n");
    let config = fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let status = repo.git(&[
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "--ignored",
    ]);
    let branches = repo.git(&["branch", "-a"]);
    let parts = [
        head,
        refs,
        config,
        status,
        branches,
        repo.git(&["stash", "list"]),
    ];
    format!("{index:?}\n{}", parts.join("\n"))
}

#[test]
fn no_command_touches_the_work_tree_the_index_head_or_other_refs() {
    let repo = repo_of(Objects::Sha1);
    repo.write("src/m0.rs", "fn staged() {}\n");
    repo.git(&["add", "src/m0.rs"]);
    repo.write("src/m0.rs", "fn then_edited() {}\n");
    repo.write("new.rs", "fn new() {}\n");
    repo.write("intended.rs", "fn intended() {}\n");
    repo.git(&["add", "-N", "intended.rs"]);
    fs::remove_file(repo.path().join("src/m1.rs")).unwrap();
    // As new as the index: git would refresh such lines if it were allowed to.
    let same = fs::read(repo.path().join("src/m2.rs")).unwrap();
    repo.write("src/m2.rs", same);
    let before = surroundings(&repo);
    let commands: [&[&str]; 17] = [
        &["analyze", "-k", "all"],
        &["analyze", "--untracked"],
        &["analyze", "--staged"],
        &["analyze", "--rev", "HEAD"],
        &["analyze", "--changed", "HEAD"],
        &["analyze", "--refresh"],
        &["analyze", "--cached"],
        &["analyze", "--no-cache"],
        &["refactor", "analyze", "src/m0.rs"],
        &["docs", "module", "src/m0.rs"],
        &["todos"],
        &["show", "src/m0.rs"],
        &["status"],
        &["cache", "status"],
        &["cache", "list"],
        &["cache", "explain", "src/m0.rs"],
        &["cache", "clear"],
    ];
    for command in commands {
        let code = repo.run(command).code;
        assert!(matches!(code, Some(0 | 3)), "{command:?}: {code:?}");
        assert_eq!(surroundings(&repo), before, "{command:?}");
    }
    assert!(
        !repo
            .git(&["log", "--format=%H", "--all", "--", REF])
            .contains("entries")
    );
}

#[test]
fn every_run_is_one_commit_and_one_line_of_the_reflog() {
    let repo = repo_of(Objects::Sha1);
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "7 analyzed");
    assert_eq!(
        repo.analyze(&["-k", "docs", "tool.py"]).words(),
        "1 analyzed"
    );
    assert_eq!(
        repo.analyze(&["-k", "docs,todos", "tool.py"]).words(),
        "2 cached"
    );
    let log = repo.git(&["log", "--format=%an <%ae> %s", REF]);
    insta::assert_snapshot!(log, @"
    git-rustassistant <git-rustassistant@localhost> 1 analysis (docs, local/1)
    git-rustassistant <git-rustassistant@localhost> 7 analyses (todos, local/1)
    ");
    let committers = repo.git(&["log", "--format=%cn <%ce>", REF]);
    assert_eq!(
        committers.lines().next(),
        Some("C O Mitter <committer@example.com>")
    );
    let reflog = repo.git(&["reflog", "show", "--format=%gs", REF]);
    insta::assert_snapshot!(reflog, @"
    1 analysis (docs, local/1)
    7 analyses (todos, local/1)
    ");
}

#[test]
fn what_is_stored_is_sound_and_nothing_is_left_behind() {
    for repo in both() {
        let loose = repo.git(&["count-objects"]);
        assert_eq!(repo.analyze(&["-k", "all"]).words(), "28 analyzed");
        repo.git(&["fsck", "--full", "--strict"]);
        assert_eq!(repo.leftovers(), Vec::<String>::new());
        assert_eq!(repo.git(&["count-objects"]), loose);
        repo.git(&["gc", "-q", "--prune=now"]);
        assert_eq!(repo.analyze(&["-k", "all"]).words(), "28 cached");
    }
}

#[test]
fn without_a_name_for_commits_or_a_home_analyses_are_stored_all_the_same() {
    let repo = repo_of(Objects::Sha1);
    let mut program = repo.program();
    for variable in [
        "HOME",
        "GIT_CONFIG_GLOBAL",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
    ] {
        program.env_remove(variable);
    }
    program
        .env_remove("GIT_COMMITTER_NAME")
        .env_remove("GIT_COMMITTER_EMAIL");
    let output = repo.finish(program.args(["analyze", "-k", "todos"]));
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    assert_eq!(repo.analyze(&["-k", "todos"]).words(), "7 cached");
    repo.git(&["fsck", "--full", "--strict"]);
}
