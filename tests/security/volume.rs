//! A repository that is out to overwhelm: in what it is called, in how much there is of it, in how
//! it is laid out. Figures of larger ones stand in docs/reliability.md.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::support::{Objects, Output, Repo, Report};

/// Runs within so many seconds of computing and kilobytes of memory of its own, or is killed.
pub fn within(repo: &Repo, seconds: u32, memory: u32, arguments: &[&str]) -> Output {
    let mut shell = repo.command("sh".as_ref());
    let limits = format!("ulimit -t {seconds} && ulimit -d {memory} && exec \"$0\" \"$@\"");
    shell
        .args(["-c", &limits])
        .arg(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
    repo.finish(shell.args(arguments))
}

/// Feeds a stream to `git fast-import`.
fn import(repo: &Repo, stream: &[u8]) {
    let mut git = repo.command("git".as_ref());
    git.args(["-c", "core.protectNTFS=false", "fast-import", "--quiet"]);
    git.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut git = git.spawn().unwrap();
    git.stdin.take().unwrap().write_all(stream).unwrap();
    let output = git.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const HEAD: &str = "blob\nmark :1\ndata 11\nfn a() {}\n\n\ncommit refs/heads/main\n\
                    committer a <a> 0 +0000\ndata 1\nm\n";

/// Texts that have kept parsers or rules busy for minutes, or filled all memory: kept short here.
#[test]
fn no_text_takes_more_than_a_little_time_and_memory() {
    let patterns = [
        "(a)=>(b)=>(c)=>",
        ",,,;;;",
        "((((([[[[[",
        "a<b<c<d<e<",
        "*&*&*&*&",
        "? : ? : ",
        "!-!-!-!-",
        "'a 'b '",
        "{};{};",
        "..=..=..",
        "||&&||",
        "fn fn fn ",
        "if x {} else ",
        "|a||b||c|",
        "::<::<::<",
        "new new new ",
        "@@@@",
        "$x $y ",
        "\\\n",
        "`${`${",
        "/*/*/*",
        "#[#[#[",
        "r#\"x\"# ",
        "a?b:c?",
        "x.y.z.",
        "async await ",
        "<a><b><c>",
        "case 1: ",
        "template<",
        "\"\\\"",
    ];
    let repo = Repo::new();
    for ending in ["rs", "py", "js", "ts", "go", "java", "c", "cpp"] {
        for (number, pattern) in patterns.iter().enumerate() {
            let line = pattern.repeat(80 / pattern.len() + 1) + "\n";
            let text = line.repeat(8_000 / line.len());
            repo.write(&format!("{ending}/{number}.{ending}"), text);
        }
    }
    repo.commit("patterns");
    let output = within(
        &repo,
        200,
        400_000,
        &["analyze", "-k", "all", "--output", "json"],
    );
    // Three means that some were given up.
    assert!(matches!(output.code, Some(0 | 3)), "{output:?}");
}

#[test]
fn a_text_that_its_parser_cannot_bear_costs_nothing_but_itself() {
    let repo = Repo::new();
    let heavy = ("/*".repeat(40) + "\n").repeat(400);
    repo.write("heavy.py", heavy);
    for number in 0..4 {
        let name = format!("light{number}.py");
        repo.write(
            &name,
            format!("def f{number}(a):\n    return a\n\n\n").repeat(40),
        );
    }
    repo.commit("one heavy text");
    for words in ["4 analyzed, 1 failed", "4 cached, 1 failed"] {
        let output = within(&repo, 200, 400_000, &["analyze", "--output", "json"]);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert_eq!(Report::of(&output).words(), words);
        assert!(output.stdout.contains("too much time or memory"));
    }
}

#[test]
fn a_folder_of_very_many_files_and_a_very_deep_one_are_listed_within_bounds() {
    let repo = Repo::with(Objects::Sha1);
    let mut stream = HEAD.to_owned();
    for number in 0..4_000 {
        stream += &format!("M 100644 :1 many/{number}.rs\n");
    }
    stream += &format!("M 100644 :1 {}a.rs\n", "d/".repeat(2_000));
    import(&repo, stream.as_bytes());
    for arguments in [
        &["analyze", "--rev", "HEAD", "--output", "json"][..],
        &["analyze", "--rev", "HEAD", "--output", "json"],
        &["status", "--rev", "HEAD"],
        &["diff", "HEAD..HEAD"],
    ] {
        let output = within(&repo, 60, 400_000, arguments);
        assert!(
            matches!(output.code, Some(0 | 2 | 3)),
            "{arguments:?}: {output:?}"
        );
        assert!(!output.stderr.contains("panicked"), "{output:?}");
    }
}

/// Names that no command of git's would write, and that a commit can hold all the same.
#[test]
fn a_commit_with_names_that_lead_elsewhere_is_analyzed_or_refused() {
    let repo = Repo::with(Objects::Sha1);
    let place = repo.path().join(".git/forged");
    repo.git(&["config", "rustassistant.exclude", "old"]);
    let names: [&[u8]; 12] = [
        b"..",
        b".",
        b".git",
        b"",
        b"a/b",
        b"/etc",
        b"\x1b]0;t\x07.rs",
        b"new\nline.rs",
        b"-rf.rs",
        b"caf\xe9.rs",
        b"\xe2\x80\xaegnp.rs",
        b"CON.rs",
    ];
    let blob = repo.git(&["hash-object", "-w", "--stdin"]);
    for name in names {
        for mode in ["100644", "40000", "120000"] {
            let digit = |at| u8::from_str_radix(&blob[at..at + 2], 16).unwrap();
            let raw: Vec<u8> = (0..blob.len()).step_by(2).map(digit).collect();
            let tree = [mode.as_bytes(), b" ", name, b"\0", &raw].concat();
            fs::write(&place, tree).unwrap();
            let tree = repo.git(&[
                "hash-object",
                "-w",
                "-t",
                "tree",
                "--literally",
                ".git/forged",
            ]);
            let commit = repo.git(&["commit-tree", "-m", "forged", &tree]);
            let arguments = ["analyze", "--rev", &commit, "--output", "concise"];
            let output = within(&repo, 20, 400_000, &arguments);
            assert!(
                matches!(output.code, Some(0 | 2 | 3)),
                "{name:?} {mode}: {output:?}"
            );
            let said = output.stdout + &output.stderr;
            assert!(
                !said.contains(['\x1b', '\u{202e}']) && !said.contains("panicked"),
                "{said}"
            );
        }
    }
    // What was forged is not left for the check of every repository at the end.
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
}

#[test]
fn a_work_tree_of_odd_files_is_looked_at_and_left() {
    let repo = Repo::new();
    repo.write("good.rs", "fn good() {}\n");
    repo.commit("good");
    let large = fs::File::create(repo.path().join("sparse.rs")).unwrap();
    large.set_len(64 << 20).unwrap();
    symlink("loop", repo.path().join("loop")).unwrap();
    symlink("..", repo.path().join("up")).unwrap();
    fs::write(
        repo.path().join(OsStr::from_bytes(b"\xff\xfe\n\x1b.rs")),
        "fn odd() {}\n",
    )
    .unwrap();
    repo.write("-n/--rev=x.rs", "fn option() {}\n");
    repo.write(
        ".gitattributes",
        format!("{}\n* text=auto eol=crlf\n", "[attr]x y ".repeat(10_000)),
    );
    let patterns = |count| "[rustassistant]\n".to_owned() + &"\texclude = x\n".repeat(count);
    repo.write(".rustassistantconfig", patterns(50_000));
    let refused = within(&repo, 60, 400_000, &["analyze", "--untracked"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("too many path patterns: 50000 "),
        "{refused:?}"
    );
    repo.write(".rustassistantconfig", patterns(1_000));
    let output = within(
        &repo,
        60,
        400_000,
        &["analyze", "--untracked", "--output", "json"],
    );
    assert!(matches!(output.code, Some(0 | 3)), "{output:?}");
    let lines = Report::of(&output).lines();
    let sparse = lines.iter().find(|line| line.starts_with("sparse.rs"));
    assert!(
        sparse.is_some_and(|line| line.starts_with("sparse.rs: skipped: too large")),
        "{sparse:?}"
    );
    assert!(
        lines.iter().any(|line| line.contains("good.rs: ")),
        "{lines:?}"
    );
}

/// Ways of dividing a path among many stars are more than anybody can try.
#[test]
fn a_pattern_of_many_stars_costs_no_more_than_its_length() {
    let repo = Repo::new();
    let long = "a".repeat(200);
    repo.write(&format!("{long}/{long}.rs"), "fn a() {}\n");
    let stars = "*a".repeat(60);
    for name in ["include", "exclude"] {
        let patterns = format!("[rustassistant]\n\t{name} = {stars}*b {stars} {stars}\\\\b\n");
        repo.write(".rustassistantconfig", patterns);
        let output = within(&repo, 20, 400_000, &["analyze", "--untracked"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
}

/// Sixty trees of ten lines each, all for the next one: more files than there are atoms.
#[test]
fn trees_that_repeat_without_end_are_refused_wherever_they_are_met() {
    let repo = Repo::with(Objects::Sha1);
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("plain");
    let mut tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let list = repo.path().join(".git/list");
    for _ in 0..60 {
        let line = |number| format!("040000 tree {tree}\t{number}\n");
        fs::write(&list, (0..10).map(line).collect::<String>()).unwrap();
        let mut git = repo.command("git".as_ref());
        git.arg("mktree").stdin(fs::File::open(&list).unwrap());
        tree = repo.finish(&mut git).stdout.trim().to_owned();
    }
    let bomb = repo.git(&["commit-tree", "-m", "bomb", "-p", "HEAD", &tree]);
    let both = format!("HEAD..{bomb}");
    for arguments in [&["status", "--rev", &bomb][..], &["diff", &both]] {
        let output = within(&repo, 30, 600_000, arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains("or copies"), "{output:?}");
    }
    // Git's own check of such a repository has no end either.
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
}
