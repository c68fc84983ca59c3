//! Nothing that others wrote reaches a terminal raw: whatever it stands in, whoever shows it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use rustassistant::report::Format;
use serde_json::json;

use crate::support::model::answer;
use crate::support::server::Server;
use crate::support::{Repo, SHARED, Team};

/// What steers a terminal, hides text, reorders it, or gives orders to a build service.
const ORDERS: [&str; 45] = [
    "\x1b]0;title\x07",
    "\x1b]2;title\x1b\\",
    "\x1b]52;c;ZWNobyBvd25lZA==\x07",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\x1b]7;file:///etc\x07",
    "\x1b]1337;File=:AAAA\x07",
    "\x1b]10;?\x07",
    "\x1b[2J",
    "\x1b[H",
    "\x1b[3A",
    "\x1b[1;1H",
    "\x1b[31m",
    "\x1b[8m",
    "\x1b[?1049h",
    "\x1b[?25l",
    "\x1b[6n",
    "\x1b[c",
    "\x1b[21t",
    "\x1b[5i",
    "\x1bP$q\"p\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_evil\x1b\\",
    "\x1b^evil\x1b\\",
    "\x1bX evil\x1b\\",
    "\x1bc",
    "\x1b#8",
    "\x1b%G",
    "\x1b(0",
    "\u{9b}31m",
    "\u{9d}0;t\u{9c}",
    "\u{90}evil\u{9c}",
    "\u{85}",
    "\x07",
    "\x08\x08\x08",
    "\x0b\x0c",
    "\x0e\x0f",
    "\x7f\x7f",
    "\u{202e}drow\u{202c}",
    "\u{2066}a\u{2069}",
    "\u{200b}\u{200d}\u{2060}",
    "\u{feff}\u{61c}",
    "\u{2028}\u{2029}",
    "\u{e0041}\u{e0042}",
    "::error file=a::x",
    "##[error]x",
];

/// Every order alone, in words, twice, at the end and after a carriage return.
fn corpus() -> Vec<String> {
    let places: [fn(&str) -> String; 5] = [
        |order| order.to_owned(),
        |order| format!("a {order} word"),
        |order| format!("{order}{order}x"),
        |order| format!("at the end {order}"),
        |order| format!("before\r{order}after"),
    ];
    ORDERS
        .iter()
        .flat_map(|order| places.iter().map(move |place| place(order)))
        .collect()
}

/// The offences of an output: characters that no output of ours holds, and orders to a build
/// service, which only one format gives. Colors are ours.
fn offences(output: &str, format: &str) -> Vec<String> {
    // A bar that redraws itself begins anew on a line that it has wiped.
    let output = output.replace("\r\n", "\n").replace("\r\x1b[2K", "\n");
    let plain = without_colors(&output);
    let is_bad = |c: char| {
        matches!(c, '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let bad = plain.lines().filter(|line| {
        let ours = [
            "::error ",
            "::warning ",
            "::notice ",
            "::error::",
            "::warning::",
            "::notice::",
        ];
        let gives_orders = line.trim_start().starts_with("::") || line.contains("##[");
        let may = format == "github" && ours.iter().any(|begin| line.starts_with(begin));
        line.chars().any(is_bad) || (gives_orders && !may)
    });
    bad.map(|line| line.escape_debug().to_string()).collect()
}

fn without_colors(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain += before;
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end.map(|end| after.split_at(end)) {
            Some((_, after)) if after.starts_with('m') => rest = &after[1..],
            _ => {
                plain.push('\x1b');
                rest = after;
            }
        }
    }
    plain + rest
}

#[test]
fn an_offence_is_seen_by_these_tests() {
    for order in ORDERS {
        let seen = offences(&format!("{order}\n"), "text");
        // A color of somebody else's cannot be told from ours by what it is.
        assert_eq!(
            seen.is_empty(),
            order == "\x1b[31m" || order == "\x1b[8m",
            "{order:?}"
        );
    }
    assert!(
        offences(
            "\x1b[1;31merror\x1b[0m: caf\u{e9}\r\n\t1 | \u{2502}\r\n",
            "text"
        )
        .is_empty()
    );
}

/// Runs a line of shell at a terminal, which types `typed`; nothing, with a word, where there is
/// no `script` (util-linux) to make one.
pub fn at_a_terminal(repo: &Repo, line: &str, typed: &str) -> Option<String> {
    let mut script = repo.command("script".as_ref());
    script
        .args(["-qefc", line, "/dev/null"])
        .env("TERM", "xterm-256color");
    script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut running) = script.spawn() else {
        eprintln!("skipped: there is no script(1) here");
        return None;
    };
    let mut keyboard = running.stdin.take().unwrap();
    std::io::Write::write_all(&mut keyboard, typed.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    Some(String::from_utf8(output.stdout).expect("whatever is shown is UTF-8"))
}

/// `--color=always` would put colors into files, too: at a terminal it is what `auto` does.
fn shows_nothing_raw(repo: &Repo, arguments: &str, format: &str) {
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let line = format!("{} -v --color=always {arguments}", program.display());
    if let Some(output) = at_a_terminal(repo, &line, "") {
        assert!(!output.is_empty(), "{arguments}");
        assert_eq!(
            offences(&output, format),
            Vec::<String>::new(),
            "{arguments}"
        );
    }
}

