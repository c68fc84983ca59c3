//! Documents that must say what the program does. `UPDATE=1 cargo test documents` writes anew what
//! is made from code.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::support::Repo;
use rustassistant::settings::{Key, Tracked, every};

const BEGIN: &str = "<!-- keys: written by `UPDATE=1 cargo test documents` -->\n";
const END: &str = "<!-- end of keys -->\n";

#[test]
fn configuration_md_lists_every_key() {
    let document = read("docs/configuration.md");
    let (before, rest) = document
        .split_once(BEGIN)
        .expect("the table has a beginning");
    let (listed, after) = rest.split_once(END).expect("the table has an end");
    let table = table();
    if listed != table && updating() {
        let text = [before, BEGIN, &table, END, after].concat();
        fs::write(path("docs/configuration.md"), text).unwrap();
        return;
    }
    assert_eq!(listed, table, "run UPDATE=1 cargo test documents");
}

#[test]
fn cli_md_names_every_command() {
    let document = read("docs/cli.md");
    let repo = Repo::new();
    let commands = |of: &[&str]| {
        let help = repo.run(&[of, &["-h"]].concat()).silent();
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let listed = listed.take_while(|line| !line.is_empty());
        let names = listed.filter_map(|line| line.split_whitespace().next());
        let names = names.filter(|name| *name != "help").map(str::to_owned);
        names.collect::<Vec<_>>()
    };
    let mut named = 0;
    for command in commands(&[]) {
        let verbs = commands(&[&command]);
        let lines = match verbs.is_empty() {
            true => vec![command],
            false => verbs
                .iter()
                .map(|verb| format!("{command} {verb}"))
                .collect(),
        };
        for line in lines {
            assert!(document.contains(&format!("| `{line}")), "{line}");
            named += 1;
        }
    }
    assert!(named >= 14, "{named}");
}

fn table() -> String {
    let mut table = String::from(
        "| key | default | what it does | a value is | tracked file | variable |\n\
         |---|---|---|---|---|---|\n",
    );
    for key in every() {
        let Key {
            name,
            default,
            allowed,
            help,
            ..
        } = &key;
        let default = match default.is_empty() {
            true => "(empty)".to_owned(),
            false => format!("`{default}`"),
        };
        let tracked = match key.tracked {
            Tracked::Allowed => "yes",
            Tracked::OnlyLower => "only lower",
            Tracked::Refused => "no",
            Tracked::Personal => "no, nor `.git/config`",
        };
        let ingredient = if key.is_ingredient() { " ¹" } else { "" };
        let variable = key.variable();
        writeln!(
            table,
            "| `{name}`{ingredient} | {default} | {help} | {allowed} | {tracked} | `{variable}` |"
        )
        .unwrap();
    }
    table
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of this test, not of the product"
)]
pub fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

fn read(document: &str) -> String {
    fs::read_to_string(path(document)).unwrap()
}

fn path(document: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(document)
}
