//! The library as a server would use it: sessions in one long process, on several threads, over texts
//! that are in no file yet.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use jiff::Timestamp;
use rustassistant::model::{Outcome, RepoPath, Status};
use rustassistant::report::{Tool, compare};
use rustassistant::scan::{Place, Selection};
use rustassistant::session::{Environment, Event, Extent, Recorder, Request, Session};
use rustassistant::settings::Flag;

use crate::support::{Objects, Repo};

const TOOL: Tool = Tool {
    name: "a-server",
    version: "1",
};

fn host() -> Recorder {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_git-rustassistant"));
    Recorder::new(Environment::default(), program, || {
        "2026-11-30T12:00:00Z".parse::<Timestamp>().unwrap()
    })
}

fn todos() -> Vec<Flag> {
    vec![Flag {
        key: "kinds",
        name: "--kind",
        values: vec!["todos".to_owned()],
    }]
}

/// Opens, analyzes a buffer, and compares two revisions: one request of a server's.
fn request(host: &Recorder, folder: &Path, number: usize) -> (Outcome, usize) {
    let session = Session::open_at(host, folder, todos()).unwrap();
    let text = format!("// TODO: {}\nfn unsaved() {{}}\n", number % 3);
    let path = RepoPath::from("src/unsaved.rs");
    let buffer = session.analyze_text(&path, Arc::from(text.as_bytes()), Request::default());
    let now = Selection {
        place: Place::Rev("HEAD".to_owned()),
        pathspecs: session.pathspecs(vec![":/".into()]),
        files: None,
        differs_from: None,
    };
    let sides = session.compare("HEAD~1", now, Extent::Changes, Request::default());
    let sides = sides.unwrap();
    let new = compare(&sides.before, &sides.after, TOOL)
        .comparison
        .unwrap();
    (buffer.unwrap(), new.new.total() as usize)
}

fn repo() -> Repo {
    let repo = Repo::with(Objects::Sha1);
    repo.write("src/lib.rs", "fn first() {}\n");
    repo.commit("first");
    repo.write("src/lib.rs", "// TODO: second\nfn first() {}\n");
    repo.commit("second");
    repo
}

#[test]
fn a_text_that_is_in_no_file_is_answered_and_nothing_is_written_to_the_work_tree() {
    let repo = repo();
    let host = host();
    let (buffer, new) = request(&host, &repo.path(), 0);
    assert_eq!(new, 1);
    let row = &buffer.rows[0];
    assert_eq!(row.path, RepoPath::from("src/unsaved.rs"));
    assert!(matches!(row.status, Status::Analyzed(_)), "{row:?}");
    assert_eq!(
        row.entry.as_ref().unwrap().entry().analysis.findings.len(),
        1
    );
    assert!(!repo.path().join("src/unsaved.rs").exists());
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // The same text once more is a hit.
    let (again, _) = request(&host, &repo.path(), 0);
    assert!(
        matches!(again.rows[0].status, Status::Cached(_)),
        "{again:?}"
    );
    let events = host.take();
    let is_quiet = |event: &Event| matches!(event, Event::Detail(_));
    assert!(events.iter().all(is_quiet), "{events:?}");
}

#[test]
fn an_excluded_path_keeps_its_text_from_being_analyzed_though_it_is_in_no_file() {
    let repo = repo();
    repo.write(".gitattributes", "unsaved.rs -rustassistant\n");
    let (buffer, _) = request(&host(), &repo.path(), 0);
    assert!(
        matches!(buffer.rows[0].status, Status::Skipped(_)),
        "{buffer:?}"
    );
}

/// In a process of its own, since other tests grow this one.
#[test]
fn a_thousand_requests_on_two_threads_leave_the_process_as_large_as_it_was() {
    let suite = std::env::current_exe().unwrap();
    let only = [
        "--exact",
        "session::a_server_of_a_thousand_requests",
        "--ignored",
    ];
    let output = Command::new(suite).args(only).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above"]
fn a_server_of_a_thousand_requests() {
    const REQUESTS: usize = 1000;
    let repo = repo();
    let folder = repo.path();
    let serve = |from: usize, to: usize| {
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let folder = &folder;
                scope.spawn(move || {
                    let host = host();
                    for number in (from..to).skip(thread).step_by(2) {
                        let (buffer, new) = request(&host, folder, number);
                        assert_eq!((buffer.totals.notes, new), (1, 1));
                        assert!(host.take().len() <= 1);
                    }
                });
            }
        });
    };
    // What every process takes once is taken by then.
    serve(0, REQUESTS / 5);
    let before = (resident(), open_files());
    serve(REQUESTS / 5, REQUESTS);
    let after = (resident(), open_files());
    let (Some(was), Some(is)) = (before.0, after.0) else {
        eprintln!("left out: this system does not tell how large a process is");
        return;
    };
    assert!(is < was + (4 << 20), "{was} bytes have become {is}");
    assert!(after.1 <= before.1 + 4, "{before:?} {after:?}");
}

/// What this process has in memory, in bytes (proc(5), statm).
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
