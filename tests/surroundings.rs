//! Odd places, states and environments that a repository can be used in. The answer is that of
//! git, or a clear word.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Repo, Report, path};

#[test]
fn a_run_means_the_folder_it_stands_in() {
    let repo = Repo::of_two_files();
    assert_eq!(repo.analyze_in("src", &[]).lines(), ["src/a.rs: analyzed"]);
    assert_eq!(
        repo.analyze_in("src", &[":/"]).words(),
        "1 cached, 1 analyzed"
    );
    assert_eq!(
        repo.analyze_in("src", &["../b.rs"]).lines(),
        ["b.rs: cached"]
    );
    assert_eq!(
        repo.analyze_in("src", &["--rev", "HEAD"]).words(),
        "1 cached"
    );
    assert_eq!(repo.analyze_in("src", &["--staged"]).words(), "1 cached");
    assert_eq!(
        repo.analyze_in("src", &["--untracked", "--changed", "HEAD"])
            .words(),
        "nothing"
    );
}

#[test]
fn pathspecs_mean_what_they_mean_to_git() {
    let repo = Repo::of_two_files();
    repo.write("src/deep/c.rs", "fn c() {}\n");
    repo.write("src/d.py", "d = 1\n");
    repo.write("Upper.rs", "fn upper() {}\n");
    repo.commit("more");
    let specs: [&[&str]; 9] = [
        &["*.rs"],
        &["src"],
        &["src/"],
        &["./src/../b.rs"],
        &[":!src"],
        &["src", ":^src/deep"],
        &[":(glob)src/*.rs"],
        &[":(icase)upper.rs"],
        &[":/src/*.py"],
    ];
    for spec in specs {
        let listed = repo.git(&[&["ls-files", "--"], spec].concat());
        let listed: Vec<&str> = listed.lines().collect();
        for place in [&[][..], &["--staged"], &["--rev", "HEAD"], &["--untracked"]] {
            let report = repo.analyze(&[&["-k", "docs"], place, &["--"], spec].concat());
            let paths: Vec<&str> = report
                .rows()
                .iter()
                .filter_map(|row| row["path"].as_str())
                .collect();
            assert_eq!(paths, listed, "{place:?} {spec:?}");
        }
    }
}

#[test]
fn git_dir_and_git_work_tree_are_followed_even_if_relative() {
    let repo = Repo::of_two_files();
    repo.write("../elsewhere/b.rs", "fn elsewhere() {}\n");
    repo.write("../elsewhere/src/a.rs", "pub fn a() {}\n");
    let whole = |name: &str| repo.path().join(name).display().to_string();
    for (is_bare, git, tree, folder) in [
        ("false", whole(".git"), "../elsewhere".to_owned(), ""),
        // As those have it who keep their home in a repository.
        ("true", whole(".git"), whole("../elsewhere"), ""),
        (
            "false",
            "../../repo/.git".to_owned(),
            "..".to_owned(),
            "../elsewhere/src",
        ),
    ] {
        repo.git(&["config", "core.bare", is_bare]);
        let mut program = repo.program();
        program.current_dir(repo.path().join(folder));
        program.env("GIT_DIR", &git).env("GIT_WORK_TREE", &tree);
        let arguments = [
            "analyze",
            ":/",
            "-k",
            "todos",
            "--refresh",
            "--output",
            "json",
        ];
        let report = Report::of(&repo.finish(program.args(arguments)));
        assert_eq!(report.words(), "2 analyzed", "{git} {tree}");
        let written = repo.git(&["hash-object", "../elsewhere/b.rs"]);
        assert_eq!(report.rows()[0]["blob"], written.as_str(), "{git} {tree}");
    }
}

