//! What a repository may set: nothing that chooses who is asked, with which key, or what runs.

use std::fs;
use std::path::Path;

use rustassistant::analyzers::Thresholds;
use rustassistant::git::{ConfigEntry, Scope};
use rustassistant::settings::{BLOCK_KEYS, Section, Sources, Tracked, every, resolve};

use super::{COMMANDS, Trap, assert_untouched, order};
use crate::support::model::{KEY, analysis, answer};
use crate::support::server::{Canned, Server};
use crate::support::{Objects, Repo};

/// What a tracked file may hold. A key that is new stands here only if it can do no harm.
const ALLOWED: [&str; 11] = [
    "model",
    "kinds",
    "include",
    "exclude",
    "ttl",
    "failOn",
    "hook.failOn",
    "temperature",
    "topP",
    "effort",
    "seed",
];
const ONLY_LOWER: [&str; 5] = [
    "maxFileSize",
    "maxCost",
    "maxTokens",
    "maxRequests",
    "maxOutputTokens",
];

#[test]
fn a_tracked_file_may_hold_the_keys_that_are_listed_here_and_no_others() {
    for key in every() {
        let expected = match key.tracked {
            _ if Thresholds::ALL.iter().any(|it| it.name == key.name) => {
                key.tracked == Tracked::Allowed
            }
            Tracked::Allowed => ALLOWED.contains(&key.name),
            Tracked::OnlyLower => ONLY_LOWER.contains(&key.name),
            Tracked::Refused | Tracked::Personal => {
                !ALLOWED.contains(&key.name) && !ONLY_LOWER.contains(&key.name)
            }
        };
        assert!(expected, "{}", key.name);
    }
    for key in BLOCK_KEYS {
        let is_prompt = (key.section, key.name) == (Section::Kind, "prompt");
        assert_eq!(is_prompt, key.tracked == Tracked::Allowed, "{}", key.name);
        assert!(
            is_prompt || key.tracked == Tracked::Personal,
            "{}",
            key.name
        );
    }
}

/// Names by which tracked settings of other programs have taken keys or run commands.
const ELSEWHERE: [&str; 24] = [
    "rustassistant.url",
    "rustassistant.baseUrl",
    "rustassistant.endpoint",
    "rustassistant.host",
    "rustassistant.proxy",
    "rustassistant.apiKey",
    "rustassistant.apiKeyEnv",
    "rustassistant.keyEnv",
    "rustassistant.headers",
    "rustassistant.command",
    "rustassistant.hook.command",
    "rustassistant.plugin",
    "rustassistant.shell",
    "rustassistant.trustedPaths",
    "rustassistant.paranoid",
    "rustassistant.ca",
    "rustassistant.insecure",
    "rustassistant.log",
    "core.fsmonitor",
    "core.hooksPath",
    "core.sshCommand",
    "credential.helper",
    "include.path",
    "http.proxy",
];

#[test]
fn what_other_programs_let_a_repository_set_is_ignored_with_a_warning() {
    let usual = resolve(&Sources::default()).unwrap().settings;
    for name in ELSEWHERE {
        let entry = ConfigEntry {
            name: name.to_lowercase(),
            value: Some("http://127.0.0.1:1".to_owned()),
            scope: Scope::Tracked,
            origin: None,
        };
        let sources = Sources {
            config: vec![entry],
            ..Sources::default()
        };
        let resolution = resolve(&sources).unwrap();
        assert_eq!(resolution.settings, usual, "{name}");
        assert_eq!(resolution.warnings.len(), 1, "{name}");
    }
}

