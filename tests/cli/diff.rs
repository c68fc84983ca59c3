//! `diff` and `analyze --new-since`: what is new, fixed and unchanged between two places.

use std::collections::BTreeMap;

use crate::support::{Repo, Report};

/// `state rule path` of each finding, sorted; the report must be all that was printed.
fn states(repo: &Repo, arguments: &[&str]) -> Vec<String> {
    let report = Report::of(&repo.run(&[arguments, &["--output", "json"]].concat()));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = report.0["findings"].as_array().unwrap();
    let mut lines: Vec<String> = findings
        .iter()
        .map(|f| [text(&f["state"]), text(&f["rule"]), text(&f["path"])].join(" "))
        .collect();
    lines.sort();
    lines
}

/// A function with one finding, which hangs on another text in those that are added later.
fn function(name: &str) -> String {
    let number = match name {
        "added" | "two" | "dirty" => "i64",
        _ => "u8",
    };
    format!(
        "pub fn {name}(text: &str) -> {number} {{
    text.parse::<{number}>().unwrap()
}}

"
    )
}

fn commented(text: &str, lines: usize) -> String {
    "// A line.\n".repeat(lines) + "\n\n\n\n" + text
}

#[test]
fn one_fixed_and_one_new_among_renames_and_moves_are_exactly_that() {
    let repo = Repo::new();
    repo.write("src/moved.rs", function("first") + &function("second"));
    repo.write("src/old_name.rs", function("third") + &function("fixed"));
    repo.commit("before");
    repo.git(&["tag", "before"]);
    repo.write(
        "src/moved.rs",
        commented(&(function("first") + &function("second")), 40),
    );
    repo.git(&["rm", "-q", "src/old_name.rs"]);
    repo.write("src/new_name.rs", function("third") + &function("added"));
    repo.git(&["add", "--all"]);
    for range in [&["before"][..], &["before", "--all"]] {
        let found = states(&repo, &[&["diff", "--analyze"], range].concat());
        assert_eq!(
            found,
            [
                "fixed unsafe-unwrap src/old_name.rs",
                "new unsafe-unwrap src/new_name.rs",
                "unchanged unsafe-unwrap src/moved.rs",
                "unchanged unsafe-unwrap src/moved.rs",
                "unchanged unsafe-unwrap src/new_name.rs",
            ],
            "{range:?}"
        );
    }
    repo.commit("after");
    assert_eq!(states(&repo, &["diff", "before..HEAD"]).len(), 5);
    assert_eq!(states(&repo, &["diff", "HEAD..before"]).len(), 5);
}

