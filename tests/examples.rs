//! The examples that people read are run: every `console` block of the README and of
//! docs/examples, in the order written. `UPDATE=1` rewrites what they show under docs/examples.

use std::fs;
use std::path::{Path, PathBuf};

use crate::documents::updating;
use crate::support::{Objects, Repo};

/// One command and what the page says it prints.
struct Example {
    command: String,
    shown: String,
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let repo = Repo::with(Objects::Sha1);
    repo.write(
        "src/lib.rs",
        "//! A library.\n\n/// Adds.\npub fn add(a: u8, b: u8) -> u8 {\n    a + b\n}\n",
    );
    repo.write("src/main.rs", MAIN);
    repo.commit("first");
    repo.git(&["tag", "v1.0"]);
    for number in 0..4 {
        repo.commit(&format!("later {number}"));
    }
    let page = read("README.md");
    for example in examples(&page) {
        let printed = run(&repo, &example.command);
        if !example.shown.is_empty() {
            assert_eq!(printed, example.shown, "$ {}", example.command);
        }
    }
}

const MAIN: &str = "fn main() {
    // TODO(ana): read the port from the environment, see #12
    let port = 8080;
    serve(port);
}

fn serve(_port: u16) {}
";

#[test]
fn the_pages_of_examples_show_what_the_program_prints() {
    let folder = root().join("docs/examples");
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let mut repo = Repo::with(Objects::Sha1);
        // Of whatever shape the suite runs in: the repositories that an example makes are plain.
        repo.set("GIT_DEFAULT_HASH", "sha1");
        repo.set("GIT_DEFAULT_REF_FORMAT", "files");
        let mut updated = page.clone();
        for Example { command, shown } in examples(&page) {
            let printed = run(&repo, &command);
            if printed != shown && updating() {
                let old = format!("$ {command}\n{shown}");
                updated = updated.replacen(&old, &format!("$ {command}\n{printed}"), 1);
            } else {
                assert_eq!(printed, shown, "{}: $ {command}", path.display());
            }
        }
        if updated != page {
            fs::write(&path, updated).unwrap();
        }
    }
}

/// Runs a line of the shell; what it printed on both streams.
fn run(repo: &Repo, command: &str) -> String {
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    let mut shell = repo.command(Path::new("sh"));
    shell.args(["-c", &format!("PATH={folder}:$PATH; {command}")]);
    let output = repo.finish(&mut shell);
    assert!(
        output.code.is_some_and(|code| code < 2),
        "$ {command}\n{}",
        output.whole()
    );
    output.stdout + &output.stderr
}

fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for part in block.split("$ ").skip(1) {
            let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
            let command = command.split("  # ").next().unwrap_or_default().trim();
            examples.push(Example {
                command: command.to_owned(),
                shown: shown.to_owned(),
            });
        }
    }
    assert!(!examples.is_empty(), "a page of examples has none");
    examples
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
