//! Documents that must say what the program does. `UPDATE=1 cargo test documents` writes anew what
//! is made from code.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

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
fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

fn read(document: &str) -> String {
    fs::read_to_string(path(document)).unwrap()
}

fn path(document: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(document)
}