#[test]
fn people_read_what_is_fixed_in_lines_and_what_is_new_in_full() {
    let repo = Repo::new();
    repo.write("src/a.rs", function("one"));
    repo.commit("one");
    repo.write("src/a.rs", function("two"));
    let printed = repo.run(&["diff", "HEAD", "--analyze"]).silent();
    insta::assert_snapshot!(printed, @r#"
    Fixed since HEAD:
      src/a.rs:2:24: note [unsafe-unwrap] `parse` can fail, and `unwrap` panics if it does

    New since HEAD:

    note[unsafe-unwrap]: `parse` can fail, and `unwrap` panics if it does
     --> src/a.rs:2:25
      |
    2 |     text.parse::<i64>().unwrap()
      |                         ^^^^^^ in `two`
      |
      = why: `parse` fails on a text that it cannot read. If the code before has made sure of the
             text, nothing here says so.
      = help: Hand the error on with `?`, or write `expect("why it holds")`

    1 file: 1 analyzed
    Findings: 1 new (1 note), 1 fixed (1 note), 0 unchanged
    "#);
}

#[test]
fn without_an_analysis_a_file_is_unknown_and_the_comparison_incomplete() {
    let repo = Repo::new();
    repo.write("src/a.rs", function("one"));
    repo.commit("one");
    repo.write("src/a.rs", function("two"));
    let output = repo.run(&["diff", "HEAD"]);
    insta::assert_snapshot!(output.whole(), @"
    status 3
    --- stdout
    unknown: src/a.rs (refactor, before): new
    unknown: src/a.rs (refactor, after): new
    hint: to analyze what is missing, use --analyze

    1 file: 1 missing
    Findings: 0 new, 0 fixed, 0 unchanged; 2 answers not compared
    --- stderr
    ");
    repo.analyze(&[]);
    let output = repo.run(&["diff", "HEAD", "--output", "concise"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stdout.contains("unsafe-unwrap"), "{output:?}");
}

#[test]
fn new_findings_alone_fail_a_run_that_asks_for_new_ones() {
    let repo = Repo::new();
    repo.write("src/a.rs", function("one"));
    repo.write("src/same.rs", function("same"));
    repo.commit("one");
    repo.git(&["branch", "base"]);
    repo.write("src/a.rs", commented(&function("one"), 3));
    let since = &["analyze", "--new-since", "base", "--fail-on", "note"][..];
    assert_eq!(repo.run(since).code, Some(0));
    assert_eq!(states(&repo, since), [""; 0]);
    repo.write("src/b.rs", function("added"));
    assert_eq!(repo.run(since).code, Some(0), "nobody tracks it yet");
    repo.git(&["add", "src/b.rs"]);
    assert_eq!(repo.run(since).code, Some(1));
    assert_eq!(states(&repo, since), ["new unsafe-unwrap src/b.rs"]);
    let staged = [since, &["--staged", "--cached"]].concat();
    assert_eq!(repo.run(&staged).code, Some(1));
    repo.commit("two");
    let rev = ["analyze", "--rev", "HEAD", "--new-since", "base..."];
    assert_eq!(states(&repo, &rev), ["new unsafe-unwrap src/b.rs"]);
    assert_eq!(states(&repo, &[&rev[..], &["src/a.rs"]].concat()), [""; 0]);
}

#[test]
fn without_a_range_the_upstream_is_compared_with() {
    let repo = Repo::new();
    repo.write("src/a.rs", function("one"));
    repo.commit("one");
    let output = repo.run(&["diff"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("hint: name a revision to compare with"),
        "{output:?}"
    );
    repo.git(&["branch", "base"]);
    repo.git(&["branch", "-q", "--set-upstream-to", "base"]);
    repo.write("src/a.rs", function("one") + &function("two"));
    repo.commit("two");
    assert_eq!(states(&repo, &["diff", "--analyze"]).len(), 2);
}

#[test]
fn nothing_is_checked_out_and_no_ref_of_others_moves() {
    let repo = Repo::new();
    repo.write("src/a.rs", function("one"));
    repo.commit("one");
    repo.write("src/a.rs", function("two"));
    repo.commit("two");
    repo.write("src/a.rs", function("dirty"));
    let before = (
        repo.git(&["status", "--porcelain=v2", "--branch"]),
        repo.git(&["show-ref"]),
    );
    assert_eq!(
        states(&repo, &["diff", "HEAD~..HEAD", "--analyze"]).len(),
        2
    );
    let refs = repo.git(&["show-ref"]);
    let ours = |line: &&str| !line.contains(" refs/rustassistant/");
    let refs: Vec<&str> = refs.lines().filter(ours).collect();
    let after = (
        repo.git(&["status", "--porcelain=v2", "--branch"]),
        refs.join("\n"),
    );
    assert_eq!(before, after);
}

/// The quick comparison against one of everything, and against two full reports.
///
/// ```sh
/// RIPGREP=/path/to/a/clone cargo test --release -- --ignored fifty_pairs
/// ```
#[test]
#[ignore = "takes minutes and a clone of ripgrep; the command stands above"]
#[expect(
    clippy::disallowed_methods,
    reason = "where the clone is, only its owner knows"
)]
fn fifty_pairs_of_commits_compare_as_everything_does() {
    let clone = std::env::var("RIPGREP").expect("RIPGREP names a clone");
    let repo = Repo::new();
    repo.git(&["fetch", "-q", &clone, "HEAD"]);
    repo.git(&["reset", "-q", "--hard", "FETCH_HEAD"]);
    let commits = repo.git(&["rev-list", "HEAD"]);
    let commits: Vec<&str> = commits.lines().collect();
    // A generator that needs no library: the low bits of a multiplicative sequence are not used.
    let mut state = 1_u64;
    let mut any = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        commits[usize::try_from(state >> 33).unwrap() % commits.len()]
    };
    let mut changed = 0;
    for _ in 0..50 {
        let (one, other) = (any(), any());
        let range = format!("{one}..{other}");
        let full = |rev| {
            let options = ["analyze", "-q", "--kind=all", "--output=json", ":/"];
            let report = repo.run(&[&options[..], &["--rev", rev]].concat());
            counts(&Report::of(&report), &["present"])
        };
        let (before, after) = (full(one), full(other));
        let quick = repo.run(&["diff", "--kind=all", &range, "--output=json"]);
        assert_eq!(quick.code, Some(0), "{range}: {}", quick.stderr);
        let quick = Report::of(&quick);
        let all = repo.run(&["diff", "--kind=all", "--all", &range, "--output=json"]);
        let all = Report::of(&all);
        for state in ["new", "fixed"] {
            assert_eq!(counts(&quick, &[state]), counts(&all, &[state]), "{range}");
        }
        assert_eq!(counts(&all, &["new", "unchanged"]), after, "{range}");
        let sum = |counts: BTreeMap<String, u64>| counts.into_values().sum::<u64>();
        let (new, fixed) = (counts(&quick, &["new"]), counts(&quick, &["fixed"]));
        // What got worse is new, and its partner not fixed.
        let findings = quick.0["findings"].as_array().unwrap();
        let worse = findings
            .iter()
            .filter(|it| it["matched"] == "worse")
            .count() as u64;
        assert_eq!(
            sum(after) + sum(fixed) + worse,
            sum(before) + sum(new),
            "{range}"
        );
        changed += quick.0["findings"].as_array().unwrap().len();
    }
    assert!(changed > 1000, "{changed}");
}

/// How often each id is among the findings in these states.
fn counts(report: &Report, states: &[&str]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for finding in report.0["findings"].as_array().unwrap() {
        if states.contains(&finding["state"].as_str().unwrap()) {
            let id = finding["id"].as_str().unwrap().to_owned();
            *counts.entry(id).or_default() += 1;
        }
    }
    counts
}

/// A comparison looks at two places, and is one run all the same.
#[test]
fn a_comparison_is_remembered_as_one_run() {
    let repo = Repo::new();
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("first");
    repo.write("a.rs", "fn b() {}\n");
    repo.run(&["diff", "HEAD", "--analyze"]).silent();
    let log = repo.path().join(".git/rustassistant/usage.jsonl");
    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("\"analyzed\":2"), "{log}");
}
