//! What must hold against whoever writes what this program reads. docs/security.md names the test
//! of each promise.

mod agreement;
mod apart;
mod bounds;
mod code;
mod configured;
mod dependencies;
mod endless;
mod entrance;
mod entries;
mod gates;
mod keys;
mod names;
mod outputs;
mod own_folder;
mod places;
mod promised;
mod prompts;
mod publishing;
mod reading;
mod settings;
mod terminal;
mod volume;

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::Repo;

/// A place that nobody must go to. It counts who does.
struct Trap {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Self { address, visits }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many have been here since the last time this was asked.
    fn visits(&self) -> usize {
        // Whoever came before is counted before this question, which ends when it is.
        let mut question = TcpStream::connect(self.address).unwrap();
        let _ = question.read(&mut [0]);
        self.visits.swap(0, Ordering::SeqCst) - 1
    }
}

/// Every subcommand that is there to look at a repository, in forms that do not need another one.
const COMMANDS: [&[&str]; 19] = [
    &["analyze"],
    &["analyze", "--rev", "HEAD", "-k", "all"],
    &["analyze", "--untracked"],
    &["analyze", "-n"],
    &["refactor", "analyze", "a.rs"],
    &["docs", "module", "a.rs"],
    &["todos"],
    &["diff", "HEAD"],
    &["show", "a.rs"],
    &["status"],
    &["cache", "status"],
    &["cache", "list"],
    &["cache", "explain", "a.rs"],
    &["cache", "verify"],
    &["config", "list", "--origin"],
    &["models"],
    &["doctor"],
    &["hook", "status"],
    &["init", "--dry-run"],
];

/// What runs if anything does that should not: a shell command that leaves a mark at home.
fn order(repo: &Repo) -> String {
    format!("touch {}", repo.home().join("owned").display())
}

#[track_caller]
fn assert_untouched(repo: &Repo, what: &str) {
    assert!(!repo.home().join("owned").exists(), "{what}");
}
