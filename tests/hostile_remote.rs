//! Remotes that lie, swell, or never end: a miss each and a word, within bounded memory and time,
//! and nothing written but our own refs.

use crate::support::forged::MIRROR;
use crate::support::host::Host;
use crate::support::{Output, Repo, Report, SHARED, Team};

const LOCAL: &str = "refs/rustassistant/local/v1";
#[track_caller]
fn missed(output: &Output, said: &str) {
    assert_eq!(output.code, Some(3), "{output:?}");
    assert_eq!(Report::of(output).words(), "1 missing", "{output:?}");
    assert!(output.stderr.contains(said), "{said}: {output:?}");
}

#[test]
fn an_entry_of_a_remote_that_lies_is_a_miss_that_is_told_and_mended() {
    let (team, path) = Team::with_one_entry();
    let entry = team.on_server(&["show", &format!("{SHARED}:{path}")]);
    let folder = path.rsplit_once('/').unwrap().0;
    let blob = team.on_server(&["rev-parse", "main:src/b.rs"]);
    let other = team.on_server(&["rev-parse", "main:src/a.rs"]);
    let fingerprint = folder.rsplit('/').next().unwrap();
    let large = vec![b' '; 100 << 20];
    let deep = format!("{{\"format\":1,\"x\":{}", "[".repeat(500_000));
    let lies: [(Vec<u8>, &str); 6] = [
        (entry.replace(&blob, &other).into(), "its blob is not that"),
        (
            entry.replace(fingerprint, &other).into(),
            "its fingerprint is not",
        ),
        (
            entry.replace("\"todos\"", "\"docs\"").into(),
            "its kind is not",
        ),
        (
            entry.replace("\"format\": 1", "\"format\": 99").into(),
            "format 99 is newer",
        ),
        (deep.into(), "its nesting is out of bounds"),
        (large, "its size is out of bounds"),
    ];
    let clone = &team.clones[1];
    for (lie, said) in lies {
        let forged = team.object("blob", &lie);
        team.publish(&path, 4, ("100644", &forged));
        assert_eq!(clone.run(&["fetch"]).code, Some(0), "{said}");
        missed(&team.looked_up(), said);
    }
    let analyzed = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&analyzed).words(), "1 analyzed");
    let cached = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&cached).words(), "1 cached");
}

#[test]
fn what_is_no_file_is_no_entry() {
    let (team, path) = Team::with_one_entry();
    let entry = team.on_server(&["rev-parse", &format!("{SHARED}:{path}")]);
    let commit = team.on_server(&["rev-parse", "main"]);
    for (mode, object) in [("120000", &entry), ("160000", &commit)] {
        team.publish(&path, 4, (mode, object));
        assert_eq!(team.clones[1].run(&["fetch"]).code, Some(0), "{mode}");
        missed(&team.looked_up(), "not a file");
    }
    let clone = &team.clones[1];
    let mended = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--sync"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    let line = team.on_server(&["ls-tree", "-r", SHARED, &path]);
    assert!(line.starts_with("100644 blob "), "{line}");
}

#[test]
fn a_tree_with_dots_is_not_taken_in_and_where_git_took_it_in_is_not_believed() {
    let (team, path) = Team::with_one_entry();
    let clone = &team.clones[1];
    assert_eq!(clone.run(&["fetch"]).code, Some(0));
    let before = clone.git(&["rev-parse", MIRROR]);
    let refs = || {
        let names = clone.git(&["for-each-ref", "--format=%(refname)"]);
        names.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let before_refs = refs();
    let evil = team.object("blob", b"evil");
    let dots = team.tree(&[("100644", "evil", &evil)]);
    let dots = team.tree(&[("40000", "..", &dots)]);
    team.publish(&path, 3, ("40000", &dots));
    let output = clone.run(&["fetch"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("'..'"), "{output:?}");
    assert_eq!(clone.git(&["rev-parse", MIRROR]), before);
    clone.git(&["fetch", "-q", "origin", &format!("+{SHARED}:{MIRROR}")]);
    missed(&team.looked_up(), "malformed");
    let analyzed = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&analyzed).words(), "1 analyzed");
    assert!(!clone.path().join("evil").exists() && !clone.path().join("../evil").exists());
    let mut after = refs();
    after.retain(|name| name != LOCAL);
    assert_eq!(after, before_refs);
    team.forget();
}

