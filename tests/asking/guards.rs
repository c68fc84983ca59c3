//! What keeps code and key where they belong: agreement, attributes, secrets, and settings that
//! nobody but the user may write.

use std::fs;

use crate::support::model::{KEY, analysis, answer};
use crate::support::server::{Canned, Server};
use crate::support::{Repo, Report};

fn server() -> Server {
    Server::start(|_| answer("openai-chat", &analysis()))
}

fn asking(server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, "openai-chat");
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("one");
    repo
}

#[test]
fn without_an_agreement_nothing_is_sent() {
    let server = server();
    let mut repo = asking(&server);
    repo.set("RUSTASSISTANT_YES", "0");
    let output = repo.run(&["analyze"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("nothing sent to 127.0.0.1"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("--yes"), "{}", output.stderr);
    assert!(server.received().is_empty());
    assert_eq!(
        Report::of(&repo.run(&["analyze", "-y", "--output", "json"])).words(),
        "1 analyzed"
    );
    // What is known needs no agreement, and no key.
    repo.set("TEST_API_KEY", "");
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
}

#[test]
fn a_repository_cannot_agree_in_its_users_name() {
    let server = server();
    let mut repo = asking(&server);
    repo.set("RUSTASSISTANT_YES", "0");
    repo.git(&["config", "rustassistant.yes", "true"]);
    repo.write(".rustassistantconfig", "[rustassistant]\n\tyes = true\n");
    let output = repo.run(&["analyze"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("ignoring rustassistant.yes (local"),
        "{}",
        output.stderr
    );
    assert!(
        output
            .stderr
            .contains("ignoring rustassistant.yes (tracked"),
        "{}",
        output.stderr
    );
    assert!(server.received().is_empty());
}

#[test]
fn a_hostile_repository_changes_nothing_but_what_is_warned_of() {
    let (server, trap) = (server(), server());
    let repo = asking(&server);
    let url = trap.url();
    let hostile = format!(
        "[rustassistant]\n\tprovider = evil\n\tcommand = touch owned\n\theaders = a: b\n\
         [rustassistant-provider \"test\"]\n\turl = {url}/v1\n\tkeyEnv = HOME\n\theader = x\n\
         [rustassistant-provider \"evil\"]\n\turl = {url}/v1\n\
         [rustassistant-model \"test-model\"]\n\tinputPrice = 0\n\
         [include]\n\tpath = /etc/passwd\n[credential]\n\thelper = !touch owned\n"
    );
    repo.write(".rustassistantconfig", &hostile);
    for key in ["url", "keyEnv", "api", "maxConcurrency"] {
        let name = format!("rustassistant-provider.test.{key}");
        repo.git(&["config", &name, &url]);
    }
    let output = repo.run(&["analyze", "--output", "json"]);
    assert_eq!(Report::of(&output).words(), "1 analyzed");
    assert!(trap.received().is_empty());
    assert_eq!(server.received().len(), 1);
    assert!(!repo.path().join("owned").exists());
    for name in [
        "rustassistant.provider",
        "rustassistant.command",
        "rustassistant.headers",
        "rustassistant-provider.test.url",
        "rustassistant-provider.test.keyEnv",
        "rustassistant-provider.test.header",
        "rustassistant-provider.evil.url",
        "rustassistant-model.test-model.inputPrice",
        "include.path",
        "credential.helper",
    ] {
        let warned = format!("ignoring {name} (tracked").to_lowercase();
        assert!(
            output.stderr.to_lowercase().contains(&warned),
            "{name}: {}",
            output.stderr
        );
    }
    assert!(
        output
            .stderr
            .contains("ignoring rustassistant-provider.test.url (local")
    );
}

#[test]
fn the_key_is_seen_in_one_header_and_nowhere_else() {
    let echo = format!("{{\"error\": {{\"message\": \"wrong key {KEY}\"}}}}");
    let server = Server::start(move |received| match received.nth {
        0 => answer("openai-chat", &analysis()),
        _ => Canned::new(401, echo.clone()),
    });
    let repo = asking(&server);
    let mut said = String::new();
    for arguments in [
        &["analyze", "-v", "--output", "json"][..],
        &["analyze", "-v", "--refresh"],
        &["config", "list", "--origin"],
        &["doctor"],
        &["models"],
        &["show", "a.rs"],
        &["cache", "list"],
    ] {
        let output = repo.run(arguments);
        said += &(output.stdout + &output.stderr);
    }
    assert!(!said.contains(KEY), "{said}");
    assert!(said.contains("TEST_API_KEY"), "{said}");
    let stored = repo.git(&["log", "-p", "--format=%B", "refs/rustassistant/local/v1"]);
    assert!(stored.contains("test-model") && !stored.contains(KEY));
    let mut open = vec![repo.path().join(".git/rustassistant")];
    while let Some(folder) = open.pop() {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                assert!(
                    !String::from_utf8_lossy(&bytes).contains(KEY),
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_missing_key_is_named_before_anything_is_sent() {
    let server = server();
    let mut repo = asking(&server);
    repo.set("TEST_API_KEY", "");
    let output = repo.run(&["analyze"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.contains("TEST_API_KEY is not set"),
        "{}",
        output.stderr
    );
    assert!(server.received().is_empty());
}

#[test]
fn what_is_to_stay_here_and_what_holds_a_secret_is_not_sent() {
    let server = server();
    let repo = asking(&server);
    repo.write(
        ".gitattributes",
        "private.rs rustassistant=local\nnever.rs -rustassistant\n",
    );
    repo.write("private.rs", "fn p() {}\n");
    repo.write("never.rs", "fn n() {}\n");
    let secret = [
        "const T: &str = \"ghp_",
        "x7Qp2LmZ9vRt4KcW8sYb3NfH6jDg1TaE5uXo\";\n",
    ]
    .concat();
    repo.write("key.rs", format!("// one\n{secret}"));
    repo.commit("more");
    let report = repo.analyze(&[]);
    assert_eq!(
        report.lines(),
        [
            "a.rs: analyzed",
            "key.rs: skipped: line 2 looks like a secret",
            "never.rs: skipped: excluded by the attribute -rustassistant",
            "private.rs: skipped: excluded by the attribute rustassistant=local",
        ]
    );
    assert_eq!(server.received().len(), 1);
    let local = repo.analyze(&["--provider", "local", "private.rs"]);
    assert_eq!(local.words(), "1 analyzed");
}

#[test]
fn a_dry_run_says_what_would_be_sent_and_sends_nothing() {
    let server = server();
    let mut repo = asking(&server);
    repo.set("RUSTASSISTANT_YES", "0");
    repo.set("TEST_API_KEY", "");
    let output = repo.run(&["analyze", "-n"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(
        output.stderr.contains("would send 1 file to 127.0.0.1"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("1 request;") && output.stderr.contains("$?"));
    repo.price();
    let priced = repo.run(&["analyze", "-n"]).stderr;
    assert!(!priced.contains("$?"), "{priced}");
    assert!(server.received().is_empty());
}

/// A helper that knows a key, and notes what it is asked and told.
fn helper(repo: &Repo) -> std::path::PathBuf {
    let log = repo.home().join("helper.log");
    let script = format!(
        "!f() {{ echo \"$1\" >> {}; test \"$1\" = get && echo username=me && echo password={KEY}; }}; f",
        log.display()
    );
    repo.git(&["config", "--global", "credential.helper", &script]);
    log
}

#[test]
fn a_key_may_be_with_gits_credential_helpers_and_they_are_told_what_became_of_it() {
    let refused = || {
        let body = serde_json::json!({"error": {"message": "no", "code": "invalid_api_key"}});
        Canned::json(401, &body)
    };
    let server = Server::start(move |received| match received.nth {
        0 => answer("openai-chat", &analysis()),
        _ => refused(),
    });
    let mut repo = asking(&server);
    repo.set("TEST_API_KEY", "");
    let log = helper(&repo);
    let told = || fs::read_to_string(&log).unwrap_or_default();
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(told(), "get\nstore\n");
    let bearer = format!("Bearer {KEY}");
    assert_eq!(
        server.received()[0].header("authorization"),
        Some(bearer.as_str())
    );
    // A hit asks nobody for a key.
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(told(), "get\nstore\n");
    let output = repo.run(&["analyze", "--refresh"]);
    assert_eq!(output.code, Some(3));
    assert!(
        output.stderr.contains("credential helpers"),
        "{}",
        output.stderr
    );
    assert_eq!(told(), "get\nstore\nget\nerase\n");
}

#[test]
fn a_helper_that_a_repository_names_is_not_run() {
    let server = server();
    let mut repo = asking(&server);
    repo.set("TEST_API_KEY", "");
    let owned = repo.home().join("owned");
    let evil = format!("!touch {}; echo password=x; :", owned.display());
    repo.git(&["config", "credential.helper", &evil]);
    assert_eq!(repo.run(&["analyze"]).code, Some(2));
    assert!(!owned.exists());
}
