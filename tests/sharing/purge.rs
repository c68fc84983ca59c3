//! A text that was leaked is purged: after `git gc` no object holds it, no file of ours does, and no
//! other clone brings it back. What has nothing to do with it stays.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Output, Repo, SHARED, Team};

const LOCAL: &str = "refs/rustassistant/local/v1";
const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

/// Written otherwise in JSON than it is, and in no file of the repository.
const SECRET: &str = "Code \"Nachtigall\" für 4711";

/// In whatever way it is written.
const PART: &str = "Nachtigall";

/// The file of which the model says it.
const LEAKY: &str = "pub fn leaky() {}\n";

/// A model that tells [`SECRET`] of [`LEAKY`], and nothing of other files.
fn server() -> Server {
    Server::start(|received| {
        let leaks = String::from_utf8_lossy(&received.bytes).contains("fn leaky");
        let said = SECRET.replace('"', "\\\"");
        let text = if leaks {
            analysis().replace("A small file.", &format!("It says: {said}!"))
        } else {
            analysis()
        };
        answer("openai-chat", &text)
    })
}

/// A team whose clones ask the model, and whose server has a file of which it says too much.
fn team(clones: usize) -> (Team, Server) {
    let server = server();
    let mut team = Team::new(clones);
    for clone in &mut team.clones {
        clone.ask(&server, "openai-chat");
        clone.price();
        clone.git(&["config", "rustassistant.kinds", "refactor"]);
    }
    let first = &team.clones[0];
    first.write("src/leaky.rs", LEAKY);
    first.commit("leaky");
    first.git(&["push", "-q"]);
    for other in team.clones.iter().skip(1) {
        other.git(&["pull", "-q"]);
    }
    (team, server)
}

/// One clone of its own.
fn alone() -> (Repo, Server) {
    let server = server();
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.price();
    repo.git(&["config", "rustassistant.kinds", "refactor"]);
    repo.write("leaky.rs", LEAKY);
    repo.write("other.rs", "pub fn other() {}\n");
    repo.commit("two files");
    (repo, server)
}

fn analyze(repo: &Repo) {
    done(repo.run(&["analyze", ":/"]));
}

#[track_caller]
fn done(output: Output) {
    assert_eq!(output.code, Some(0), "{output:?}");
}

/// Purges the secret, which is given where no shell remembers it.
fn purge(repo: &Repo, options: &[&str]) -> Output {
    let mut program = repo.program();
    program
        .args(["cache", "purge", "--text", "-"])
        .args(options);
    program.stdin(Stdio::piped());
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{SECRET}\n").as_bytes()).unwrap();
    drop(stdin);
    let output = repo.output_of(&child.wait_with_output().unwrap());
    assert!(!output.whole().contains(PART), "{output:?}");
    output
}

/// Does any object hold it, whether or not anything leads there?
fn is_in_objects(repo: &Repo, place: &Path) -> bool {
    let place = place.to_str().unwrap();
    let all = ["-C", place, "cat-file", "--batch-all-objects", "--batch"];
    repo.git(&all).contains(PART)
}

