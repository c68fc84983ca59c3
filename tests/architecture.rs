//! The tree itself is tested: arrows between rooms point down, files stay small and say what
//! they are, and no test file is forgotten. The table is that of docs/architecture.md.

use std::fs;
use std::path::{Path, PathBuf};

/// A room, what it may use, and why nothing else: whoever breaks it reads that.
type Room = (&'static str, &'static [&'static str], &'static str);

const ROOMS: [Room; 12] = [
    (
        "model",
        &[],
        "what an analysis is depends on nobody who stores, asks or shows it; \
         take the value as an argument, or move the code up",
    ),
    (
        "git",
        &["model"],
        "it answers about repositories, and knows nothing of entries or answers; \
         pass object ids and bytes",
    ),
    (
        "provider",
        &["model"],
        "it sends one question and reads one reply; what is asked and stored is for analyzers and scan",
    ),
    (
        "analyzers",
        &["provider", "model"],
        "an answer is a function of text and recipe: no repository, no store, no clock",
    ),
    (
        "store",
        &["git", "model"],
        "it keeps what it is given, and does not know who answered or who asks",
    ),
    (
        "scan",
        &["analyzers", "provider", "store", "git", "model"],
        "it plans and runs; how that is shown, set or shared is for report, settings and sync",
    ),
    (
        "sync",
        &["store", "git", "model"],
        "it makes two stores agree, whoever filled them",
    ),
    (
        "report",
        &["model"],
        "it turns an outcome into text: no repository, no clock, no settings, so that it can be \
         tested without any",
    ),
    (
        "settings",
        &["analyzers", "git", "model"],
        "it resolves values; what is done with them is for those above",
    ),
    (
        "session",
        &[
            "settings",
            "scan",
            "sync",
            "report",
            "analyzers",
            "store",
            "git",
            "provider",
            "model",
        ],
        "it is one opened repository, for the command line and for servers alike: it prints nothing \
         and knows no command; tell the host",
    ),
    (
        "hook",
        &[
            "settings",
            "scan",
            "sync",
            "report",
            "analyzers",
            "store",
            "git",
            "model",
        ],
        "it is a face beside cli, and asks no model: a push waits for it",
    ),
    (
        "cli",
        &[
            "session",
            "hook",
            "settings",
            "scan",
            "sync",
            "report",
            "analyzers",
            "store",
            "git",
            "provider",
            "model",
        ],
        "it is the face: nothing is above it",
    ),
];

/// Which room owns a library: no other names it.
const OWNED: [(&str, &str); 11] = [
    ("git2", "git"),
    ("big_code_analysis", "analyzers"),
    ("reqwest", "provider"),
    ("tokio", "scan"),
    ("futures_util", "scan"),
    ("signal_hook", "cli"),
    ("annotate_snippets", "report"),
    ("clap", "cli"),
    ("indicatif", "cli"),
    ("terminal_size", "cli"),
    ("tracing_subscriber", "cli"),
];

const MOST_LINES: usize = 800;

/// Files that may be longer, each with the reason.
const LONGER: [(&str, &str); 0] = [];

const REFUSED_NAMES: [&str; 9] = [
    "utils", "util", "common", "helpers", "helper", "types", "misc", "manager", "data",
];

#[test]
fn arrows_between_rooms_only_point_down() {
    let mut climbing = Vec::new();
    for file in rust_files("src") {
        let Some(room) = room_of(&file) else { continue };
        let known = ROOMS.iter().find(|(name, ..)| *name == room);
        let Some((_, allowed, why)) = known else {
            let file = file.display();
            climbing.push(format!("{file}: {room} is no room: give it a row in ROOMS"));
            continue;
        };
        for used in rooms_named(&read(&file)) {
            if used != room && !allowed.contains(&used.as_str()) {
                let file = file.display();
                climbing.push(format!("{file}: {room} may not use {used}: {why}"));
            }
        }
    }
    assert!(climbing.is_empty(), "{}", climbing.join("\n"));
}

#[test]
fn a_library_stays_in_the_room_that_owns_it() {
    let mut strays = Vec::new();
    for file in rust_files("src") {
        let Some(room) = room_of(&file) else { continue };
        let code = code_of(without_tests(&read(&file)));
        for (library, owner) in OWNED {
            if room != owner && code.contains(&format!("{library}::")) {
                let file = file.display();
                strays.push(format!(
                    "{file}: {library} belongs to {owner}: ask that room, so that there is one \
                     place to change when the library does"
                ));
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn an_arrow_that_climbs_would_be_seen() {
    let text = "use crate::model::{Kind, Oid};\nuse crate::{git, store::Batch};\n\
                // use crate::cli::Printer;\nfn f() { crate::report::build(); }\n";
    assert_eq!(rooms_named(text), ["model", "git", "store", "report"]);
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut wrong = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let text = read(&file);
        let name = file.display();
        if !text.starts_with("//! ") {
            wrong.push(format!("{name} does not begin with what it is"));
        }
        let lines = text.lines().count();
        let excused = LONGER.iter().any(|(path, _)| Path::new(path) == file);
        match (lines > MOST_LINES, excused) {
            (true, false) => wrong.push(format!("{name} has {lines} lines")),
            (false, true) => wrong.push(format!("{name} is short: it needs no excuse")),
            _ => {}
        }
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        if stem.is_some_and(|stem| REFUSED_NAMES.contains(&stem)) {
            wrong.push(format!("{name} has a name that says nothing"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ways_through_the_house_are_short_and_as_the_document_draws_them() {
    let document = read(&root().join("docs/architecture.md"));
    let (_, section) = document.split_once("## Two ways, file by file").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (hit, reply) = section.split_once("From a model's reply").unwrap();
    for (way, most) in [(hit, 30), (reply, 25)] {
        let lines = way.lines().filter(|line| line.contains(". `src/"));
        let files: Vec<&str> = lines.filter_map(|line| line.split('`').nth(1)).collect();
        assert!(files.len() > 20 && files.len() <= most, "{files:#?}");
        for file in files {
            assert!(root().join(file).is_file(), "{file} is not there");
        }
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let mut forgotten = Vec::new();
    for file in rust_files("tests") {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let folder = file.parent().unwrap();
        let runner = match (stem, folder == Path::new("tests")) {
            ("main", true) => continue,
            ("mod", false) => folder.parent().unwrap().join("main.rs"),
            (_, true) => folder.join("main.rs"),
            (_, false) => folder.join("mod.rs"),
        };
        let module = match stem {
            "mod" => folder.file_name().unwrap().to_str().unwrap(),
            stem => stem,
        };
        let listed = read(&runner)
            .lines()
            .any(|line| line.trim().trim_start_matches("pub ") == format!("mod {module};"));
        if !listed {
            forgotten.push(format!("{} is not in {}", file.display(), runner.display()));
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

/// The rooms that a text names after `crate::`, comments aside, in order, each once.
fn rooms_named(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    let code = code_of(text);
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(heads_of_group(group)),
            None => rooms.push(first_word(rest)),
        }
    }
    rooms.retain(|room| ROOMS.iter().any(|(known, ..)| known == room));
    let mut seen = Vec::new();
    rooms.retain(|room| {
        !seen.contains(room) && {
            seen.push(room.clone());
            true
        }
    });
    rooms
}

/// A text without the lines that are comments.
/// A room's own tests may use what the room may not: a provider's tests need a runtime.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

fn code_of(text: &str) -> String {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The first word of each path in `{a::b, c::{d, e}}`, without its opening brace.
fn heads_of_group(group: &str) -> Vec<String> {
    let mut heads = vec![first_word(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(first_word(&group[at + 1..])),
            _ => {}
        }
    }
    heads
}

#[test]
fn one_file_may_hold_unsafe_code() {
    let dense = |file: &Path| read(file).split_whitespace().collect::<String>();
    let allowed = |file: &&PathBuf| dense(file).contains("(unsafe_code,");
    let files = rust_files("src");
    let allowed: Vec<_> = files.iter().filter(allowed).collect();
    assert_eq!(allowed, [Path::new("src/git/windows.rs")]);
    assert!(read(Path::new("Cargo.toml")).contains("unsafe_code = \"deny\""));
}

fn first_word(text: &str) -> String {
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    text.trim_start().chars().take_while(word).collect()
}

/// `src/git/refs.rs` and `src/git.rs` are of the room `git`; lib.rs and the programs of none.
fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix("src").ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "bin", "build"].contains(&room)).then(|| room.to_owned())
}

/// Every Rust file below `folder`, relative to the root of the crate.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                // A crate of its own, built by another tool.
                if !path.ends_with("fixtures") && !path.ends_with("fuzz") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
