//! All main commands, one after the other, in one place: what each says, and what git sees of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, iter};

use serde_json::Value;

use super::place::{Ground, Ids, Place};
use crate::support::Output;

/// What each step said, in order.
#[derive(Debug)]
pub struct Journey(Vec<(&'static str, String)>);

const ALL: [&str; 3] = ["-k", "all", ":/"];

impl Journey {
    /// Runs every command in `place`.
    pub fn through(place: &Place) -> Self {
        let mut journey = Self(Vec::new());
        let before = state(place);
        journey.look_at_commits(place);
        journey.share(place);
        if place.ground == Ground::WorkTree {
            journey.look_at_files(place);
        }
        let after = state(place);
        for (name, held) in &before {
            assert_eq!(after.get(name), Some(held), "{name} has changed");
        }
        assert_eq!(after.len(), before.len(), "{:?}", after.keys());
        journey.push(place);
        journey.drop_entries(place);
        let checked = place.try_git(&["fsck", "--full", "--strict", "--no-dangling"]);
        journey.0.push(("fsck", format!("{:?}", checked.code)));
        journey
    }

    /// Fails at the first step that said something else there.
    #[track_caller]
    pub fn agrees_with(&self, other: &Self, place: &Place) {
        for ((step, here), (_, there)) in iter::zip(&self.0, &other.0) {
            let expected = place.differs.iter().find(|(name, _)| name == step);
            match expected {
                Some((_, words)) => assert!(there.contains(words), "{step}: {there}"),
                None => {
                    let (here, there) = (comparable(here, place.ids), comparable(there, place.ids));
                    assert!(here == there, "{step}:\n{here}\nbecame\n{there}");
                }
            }
        }
        assert_eq!(self.0.len(), other.0.len());
    }

    fn look_at_commits(&mut self, place: &Place) {
        let rev =
            |command, rest: &[&'static str]| [&[command, "--rev", "HEAD"], &ALL[..], rest].concat();
        self.text(place, "status of nothing", &rev("status", &[]));
        self.report(place, "analyze", &rev("analyze", &[]));
        self.report(place, "analyze again", &rev("analyze", &[]));
        self.text(place, "status of all", &rev("status", &[]));
        self.text(place, "show", &["show", "-k", "all", "HEAD:src/a.rs"]);
        let range = ["diff", "-k", "all", "--analyze", "HEAD~1..HEAD"];
        self.report(place, "diff", &range);
        self.text(place, "list", &["cache", "list"]);
    }

    fn share(&mut self, place: &Place) {
        self.text(place, "fetch", &["fetch"]);
        self.text(place, "push", &["push"]);
        self.text(place, "sync", &["sync"]);
        let theirs = ["analyze", "--rev", "HEAD", "-k", "todos", ":/"];
        self.report(place, "analyze what was fetched", &theirs);
        self.text(place, "verify", &["cache", "verify", "--recompute"]);
    }

    fn look_at_files(&mut self, place: &Place) {
        self.report(place, "analyze files", &[&["analyze"], &ALL[..]].concat());
        let staged = [&["analyze", "--staged"], &ALL[..]].concat();
        self.report(place, "analyze the index", &staged);
        let file = place.files.join("src/a.rs");
        let text = fs::read(&file).unwrap();
        place.write("src/a.rs", "// TODO: an edit\npub fn edited() {}\n");
        place.write("src/new.rs", "pub fn untracked() {}\n");
        let untracked = ["analyze", "-k", "todos", "--untracked", ":/"];
        self.report(place, "analyze an edit", &untracked);
        let changed = ["analyze", "-k", "todos", "--changed", "HEAD", ":/"];
        self.report(place, "analyze what changed", &changed);
        let diff = ["diff", "-k", "todos", "--analyze", "HEAD", "--", ":/"];
        self.report(place, "diff of an edit", &diff);
        self.text(place, "status of files", &["status", ":/"]);
        fs::write(&file, text).unwrap();
        fs::remove_file(place.files.join("src/new.rs")).unwrap();
        self.report(place, "analyze undone", &["analyze", "-k", "todos", ":/"]);
    }

    fn push(&mut self, place: &Place) {
        place.git(&["config", "rustassistant.hook.budget", "10m"]);
        self.code(place, "install the hook", &["hook", "install"]);
        place.commit("src/e.rs", "pub fn e(text: &str) -> u8 {\n    1\n}\n");
        let pushed = place.try_git(&["push", "-q", "origin", "HEAD:main"]);
        self.0.push(("git push", pushed.whole()));
        let ours = ["ls-tree", "-r", "refs/rustassistant/shared/v1"];
        self.0.push(("shared", place.on_server(&ours)));
        let head = [
            place.git(&["rev-parse", "HEAD"]),
            place.on_server(&["rev-parse", "main"]),
        ];
        self.0.push(("pushed", head.join(" ")));
        self.code(place, "uninstall the hook", &["hook", "uninstall"]);
    }

    fn drop_entries(&mut self, place: &Place) {
        // Drafts, which are published nowhere: whether their files are gone, not every clone can tell.
        self.text(place, "clear", &["cache", "clear"]);
        self.text(place, "expire", &["cache", "expire", "--publish"]);
        self.report(
            place,
            "analyze what is shared",
            &["analyze", "--rev", "HEAD", ":/"],
        );
    }

    fn text(&mut self, place: &Place, step: &'static str, arguments: &[&str]) {
        self.0.push((step, run(place, arguments).whole()));
    }

    /// For what names places, which are not the same everywhere.
    fn code(&mut self, place: &Place, step: &'static str, arguments: &[&str]) {
        let output = run(place, arguments);
        self.0
            .push((step, format!("{:?} {}", output.code, output.stderr)));
    }

    fn report(&mut self, place: &Place, step: &'static str, arguments: &[&str]) {
        let output = run(place, &[arguments, &["--output", "json"]].concat());
        let mut said = output.whole();
        if let Ok(mut report) = serde_json::from_str::<Value>(&output.stdout) {
            report["summary"]["elapsed_ms"] = Value::Null;
            said = format!("{:?} {}{report:#}", output.code, output.stderr);
        }
        self.0.push((step, said));
    }
}

/// Without a word of progress, which a slow machine would have to say.
fn run(place: &Place, arguments: &[&str]) -> Output {
    place.run(&[&["--progress", "never"], arguments].concat())
}

/// With other ids, without them, and with lines in an order that ids take no part in.
fn comparable(said: &str, ids: Ids) -> String {
    if ids == Ids::TheSame {
        return said.to_owned();
    }
    let id = regex::Regex::new("\\b([0-9a-f]{12}|[0-9a-f]{40}|[0-9a-f]{64})\\b").unwrap();
    let said = id.replace_all(said, "ID");
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// What our commands must leave as it is: everything of git's but objects and our own refs.
fn state(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let mut state = BTreeMap::new();
    for name in [
        "config",
        "index",
        "shallow",
        "HEAD",
        "FETCH_HEAD",
        "packed-refs",
    ] {
        let file = place.git(&["rev-parse", "--path-format=absolute", "--git-path", name]);
        let file = file.replace("$HERE", place.files.to_str().unwrap());
        let file = file.replace("$ROOT", place.beside("").to_str().unwrap());
        if let Ok(held) = fs::read(Path::new(&file)) {
            state.insert(name.to_owned(), held);
        }
    }
    let refs = place.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    let refs = refs
        .lines()
        .filter(|line| !line.starts_with("refs/rustassistant/"));
    state.insert(
        "refs".to_owned(),
        refs.collect::<Vec<_>>().join("\n").into(),
    );
    state
}
