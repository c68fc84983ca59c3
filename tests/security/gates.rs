//! A gate is not loosened by the change that has to pass it: what is looked at, and how hard, is
//! said by what the change is compared with.

use std::path::Path;

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Output, Repo, Report, Team, path};

/// A function that takes too much, and nothing else to find.
fn greedy(name: &str) -> String {
    let parameters: String = ('a'..='k').map(|name| format!("{name}: u8, ")).collect();
    format!("pub fn {name}({parameters}) {{}}\n")
}

/// What a change writes beside its code: a file, and its text.
const LOOSER: [(&str, &str); 20] = [
    (CONFIG, "[rustassistant]\n\texclude = **\n"),
    (CONFIG, "[rustassistant]\n\texclude = new.rs\n"),
    (CONFIG, "[rustassistant]\n\tinclude = none\n"),
    (CONFIG, "[rustassistant]\n\tkinds = docs\n"),
    (CONFIG, "[rustassistant]\n\tkinds =\n\tkinds = todos\n"),
    (CONFIG, "[rustassistant]\n\tmaxFileSize = 1\n"),
    (CONFIG, "[rustassistant]\n\tmaxParameters = 100000\n"),
    (
        CONFIG,
        "[rustassistant]\n\tfailOn = never\n[rustassistant \"hook\"]\n\tfailOn = never\n",
    ),
    (
        CONFIG,
        "[rustassistant]\n\tfailOn = error\n[rustassistant \"hook\"]\n\tfailOn = error\n",
    ),
    (CONFIG, "[rustassistant]\n\tfailOn = no-such-level\n"),
    (CONFIG, "[rustassistant\n"),
    (CONFIG, ""),
    (".gitattributes", "*.rs -rustassistant\n"),
    (".gitattributes", "*.rs rustassistant=false\n"),
    (".gitattributes", "*.rs linguist-generated\n"),
    (".gitattributes", "*.rs linguist-vendored\n"),
    (".gitattributes", "*.rs export-subst\n"),
    (".gitattributes", "[attr]quiet -rustassistant\n*.rs quiet\n"),
    ("src/.gitattributes", "new.rs -rustassistant\n"),
    ("src/new/.gitattributes", "* linguist-vendored\n"),
];

const CONFIG: &str = ".rustassistantconfig";

const STRICT: &str = "[rustassistant]\n\tkinds = refactor\n\tfailOn = note\n\
                      [rustassistant \"hook\"]\n\tfailOn = note\n";

/// `main` is strict; `topic` brings a finding, and says that nobody should look.
fn request(repo: &Repo, (file, text): (&str, &str)) {
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write(CONFIG, STRICT);
    repo.commit("strict");
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    repo.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/new.rs", greedy("new"));
    repo.write("src/new/deep.rs", greedy("deep"));
    repo.write(file, text);
    repo.commit("a change");
}

#[track_caller]
fn fails(output: &Output, what: &str) {
    assert_eq!(output.code, Some(1), "{what}: {output:?}");
    assert!(output.stdout.contains("new.rs"), "{what}: {output:?}");
    assert!(output.stdout.contains("deep.rs"), "{what}: {output:?}");
}

#[test]
fn no_change_takes_itself_out_of_what_is_judged() {
    for looser in LOOSER {
        let repo = Repo::new();
        request(&repo, looser);
        for command in [
            &["diff", "main", "--analyze"][..],
            &["diff", "main..topic", "--analyze"],
            &["diff", "main...topic", "--analyze"],
            &["analyze", ":/", "--new-since", "main"],
            &["analyze", ":/", "--new-since", "main..."],
            &["analyze", ":/", "--changed=main"],
            &["analyze", "--rev", "topic", ":/", "--changed=main"],
            &["analyze", ":/", "--settings-from", "main"],
            &["analyze", ":/", "--fail-on", "note"],
            &["analyze", ":/"],
            &["analyze", "--rev", "topic", ":/"],
        ] {
            let output = repo.run(command);
            fails(&output, &format!("{looser:?} {command:?}"));
            if looser.0 == CONFIG && !command.contains(&"--settings-from") {
                let warning = "using the .rustassistantconfig of";
                assert!(
                    output.stderr.contains(warning),
                    "{looser:?} {command:?}: {output:?}"
                );
            }
        }
    }
}

