//! `rules`: what is reported, and why.

use rustassistant::analyzers::local::RULES;
use rustassistant::model::Language;

use crate::support::Repo;

#[test]
fn every_rule_and_language_is_listed_and_every_rule_can_be_asked_about() {
    let repo = Repo::new();
    let list = repo.run(&["rules"]).silent();
    for language in Language::ALL {
        assert!(list.contains(language.name()), "{list}");
    }
    for rule in RULES {
        assert!(list.contains(rule.id), "{list}");
        let told = repo.run(&["rules", rule.id]).silent();
        assert!(
            told.starts_with(&format!("{}: {}\n", rule.id, rule.help)),
            "{told}"
        );
        assert!(
            told.contains(&format!("rustassistant: ignore[{}]", rule.id)),
            "{told}"
        );
    }
}

#[test]
fn the_limit_of_a_rule_is_the_one_that_counts_here() {
    let repo = Repo::new();
    repo.git(&["config", "rustassistant.maxParameters", "5"]);
    let told = repo.run(&["rules", "long-parameter-list"]).silent();
    assert!(told.contains("rustassistant.maxParameters = 5"), "{told}");
}

#[test]
fn a_rule_that_does_not_exist_is_answered_with_the_one_that_was_meant() {
    let repo = Repo::new();
    let output = repo.run(&["rules", "long-functon"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("git rustassistant rules long-function"),
        "{output:?}"
    );
}

#[test]
fn a_file_in_no_language_that_is_known_is_not_met_with_silence() {
    let repo = Repo::new();
    repo.write("notes.txt", "hello\n");
    repo.commit("first");
    let output = repo.run(&["analyze", "notes.txt"]);
    assert!(
        output.stderr.contains("git rustassistant rules"),
        "{output:?}"
    );
}
