//! A run that finds every answer in the store reaches for nothing: no socket, no runtime, no key.

use std::path::Path;

use crate::support::Repo;
use crate::support::model::{analysis, answer};
use crate::support::server::Server;

const STRACE: &str = "/usr/bin/strace";

fn answered(server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, "openai-chat");
    for number in 0..20 {
        let text = format!("fn f{number}() {{}}\n");
        repo.write(&format!("f{number}.rs"), text);
    }
    repo.commit("files");
    assert_eq!(repo.analyze(&[]).words(), "20 analyzed");
    repo
}

/// The calls of the program, and of what it starts, in which one of these words stands.
fn calls(repo: &Repo, arguments: &[&str], wanted: &[&str]) -> Vec<String> {
    let log = repo.home().join("calls");
    let mut strace = repo.command(Path::new(STRACE));
    strace.args(["-f", "-o"]).arg(&log);
    strace.arg(repo.program().get_program()).arg("analyze");
    let output = repo.finish(strace.args(arguments));
    assert_eq!(output.code, Some(0), "{output:?}");
    let text = std::fs::read_to_string(log).unwrap();
    let is_wanted = |line: &&str| wanted.iter().any(|word| line.contains(word));
    text.lines().filter(is_wanted).map(str::to_owned).collect()
}

#[test]
fn a_run_of_hits_opens_no_socket_and_starts_no_runtime() {
    if !Path::new(STRACE).exists() {
        eprintln!("skipped: there is no strace");
        return;
    }
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let repo = answered(&server);
    let reaching = [" socket(", " connect(", " epoll_create", " eventfd"];
    assert_eq!(calls(&repo, &[], &reaching), [""; 0]);
    assert_eq!(calls(&repo, &["--rev", "HEAD"], &reaching), [""; 0]);
    // The same eyes see what a question takes.
    let asked = calls(&repo, &["--refresh"], &reaching).join("\n");
    for call in [" socket(", " epoll_create"] {
        assert!(asked.contains(call), "{call}: {asked}");
    }
}

#[test]
fn a_run_of_hits_needs_no_key_no_server_and_no_agreement() {
    let trap = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = answered(&Server::start(|_| answer("openai-chat", &analysis())));
    let asked = repo.home().join("asked");
    let helper = format!("!touch {}; :", asked.display());
    repo.git(&["config", "--global", "credential.helper", &helper]);
    repo.set("TEST_API_KEY", "");
    repo.set("RUSTASSISTANT_YES", "0");
    for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
        repo.set(proxy, &trap.url());
    }
    assert_eq!(repo.analyze(&[]).words(), "20 cached");
    assert!(trap.received().is_empty() && !asked.exists());
}