#[test]
fn who_may_decide_that_judges_by_what_the_change_brings() {
    let repo = Repo::new();
    request(
        &repo,
        (
            CONFIG,
            "[rustassistant]\n\texclude = new\n\texclude = src\n",
        ),
    );
    repo.write(".gitattributes", "src/* -rustassistant\n");
    repo.commit("attributes");
    for way_out in [&["--settings-from", "HEAD"][..], &["--fail-on", "never"]] {
        for command in [
            &["analyze", ":/", "--new-since", "main"][..],
            &["diff", "main"],
        ] {
            let output = repo.run(&[command, way_out].concat());
            assert_eq!(output.code, Some(0), "{command:?} {way_out:?}: {output:?}");
            assert_eq!(output.stderr, "", "{command:?} {way_out:?}");
        }
    }
}

/// Settings may be tried before they are committed, as long as nothing hangs on it.
#[test]
fn who_works_without_a_gate_is_judged_by_what_lies_there() {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.commit("no settings");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/new.rs", greedy("new"));
    repo.write(CONFIG, "[rustassistant]\n\texclude = new.rs src/new.rs\n");
    repo.commit("a change");
    for command in [
        &["diff", "main", "--analyze"][..],
        &["analyze", ":/", "--new-since", "main"],
        &["analyze", ":/", "--changed=main"],
        &["analyze", ":/"],
    ] {
        let output = repo.run(command);
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{command:?}"
        );
        assert!(
            !output.stdout.contains("parameters"),
            "{command:?}: {output:?}"
        );
    }
    let gate = repo.run(&["analyze", ":/", "--fail-on", "note"]);
    assert_eq!(gate.code, Some(0), "{gate:?}");
    assert!(
        gate.stderr
            .contains("using the local .rustassistantconfig;"),
        "{gate:?}"
    );
}

#[test]
fn a_base_that_nobody_can_read_is_no_gate_and_passes_none() {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write(CONFIG, "[rustassistant]\n\tttl = soon\n");
    repo.commit("wrong");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write(CONFIG, "[rustassistant]\n\tttl = 1h\n");
    repo.commit("right");
    let told = repo.run(&["diff", "main"]).silent();
    assert!(told.contains("0 new"), "{told}");
    let gate = ["diff", "main", "--fail-on", "note"];
    let refused = repo.run(&gate);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("cannot use the settings of main"),
        "{refused:?}"
    );
    let named = repo.run(&[&gate[..], &["--settings-from", "HEAD"]].concat());
    assert_eq!(named.code, Some(0), "{named:?}");
}

#[test]
fn what_a_change_keeps_from_a_provider_is_neither_sent_nor_passed() {
    for looser in [
        (CONFIG, "[rustassistant]\n\texclude = src/new.rs src/new\n"),
        (
            ".gitattributes",
            "src/new* rustassistant=local\nsrc/new/* rustassistant=local\n",
        ),
        (
            ".gitattributes",
            "src/new* -rustassistant\nsrc/new/* -rustassistant\n",
        ),
    ] {
        let server = Server::start(|_| answer("openai-chat", &analysis()));
        let mut repo = Repo::new();
        repo.ask(&server, "openai-chat");
        request(&repo, looser);
        let command = ["analyze", ":/", "--changed=main", "--output", "json"];
        let output = repo.run(&command);
        assert_eq!(output.code, Some(3), "{looser:?}: {output:?}");
        let failed = Report::of(&output).count("failed");
        assert_eq!(failed, 2, "{looser:?}: {output:?}");
        assert!(server.received().is_empty(), "{looser:?}");
    }
}

#[test]
fn a_prompt_that_judges_is_that_of_the_base() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    repo.write("ask.md", "Find everything.\n");
    repo.write(
        CONFIG,
        "[rustassistant]\n\tkinds = style\n\tfailOn = note\n\
         [rustassistant-kind \"style\"]\n\tprompt = ask.md\n",
    );
    repo.commit("strict");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("a.rs", "pub fn a() {}\n");
    repo.write("ask.md", "Find nothing.\n");
    repo.commit("a change");
    let output = repo.run(&["analyze", ":/", "--new-since", "main"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].body.to_string().contains("Find everything."));
}

#[test]
fn a_push_is_judged_by_what_the_remote_has() {
    for looser in LOOSER {
        let mut team = Team::new(1);
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let folder = program.parent().unwrap().display();
        team.clones[0].set("PATH", &format!("{folder}:{}", path()));
        let repo = &team.clones[0];
        repo.git(&["config", "rustassistant.hook.budget", "10m"]);
        repo.run(&["hook", "install"]).silent();
        repo.write(CONFIG, STRICT);
        repo.commit("strict");
        repo.git(&["push", "-q", "origin", "main"]);
        repo.write("src/new.rs", greedy("new"));
        repo.write("src/new/deep.rs", greedy("deep"));
        repo.write(looser.0, looser.1);
        repo.commit("a change");
        let mut push = repo.command(Path::new("git"));
        let stopped = repo.finish(push.args(["push", "origin", "main"]));
        assert_eq!(stopped.code, Some(1), "{looser:?}: {stopped:?}");
        assert!(
            stopped.stderr.contains("new findings"),
            "{looser:?}: {stopped:?}"
        );
    }
}

