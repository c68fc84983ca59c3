//! Input that is wrong, odd or hostile: each with a clear word, a hint where there is something to
//! be done, and the right exit status. Never a panic, and nothing raw reaches the terminal.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

use rustassistant::report::Format;

use crate::support::{Output, Repo, Report};

/// A repository with one good file.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("good.rs", "// TODO: good\npub fn good() {}\n");
    repo.commit("good");
    repo
}

/// The error and its hint, of a run that did nothing else.
#[track_caller]
fn refused(output: &Output) -> &str {
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(2), ""),
        "{output:?}"
    );
    assert!(output.stderr.starts_with("error: "), "{output:?}");
    &output.stderr
}

#[test]
fn before_the_first_commit_files_can_be_analyzed_but_no_revision() {
    let repo = Repo::new();
    assert_eq!(repo.analyze(&[]).words(), "nothing");
    repo.write("staged.rs", "fn staged() {}\n");
    repo.git(&["add", "staged.rs"]);
    repo.write("new.rs", "fn new() {}\n");
    assert_eq!(repo.analyze(&["--staged"]).lines(), ["staged.rs: analyzed"]);
    assert_eq!(
        repo.analyze(&["--untracked"]).words(),
        "1 cached, 1 analyzed"
    );
    assert_eq!(repo.analyze(&["--untracked", "new.rs"]).words(), "1 cached");
    insta::assert_snapshot!(refused(&repo.run(&["analyze", "--rev", "HEAD"])), @r"
    error: unknown revision 'HEAD'
    hint: there are no commits yet: leave --rev out
    ");
}

#[test]
fn what_does_not_exist_is_named_with_a_hint() {
    let repo = repo();
    let cases: [(&[&str], &str, &str); 13] = [
        (&["analyze", "--rev", "nope"], "'nope'", "name a branch"),
        (&["analyze", "nope.rs"], "'nope.rs'", "--untracked"),
        (
            &["analyze", "nope.txt", "good.rs"],
            "'nope.txt'",
            "--untracked",
        ),
        (&["analyze", "*.nope"], "'*.nope'", "pathspecs are relative"),
        (&["analyze", ":(nope)x"], "nope", "pathspecs"),
        (&["analyze", "../outside.rs"], "outside", "hint"),
        (
            &["analyze", "--rev", "HEAD", "nope.rs"],
            "'nope.rs'",
            "hint",
        ),
        (&["analyze", "--changed", "nope"], "'nope'", "hint"),
        (&["show", "nope"], "'nope'", "HEAD:src/main.rs"),
        (&["show", "HEAD:nope"], "'nope'", "hint"),
        (&["show", "HEAD"], "'HEAD' is a commit, not a file", "hint"),
        (&["docs", "module", "nope.rs"], "'nope.rs'", "hint"),
        (&["cache", "explain", "nope.rs"], "'nope.rs'", "hint"),
    ];
    for (command, name, hint) in cases {
        let output = repo.run(command);
        let said = refused(&output);
        assert!(
            said.contains(name) && said.contains(hint),
            "{command:?}: {said}"
        );
        assert!(said.contains("\nhint: "), "{command:?}: {said}");
    }
    let unknown = repo.run(&["analyze", "-k", "nope"]);
    assert!(
        refused(&unknown).contains("allowed: any of refactor, docs"),
        "{unknown:?}"
    );
}

#[test]
fn settings_that_make_no_sense_are_refused_with_what_is_allowed() {
    let repo = repo();
    for (key, value) in [
        ("kinds", "nope"),
        ("jobs", "-3"),
        ("maxFileSize", "lots"),
        ("ttl", "soon"),
        ("failOn", "fatal"),
        ("maxFunctionLines", "many"),
        ("maxFunctionLines", "99999999999999999999"),
    ] {
        let key = format!("rustassistant.{key}");
        repo.git(&["config", &key, value]);
        let output = repo.run(&["analyze"]);
        let said = refused(&output);
        assert!(
            said.contains(&key) && said.contains("hint: allowed: "),
            "{said}"
        );
        repo.git(&["config", "--unset", &key]);
    }
}

#[test]
fn a_list_of_files_may_name_what_is_there_and_nothing_outside() {
    let repo = repo();
    repo.write("sub/a.rs", "fn a() {}\n");
    repo.commit("sub");
    let listed = |folder: &str, list: &str| {
        repo.write("../list", list);
        repo.analyze_in(
            folder,
            &[
                "--files-from",
                repo.path().join("../list").to_str().unwrap(),
            ],
        )
    };
    assert_eq!(listed("", "good.rs\r\nsub/a.rs\n").words(), "2 analyzed");
    assert_eq!(listed("sub", "a.rs\n../good.rs\n").words(), "2 cached");
    let absolute = repo.path().join("sub/a.rs");
    assert_eq!(
        listed("sub", absolute.to_str().unwrap()).words(),
        "1 cached"
    );
    let absolute = absolute.to_str().unwrap();
    assert_eq!(listed("", absolute).lines(), ["sub/a.rs: cached"]);
    assert_eq!(repo.analyze_in("sub", &[absolute]).words(), "1 cached");
    assert_eq!(listed("", "").words(), "nothing");
    repo.write("../list", "good.rs\0sub/a.rs\n");
    let output = repo.run(&["analyze", "--files-from", "../list"]);
    assert!(refused(&output).contains("good.rs"), "{output:?}");
    for outside in ["../../x.rs", "/etc/passwd"] {
        repo.write("../list", outside);
        let output = repo.run(&["analyze", "--files-from", "../list"]);
        assert!(
            refused(&output).contains("outside the repository"),
            "{output:?}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure_and_the_others_are_reported() {
    let repo = repo();
    repo.write("closed.rs", "fn before() {}\n");
    repo.commit("closed");
    repo.write("closed.rs", "fn after() {}\n");
    let Some(mut program) = repo.unprivileged() else {
        eprintln!("skipped: cannot run as another user");
        return;
    };
    let mode = fs::Permissions::from_mode(0o0);
    fs::set_permissions(repo.path().join("closed.rs"), mode).unwrap();
    let output = repo.finish(program.args(["analyze", "--output", "json"]));
    assert_eq!(output.code, Some(3), "{output:?}");
    let lines = Report::of(&output).lines();
    let expected = "closed.rs: failed: cannot read file: Permission denied (os error 13)";
    assert_eq!(lines, [expected, "good.rs: analyzed"]);
}

#[test]
fn odd_files_are_analyzed_or_skipped_with_the_reason() {
    let repo = repo();
    repo.write("empty.rs", "");
    repo.write("broken.rs", "fn broken( {{{ impl <\n// TODO: mend\n");
    repo.write("latin.rs", b"// caf\xe9\nfn a() {}\n");
    repo.write("marked.rs", "\u{feff}fn marked() {}\r\n");
    repo.write("binary.rs", b"fn a() {}\0\n");
    repo.write("line.rs", "fn a() {}");
    repo.write(
        "pointer.rs",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    );
    repo.write("sub/inner.rs", "fn a() {}\n");
    symlink("/etc/passwd", repo.path().join("link.rs")).unwrap();
    symlink("good.rs", repo.path().join("near.rs")).unwrap();
    symlink("nowhere", repo.path().join("dangling.rs")).unwrap();
    symlink("sub", repo.path().join("folder.rs")).unwrap();
    repo.commit("odd files");
    let lines = repo.analyze(&["-k", "todos"]).lines();
    insta::assert_snapshot!(lines.join("\n"), @"
    binary.rs: skipped: binary
    broken.rs: analyzed
    dangling.rs: skipped: symlink
    empty.rs: analyzed
    folder.rs: skipped: symlink
    good.rs: analyzed
    latin.rs: skipped: not UTF-8
    line.rs: analyzed
    link.rs: skipped: symlink
    marked.rs: analyzed
    near.rs: skipped: symlink
    pointer.rs: skipped: LFS pointer
    sub/inner.rs: analyzed
    ");
    assert_eq!(repo.analyze(&["-k", "all"]).count("failed"), 0);
}

#[test]
fn a_file_that_became_a_symlink_is_not_followed() {
    let repo = repo();
    repo.write("../secret", "// TODO: a secret of another folder\n");
    fs::remove_file(repo.path().join("good.rs")).unwrap();
    symlink("../secret", repo.path().join("good.rs")).unwrap();
    let output = repo.run(&["analyze", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&output).lines(), ["good.rs: skipped: symlink"]);
    assert!(!output.stdout.contains("secret"), "{output:?}");
    let shown = repo.run(&["show", "good.rs"]);
    assert!(!shown.stdout.contains("secret"), "{shown:?}");
}

#[test]
fn a_pipe_in_the_place_of_a_file_does_not_hang_the_run() {
    let repo = repo();
    fs::remove_file(repo.path().join("good.rs")).unwrap();
    let made = repo.command("mkfifo".as_ref()).arg("good.rs").status();
    assert!(made.unwrap().success());
    let mut timeout = repo.command("timeout".as_ref());
    timeout
        .arg("20")
        .arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
    let output = repo.finish(timeout.args(["analyze", "--untracked"]));
    assert!(matches!(output.code, Some(0 | 3)), "{output:?}");
}

#[test]
fn a_submodule_is_skipped_and_not_entered() {
    let repo = repo();
    repo.git(&["clone", "-q", ".", "module.rs"]);
    repo.git(&["add", "module.rs"]);
    repo.git(&["commit", "-q", "-m", "submodule"]);
    for place in [&[][..], &["--untracked"], &["--staged"], &["--rev", "HEAD"]] {
        let lines = repo.analyze(place).lines();
        assert_eq!(lines.len(), 2, "{place:?}: {lines:?}");
        assert_eq!(lines[1], "module.rs: skipped: submodule", "{place:?}");
    }
    assert_eq!(repo.analyze_in("module.rs", &[]).words(), "1 analyzed");
}

#[test]
fn a_bare_repository_is_analyzed_by_revision_only() {
    let repo = repo();
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let output = repo.run_in("bare.git", &["analyze"]);
    insta::assert_snapshot!(refused(&output), @"
    error: a bare repository has no work tree
    hint: select a revision: git rustassistant analyze --rev HEAD
    ");
    assert_eq!(
        repo.analyze_in("bare.git", &["--rev", "main"]).words(),
        "1 analyzed"
    );
    assert_eq!(
        repo.analyze_in("bare.git", &["--rev", "main"]).words(),
        "1 cached"
    );
    let shown = repo.run_in("bare.git", &["show", "HEAD:good.rs", "-k", "refactor"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
}

#[test]
fn names_with_odd_bytes_reach_no_terminal_raw() {
    let repo = repo();
    let names: [&[u8]; 7] = [
        b"new\nline.rs",
        b"\x1b[31mred\x1b[0m.rs",
        b"latin\xe9.rs",
        "right\u{202e}left.rs".as_bytes(),
        b"quote\"back\\slash.rs",
        b" space .rs",
        b"-n.rs",
    ];
    for name in names {
        let place = repo.path().join(OsStr::from_bytes(name));
        fs::write(place, "// TODO: \x1b[32mgreen\u{202e} note\nfn a() {}\n").unwrap();
    }
    repo.commit("names");
    for format in Format::ALL.map(Format::name) {
        let arguments = [
            "-v",
            "analyze",
            "-k",
            "all",
            "--color=never",
            "--output",
            format,
        ];
        let output = repo.run(&arguments);
        assert_eq!(output.code, Some(0), "{format}: {output:?}");
        let raw = ['\x1b', '\u{202e}', '\r', '\x07'];
        assert!(!output.stderr.contains(raw), "{format}: {}", output.stderr);
        if !format.contains("json") && format != "sarif" && format != "gitlab" {
            assert!(!output.stdout.contains(raw), "{format}: {}", output.stdout);
        }
        assert!(
            !output.stdout.contains('\x1b'),
            "{format}: {}",
            output.stdout
        );
    }
    assert_eq!(repo.analyze(&[]).words(), "8 cached");
    let list = [
        b"./-n.rs\0".as_slice(),
        b"new\nline.rs\0",
        b"latin\xe9.rs\0",
    ]
    .concat();
    fs::write(repo.path().join("../list"), list).unwrap();
    assert_eq!(
        repo.analyze(&["-z", "--files-from", "../list"]).words(),
        "3 cached"
    );
    for command in [
        &["status"][..],
        &["cache", "list"],
        &["todos"],
        &["docs", "module", "*.rs"],
    ] {
        let output = repo.run(command);
        assert!(
            !(output.stdout + &output.stderr).contains(['\x1b', '\u{202e}']),
            "{command:?}"
        );
    }
}

#[test]
fn a_file_of_fifty_megabytes_is_skipped_in_little_time_and_memory() {
    let repo = repo();
    repo.git(&["config", "core.compression", "0"]);
    repo.write("big.rs", vec![b'x'; 50 << 20]);
    let timed = || {
        let mut limited = repo.command("sh".as_ref());
        // Kilobytes of address space that nobody can get beyond.
        limited.args(["-c", "ulimit -v 1500000; exec \"$0\" \"$@\""]);
        limited.arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
        let started = Instant::now();
        let output = repo.finish(limited.args(["analyze", "--untracked", "--output", "json"]));
        assert_eq!(output.code, Some(0), "{output:?}");
        let line = &Report::of(&output).lines()[0];
        assert!(line.starts_with("big.rs: skipped: too large"), "{line}");
        started.elapsed()
    };
    assert!(timed() < Duration::from_secs(20));
    repo.git(&["add", "big.rs"]);
    assert!(timed() < Duration::from_secs(5));
}