/// A value of each key that would do the most harm, and is none that ends the run.
fn hostile(trap: &Trap, order: &str) -> String {
    let mut text = String::new();
    for key in every() {
        let value = match key.name {
            "provider" => "test",
            "kinds" => "refactor",
            "include" | "exclude" | "remote" => "",
            "maxFileSize" => "9g",
            "maxCost" | "maxTokens" | "maxRequests" => "none",
            "ttl" => "1h",
            "failOn" | "hook.failOn" => "never",
            "hook.budget" => "1h",
            "sharedRef" => "refs/heads/evil/v1",
            "trust" => "any",
            "publish" => "all",
            "publishAuthor" => "E Vil <evil@example.com>",
            "yes" | "hook.enabled" => "true",
            "sign" => "false",
            "model" => "m",
            _ => "1",
        };
        let (section, name) = match key.name.split_once('.') {
            Some((block, name)) => (format!("[rustassistant \"{block}\"]"), name),
            None => ("[rustassistant]".to_owned(), key.name),
        };
        text += &format!("{section}\n\t{name} = {value}\n");
    }
    let url = trap.url();
    for block in ["test", "local", "xai", "openai", "ollama"] {
        text += &format!(
            "[rustassistant-provider \"{block}\"]\n\turl = {url}/v1\n\tapi = openai-chat\n\
             \tkeyEnv = HOME\n\tmodel = m\n\ttimeout = 1s\n"
        );
    }
    text += &format!(
        "[http]\n\tproxy = {url}\n[url \"{url}/\"]\n\tinsteadOf = https://\n\
         [core]\n\tfsmonitor = {order}\n\tsshCommand = {order}\n\tgitProxy = {order}\n\
         \tpager = {order}\n\teditor = {order}\n\taskPass = {order}\n\
         [credential]\n\thelper = !{order}\n[diff]\n\texternal = {order}\n\
         [include]\n\tpath = .evil\n[alias]\n\trustassistant = !{order}\n",
    );
    text.replace("= \n", "= \"\"\n")
}

/// Where a repository can put a text that somebody might take for settings.
const SOURCES: [&str; 7] = [
    "head",
    "work tree",
    "index",
    "environment file",
    "submodule",
    "local",
    "work tree's own",
];

fn place(repo: &Repo, source: &str, text: &str) {
    match source {
        "head" => {
            repo.write(".rustassistantconfig", text);
            repo.write(".evil", text);
            repo.commit("settings");
        }
        "work tree" => repo.write(".rustassistantconfig", text),
        "index" => {
            repo.write(".rustassistantconfig", text);
            repo.git(&["add", ".rustassistantconfig"]);
            fs::remove_file(repo.path().join(".rustassistantconfig")).unwrap();
        }
        "environment file" => {
            let name = |key: String| key.replace('.', "_").to_uppercase();
            let line = |line: &str| Some(format!("RUSTASSISTANT_{}", name(line.trim().to_owned())));
            let lines: Vec<String> = text.lines().filter_map(line).collect();
            for file in [
                ".env",
                ".envrc",
                ".rustassistant.toml",
                ".config/rustassistant.toml",
            ] {
                repo.write(file, lines.join("\n"));
            }
            repo.commit("environment");
        }
        "submodule" => {
            repo.git(&["clone", "-q", ".", "module"]);
            repo.write("module/.rustassistantconfig", text);
            let url = "./module";
            repo.write(
                ".gitmodules",
                format!("[submodule \"m\"]\n\tpath = module\n\turl = {url}\n{text}"),
            );
            repo.commit("submodule");
        }
        "local" => append(&repo.path().join(".git/config"), text),
        _ => {
            repo.git(&["config", "extensions.worktreeConfig", "true"]);
            append(&repo.path().join(".git/config.worktree"), text);
        }
    }
}

fn append(file: &Path, text: &str) {
    let before = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, before + text).unwrap();
}

/// The user has agreed to everything, and a build service runs what a person would be asked about.
#[test]
fn nothing_that_a_repository_says_makes_a_connection_or_starts_a_command() {
    let trap = Trap::set();
    for source in SOURCES {
        let server = Server::start(|_| answer("openai-chat", &analysis()));
        // libgit2 and git agree on this repository's shape, whatever shape the suite runs in.
        let mut repo = Repo::with(Objects::Sha1);
        repo.write("a.rs", "fn a() {}\n");
        repo.commit("one");
        repo.ask(&server, "openai-chat");
        repo.set("CI", "1");
        place(&repo, source, &hostile(&trap, &order(&repo)));
        for command in COMMANDS {
            let output = repo.run(command);
            assert!(
                output.code.is_some_and(|code| code < 5),
                "{source} {command:?}: {output:?}"
            );
        }
        assert_eq!(trap.visits(), 0, "{source}");
        assert_untouched(&repo, source);
        // Those commands that ask a model did so, of the one whom the user has chosen.
        let received = server.received();
        assert!(
            received.iter().any(|received| received.method == "POST"),
            "{source}"
        );
        let bearer = format!("Bearer {KEY}");
        let known = |name| {
            move |received: &crate::support::server::Received| {
                received.header(name).map(str::to_owned)
            }
        };
        assert!(
            received
                .iter()
                .all(|r| known("authorization")(r) == Some(bearer.clone()))
        );
    }
}

