//! Agreeing to send code is the user's own doing: no archive can bring it, however it was prepared.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

use rustassistant::model::{ObjectFormat, Oid};

use super::terminal::at_a_terminal;
use crate::support::Repo;
use crate::support::model::{analysis, answer};
use crate::support::server::Server;

fn asking() -> (Repo, Server) {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut repo = Repo::of_two_files();
    repo.ask(&server, "openai-chat");
    repo.set("RUSTASSISTANT_YES", "0");
    (repo, server)
}

/// Says yes at a terminal; `None` where none can be made.
fn agree(repo: &Repo) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    at_a_terminal(
        repo,
        &format!("{} analyze --refresh b.rs", program.display()),
        "y\n",
    )
}

/// A line for every place that the folder could have, sealed by whoever knows how.
fn guesses(repo: &Repo, count: u64) -> String {
    let git = fs::metadata(repo.path().join(".git")).unwrap();
    let (device, first) = (git.dev(), git.ino().saturating_sub(count / 2));
    let prompt = Oid::of_blob(ObjectFormat::Sha256, b"prompt");
    let digest = |text: String| Oid::of_blob(ObjectFormat::Sha256, text.as_bytes());
    let line = |inode: u64| {
        let place = format!("{device}:{inode}");
        let seal = digest(format!("api.example\nrefactor\n{prompt}\n{place}\n"));
        format!("{seal} api.example refactor {prompt} 2026-11-27\n")
    };
    (first..=first + count).map(line).collect()
}

#[test]
fn a_seal_cannot_be_made_without_the_users_secret() {
    let (repo, _server) = asking();
    let own = repo.path().join(".git/rustassistant");
    fs::create_dir_all(&own).unwrap();
    for count in [0, 50, 20_000] {
        fs::write(own.join("consent"), guesses(&repo, count)).unwrap();
        let since = Instant::now();
        assert_eq!(repo.run(&["config", "consent"]).stdout, "");
        assert!(since.elapsed() < Duration::from_secs(3));
    }
    // Nor by one that the repository brings along, wherever it puts it.
    for place in [
        "secret",
        ".local/state/git-rustassistant/secret",
        ".git/rustassistant/secret",
    ] {
        repo.write(place, [7; 32]);
    }
    assert_eq!(repo.run(&["config", "consent"]).stdout, "");
}

#[test]
fn the_secret_is_the_users_alone_and_lies_outside_of_the_repository() {
    let (mut repo, server) = asking();
    // By the user's own choice of a folder, too.
    for state in [".local/state", "elsewhere"] {
        let folder = repo.home().join(state);
        if state == "elsewhere" {
            repo.set("XDG_STATE_HOME", folder.to_str().unwrap());
        }
        let Some(said) = agree(&repo) else { return };
        assert!(said.contains("Send it?"), "{said}");
        let secret = folder.join("git-rustassistant/secret");
        let metadata = fs::metadata(&secret).unwrap();
        assert_eq!((metadata.len(), metadata.mode() & 0o777), (32, 0o600));
        assert!(
            repo.run(&["config", "consent"])
                .stdout
                .starts_with("127.0.0.1:")
        );
        let before = server.received().len();
        let again = repo.run(&["analyze", "--refresh", "b.rs"]);
        assert_eq!(
            (again.code, server.received().len()),
            (Some(0), before + 1),
            "{again:?}"
        );
        // One that others may have read or chosen does not count.
        for mode in [0o640, 0o602] {
            fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(repo.run(&["config", "consent"]).stdout, "");
        }
        let said = agree(&repo).unwrap();
        assert!(said.contains("others may read or write it"), "{said}");
        fs::remove_file(&secret).unwrap();
        assert_eq!(repo.run(&["config", "consent"]).stdout, "");
    }
}

#[test]
fn without_a_home_an_agreement_cannot_be_kept_and_that_is_said() {
    let (mut repo, server) = asking();
    for home in ["", "relative"] {
        repo.set("HOME", home);
        repo.set("XDG_STATE_HOME", home);
        let Some(said) = agree(&repo) else { return };
        assert!(said.contains("cannot be kept"), "{said}");
        assert!(said.contains("--yes"), "{said}");
    }
    assert!(server.received().is_empty());
}