#[test]
fn a_store_of_another_format_is_told_and_left_alone() {
    let (team, path) = Team::with_one_entry();
    let newer = team.object("blob", b"99\n");
    let root = team.tree(&[("100644", "format", &newer)]);
    let commit = team.on_server(&["commit-tree", "-m", "newer", &root]);
    team.on_server(&["update-ref", SHARED, &commit]);
    let output = team.clones[1].run(&["fetch"]);
    assert_eq!(output.code, Some(3), "{output:?} {path}");
    assert!(
        output.stderr.contains("unsupported format '99'"),
        "{output:?}"
    );
    missed(&team.looked_up(), "unsupported format '99'");
    let clone = &team.clones[1];
    let analyzed = clone.run(&["analyze", "src/b.rs", "-k", "todos"]);
    assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    for command in ["push", "sync"] {
        let output = clone.run(&[command]);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(
            output.stderr.contains("unsupported format '99'"),
            "{output:?}"
        );
        let way_out = format!("'git push origin :{SHARED}'");
        assert!(output.stderr.contains(&way_out), "{output:?}");
    }
    clone.git(&["push", "-q", "--no-verify", "origin", &format!(":{SHARED}")]);
    assert_eq!(clone.run(&["sync"]).silent(), "published 1\n");
    assert_eq!(team.clones[0].run(&["sync"]).code, Some(0));
}

#[test]
fn a_folder_that_holds_itself_again_and_again_ends() {
    let (team, path) = Team::with_one_entry();
    let entry = team.on_server(&["rev-parse", &format!("{SHARED}:{path}")]);
    let digits = || (0..16).map(|digit| format!("{digit:x}"));
    let leaf: Vec<String> = digits().collect();
    let lines: Vec<_> = leaf
        .iter()
        .map(|name| ("100644", name.as_str(), entry.as_str()))
        .collect();
    let mut node = team.tree(&lines);
    for _ in 1..entry.len() {
        let lines: Vec<_> = leaf
            .iter()
            .map(|name| ("40000", name.as_str(), node.as_str()))
            .collect();
        node = team.tree(&lines);
    }
    team.publish(&path, 3, ("40000", &node));
    let clone = &team.clones[1];
    let output = clone.run(&["fetch"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("has no end"), "{output:?}");
    // Whatever path is asked for, it ends at the one entry, which says that it belongs elsewhere.
    let output = team.looked_up();
    assert_eq!(Report::of(&output).words(), "1 cached", "{output:?}");
    let analyzed = clone.run(&["analyze", "-k", "todos", "--output", "json"]);
    assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    assert!(
        analyzed.stderr.contains("its blob is not that"),
        "{analyzed:?}"
    );
}

/// What a remote has of so many names in one folder.
fn many(names: usize) -> (Team, Output) {
    let (team, path) = Team::with_one_entry();
    let entry = team.on_server(&["rev-parse", &format!("{SHARED}:{path}")]);
    let width = entry.len();
    let lines: String = (0..names)
        .map(|number| format!("100644 blob {entry}\t{number:0width$x}\n"))
        .collect();
    let node = team.feed(&["mktree"], lines.as_bytes());
    team.publish(&path, 3, ("40000", &node));
    let output = team.clones[1].run(&["fetch"]);
    (team, output)
}

#[test]
fn very_many_names_in_one_folder_are_no_trouble() {
    let (team, output) = many(100_000);
    assert_eq!(output.code, Some(0), "{output:?}");
    missed(&team.looked_up(), "");
}

#[test]
#[ignore = "half a minute: cargo test a_million_names -- --ignored"]
fn a_million_names_in_one_folder_are_more_than_is_read() {
    let (team, output) = many(1_000_000);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("the limit is"), "{output:?}");
    missed(&team.looked_up(), "the limit is");
    let clone = &team.clones[1];
    let counted = clone.run(&["cache", "status"]);
    assert_eq!(counted.code, Some(3), "{counted:?}");
    assert!(counted.stderr.contains("the limit is"), "{counted:?}");
    let analyzed = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&analyzed).words(), "1 analyzed");
}