#[test]
fn inside_of_the_git_folder_there_is_no_work_tree_to_look_at() {
    let repo = Repo::of_two_files();
    let output = repo.run_in(".git", &["analyze"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.starts_with("error: "), "{output:?}");
    assert_eq!(
        repo.analyze_in(".git", &["--rev", "HEAD"]).words(),
        "2 analyzed"
    );
}

#[test]
fn a_detached_head_and_a_shallow_clone_are_as_good_as_a_branch() {
    let repo = Repo::of_two_files();
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repo.analyze(&[]).words(), "2 analyzed");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=1", &url, "../shallow"]);
    assert_eq!(repo.analyze_in("../shallow", &[]).words(), "2 analyzed");
    assert_eq!(
        repo.analyze_in("../shallow", &["--rev", "HEAD"]).words(),
        "2 cached"
    );
}

/// A clone of one commit of `topic`, which left `main` two commits ago.
fn shallow(origin: &Repo) -> &'static str {
    origin.git(&["tag", "v1"]);
    origin.git(&["checkout", "-q", "-b", "topic"]);
    for name in ["c.rs", "d.rs"] {
        origin.write(name, "pub fn c() {}\n");
        origin.commit(name);
    }
    let url = format!("file://{}", origin.path().display());
    origin.git(&[
        "clone",
        "-q",
        "--depth=1",
        "-b",
        "topic",
        &url,
        "../shallow",
    ]);
    "../shallow"
}

#[test]
fn a_revision_beyond_the_end_of_a_shallow_history_says_how_to_fetch_it() {
    let base = Repo::of_two_files().git(&["rev-parse", "HEAD"]);
    for (arguments, named, command) in [
        (
            &["analyze", "--new-since=HEAD^1"][..],
            "HEAD^1",
            "git fetch --unshallow",
        ),
        (
            &["analyze", "--changed=HEAD~2"],
            "HEAD~2",
            "git fetch --unshallow",
        ),
        (
            &["analyze", "--rev=HEAD^"],
            "HEAD^",
            "git fetch --unshallow",
        ),
        (
            &["analyze", "--settings-from=HEAD^"],
            "HEAD^",
            "git fetch --unshallow",
        ),
        (&["show", "HEAD^:b.rs"], "HEAD^", "git fetch --unshallow"),
        (&["diff", "HEAD^..HEAD"], "HEAD^", "git fetch --unshallow"),
        (&["status", "--rev=HEAD^"], "HEAD^", "git fetch --unshallow"),
        (
            &["cache", "export", "x.bundle", "--since=HEAD^"],
            "HEAD^",
            "git fetch --unshallow",
        ),
        (
            &["diff", "origin/main"],
            "origin/main",
            "git fetch --depth=1 origin main:refs/remotes/origin/main",
        ),
        (
            &["diff", "main"],
            "main",
            "git fetch --depth=1 origin main:main",
        ),
        (&["diff", "v1"], "v1", "git fetch --depth=1 origin v1:v1"),
        (
            &["diff", "v1^{tree}"],
            "v1^{tree}",
            "git fetch --unshallow origin v1:v1",
        ),
        (
            &["diff", &base],
            &base,
            &format!("git fetch --depth=1 origin {base}"),
        ),
        (
            &["analyze", "--new-since=origin/main..."],
            "origin/main",
            "git fetch --unshallow origin main:refs/remotes/origin/main",
        ),
        (
            &["diff", "origin/main...HEAD"],
            "origin/main",
            "git fetch --unshallow origin main:refs/remotes/origin/main",
        ),
    ] {
        let origin = Repo::of_two_files();
        let clone = shallow(&origin);
        let refused = origin.run_in(clone, arguments);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let lines: Vec<&str> = refused.stderr.lines().collect();
        let (error, hint) = (lines[0], lines[lines.len() - 1]);
        assert!(
            error.contains(&format!("cannot resolve '{named}'")),
            "{error}"
        );
        assert!(error.contains("this clone is shallow"), "{error}");
        assert!(
            hint.contains("fetch-depth: 0") && hint.contains("GIT_DEPTH: 0"),
            "{hint}"
        );
        assert!(hint.ends_with(&format!("here: {command}")), "{hint}");
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        origin.git(&[&["-C", clone, "-c", "protocol.version=2"], &words[..]].concat());
        let again = origin.run_in(clone, arguments);
        assert!(
            !again.stderr.contains("cannot resolve") && !again.stderr.contains("unknown revision"),
            "{arguments:?}: {again:?}"
        );
        assert!(
            !again.stderr.contains("shallow"),
            "{arguments:?}: {again:?}"
        );
    }
}