#[test]
fn what_a_model_or_a_file_or_its_name_says_is_shown_harmless_in_every_format() {
    let corpus = corpus();
    assert!(corpus.len() >= 200);
    let all = corpus.clone();
    let server = Server::start(move |received| {
        let text = |number: usize| all[(received.nth * 40 + number) % all.len()].clone();
        let finding = |number: usize| {
            json!({
                "rule": text(number), "level": "warning", "quote": "fn f", "line": 1,
                "item": text(number + 1), "title": text(number + 2), "message": text(number + 3),
                "suggestion": text(number + 4), "confidence": "high",
            })
        };
        let findings: Vec<_> = (0..8).map(|number| finding(number * 5)).collect();
        let suggestion = json!({"title": text(1), "detail": text(2), "effort_minutes": 1});
        answer(
            "openai-chat",
            &json!({
                "summary": format!("s {}", text(0)), "findings": findings,
                "suggestions": [suggestion], "document": text(3),
            })
            .to_string(),
        )
    });
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    let names = ORDERS.iter().filter(|order| !order.contains(['/', '\0']));
    for (number, order) in names.enumerate().step_by(4) {
        let text = &corpus[number * 5 % corpus.len()].replace('\n', "");
        repo.write(
            &format!("d{number}/{order}.rs"),
            format!("fn f() {{}} // TODO: {text}\n"),
        );
    }
    let notes: String = corpus
        .iter()
        .map(|text| format!("// TODO: {text}\n"))
        .collect();
    repo.write(
        "notes.rs",
        format!("/// {}\nfn f() {{}}\n{notes}", ORDERS.join(" ")),
    );
    repo.commit("hostile");
    let asked = repo.run(&[
        "analyze", "-k", "docs", "-k", "todos", "--output", "summary",
    ]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    assert!(server.received().len() > 10);
    for format in Format::ALL.map(Format::name) {
        let arguments = format!("analyze -k docs -k todos --progress=never --output={format}");
        shows_nothing_raw(&repo, &arguments, format);
        shows_nothing_raw(
            &repo,
            &format!("todos --provider local --output={format}"),
            format,
        );
    }
    for command in [
        "show notes.rs -k docs",
        "show notes.rs -k todos",
        "status",
        "cache list",
        "cache verify",
        "cache explain notes.rs",
        "docs module notes.rs --provider local",
        "diff HEAD",
        "config list --origin",
        "analyze --refresh notes.rs",
        "analyze --progress always *",
    ] {
        shows_nothing_raw(&repo, command, "text");
    }
}

#[test]
fn what_a_teammate_or_a_remote_calls_itself_is_shown_harmless() {
    let team = Team::new(2);
    let [first, second] = &team.clones[..] else {
        panic!("two clones");
    };
    let hostile: String = ORDERS.concat().replace(['\n', '\0', '<', '>'], "");
    first
        .run(&["analyze", "src/b.rs", "-k", "todos", "--output=summary"])
        .silent();
    let mut sync = first.program();
    sync.env("GIT_COMMITTER_NAME", &hostile)
        .env("GIT_COMMITTER_EMAIL", &hostile);
    let output = first.finish(sync.arg("sync"));
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        team.on_server(&["log", "--format=%cn", SHARED])
            .contains('\x1b')
    );
    let hook = team.server().join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let words = hostile.replace('\'', "");
    fs::write(
        &hook,
        format!("#!/bin/sh\nprintf '%s\\n' '{words}' >&2\nexit 1\n"),
    )
    .unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    for branch in ["\u{202e}drow", "a\u{9b}31m", "\u{e0041}x", "\u{200b}"] {
        second.git(&["branch", branch]);
        shows_nothing_raw(second, &format!("analyze --rev '{branch}'"), "text");
        shows_nothing_raw(second, &format!("diff '{branch}'..main"), "text");
        shows_nothing_raw(second, &format!("analyze --rev '{branch}x'"), "text");
    }
    shows_nothing_raw(second, "fetch", "text");
    for format in Format::ALL.map(Format::name) {
        shows_nothing_raw(
            second,
            &format!("analyze -k todos --output={format}"),
            format,
        );
    }
    shows_nothing_raw(second, "analyze src/a.rs -k todos", "text");
    shows_nothing_raw(second, "sync", "text");
    shows_nothing_raw(second, "push", "text");
    shows_nothing_raw(second, "doctor", "text");
}

#[test]
fn what_is_wrong_with_a_command_line_is_said_without_its_orders() {
    let repo = Repo::of_two_files();
    for order in [
        "--\x1b]0;t\x07",
        "-\u{202e}x",
        "--output=\x1b[2J",
        "--rev=\u{9b}2J",
    ] {
        shows_nothing_raw(&repo, &format!("analyze '{order}'"), "text");
        shows_nothing_raw(&repo, &format!("'{order}'"), "text");
    }
}
