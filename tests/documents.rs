//! Documents that must say what the program does. `UPDATE=1 cargo test documents` writes anew what
//! is made from code.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::support::Repo;
use rustassistant::provider::BUILT_IN;
use rustassistant::provider::prices::Prices;
use rustassistant::settings::{BLOCK_KEYS, Key, Section, Tracked, every};

const BEGIN: &str = "<!-- keys: written by `UPDATE=1 cargo test documents` -->\n";
const END: &str = "<!-- end of keys -->\n";

#[test]
fn configuration_md_lists_every_key() {
    follows("docs/configuration.md", [BEGIN, END], &table());
}

#[test]
fn configuration_md_lists_every_key_of_a_block() {
    let marks = [
        "<!-- blocks: written by `UPDATE=1 cargo test documents` -->\n",
        "<!-- end of blocks -->\n",
    ];
    let mut table =
        String::from("| key | what it does | value | tracked file |\n|---|---|---|---|\n");
    for key in &BLOCK_KEYS {
        let block = match key.section {
            Section::Provider => "rustassistant-provider.NAME",
            Section::Model => "rustassistant-model.MODEL",
            Section::Kind => "rustassistant-kind.NAME",
        };
        let (name, help, allowed) = (key.name, key.help, key.allowed);
        let tracked = word(key.tracked);
        writeln!(
            table,
            "| `{block}.{name}` | {help} | {allowed} | {tracked} |"
        )
        .unwrap();
    }
    follows("docs/configuration.md", marks, &table);
}

fn word(tracked: Tracked) -> &'static str {
    match tracked {
        Tracked::Allowed => "yes",
        Tracked::OnlyLower => "only lower",
        Tracked::Refused => "no",
        Tracked::Personal => "no, nor `.git/config`",
    }
}

#[test]
fn providers_md_lists_every_provider() {
    let marks = [
        "<!-- providers: written by `UPDATE=1 cargo test documents` -->\n",
        "<!-- end of providers -->\n",
    ];
    let mut table = String::from(
        "| name | address | `api` | key in | default model | seen on |\n|---|---|---|---|---|---|\n",
    );
    for known in BUILT_IN {
        let code = |text: &str| format!("`{text}`");
        let key = known.key_variable.map_or("(no key)".to_owned(), code);
        let model = known.model.map_or("(none)".to_owned(), code);
        writeln!(
            table,
            "| `{}` | `{}` | `{}` | {key} | {model} | {} |",
            known.name,
            known.url,
            known.protocol,
            known.as_of.unwrap_or("(undated)")
        )
        .unwrap();
    }
    follows("docs/providers.md", marks, &table);
}

#[test]
fn providers_md_lists_every_price() {
    let marks = [
        "<!-- prices: written by `UPDATE=1 cargo test documents` -->\n",
        "<!-- end of prices -->\n",
    ];
    let mut table = String::from(
        "| provider | model | from input tokens | input | cached | written to a cache | output | context | as of | source |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for price in Prices::built_in().iter() {
        let first = [(0, price.rates)];
        let tiers = price.tiers.iter();
        let tiers = tiers.map(|tier| (tier.min_input_tokens, tier.rates));
        for (from, rates) in first.into_iter().chain(tiers) {
            let window = price.context_window.map(|tokens| tokens.to_string());
            writeln!(
                table,
                "| {} | `{}` | {from} | {} | {} | {} | {} | {} | {} | {} |",
                price.provider,
                price.model,
                rates.input,
                rates.cached_input,
                rates.cache_write,
                rates.output,
                window.unwrap_or_default(),
                price.as_of,
                price.source
            )
            .unwrap();
        }
    }
    follows("docs/providers.md", marks, &table);
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
        let lines = if verbs.is_empty() {
            vec![command]
        } else {
            verbs
                .iter()
                .map(|verb| format!("{command} {verb}"))
                .collect()
        };
        for line in lines {
            assert!(document.contains(&format!("| `{line}")), "{line}");
            named += 1;
        }
    }
    assert!(named >= 14, "{named}");
}

/// What stands between the marks of a document is what the code says.
fn follows(name: &str, [begin, end]: [&str; 2], table: &str) {
    let document = read(name);
    let (before, rest) = document
        .split_once(begin)
        .expect("the table has a beginning");
    let (listed, after) = rest.split_once(end).expect("the table has an end");
    if listed != table && updating() {
        let text = [before, begin, table, end, after].concat();
        fs::write(path(name), text).unwrap();
        return;
    }
    assert_eq!(listed, table, "run UPDATE=1 cargo test documents");
}

fn table() -> String {
    let mut table = String::from(
        "| key | default | what it does | value | tracked file | variable |\n\
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
        let default = if default.is_empty() {
            "(empty)".to_owned()
        } else {
            format!("`{default}`")
        };
        let tracked = word(key.tracked);
        let ingredient = if key.is_ingredient { " ¹" } else { "" };
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