#[test]
fn where_two_have_parted_beyond_the_end_of_a_shallow_history_is_told_as_such() {
    let origin = Repo::of_two_files();
    let clone = shallow(&origin);
    origin.git(&[
        "-C",
        clone,
        "fetch",
        "-q",
        "--depth=1",
        "origin",
        "main:main",
    ]);
    let arguments = ["analyze", "--new-since=main..."];
    let refused = origin.run_in(clone, &arguments);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let said = "cannot find the merge base of HEAD and main: this clone is shallow";
    assert!(refused.stderr.contains(said), "{refused:?}");
    assert!(
        refused.stderr.ends_with("here: git fetch --unshallow\n"),
        "{refused:?}"
    );
    origin.git(&["-C", clone, "fetch", "-q", "--unshallow"]);
    assert_eq!(origin.run_in(clone, &arguments).code, Some(0));
}

#[test]
fn what_is_wrong_in_a_shallow_clone_for_another_reason_is_not_put_down_to_its_depth() {
    let origin = Repo::of_two_files();
    let clone = shallow(&origin);
    for arguments in [&["show", "HEAD:nowhere.rs"][..], &["show", "HEAD"]] {
        let refused = origin.run_in(clone, arguments);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(!refused.stderr.contains("shallow"), "{refused:?}");
    }
    // And a whole clone is told nothing of depth.
    let refused = origin.run(&["diff", "nowhere...HEAD"]);
    assert!(!refused.stderr.contains("shallow"), "{refused:?}");
}

#[test]
fn a_file_that_is_deleted_but_not_staged_is_gone_and_staged_it_is_there() {
    let repo = Repo::of_two_files();
    fs::remove_file(repo.path().join("b.rs")).unwrap();
    assert_eq!(repo.analyze(&[]).lines(), ["src/a.rs: analyzed"]);
    assert_eq!(repo.analyze(&["--staged"]).words(), "1 cached, 1 analyzed");
    assert_eq!(repo.analyze(&["--changed", "HEAD"]).words(), "nothing");
    assert_eq!(repo.run(&["analyze", "b.rs"]).code, Some(2));
}

#[test]
fn a_file_that_is_only_intended_to_be_added_counts_as_it_stands() {
    let repo = Repo::of_two_files();
    repo.write("new.rs", "fn new() {}\n");
    repo.git(&["add", "-N", "new.rs"]);
    let report = repo.analyze(&["new.rs"]);
    assert_eq!(report.lines(), ["new.rs: analyzed"]);
    assert_eq!(
        report.rows()[0]["blob"],
        repo.git(&["hash-object", "new.rs"]).as_str()
    );
    assert_eq!(
        repo.analyze(&["--changed", "HEAD"]).lines(),
        ["new.rs: cached"]
    );
}