/// Whatever is wrong in the settings of a change, the push goes on, and analyses are published.
#[test]
fn a_wrong_value_keeps_the_hook_from_nothing_but_the_analysis() {
    let mut team = Team::new(1);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    team.clones[0].set("PATH", &format!("{folder}:{}", path()));
    let repo = &team.clones[0];
    repo.git(&["config", "rustassistant.hook.budget", "10m"]);
    repo.run(&["hook", "install"]).silent();
    assert_eq!(repo.run(&["analyze"]).code, Some(0));
    repo.write(CONFIG, "[rustassistant]\n\tttl = soon\n");
    repo.commit("wrong");
    let mut push = repo.command(Path::new("git"));
    let pushed = repo.finish(push.args(["push", "origin", "main"]));
    assert_eq!(pushed.code, Some(0), "{pushed:?}");
    assert!(pushed.stderr.contains("published 2"), "{pushed:?}");
    assert!(
        pushed
            .stderr
            .contains("cannot use 'soon' as rustassistant.ttl"),
        "{pushed:?}"
    );
}

#[test]
fn where_a_branch_left_does_not_choose_who_judges() {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write(CONFIG, "[rustassistant]\n\texclude = src\n");
    repo.commit("loose once");
    repo.write(CONFIG, STRICT);
    repo.commit("strict since");
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    // The branch begins where all was still excluded.
    repo.git(&["checkout", "-q", "-b", "topic", "main~1"]);
    repo.write("src/new.rs", greedy("new"));
    repo.commit("new");
    let since = [
        "analyze",
        ":/",
        "--new-since",
        "origin/main...",
        "--fail-on",
        "note",
    ];
    let diff = ["diff", "origin/main...", "--analyze", "--fail-on", "note"];
    let range = [
        "diff",
        "origin/main...topic",
        "--analyze",
        "--fail-on",
        "note",
    ];
    for gate in [&since[..], &diff, &range] {
        let output = repo.run(gate);
        assert_eq!(output.code, Some(1), "{output:?}");
    }
}

/// One byte would do to have nobody look at a file.
#[test]
fn what_makes_a_file_unreadable_does_not_pass_a_gate() {
    let blind: [(&str, Vec<u8>); 5] = [
        ("not UTF-8", b"// \xff\n".to_vec()),
        ("binary", b"// \0\n".to_vec()),
        ("generated", b"// @generated\n".to_vec()),
        (
            "minified",
            [b"// ".as_slice(), &[b'x'; 60_000], b"\n"].concat(),
        ),
        ("too large", b"// more\n".repeat(400_000)),
    ];
    for (why, text) in blind {
        let repo = Repo::new();
        repo.write("src/a.rs", "pub fn a() {}\n");
        repo.write(CONFIG, STRICT);
        repo.commit("strict");
        repo.git(&["checkout", "-q", "-b", "topic"]);
        repo.write("src/a.rs", [&text[..], greedy("a").as_bytes()].concat());
        repo.commit("a change");
        for command in [
            &["diff", "main", "--analyze"][..],
            &["diff", "main..topic", "--analyze"],
            &["analyze", ":/", "--new-since", "main"],
        ] {
            let output = repo.run(command);
            assert_eq!(output.code, Some(3), "{why} {command:?}: {output:?}");
            let told = format!("{}{}", output.stdout, output.stderr);
            assert!(
                told.contains("src/a.rs") && told.contains(why),
                "{why}: {told}"
            );
        }
    }
}

/// A compiler follows the link.
#[test]
fn a_file_that_becomes_a_link_to_another_does_not_pass_a_gate() {
    let repo = Repo::new();
    repo.write("src/a.rs", "pub fn a() {}\n");
    repo.write(CONFIG, STRICT);
    repo.commit("strict");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/a.txt", greedy("a"));
    let place = repo.path().join("src/a.rs");
    std::fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink("a.txt", place).unwrap();
    repo.commit("a change");
    for command in [
        &["diff", "main..topic", "--analyze"][..],
        &["analyze", ":/", "--new-since", "main"],
    ] {
        let output = repo.run(command);
        assert_eq!(output.code, Some(3), "{command:?}: {output:?}");
    }
}

