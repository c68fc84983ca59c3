//! What sharing costs against plain git that moves the same: P10, and the first fetch.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustassistant::git::Repo;
use rustassistant::model::ObjectFormat;
use rustassistant::store::{Batch, Written};
use tempfile::TempDir;

use super::fill::numbered;
use super::pairs::{Bench, row};
use super::repository::git;

const SHARED: &str = "refs/rustassistant/shared/v1";
const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

/// Entries that the team has.
const MANY: u32 = 100_000;

/// A server that a clone of ours talks to, and an equal one that is talked to with plain git.
struct Team {
    folder: TempDir,
    /// Number of the next entry.
    next: u32,
}

impl Team {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut team = Self { folder, next: 0 };
        for name in ["ours.git", "publisher", "reader", "plain"] {
            let place = team.place(name);
            let bare = if name == "ours.git" { "--bare" } else { "-q" };
            git(team.folder.path(), &["init", "-q", bare, name], b"");
            // What is measured is not what git tidies up now and then.
            git(&place, &["config", "gc.auto", "0"], b"");
            git(&place, &["config", "receive.autogc", "false"], b"");
        }
        team.remote("publisher", "origin", "ours.git");
        team.remote("publisher", "plain", "plain.git");
        team.remote("reader", "origin", "ours.git");
        team.remote("plain", "origin", "plain.git");
        team.put(MANY);
        team
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn remote(&self, clone: &str, name: &str, server: &str) {
        let server = self.place(server);
        git(
            &self.place(clone),
            &["remote", "add", name, server.to_str().unwrap()],
            b"",
        );
    }

    /// The publisher makes so many entries more.
    fn put(&mut self, entries: u32) {
        let repo = Repo::open_at(&self.place("publisher")).unwrap();
        let mut batch = Batch::start(&repo).unwrap();
        for number in self.next..self.next + entries {
            let written = Written::new(numbered(number), ObjectFormat::Sha1);
            batch.put(written.unwrap()).unwrap();
            if batch.bytes() > 64 << 20 {
                batch.flush(0).unwrap();
            }
        }
        batch.flush(0).unwrap();
        self.commit(self.next..self.next + entries);
        self.next += entries;
    }

    /// The remote is known to have the files that the entries are about.
    fn commit(&self, numbers: std::ops::Range<u32>) {
        let name = "refs/remotes/origin/main";
        let from = match numbers.start {
            0 => String::new(),
            _ => format!("from {name}^0\n"),
        };
        let head = "committer b <b@localhost> 1 +0000\ndata 0\n";
        let mut stream = format!("commit {name}\n{head}{from}").into_bytes();
        for number in numbers {
            let (folder, path) = (number % 1000, number / 1000);
            stream.extend(format!("M 644 inline {folder}/{path}\ndata 4\n").bytes());
            stream.extend(number.to_be_bytes());
            stream.push(b'\n');
        }
        let quiet = ["fast-import", "--quiet", "--force"];
        git(&self.place("publisher"), &quiet, &stream);
    }

    /// Counts what goes over the wires from now on, in a file for each.
    fn tap(&self) {
        for (clone, remote) in [
            ("publisher", "origin"),
            ("publisher", "plain"),
            ("reader", "origin"),
            ("plain", "origin"),
        ] {
            let heard = self.place(&format!("{clone}-{remote}"));
            let heard = heard.display();
            let place = self.place(clone);
            for (key, program) in [
                (
                    "receivepack",
                    format!("tee -a {heard} | git-receive-pack \"$1\""),
                ),
                (
                    "uploadpack",
                    format!("git-upload-pack \"$1\" | tee -a {heard}"),
                ),
            ] {
                let key = format!("remote.{remote}.{key}");
                git(
                    &place,
                    &["config", &key, &format!("sh -c '{program}' -")],
                    b"",
                );
            }
        }
    }

    fn heard(&self, clone: &str, remote: &str) -> u64 {
        let heard = self.place(&format!("{clone}-{remote}"));
        std::fs::metadata(heard).map_or(0, |file| file.len())
    }
}

/// P10, and what the first fetch takes.
pub fn measure(bench: &Bench) {
    let mut team = Team::new();
    let ours = |place: &Path, arguments: &[&str]| bench.in_folder(place).ours(arguments);
    ours(&team.place("publisher"), &["push"]);
    let copied = ["clone", "-q", "--mirror", "ours.git", "plain.git"];
    git(team.folder.path(), &copied, b"");
    let fetch = format!("+{SHARED}:{MIRROR}");
    let fetch = ["fetch", "-q", "--no-tags", "origin", fetch.as_str()];
    let push = format!("{MIRROR}:{SHARED}");
    let push = ["push", "-q", "plain", push.as_str()];

    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..bench.pairs.div_ceil(4) {
        for (clone, server) in [("reader", "ours.git"), ("plain", "plain.git")] {
            let name = format!("{clone}-{round}");
            git(team.folder.path(), &["init", "-q", &name], b"");
            team.remote(&name, "origin", server);
        }
        let place = |clone: &str| team.place(&format!("{clone}-{round}"));
        a.push(ours(&place("reader"), &["fetch"]));
        b.push(timed(&place("plain"), &fetch));
    }
    let first = "first `fetch` of 100,000 entries";
    row("P10", first, "`git fetch` of the same", &mut a, &mut b);

    ours(&team.place("reader"), &["fetch"]);
    git(&team.place("plain"), &fetch, b"");
    let mut times: [Vec<Duration>; 4] = Default::default();
    for round in 0..=bench.pairs {
        if round == bench.pairs {
            // Once more, for the bytes.
            team.tap();
        }
        team.put(10);
        let took = [
            ours(&team.place("publisher"), &["push"]),
            timed(&team.place("publisher"), &push),
            ours(&team.place("reader"), &["fetch"]),
            timed(&team.place("plain"), &fetch),
        ];
        for (times, took) in times.iter_mut().zip(took) {
            times.extend(Some(took).filter(|_| round < bench.pairs));
        }
    }
    let [push, plain_push, fetch, plain_fetch] = &mut times;
    let work = "`push` of 10 entries into 100,000";
    row("P10", work, "`git push` of the same", push, plain_push);
    let work = "`fetch` of 10 entries more";
    row("P10", work, "`git fetch` of the same", fetch, plain_fetch);
    for (work, ours, plain) in [
        ("push", ("publisher", "origin"), ("publisher", "plain")),
        ("fetch", ("reader", "origin"), ("plain", "origin")),
    ] {
        let (ours, plain) = (team.heard(ours.0, ours.1), team.heard(plain.0, plain.1));
        println!(
            "| P10 | bytes of that {work} | git's | {:.2} | {ours} bytes | {plain} bytes |",
            ours as f64 / plain as f64
        );
    }
}

/// How long git takes.
fn timed(place: &Path, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    git(place, arguments, b"");
    started.elapsed()
}