#[test]
fn what_changed_is_only_what_changed_in_every_place() {
    let repo = Repo::of_two_files();
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("b.rs", "fn committed() {}\n");
    repo.commit("topic");
    repo.write("src/a.rs", "fn staged() {}\n");
    repo.git(&["add", "src/a.rs"]);
    repo.write("src/a.rs", "fn dirty() {}\n");
    let changed = |arguments: &[&str]| {
        let report = repo.analyze(&[&["-k", "docs"], arguments].concat());
        let paths = report.rows().iter().filter_map(|row| row["path"].as_str());
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(changed(&["--changed", "main"]), ["b.rs", "src/a.rs"]);
    assert_eq!(changed(&["--changed", "HEAD"]), ["src/a.rs"]);
    assert_eq!(changed(&["--changed", "HEAD", "--staged"]), ["src/a.rs"]);
    assert_eq!(changed(&["--changed", "main", "--rev", "topic"]), ["b.rs"]);
    assert_eq!(changed(&["--changed=main", "src"]), ["src/a.rs"]);
    repo.git(&["branch", "-q", "--set-upstream-to", "main"]);
    assert_eq!(changed(&["--changed"]), ["b.rs", "src/a.rs"]);
    let blob = |arguments: &[&str]| repo.analyze(arguments).rows()[0]["blob"].clone();
    let staged = repo.git(&["rev-parse", ":src/a.rs"]);
    assert_eq!(blob(&["--staged", "src/a.rs"]), staged.as_str());
    assert_eq!(
        blob(&["src/a.rs"]),
        repo.git(&["hash-object", "src/a.rs"]).as_str()
    );
}

#[test]
fn a_conflict_is_analyzed_as_it_stands_in_the_work_tree_and_as_ours_in_the_index() {
    let repo = Repo::of_two_files();
    repo.git(&["checkout", "-q", "-b", "theirs"]);
    repo.write("b.rs", "fn theirs() {}\n");
    repo.commit("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b.rs", "fn ours() {}\n");
    repo.commit("ours");
    let merge = repo
        .command("git".as_ref())
        .args(["merge", "-q", "theirs"])
        .output();
    assert!(!merge.unwrap().status.success());
    for named in [&[][..], &["b.rs"]] {
        let report = repo.analyze(&[named, &["-k", "docs"]].concat());
        assert_eq!(
            report.rows()[0]["blob"],
            repo.git(&["hash-object", "b.rs"]).as_str()
        );
        let report = repo.analyze(&[named, &["-k", "docs", "--staged"]].concat());
        assert_eq!(
            report.rows()[0]["blob"],
            repo.git(&["rev-parse", ":2:b.rs"]).as_str()
        );
    }
}

#[test]
fn what_settings_and_attributes_leave_out_is_left_out_with_the_reason() {
    let repo = Repo::of_two_files();
    repo.write("vendor/v.rs", "fn v() {}\n");
    repo.write("gen/g.rs", "fn g() {}\n");
    repo.write("no/n.rs", "fn n() {}\n");
    repo.write(
        ".gitattributes",
        "vendor/** linguist-vendored\ngen/*.rs linguist-generated=true\nno/** -rustassistant\n",
    );
    repo.write(".rustassistantconfig", "[rustassistant]\n\texclude = src\n");
    repo.commit("attributes");
    for place in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
        let report = repo.analyze(&[&["-k", "docs"], place].concat());
        let lines: Vec<String> = report.lines();
        assert_eq!(
            report.words().split(", ").last(),
            Some("4 skipped"),
            "{place:?}: {lines:?}"
        );
        for (path, reason) in [
            ("vendor/v.rs", "vendored"),
            ("gen/g.rs", "generated"),
            ("no/n.rs", "rustassistant"),
            ("src/a.rs", "src"),
        ] {
            let line = lines.iter().find(|line| line.starts_with(path));
            assert!(
                line.is_some_and(|line| line.contains(reason)),
                "{place:?} {path}: {line:?}"
            );
        }
    }
    repo.git(&["config", "rustassistant.include", "src/*.rs"]);
    repo.git(&["config", "rustassistant.exclude", ""]);
    let lines = repo.analyze(&["-k", "docs"]).lines();
    assert_eq!(lines, ["src/a.rs: analyzed"]);
}

#[test]
fn a_tracked_file_may_not_weaken_a_guard_or_run_anything() {
    let repo = Repo::of_two_files();
    let proof = repo.path().join("../proof");
    repo.write(
        ".rustassistantconfig",
        format!(
            "[rustassistant]\n\tkinds = todos\n\tprovider = evil\n\tjobs = 99\n\
             [core]\n\tfsmonitor = touch {0}\n\tpager = touch {0}\n\
             [include]\n\tpath = ../home/secret\n[filter \"x\"]\n\tclean = touch {0}\n",
            proof.display()
        ),
    );
    repo.write("../home/secret", "[rustassistant]\n\tkinds = docs\n");
    repo.commit("settings");
    let output = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let report = Report::of(&output);
    assert!(report.rows().iter().all(|row| row["kind"] == "todos"));
    for key in [
        "rustassistant.provider",
        "rustassistant.jobs",
        "core.fsmonitor",
        "include.path",
    ] {
        assert!(
            output.stderr.contains(&format!("ignoring {key}")),
            "{key}: {output:?}"
        );
    }
    assert!(!proof.exists());
}

