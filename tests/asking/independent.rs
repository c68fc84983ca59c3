//! The protocols as somebody else understood them: `@copilotkit/aimock`, which `.ci/run` installs
//! where Node is. Where it is not, the test says that it is left out.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::Repo;
use crate::support::model::{PROTOCOLS, finding};

/// The peer, until it is dropped.
struct Peer {
    child: Child,
    address: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn program() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/aimock");
    let program = folder.join("node_modules/.bin/llmock");
    program.exists().then_some(program)
}

/// Every text is answered, but for those that break, and those that are answered when asked again.
fn start(repo: &Repo, program: &Path) -> Peer {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "input_tokens": 100, "output_tokens": 20});
    let first = |said: &str, response| json!({"match": {"userMessage": said, "sequenceIndex": 0}, "response": response});
    let fixtures = json!({"fixtures": [
        first("case:down", json!({"error": {"message": "down", "type": "server_error"}, "status": 503})),
        first("case:limit", json!({"error": {"message": "slow down", "type": "rate_limit_error",
            "code": "rate_limit_exceeded"}, "status": 429, "retryAfter": 1})),
        {"match": {"userMessage": "case:drop"}, "chaos": {"disconnectRate": 1}, "response": {"content": "x"}},
        {"match": {"userMessage": "case:bad"}, "chaos": {"malformedRate": 1}, "response": {"content": "x"}},
        {"match": {"userMessage": "fn odd"}, "response": {"content": finding("fn odd() -> u8 { 7 }"), "usage": usage}},
    ]});
    std::fs::write(repo.home().join("fixtures.json"), fixtures.to_string()).unwrap();
    // Free a moment ago: it cannot be told to choose one and say which.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let child = repo
        .command(program)
        .current_dir(repo.home())
        .args(["-f", "fixtures.json", "--strict", "-p"])
        .arg(address.port().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not listen"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Peer {
        child,
        address: format!("http://{address}"),
    }
}

#[test]
fn a_whole_repository_is_asked_about_with_the_right_totals_in_every_protocol() {
    let Some(program) = program() else {
        eprintln!("skipped: there is no aimock in target/aimock; .ci/run installs it");
        return;
    };
    for (protocol, files) in PROTOCOLS.into_iter().zip([200_u64, 10, 10, 10]) {
        let mut repo = Repo::new();
        for number in 0..files {
            let text = format!("// file {number}\nfn odd() -> u8 {{ 7 }}\n");
            repo.write(&format!("f{number}.rs"), text);
        }
        for case in ["down", "limit", "drop", "bad"] {
            let text = format!("// case:{case}\nfn odd() -> u8 {{ 7 }}\n");
            repo.write(&format!("{case}.rs"), text);
        }
        repo.commit("all");
        let peer = start(&repo, &program);
        repo.ask_at(&peer.address, protocol);
        // Whoever is asked five times takes about as long as a run may say nothing.
        let report = repo.analyze(&["--progress=never"]);
        let answered = files + 2;
        assert_eq!(
            report.words(),
            format!("{answered} analyzed, 2 failed"),
            "{protocol}"
        );
        // What it says of tokens in Ollama's protocol is always nothing.
        let counted = if protocol == "ollama" { 0 } else { answered };
        assert_eq!(report.0["summary"]["tokens"]["input"], counted * 100);
        assert_eq!(report.0["summary"]["tokens"]["output"], counted * 20);
        assert_eq!(report.0["summary"]["findings"]["warning"], answered);
        assert_eq!(repo.analyze(&["--cached"]).count("cached"), answered);
    }
}
