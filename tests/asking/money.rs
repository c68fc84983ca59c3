//! What money is shown and kept: what was saved, what nobody has priced, and that paid answers are
//! not dropped by accident.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::support::model::{analysis, answer, body};
use crate::support::server::{Canned, Server};
use crate::support::{Repo, Report};

const CHAT: &str = "openai-chat";

fn files(count: u32, server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, CHAT);
    for number in 0..count {
        repo.write(
            &format!("f{number:03}.rs"),
            format!("fn f{number}() {{}}\n"),
        );
    }
    repo.commit("files");
    repo
}

fn server() -> Server {
    Server::start(|_| answer(CHAT, &analysis()))
}

/// SARIF tells what lies beside a change, too, and a change to one file must not pay for all.
#[test]
fn sarif_of_a_comparison_asks_a_model_about_what_differs_alone() {
    let server = server();
    let repo = files(3, &server);
    repo.write("f000.rs", "fn edited() {}\n");
    let output = repo.run(&["analyze", "--new-since", "HEAD", "--output", "sarif"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(server.received().len(), 2);
    assert!(
        output.stderr.contains("SARIF lacks 2 answers"),
        "{output:?}"
    );
}

#[test]
fn what_reused_answers_had_cost_is_shown_as_saved() {
    let server = server();
    let repo = files(2, &server);
    repo.price();
    for _ in 0..3 {
        repo.analyze(&[]);
    }
    // Two answers of $0.0023, reused twice.
    let stats = repo.run(&["cache", "stats"]).silent();
    assert!(stats.contains("saved $0.0092"), "{stats}");
}

#[test]
fn one_request_without_a_price_does_not_hide_what_the_others_cost() {
    let server = Server::start(|received| {
        let mut body = body(CHAT, &analysis());
        if received.nth == 0 {
            body.as_object_mut().unwrap().remove("usage");
        }
        Canned::json(200, &body)
    });
    let repo = files(3, &server);
    repo.price();
    let output = repo.run(&["analyze"]);
    assert!(
        output.stdout.contains("cost $0.0046 + 1 unpriced"),
        "{output:?}"
    );
    let stats = repo.run(&["cache", "stats"]).silent();
    assert!(stats.contains("$0.0046 + 1 unpriced"), "{stats}");
    let again = repo.run(&["analyze"]);
    assert!(
        again.stdout.contains("saved $0.0046 + 1 unpriced"),
        "{again:?}"
    );
    // Machines are not told half a sum as a whole.
    let report = repo.analyze(&["--refresh", "f000.rs"]);
    assert_eq!(report.0["summary"]["cost_usd"], "0.0023");
}

#[test]
fn what_nobody_counted_is_not_shown_as_nothing() {
    for usage in [
        json!(null),
        json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
    ] {
        let mut body = body(CHAT, &analysis());
        body["usage"] = usage;
        let server = Server::start(move |_| Canned::json(200, &body));
        let repo = files(1, &server);
        repo.price();
        let output = repo.run(&["analyze"]);
        assert!(!output.stdout.contains("0 in, 0 out"), "{output:?}");
        assert!(
            output.stdout.contains("Tokens: not counted · cost $?"),
            "{output:?}"
        );
    }
}

#[test]
fn a_price_counts_under_the_name_that_models_prints() {
    let server = server();
    let repo = files(1, &server);
    for (key, price) in [("inputPrice", "2"), ("outputPrice", "6")] {
        let key = format!("rustassistant-model.test/test-model.{key}");
        repo.git(&["config", "--global", &key, price]);
    }
    let models = repo.run(&["models", "test"]).silent();
    let line = models
        .lines()
        .find(|line| line.contains("test/test-model"))
        .unwrap();
    assert!(
        line.contains("$2.00") && !models.contains("test/test/"),
        "{models}"
    );
    let report = repo.analyze(&["--max-cost", "1"]);
    assert_eq!(report.0["summary"]["cost_usd"], "0.0023");
    // Of two, the nearer name counts.
    repo.price();
    repo.git(&[
        "config",
        "--global",
        "rustassistant-model.test/test-model.inputPrice",
        "4",
    ]);
    let report = repo.analyze(&["--refresh"]);
    assert_eq!(report.0["summary"]["cost_usd"], "0.0043");
}

#[test]
fn paid_answers_are_not_dropped_unasked() {
    let server = server();
    let repo = files(2, &server);
    repo.price();
    repo.analyze(&[]);
    repo.analyze(&["--provider", "local"]);
    let foreseen = repo.run(&["cache", "clear", "-n"]).silent();
    assert_eq!(
        foreseen,
        "would remove 4 entries here (2 paid answers, $0.0046)\n"
    );
    let refused = repo.run(&["cache", "clear"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("2 paid answers ($0.0046)"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(repo.analyze(&["--cached"]).words(), "2 cached");
    // What costs nothing is dropped as before.
    repo.write("other.rs", "fn other() {}\n");
    repo.analyze(&["--untracked", "other.rs", "--provider", "local"]);
    let free = repo.run(&["cache", "clear", "--path", "other.rs"]);
    assert_eq!(free.code, Some(0), "{free:?}");
    assert!(free.stdout.contains("removed 1 entry"), "{free:?}");
    let cleared = repo.run(&["cache", "clear", "--yes"]);
    assert!(cleared.stdout.contains("removed 4 entries"), "{cleared:?}");
    assert_eq!(repo.run(&["cache", "clear"]).code, Some(0));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_dry_run_counts_what_a_killed_run_has_left() {
    let server = Server::start(|received| {
        if received.nth < 6 {
            answer(CHAT, &analysis())
        } else {
            Canned::silence()
        }
    });
    let repo = files(10, &server);
    let mut program = repo.program();
    let mut child = program.args(["analyze", "-q"]).spawn().unwrap();
    let begun = std::time::Instant::now();
    while server.received().len() < 10 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    sleep(Duration::from_secs(1));
    child.kill().unwrap();
    child.wait().unwrap();
    let foreseen = repo.run(&["analyze", "-n", "--output", "json"]);
    assert_eq!(Report::of(&foreseen).words(), "6 cached, 4 missing");
    assert!(
        foreseen.stderr.contains(": 4 requests;"),
        "{}",
        foreseen.stderr
    );
    // Nothing was done: the next run takes them in.
    assert_eq!(
        repo.run(&["analyze", "--cached", "--output", "json"]).code,
        Some(3)
    );
    assert_eq!(server.received().len(), 10);
}

#[test]
fn a_dry_run_tells_what_is_likely_by_earlier_answers() {
    let server = server();
    let repo = files(3, &server);
    repo.price();
    let before = repo.run(&["analyze", "-n"]).stderr;
    assert!(!before.contains("likely about"), "{before}");
    repo.analyze(&["f000.rs"]);
    // 2 × (about 1,000 × $2 + 50 × $6) for a million.
    let after = repo.run(&["analyze", "-n"]).stderr;
    let (_, likely) = after.split_once("likely about $").unwrap();
    let likely: f64 = likely.trim().parse().unwrap();
    assert!((0.003..0.008).contains(&likely), "{after}");
}

#[test]
fn what_a_server_says_that_it_cost_does_not_beat_the_users_price() {
    let server = Server::start(|_| {
        let mut free = body("openai-chat", &analysis());
        free["usage"]["cost_in_usd_ticks"] = 0.into();
        Canned::json(200, &free)
    });
    let mut repo = Repo::new();
    repo.ask(&server, "openai-chat");
    for number in 0..20 {
        repo.write(&format!("{number}.rs"), format!("fn f{number}() {{}}\n"));
    }
    repo.commit("files");
    repo.price();
    // One answer is 1,000 × $2 + 50 × $6, for a million: $0.0023.
    let output = repo.run(&["analyze", "--output", "json", "--max-cost", "0.02"]);
    assert_eq!(output.code, Some(4), "{}", output.stderr);
    let cost = &Report::of(&output).0["summary"]["cost_usd"];
    let cost: f64 = cost.as_str().unwrap().parse().unwrap();
    assert!(0.01 < cost && cost < 0.0223, "{cost}");
}

/// What a provider has begun to answer it may charge for, whole or not.
#[test]
fn answers_that_do_not_come_whole_count_against_the_limit_of_cost() {
    let long = || Canned::json(200, &body(CHAT, &"x".repeat(3 << 20)));
    let cut = || Canned::json(200, &body(CHAT, &analysis())).cut_after(40);
    let faults: [fn() -> Canned; 2] = [long, cut];
    for fault in faults {
        let server = Server::start(move |received| match received.nth % 4 {
            0 => answer(CHAT, &analysis()),
            _ => fault(),
        });
        let repo = files(12, &server);
        repo.price();
        // Each may take 16,384 tokens of an answer at $6 a million: ten cents.
        let output = repo.run(&["analyze", "--jobs", "1", "--max-cost", "0.25"]);
        assert_eq!(output.code, Some(4), "{output:?}");
        assert!(server.received().len() <= 6, "{output:?}");
    }
}