#[test]
fn a_provider_that_sends_elsewhere_is_not_followed_and_the_key_stays() {
    let trap = Trap::set();
    for status in [301, 302, 303, 307, 308] {
        let place = format!("{}/v1/chat/completions", trap.url());
        let server = Server::start(move |_| Canned::new(status, "").header("location", &place));
        let mut repo = Repo::of_two_files();
        repo.ask(&server, "openai-chat");
        let output = repo.run(&["analyze", "b.rs"]);
        assert_eq!(output.code, Some(3), "{status}: {output:?}");
        assert_eq!(trap.visits(), 0, "{status}");
    }
}

#[test]
fn a_key_is_not_looked_for_where_code_would_go_over_an_open_line() {
    let trap = Trap::set();
    let mut repo = Repo::of_two_files();
    repo.ask_at("http://192.0.2.1", "openai-chat");
    repo.git(&[
        "config",
        "--global",
        "rustassistant-provider.test.timeout",
        "2s",
    ]);
    let output = repo.run(&["analyze", "b.rs"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("is not encrypted"), "{output:?}");
    assert_eq!(trap.visits(), 0);
}

/// Says yes at a terminal; nothing where there is no `script` to make one.
fn agree(repo: &Repo, arguments: &str) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let line = format!("{} {arguments}", program.display());
    super::terminal::at_a_terminal(repo, &line, "y\n")
}

#[test]
fn an_agreement_is_to_one_text_in_one_place() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::of_two_files();
    repo.ask(&server, "openai-chat");
    repo.set("RUSTASSISTANT_YES", "0");
    repo.write("ask.md", "Is it safe?\n");
    let prompt = "[rustassistant-kind \"safety\"]\n\tprompt = ask.md\n";
    repo.write(".rustassistantconfig", prompt);
    repo.commit("a kind");
    let Some(said) = agree(&repo, "analyze -k safety b.rs") else {
        return;
    };
    assert!(said.contains("Send it?"), "{said}");
    assert_eq!(server.received().len(), 1, "{said}");
    let again = repo.run(&["analyze", "-k", "safety", "src"]);
    assert_eq!(
        (again.code, server.received().len()),
        (Some(0), 2),
        "{again:?}"
    );
    // One byte of the prompt, another kind, and the same folder somewhere else.
    repo.write("ask.md", "Is it safe.\n");
    repo.git(&["add", "ask.md"]);
    let changed = repo.run(&["analyze", "-k", "safety", "b.rs"]);
    assert_eq!(changed.code, Some(2), "{changed:?}");
    repo.write("ask.md", "Is it safe?\n");
    repo.git(&["add", "ask.md"]);
    assert_eq!(repo.run(&["analyze", "-k", "docs", "b.rs"]).code, Some(2));
    let copied = repo.home().join("copy");
    let mut copy = repo.command("cp".as_ref());
    assert!(
        copy.arg("-a")
            .arg(repo.path())
            .arg(&copied)
            .status()
            .unwrap()
            .success()
    );
    fs::write(copied.join("b.rs"), "fn other() {}\n").unwrap();
    let mut there = repo.program();
    let there = repo.finish(
        there
            .current_dir(&copied)
            .args(["analyze", "-k", "safety", "b.rs"]),
    );
    assert_eq!(there.code, Some(2), "{there:?}");
    assert!(there.stderr.contains("you have not agreed"), "{there:?}");
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_file_of_settings_that_nobody_knows_is_told_of_in_a_few_lines() {
    let repo = Repo::of_two_files();
    let mut text = "[rustassistant]\n".to_owned();
    text.extend((0..8_000).map(|n| format!("\tnone-{n} = 1\n")));
    text += "\tjobs = 1\n";
    text += &format!("[core \"{}\"]\n\tpager = evil\n", "x".repeat(300_000));
    repo.write(".rustassistantconfig", &text);
    repo.commit("settings");
    for command in [&["status"][..], &["config", "list"]] {
        let said = repo.run(command).stderr;
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 21, "{command:?}: {said}");
        assert!(
            lines[0].contains("rustassistant.jobs"),
            "{command:?}: {said}"
        );
        assert!(lines[1].contains("none-0"), "{command:?}: {said}");
        assert_eq!(lines[20], "warning: ignoring 7,982 more settings");
    }
    repo.write(".rustassistantconfig", &text[text.find("[core").unwrap()..]);
    let said = repo.run(&["status"]).stderr;
    assert!(said.starts_with("warning: ignoring core.xxx"), "{said}");
    assert!(said.len() < 300, "{said}");
}
