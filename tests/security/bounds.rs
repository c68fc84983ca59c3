//! How much a tracked file may set, what that costs, and what a wrong value in it does not stop.

use super::volume::within;
use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, Team};

/// So many kinds, each with the prompt `ask.md`, and all of them asked for, one by one.
fn kinds(count: usize) -> String {
    let block = |n| {
        format!(
            "[rustassistant-kind \"k{n}\"]\n\tprompt = ask.md\n[rustassistant]\n\tkinds = k{n}\n"
        )
    };
    (0..count).map(block).collect()
}

fn asking(server: &Server) -> Repo {
    let mut repo = Repo::of_two_files();
    repo.ask(server, "openai-chat");
    repo.write("ask.md", "Is it safe?\n");
    repo.commit("a prompt");
    repo
}

#[test]
fn a_tracked_file_describes_so_many_kinds_and_no_more() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let repo = asking(&server);
    let described: String = (0..9_000)
        .map(|n| format!("[rustassistant-kind \"k{n}\"]\n\tprompt = ask.md\n"))
        .collect();
    repo.write(".rustassistantconfig", described);
    for command in [&["config", "list"][..], &["status"], &["analyze", "-n"]] {
        let output = within(&repo, 20, 400_000, command);
        assert_eq!(output.code, Some(0), "{command:?}: {output:?}");
        let warning =
            "ignoring kinds (tracked .rustassistantconfig): a tracked file may define at most 64";
        assert_eq!(output.stderr.matches(warning).count(), 1, "{output:?}");
    }
    repo.write(".rustassistantconfig", kinds(64));
    let all = within(&repo, 20, 400_000, &["analyze", "-n", "b.rs"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    repo.write(".rustassistantconfig", kinds(9_000));
    let more = within(&repo, 20, 400_000, &["analyze", "b.rs"]);
    assert_eq!(more.code, Some(2), "{more:?}");
    assert!(more.stderr.contains("unknown kind 'k64'"), "{more:?}");
    assert!(server.received().is_empty());
}

/// Their user may have as many kinds as they like: it costs what they are.
#[test]
fn a_thousand_kinds_cost_a_thousand_times_one() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let repo = asking(&server);
    let own = repo.home().join(".gitconfig");
    let usual = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, usual + &kinds(4_000)).unwrap();
    for command in [
        &["analyze", "-n", "b.rs"][..],
        &["analyze", "--cached", "b.rs"],
    ] {
        let output = within(&repo, 30, 800_000, command);
        assert!(
            matches!(output.code, Some(0 | 3)),
            "{command:?}: {output:?}"
        );
    }
}

#[test]
fn however_often_a_tracked_file_says_something_it_is_read_once() {
    let repo = Repo::of_two_files();
    repo.git(&[
        "config",
        "--global",
        "rustassistant.exclude",
        &"x ".repeat(900),
    ]);
    for line in [
        "maxFileSize = much",
        "maxFileSize = 4k",
        "exclude =",
        "exclude = y\n\texclude =",
        "kinds = docs",
        "kinds =",
        "failOn = error",
        "maxfunctionlines = 9",
    ] {
        let text = format!("[rustassistant]\n{}", format!("\t{line}\n").repeat(40_000));
        repo.write(".rustassistantconfig", text);
        let output = within(&repo, 20, 800_000, &["status"]);
        let expected = if line.ends_with("much") { 2 } else { 0 };
        assert_eq!(output.code, Some(expected), "{line}");
        assert!(output.stderr.len() < 3_000, "{line}");
    }
    for line in ["model", "effort", "failOn"] {
        let text = format!("[rustassistant]\n\t{line} = {}\n", "x".repeat(500_000));
        repo.write(".rustassistantconfig", text);
        let output = repo.run(&["status"]);
        assert_eq!(output.code, Some(2), "{line}");
        assert!(output.stderr.contains("longer than 1024 bytes"), "{line}");
        assert!(
            output.stderr.len() < 1_000,
            "{line}: {}",
            output.stderr.len()
        );
    }
    repo.write(".rustassistantconfig", "#".repeat(2 << 20));
    let output = repo.run(&["status"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output
            .stderr
            .contains(".rustassistantconfig is larger than"),
        "{output:?}"
    );
}

/// Texts that no command takes for settings.
const WRONG: [&str; 4] = [
    "[rustassistant]\n\tfailOn = soon\n",
    "[rustassistant]\n\tkinds = none-such\n",
    "[rustassistant\n",
    "[rustassistant-kind \"docs\"]\n\tprompt = a.md\n",
];

#[test]
fn what_a_tracked_file_says_wrongly_stops_nothing_that_it_has_no_say_in() {
    for wrong in WRONG {
        let team = Team::new(1);
        let repo = &team.clones[0];
        assert_eq!(repo.run(&["init"]).code, Some(0));
        assert_eq!(repo.run(&["analyze"]).code, Some(0));
        repo.write(".rustassistantconfig", wrong);
        assert_eq!(repo.run(&["analyze"]).code, Some(2), "{wrong}");
        for command in [
            &["fetch"][..],
            &["push"],
            &["fetch", "origin"],
            &["push", "origin"],
            &["sync"],
            &["cache", "compact"],
            &["models"],
            &["hook", "status"],
            &["init"],
            &["init", "--undo"],
        ] {
            let output = repo.run(command);
            assert_eq!(output.code, Some(0), "{wrong} {command:?}: {output:?}");
            assert!(
                !output.stderr.contains("cannot"),
                "{wrong} {command:?}: {output:?}"
            );
        }
    }
}