#[test]
fn an_entry_dated_ahead_wins_over_no_other_and_is_replaced() {
    let (team, path) = Team::with_one_entry();
    let entry = team.on_server(&["show", &format!("{SHARED}:{path}")]);
    let ahead = entry.replace(
        "\"format\"",
        "\"created\": \"2999-01-01T00:00:00Z\",\n  \"format\"",
    );
    let forged = team.object("blob", ahead.as_bytes());
    team.publish(&path, 4, ("100644", &forged));
    let clone = &team.clones[1];
    assert_eq!(clone.run(&["fetch"]).code, Some(0));
    missed(&team.looked_up(), "");
    let analyze = || clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&analyze()).words(), "1 analyzed");
    assert_eq!(Report::of(&analyze()).words(), "1 cached");
    let output = clone.run(&["sync"]);
    assert!(output.stdout.contains("published 1"), "{output:?}");
    assert_eq!(
        team.on_server(&["show", &format!("{SHARED}:{path}")]),
        entry
    );
    assert_eq!(Report::of(&analyze()).words(), "1 cached");
}

#[test]
fn a_partial_clone_gets_what_plain_git_fetch_left_behind_in_one_go() {
    let (team, _) = Team::with_one_entry();
    let first = &team.clones[0];
    assert_eq!(
        first
            .run(&["analyze", "-k", "all", "--output=summary"])
            .code,
        Some(0)
    );
    assert_eq!(first.run(&["sync"]).code, Some(0));
    team.on_server(&["config", "uploadpack.allowFilter", "true"]);
    team.on_server(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone: Repo = Repo::new();
    let url = format!("file://{}", team.server().display());
    clone.git(&["remote", "add", "origin", &url]);
    clone.git(&["config", "remote.origin.promisor", "true"]);
    clone.git(&["config", "remote.origin.partialCloneFilter", "blob:none"]);
    clone.git(&[
        "config",
        "remote.origin.fetch",
        "+refs/heads/*:refs/remotes/origin/*",
    ]);
    assert_eq!(clone.run(&["init"]).code, Some(0));
    clone.git(&["fetch", "-q", "origin"]);
    clone.git(&["checkout", "-q", "-b", "main", "origin/main"]);
    let output = clone.run(&["analyze", "-k", "all", "--cached"]);
    assert!(output.stderr.contains("partial clone"), "{output:?}");
    assert_eq!(clone.run(&["fetch"]).code, Some(0));
    let output = clone.run(&["analyze", "-k", "all", "--cached", "--output", "json"]);
    assert_eq!(Report::of(&output).words(), "8 cached", "{output:?}");
}

/// A megabyte goes over the line.
#[test]
fn an_object_that_is_too_large_is_refused_before_it_takes_memory() {
    let (team, _) = Team::with_one_entry();
    let tree = team.feed(&["mktree"], b"");
    let head = format!("tree {tree}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n");
    let mut commit = head.into_bytes();
    commit.resize(560 << 20, b'x');
    let commit = team.object("commit", &commit);
    team.on_server(&["update-ref", SHARED, &commit]);
    let clone = &team.clones[1];
    let server = team.server();
    let host = Host::daemon(server.parent().unwrap());
    host.serves(clone, server.file_name().unwrap().to_str().unwrap());
    let output = clone.run(&["fetch"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(
        output.stderr.contains("beyond what analyses may take"),
        "{output:?}"
    );
    assert_eq!(clone.git(&["for-each-ref", MIRROR]), "");
}