#[test]
fn no_configuration_of_git_changes_what_a_run_sees() {
    let repo = Repo::of_two_files();
    repo.write("ü.rs", "fn umlaut() {}\n");
    repo.commit("umlaut");
    let before = repo.analyze(&[]).answered_blobs();
    for (key, value) in [
        ("core.quotePath", "true"),
        ("core.precomposeUnicode", "true"),
        ("core.pager", "false"),
        ("core.fsmonitor", "false-command"),
        ("core.untrackedCache", "true"),
        ("core.splitIndex", "true"),
        ("index.version", "4"),
        ("feature.manyFiles", "true"),
        ("diff.external", "false"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("color.ui", "always"),
        ("log.showSignature", "true"),
        ("status.relativePaths", "false"),
        ("submodule.recurse", "true"),
        ("gc.auto", "1"),
        ("commit.gpgSign", "true"),
        ("core.logAllRefUpdates", "false"),
        ("core.hooksPath", "nowhere"),
    ] {
        repo.git(&["config", key, value]);
        repo.git(&["read-tree", "HEAD"]);
        for place in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
            let report = repo.analyze(place);
            assert_eq!(report.words(), "3 cached", "{key} {place:?}");
            assert_eq!(report.answered_blobs(), before, "{key} {place:?}");
        }
        assert_eq!(repo.analyze(&["--refresh"]).words(), "3 analyzed", "{key}");
        assert_eq!(
            repo.analyze(&["--changed", "HEAD"]).words(),
            "nothing",
            "{key}"
        );
        repo.git(&["config", "--unset", key]);
    }
}

#[test]
fn the_language_the_mask_and_the_home_of_the_user_change_nothing() {
    let mut repo = Repo::of_two_files();
    for name in ["LANG", "LC_ALL", "LANGUAGE"] {
        repo.set(name, "tr_TR.UTF-8");
    }
    repo.set("HOME", "/nonexistent");
    let mut masked = repo.command("sh".as_ref());
    masked.args(["-c", "umask 077; exec \"$0\" \"$@\""]);
    masked.arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
    let output = repo.finish(masked.args(["analyze", "--output", "json=../report.json"]));
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    let report = fs::metadata(repo.path().join("../report.json")).unwrap();
    assert_eq!(report.permissions().mode() & 0o777, 0o600);
    assert_eq!(repo.analyze(&[]).words(), "2 cached");
}

#[test]
fn without_git_an_error_says_what_is_missing() {
    let repo = Repo::of_two_files();
    let mut program = repo.program();
    let output = repo.finish(program.env("PATH", "/nonexistent").arg("analyze"));
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("is git installed?"), "{output:?}");
}

#[test]
fn doctor_says_that_a_git_is_too_old_even_where_that_git_fails() {
    let repo = Repo::of_two_files();
    let first = format!("{}:{}", repo.home().display(), path());
    let old = repo.home().join("git");
    for (rest, code, said) in [
        (
            "PATH=${PATH#*:} exec git \"$@\"",
            3,
            "wrong  git       git 2.11.0 is too old",
        ),
        ("exit 129", 2, "error: git 2.11.0 is too old"),
    ] {
        let script = "#!/bin/sh\ncase \" $* \" in *' version '*) echo git version 2.11.0;; *)";
        fs::write(&old, format!("{script} {rest};; esac\n")).unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
        let mut doctor = repo.program();
        let output = repo.finish(doctor.arg("doctor").env("PATH", &first));
        assert_eq!(output.code, Some(code), "{output:?}");
        let all = output.stdout + &output.stderr;
        assert!(all.contains(said), "{all}");
        assert!(all.contains("install git 2.39 or newer"), "{all}");
    }
}
