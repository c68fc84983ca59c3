//! A rule of the embedded analyzer in words: as `rules RULE` prints it, and in Markdown for hosts of code
//! that show it beside a finding. Not the words themselves, which are the rule's own.

use crate::analyzers::Thresholds;
use crate::analyzers::local::{Rule, Threshold, example_of, holds_in};
use crate::model::Roles;

/// For a terminal.
pub fn text(rule: &Rule, thresholds: &Thresholds) -> String {
    let Rule { id, help, .. } = rule;
    let mut text = format!("{id}: {help}\n\n{}\n\n", textwrap::fill(rule.details, 80));
    for (word, code) in examples(rule) {
        let code = textwrap::indent(code.trim_end(), "  ");
        text.push_str(&format!("{word}:\n{code}\n\n"));
    }
    for (name, value) in facts(rule, thresholds) {
        text.push_str(&format!("{name:<9}{value}\n"));
    }
    text.push_str(&format!(
        "Silence  a comment on the line or above the item: {}\n",
        silence(rule)
    ));
    text
}

/// For a page.
pub fn markdown(rule: &Rule, thresholds: &Thresholds) -> String {
    let mut text = format!("{}\n\n", rule.details);
    for (word, code) in examples(rule) {
        let language = example_of(rule.id).map_or("", |example| example.language.name());
        text.push_str(&format!(
            "{word}:\n\n```{language}\n{}\n```\n\n",
            code.trim_end()
        ));
    }
    for (name, value) in facts(rule, thresholds) {
        text.push_str(&format!("- {name}: {value}\n"));
    }
    text.push_str(&format!(
        "- Silence: a comment on the line or above the item, `{}`\n",
        silence(rule)
    ));
    text
}

fn examples(rule: &Rule) -> impl Iterator<Item = (&'static str, &'static str)> {
    let example = example_of(rule.id).into_iter();
    example.flat_map(|example| [("Reported", example.bad), ("Not reported", example.good)])
}

fn facts(rule: &Rule, thresholds: &Thresholds) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Kind", rule.kind.to_string()),
        ("Level", format!("{} at most", rule.level)),
    ];
    let roles = holds_in(&rule.kind, rule.id);
    if roles != Roles::EVERY {
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        facts.push(("Files", names.join(", ")));
    }
    let spoken_of = |known: &&Threshold| rule.details.contains(&format!("`{}`", known.name));
    for Threshold { name, .. } in Thresholds::ALL.iter().filter(spoken_of) {
        let value = thresholds.get(name);
        facts.push(("Limit", format!("rustassistant.{name} = {value}")));
    }
    facts
}

fn silence(rule: &Rule) -> String {
    format!("rustassistant: ignore[{}] why", rule.id)
}