/// What was a note is a warning now.
#[test]
fn a_finding_that_gets_worse_does_not_pass_a_gate() {
    let repo = Repo::new();
    let nested = |lines: usize| {
        let line = "    if a > 1 && b > 2 { return 1; }\n".repeat(lines);
        format!("pub fn work(a: u8, b: u8) -> u8 {{\n{line}    0\n}}\n")
    };
    repo.write("src/a.rs", nested(80));
    let strict = "[rustassistant]\n\tkinds = refactor\n\tfailOn = warning\n";
    repo.write(CONFIG, strict);
    repo.commit("a note");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/a.rs", nested(200));
    repo.commit("worse");
    for command in [
        &["diff", "main..topic", "--analyze"][..],
        &["analyze", ":/", "--new-since", "main"],
    ] {
        let output = repo.run(command);
        assert_eq!(output.code, Some(1), "{command:?}: {output:?}");
        assert!(
            output.stdout.contains("warning[cognitive-complexity]"),
            "{output:?}"
        );
    }
}

/// What could be read before, and what a change makes of it so that nobody can.
const UNREADABLE: [(&str, &[u8]); 4] = [
    ("a mark of generated code", b"// @generated\n"),
    ("a byte that is no UTF-8", b"// \xff\n"),
    ("a NUL", b"// \0\n"),
    ("brackets", &[b'('; 300]),
];

#[test]
fn a_file_that_nobody_can_read_any_more_passes_no_gate_over_changes() {
    for (what, above) in UNREADABLE {
        let repo = Repo::new();
        repo.write(CONFIG, STRICT);
        repo.write("src/a.rs", "pub fn a() {}\n");
        repo.write("src/new.rs", [above, b"pub fn old() {}\n"].concat());
        repo.commit("strict");
        repo.git(&["tag", "base"]);
        // What was never read is as it was.
        repo.write("src/new.rs", [above, greedy("new").as_bytes()].concat());
        repo.commit("generated anew");
        let output = repo.run(&["analyze", ":/", "--changed=base"]);
        assert_eq!(output.code, Some(0), "{what}: {output:?}");
        repo.write("src/a.rs", [above, greedy("a").as_bytes()].concat());
        repo.commit("hidden");
        let output = repo.run(&["analyze", ":/", "--changed=base"]);
        assert_eq!(output.code, Some(3), "{what}: {output:?}");
        assert!(
            output.stderr.contains("cannot be read now"),
            "{what}: {output:?}"
        );
    }
}

#[test]
fn a_file_that_nobody_can_read_any_more_stops_a_push_that_is_judged() {
    for (what, above) in UNREADABLE {
        let mut team = Team::new(1);
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let folder = program.parent().unwrap().display();
        team.clones[0].set("PATH", &format!("{folder}:{}", path()));
        let repo = &team.clones[0];
        repo.git(&["config", "rustassistant.hook.budget", "10m"]);
        repo.run(&["hook", "install"]).silent();
        repo.write(CONFIG, STRICT);
        repo.write("src/a.rs", "pub fn a() {}\n");
        repo.commit("strict");
        repo.git(&["push", "-q", "origin", "main"]);
        repo.write("src/a.rs", [above, greedy("a").as_bytes()].concat());
        repo.commit("hidden");
        let mut push = repo.command(Path::new("git"));
        let stopped = repo.finish(push.args(["push", "origin", "main"]));
        assert_eq!(stopped.code, Some(1), "{what}: {stopped:?}");
        assert!(
            stopped.stderr.contains("cannot be read now"),
            "{what}: {stopped:?}"
        );
    }
}

/// Many blocks of one file are told as one finding: more of them are something new.
#[test]
fn more_unsafe_blocks_are_new_however_many_there_were() {
    let blocks = |count: usize| {
        let one =
            |number| format!("pub fn f{number}(p: *const u8) -> u8 {{\n    unsafe {{ *p }}\n}}\n");
        (0..count).map(one).collect::<String>()
    };
    for (before, after, code) in [(1, 6, 1), (5, 6, 1), (6, 300, 1), (6, 6, 0), (300, 6, 0)] {
        let repo = Repo::new();
        repo.write("src/a.rs", blocks(before));
        repo.commit("first");
        repo.git(&["tag", "base"]);
        repo.write("src/a.rs", blocks(after) + "// changed\n");
        repo.commit("second");
        let gate = [
            "analyze",
            "-k",
            "analysis",
            "--new-since",
            "base",
            "--fail-on",
            "note",
        ];
        let output = repo.run(&gate);
        assert_eq!(output.code, Some(code), "{before} to {after}: {output:?}");
    }
}