/// The files below a folder that hold it.
fn files_with_it(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with_it(&path));
        } else if fs::read(&path)
            .unwrap()
            .windows(PART.len())
            .any(|part| part == PART.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

/// Tidies up as a clone of today does: commits of tests are dated long ago, and so are reflogs.
fn gc(repo: &Repo, place: &Path) {
    let place = place.to_str().unwrap();
    let never = ["gc.reflogExpire=never", "gc.reflogExpireUnreachable=never"];
    let kept = ["-C", place, "-c", never[0], "-c", never[1]];
    repo.git(&[&kept[..], &["gc", "-q", "--prune=now"]].concat());
}

/// Once git has tidied up, it is nowhere in this clone.
#[track_caller]
fn is_gone(repo: &Repo) {
    assert!(
        is_in_objects(repo, &repo.path()),
        "git has tidied up already"
    );
    gc(repo, &repo.path());
    assert!(!is_in_objects(repo, &repo.path()));
    assert_eq!(
        files_with_it(&repo.path().join(".git")),
        Vec::<PathBuf>::new()
    );
}

#[test]
fn what_is_purged_is_gone_here_and_there_and_no_offline_clone_brings_it_back() {
    let (team, server) = team(3);
    let [ana, ben, cem] = &team.clones[..] else {
        unreachable!()
    };
    analyze(cem);
    assert_eq!(cem.run(&["sync"]).stdout, "published 3\n");
    ana.run(&["fetch"]).silent();
    for other in [ben, cem] {
        other.run(&["init", "--no-hook"]).silent();
        other.run(&["fetch"]).silent();
    }
    // An answer of his own waits to be published: his mirror has a reflog from then on.
    ben.write("src/ben.rs", "pub fn ben() {}\n");
    ben.commit("ben");
    ben.git(&["push", "-q"]);
    analyze(ben);
    assert!(is_in_objects(ana, &team.server()));

    let foreseen = purge(ana, &["-n", "--publish"]);
    assert_eq!(
        foreseen.stdout.lines().next(),
        Some("would purge 0 entries here, 1 entry from origin (1 paid answer, $0.0023)"),
        "{foreseen:?}"
    );
    let tips = ana.git(&["for-each-ref", "refs/rustassistant"]);
    let refused = purge(ana, &["--publish"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("1 paid answer ($0.0023)"),
        "{refused:?}"
    );
    assert!(
        refused
            .stderr
            .contains("hint: to remove them without asking: cache purge --yes"),
        "{refused:?}"
    );
    assert_eq!(ana.git(&["for-each-ref", "refs/rustassistant"]), tips);

    // Without the team's: it says that it is there still.
    let here = purge(ana, &["--yes"]);
    assert_eq!(here.code, Some(3), "{here:?}");
    assert!(
        here.stderr.contains(&format!("{MIRROR} still contains it")),
        "{here:?}"
    );

    let purged = purge(ana, &["--yes", "--publish"]);
    assert_eq!(purged.code, Some(0), "{purged:?}");
    assert_eq!(
        purged.stdout,
        "purged 0 entries here, 1 entry from origin\n"
    );
    assert!(purged.stderr.contains("git gc --prune=now"), "{purged:?}");
    is_gone(ana);
    gc(ana, &team.server());
    assert!(!is_in_objects(ana, &team.server()));
    assert_eq!(team.on_server(&["rev-list", "--count", SHARED]), "1");
    let message = team.on_server(&["log", "-1", "--format=%B", SHARED]);
    assert!(message.contains("History: shortened"), "{message}");

    // One fetches with this program, the other with git, after its mirror was lost: then what it has
    // paid for itself is pending there for a while.
    cem.git(&["update-ref", "-d", MIRROR]);
    let restored = cem.run(&["analyze", "src/leaky.rs"]);
    assert!(
        restored.stderr.contains("paid answers as pending"),
        "{restored:?}"
    );
    cem.git(&["fetch", "-q"]);
    for clone in [ben, cem] {
        let synced = clone.run(&["sync"]);
        assert_eq!(synced.code, Some(0), "{synced:?}");
        let files = team.on_server(&["ls-tree", "-r", SHARED, "entries"]);
        assert_eq!(files.lines().count(), 3, "{files}");
        assert!(!is_in_objects(ana, &team.server()));
        assert_eq!(purge(clone, &["--yes"]).code, Some(0));
        is_gone(clone);
    }
    // What has nothing to do with it is a hit still, in each of them.
    let asked = server.received().len();
    for clone in [ana, ben, cem] {
        let analyzed = clone.run(&["analyze", "src/a.rs", "src/b.rs"]);
        assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    }
    assert_eq!(server.received().len(), asked);
    assert_eq!(purge(ana, &["--publish"]).stdout, "nothing to purge\n");
}

#[test]
fn a_path_is_purged_in_every_content_that_it_ever_had() {
    let (repo, server) = alone();
    analyze(&repo);
    repo.git(&["mv", "leaky.rs", "renamed.rs"]);
    repo.write("leaky.rs", "pub fn now() {}\n");
    repo.commit("another");
    analyze(&repo);
    repo.write("leaky.rs", "pub fn edited() {}\n");
    analyze(&repo);
    assert_eq!(server.received().len(), 4);
    let refused = repo.run(&["cache", "purge", "leaky.rs"]);
    assert!(
        refused.stderr.contains("3 paid answers ($0.0069)"),
        "{refused:?}"
    );
    repo.git(&["checkout", "-q", "--", "leaky.rs"]);
    repo.git(&["rm", "-q", "leaky.rs"]);
    repo.commit("gone");
    let purged = repo.run(&["cache", "purge", "leaky.rs", "--yes"]);
    assert_eq!(purged.code, Some(0), "{purged:?}");
    // The edited one was never committed: nobody knows that it lay there.
    assert_eq!(purged.stdout, "purged 2 entries here\n");
    is_gone(&repo);
    analyze(&repo);
    // The renamed file had the same content; the other one is a hit.
    assert_eq!(server.received().len(), 5);
    let unknown = repo.run(&["cache", "purge", "nothing.rs"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("hint: "), "{unknown:?}");
}

#[test]
fn a_blob_is_purged_by_its_id_or_how_that_begins() {
    let (repo, _server) = alone();
    analyze(&repo);
    let blob = repo.git(&["rev-parse", "HEAD:leaky.rs"]);
    let foreseen = repo.run(&["cache", "purge", "-n", &blob[..7]]).silent();
    assert!(
        foreseen.starts_with("would purge 1 entry here (1 paid"),
        "{foreseen}"
    );
    assert!(
        foreseen.contains(&format!("{LOCAL} would be rewritten")),
        "{foreseen}"
    );
    repo.write(&blob[..7], "a file of that name\n");
    let odd = repo.run(&["cache", "purge", &blob[..7], "--yes"]);
    assert_eq!(odd.code, Some(2), "{odd:?}");
    fs::remove_file(repo.path().join(&blob[..7])).unwrap();
    let purged = repo.run(&["cache", "purge", &blob[..7], "--yes"]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 1 entry here\n")
    );
    is_gone(&repo);
    let again = repo.run(&["cache", "purge", &blob, "--yes"]);
    assert_eq!(
        again.whole(),
        Output {
            code: Some(0),
            stdout: "nothing to purge\n".into(),
            stderr: String::new()
        }
        .whole()
    );
}

#[test]
fn what_was_cleared_before_is_purged_from_reflogs_and_history() {
    let (repo, _server) = alone();
    analyze(&repo);
    done(repo.run(&["cache", "clear", "--yes", "--path", "leaky.rs"]));
    assert!(is_in_objects(&repo, &repo.path()));
    let purged = purge(&repo, &[]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 0 entries here\n"),
        "{purged:?}"
    );
    is_gone(&repo);
}

#[test]
fn what_lies_beside_git_is_purged_too() {
    let (repo, server) = alone();
    analyze(&repo);
    let own = repo.path().join(".git/rustassistant");
    let paid = fs::read(own.join("anchor/paid")).unwrap();
    // What a run that was killed has left, its last record torn.
    fs::create_dir_all(own.join("journal")).unwrap();
    let torn = &paid[..paid.len() - 10];
    fs::write(own.join("journal/4000000-0"), [&paid[..], torn].concat()).unwrap();
    let line = |text: &str| format!("1\t2\tblob\tno `{text}`\n");
    let quoted = SECRET.replace('"', "\\\"");
    let failed = format!(
        "rustassistant failures 1\n{}{}",
        line(&quoted),
        line("else")
    );
    fs::write(own.join("failed-answers"), failed).unwrap();
    fs::write(own.join("hook.log"), format!("one\n{SECRET}\ntwo\n")).unwrap();
    assert_eq!(files_with_it(&own).len(), 4);
    let purged = purge(&repo, &["--yes"]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 1 entry here\n"),
        "{purged:?}"
    );
    assert_eq!(files_with_it(&own), Vec::<PathBuf>::new());
    let log = fs::read_to_string(own.join("hook.log")).unwrap();
    assert_eq!(log, "one\ntwo\n");
    let failed = fs::read_to_string(own.join("failed-answers")).unwrap();
    assert_eq!(
        failed,
        format!("rustassistant failures 1\n{}", line("else"))
    );
    is_gone(&repo);
    // The other answer lies there still, should refs be lost.
    repo.git(&["update-ref", "-d", LOCAL]);
    fs::remove_file(own.join("journal/4000000-0")).unwrap();
    done(repo.run(&["analyze", "other.rs"]));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn an_answer_that_only_a_journal_has_is_asked_about() {
    let (repo, _server) = alone();
    analyze(&repo);
    let own = repo.path().join(".git/rustassistant");
    let paid = fs::read(own.join("anchor/paid")).unwrap();
    done(repo.run(&["cache", "clear", "--yes"]));
    fs::create_dir_all(own.join("journal")).unwrap();
    fs::write(own.join("journal/4000000-0"), paid).unwrap();
    let refused = purge(&repo, &[]);
    assert!(
        refused.stderr.contains("1 paid answer ($0.0023)"),
        "{refused:?}"
    );
    assert_eq!(purge(&repo, &["--yes"]).code, Some(0));
    is_gone(&repo);
}

#[test]
fn the_text_of_a_prompt_is_purged_and_what_it_asked_for_stays() {
    let (repo, server) = alone();
    repo.write("ask.md", format!("Look for {SECRET}.\n"));
    repo.git(&["config", "rustassistant.kinds", "own"]);
    repo.git(&["config", "rustassistant-kind.own.prompt", "ask.md"]);
    repo.git(&["add", "ask.md"]);
    let analyzed = repo.run(&["analyze", "other.rs"]);
    assert_eq!(analyzed.code, Some(0), "{analyzed:?}");
    assert!(is_in_objects(&repo, &repo.path()));
    let purged = purge(&repo, &[]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 0 entries here\n"),
        "{purged:?}"
    );
    done(repo.run(&["analyze", "other.rs"]));
    assert_eq!(server.received().len(), 1);
    // The prompt's own file is the user's.
    repo.git(&["rm", "-q", "--cached", "ask.md"]);
    fs::remove_file(repo.path().join("ask.md")).unwrap();
    is_gone(&repo);
}

#[test]
fn beside_a_run_nothing_is_purged() {
    let (repo, _server) = alone();
    analyze(&repo);
    let folder = repo.path().join(".git/rustassistant/journal");
    fs::create_dir_all(&folder).unwrap();
    let journal = fs::File::create(folder.join("1-0")).unwrap();
    journal.lock().unwrap();
    let refused = purge(&repo, &["--yes"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("another run"), "{refused:?}");
    drop(journal);
    assert_eq!(purge(&repo, &["--yes"]).code, Some(0));
    is_gone(&repo);
}

#[test]
fn another_remote_is_named_and_a_mirror_of_none_goes() {
    let (team, _server) = team(1);
    let ana = &team.clones[0];
    let fork = ana.home().join("fork.git");
    let fork_name = fork.to_str().unwrap();
    ana.git(&["init", "-q", "--bare", fork_name]);
    ana.git(&["remote", "add", "fork", fork_name]);
    ana.git(&["push", "-q", "fork", "main"]);
    analyze(ana);
    for remote in ["origin", "fork"] {
        done(ana.run(&["sync", remote]));
    }
    ana.git(&["update-ref", "refs/rustassistant/remotes/old/v1", MIRROR]);
    done(ana.run(&["cache", "export", "../home/all.bundle"]));
    done(ana.run(&["cache", "import", "../home/all.bundle"]));
    let purged = purge(ana, &["--yes", "--publish"]);
    assert_eq!(purged.code, Some(3), "{purged:?}");
    assert!(
        purged
            .stderr
            .contains("cache purge --publish --remote fork"),
        "{purged:?}"
    );
    let purged = purge(ana, &["--yes", "--publish", "--remote", "fork"]);
    assert_eq!(purged.code, Some(0), "{purged:?}");
    is_gone(ana);
    for place in [team.server(), fork] {
        gc(ana, &place);
        assert!(!is_in_objects(ana, &place));
    }
    let refs = ana.git(&["for-each-ref", "--format=%(refname)", "refs/rustassistant"]);
    assert!(
        !refs.contains("old") && !refs.contains("exported"),
        "{refs}"
    );
    assert!(refs.contains("imported"), "{refs}");
}

#[test]
fn the_repository_that_others_share_through_purges_itself() {
    let (team, _server) = team(1);
    let ana = &team.clones[0];
    analyze(ana);
    done(ana.run(&["sync"]));
    let at_server = |options: &[&str]| {
        let mut program = ana.program();
        program.current_dir(team.server());
        let text = ["cache", "purge", "--text", SECRET, "--yes"];
        ana.finish(program.args(text).args(options))
    };
    let left = at_server(&[]);
    assert_eq!(left.code, Some(3), "{left:?}");
    assert!(
        left.stderr.contains(&format!("{SHARED} still contains it")),
        "{left:?}"
    );
    let purged = at_server(&["--publish"]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 1 entry here\n"),
        "{purged:?}"
    );
    assert_eq!(at_server(&["--publish"]).stdout, "nothing to purge\n");
    gc(ana, &team.server());
    assert!(!is_in_objects(ana, &team.server()));
    assert!(ana.run(&["sync"]).stdout.contains("nothing to publish"));
    assert!(!is_in_objects(ana, &team.server()));
}

#[test]
fn a_branch_that_is_shared_through_is_purged_and_its_copy_is_named() {
    let (team, _server) = team(1);
    let ana = &team.clones[0];
    ana.git(&[
        "config",
        "rustassistant.sharedRef",
        "refs/heads/rustassistant/v1",
    ]);
    analyze(ana);
    done(ana.run(&["sync"]));
    ana.git(&["fetch", "-q"]);
    let purged = purge(ana, &["--yes", "--publish"]);
    assert_eq!(purged.code, Some(3), "{purged:?}");
    let copy = "refs/remotes/origin/rustassistant/v1";
    let hint = format!("hint: git fetch origin && git reflog expire --expire=now {copy}");
    assert!(purged.stderr.contains(&hint), "{purged:?}");
    ana.git(&["fetch", "-q", "origin"]);
    ana.git(&["reflog", "expire", "--expire=now", copy]);
    fs::remove_file(ana.path().join(".git/FETCH_HEAD")).unwrap();
    assert_eq!(purge(ana, &[]).stdout, "nothing to purge\n");
    is_gone(ana);
}

#[test]
fn a_remote_that_cannot_be_reached_keeps_nobody_from_purging_this_clone() {
    let (team, _server) = team(1);
    let ana = &team.clones[0];
    analyze(ana);
    ana.git(&["remote", "set-url", "origin", "/nowhere"]);
    let purged = purge(ana, &["--yes", "--publish"]);
    assert_eq!(purged.code, Some(3), "{purged:?}");
    assert_eq!(purged.stdout, "purged 1 entry here\n", "{purged:?}");
    is_gone(ana);
}

#[test]
fn what_is_no_entry_goes_with_the_folder_that_it_lies_in() {
    let (repo, server) = alone();
    analyze(&repo);
    let blob = repo.path().join("junk");
    fs::write(&blob, SECRET).unwrap();
    let junk = repo.git(&["hash-object", "-w", "junk"]);
    fs::remove_file(blob).unwrap();
    let mut git = repo.command(Path::new("git"));
    let index = repo.home().join("index");
    git.env("GIT_INDEX_FILE", &index);
    let mut script = format!("git read-tree {LOCAL} &&");
    for path in [
        "odd/deep/file",
        "recipes/x",
        "entries/x/y/z",
        "entries/refactor/x",
        "top",
    ] {
        script += &format!(" git update-index --add --cacheinfo 100644,{junk},{path} &&");
    }
    let named = repo.git(&["hash-object", "-w", "--stdin"]);
    script += &format!(" git update-index --add --cacheinfo '100644,{named},kept/{PART} x' &&");
    script += " git write-tree";
    let mut shell = repo.command(Path::new("sh"));
    let tree = repo
        .finish(shell.env("GIT_INDEX_FILE", &index).args(["-c", &script]))
        .stdout;
    let commit = repo.git(&["commit-tree", "-m", "junk", "-p", LOCAL, tree.trim()]);
    repo.git(&["update-ref", LOCAL, &commit]);
    let purged = purge(&repo, &["--yes"]);
    assert_eq!(purged.stdout, "purged 1 entry here\n", "{purged:?}");
    let text = ["cache", "purge", "--yes", "--text", PART];
    done(repo.run(&text));
    is_gone(&repo);
    let left = repo.git(&["ls-tree", "-r", "--name-only", LOCAL]);
    assert!(
        left.contains("format") && left.lines().count() == 3,
        "{left}"
    );
    done(repo.run(&["analyze", "other.rs"]));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_text_that_every_store_holds_takes_no_store_apart() {
    let (repo, server) = alone();
    analyze(&repo);
    repo.git(&["config", "rustassistant.kinds", "todos"]);
    done(repo.run(&["analyze", "--provider", "local"]));
    for text in ["1", "format", "entries", "recipes"] {
        let purged = repo.run(&["cache", "purge", "--yes", "--text", text]);
        assert_eq!(purged.code, Some(0), "{text}: {purged:?}");
        assert_eq!(repo.git(&["show", &format!("{LOCAL}:format")]), "1");
    }
    repo.git(&["config", "rustassistant.kinds", "refactor"]);
    analyze(&repo);
    assert_eq!(server.received().len(), 4);
}

#[test]
fn an_entry_that_nobody_can_read_and_a_reflog_without_its_ref_are_found() {
    let (repo, _server) = alone();
    analyze(&repo);
    let first = repo.git(&["rev-parse", LOCAL]);
    let blob = repo.git(&["rev-parse", "HEAD:leaky.rs"]);
    let entries = repo.git(&["ls-tree", "-r", "--name-only", LOCAL, "entries"]);
    let path = entries.lines().find(|path| path.ends_with(&blob)).unwrap();
    repo.write("broken", SECRET);
    let broken = repo.git(&["hash-object", "-w", "broken"]);
    fs::remove_file(repo.path().join("broken")).unwrap();
    let index = repo.home().join("index");
    let git = |arguments: &[&str]| {
        let mut git = repo.command(Path::new("git"));
        let output = repo.finish(git.env("GIT_INDEX_FILE", &index).args(arguments));
        output.silent().trim().to_owned()
    };
    git(&["read-tree", LOCAL]);
    git(&[
        "update-index",
        "--cacheinfo",
        &format!("100644,{broken},{path}"),
    ]);
    let commit = repo.git(&["commit-tree", "-m", "broken", &git(&["write-tree"])]);
    repo.git(&["update-ref", LOCAL, &commit]);
    repo.git(&["reflog", "expire", "--expire=now", LOCAL]);
    if repo.has_refs_in_files() {
        let logs = repo
            .path()
            .join(".git/logs/refs/rustassistant/remotes/gone");
        fs::create_dir_all(&logs).unwrap();
        let line = format!("{first} {first} a <a> 0 +0000\tm\n");
        fs::write(logs.join("v1"), line).unwrap();
    }
    let purged = repo.run(&["cache", "purge", "leaky.rs", "--yes"]);
    assert_eq!(
        (purged.code, purged.stdout.as_str()),
        (Some(0), "purged 1 entry here\n"),
        "{purged:?}"
    );
    is_gone(&repo);
}

#[test]
fn folders_that_repeat_without_end_are_looked_into_once() {
    let (repo, _server) = alone();
    analyze(&repo);
    let script = format!(
        "tree=$(git rev-parse HEAD^{{tree}}); \
         for level in $(seq 40); do \
         tree=$(printf '040000 tree %s\\ta\\n040000 tree %s\\tb\\n' $tree $tree | git mktree); done; \
         (git ls-tree {LOCAL}; printf '040000 tree %s\\todd\\n' $tree) | git mktree"
    );
    let mut shell = repo.command(Path::new("sh"));
    let tree = repo.finish(shell.args(["-c", &script])).silent();
    let commit = repo.git(&["commit-tree", "-m", "odd", "-p", LOCAL, tree.trim()]);
    repo.git(&["update-ref", LOCAL, &commit]);
    done(purge(&repo, &["--yes"]));
    is_gone(&repo);
    let root = repo.git(&["ls-tree", "--name-only", LOCAL]);
    assert!(root.contains("odd"), "{root}");
}

#[test]
fn nothing_to_look_for_is_said_and_the_text_is_not() {
    let repo = Repo::of_two_files();
    for arguments in [
        &["cache", "purge"][..],
        &["cache", "purge", "--text", " \n"],
        &["cache", "purge", "--text", SECRET, "b.rs"],
        &["cache", "purge", "--text", SECRET, "--odd"],
        &["cache", "purge", "b.rs", "--remote", "x"],
    ] {
        let output = repo.run(arguments);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(!output.whole().contains(PART), "{output:?}");
    }
    let output = repo.run(&["cache", "purge", "--text", SECRET]);
    assert_eq!(output.silent(), "nothing to purge\n");
    assert_eq!(
        repo.run(&["cache", "purge", "b.rs"]).silent(),
        "nothing to purge\n"
    );
}

#[test]
fn what_stats_tell_outlives_the_history_and_the_entries() {
    let (team, _server) = team(1);
    let ana = &team.clones[0];
    for _ in 0..2 {
        analyze(ana);
        assert_eq!(ana.run(&["sync"]).code, Some(0));
        ana.write("src/more.rs", "pub fn more() {}\n");
        ana.commit("more");
        ana.git(&["push", "-q"]);
    }
    analyze(ana);
    let told = ana.run(&["cache", "stats"]).silent();
    assert!(told.contains("saved $"), "{told}");
    assert!(told.contains("$0.0092"), "{told}");
    ana.git(&["config", "rustassistant.ttl", "1s"]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let drops: [&[&str]; 6] = [
        &["cache", "compact", "--now"],
        &["cache", "compact", "--now"],
        &["cache", "expire", "--publish"],
        &["cache", "purge", "--yes", "--publish", "--text", SECRET],
        &["cache", "clear", "--yes", "--publish"],
        &["cache", "stats"],
    ];
    for arguments in drops {
        let output = ana.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output:?}");
        assert_eq!(ana.run(&["cache", "stats"]).silent(), told, "{arguments:?}");
    }
    assert_eq!(ana.run(&["cache", "list"]).silent(), "");
}
