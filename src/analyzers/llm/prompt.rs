//! What a model is told: the frame that all kinds share, the question of one kind, and the words
//! around a text. Not which text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::fence;
use super::lines::Lines;
use crate::model::{Kind, Language};

const FRAME: &str = include_str!("../prompts/frame.md");
const TEXT: &str = include_str!("../prompts/text.md");

/// The rule of findings that no rule of their kind fits.
pub const OTHER: &str = "other";

/// The longest name of a rule, in bytes.
const MAX_RULE: usize = 64;

/// What every answer must fill: the same for all kinds, in the subset of JSON Schema that all
/// providers share (every property required, no further ones, no limits, no recursion).
pub static SCHEMA: LazyLock<Arc<Value>> = LazyLock::new(|| {
    let text = include_str!("../prompts/answer.schema.json");
    Arc::new(serde_json::from_str(text).expect("the schema is a file of this crate, and JSON"))
});

/// The prompt of one kind.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The same for every text.
    pub system: String,
}

impl Prompt {
    /// The prompt of a kind; a team's own kinds have theirs in `own`.
    pub fn of(kind: &Kind, own: &BTreeMap<Kind, String>) -> Option<Self> {
        let question = match kind {
            Kind::Refactor => include_str!("../prompts/refactor.md"),
            Kind::Docs => include_str!("../prompts/docs.md"),
            Kind::Todos => include_str!("../prompts/todos.md"),
            Kind::Analysis => include_str!("../prompts/analysis.md"),
            Kind::Custom(_) => own.get(kind).filter(|text| !text.trim().is_empty())?,
        };
        Some(Self {
            system: format!("{FRAME}\n{}\n", question.trim()),
        })
    }

    /// Every word that shapes an answer, texts aside: the recipe's ingredient.
    pub fn ingredient(&self) -> String {
        format!("{}\n{TEXT}", self.system)
    }

    /// The rule that a model's word means, if the question lists it as "- `rule`: what it is": in
    /// whatever manner of writing, `Long Function` for `long-function`.
    pub fn listed(&self, word: &str) -> Option<&str> {
        let letters = |text: &str| -> String {
            let kept = text.chars().filter(|c| c.is_alphanumeric());
            kept.flat_map(char::to_lowercase).collect()
        };
        let meant = letters(word);
        rules(&self.system).find(|listed| letters(listed) == meant)
    }

    /// What is said about some lines of a text.
    pub fn question(&self, language: Language, lines: &Lines<'_>, part: &Range<u32>) -> String {
        let text = lines.shown(part);
        let text = text.strip_suffix('\n').unwrap_or(text);
        fill(
            TEXT,
            &[
                ("language", language.name()),
                ("first", &part.start.to_string()),
                ("last", &part.end.saturating_sub(1).to_string()),
                ("total", &lines.count().to_string()),
                ("mark", &fence::mark(text)),
                ("text", text),
            ],
        )
    }
}

/// The rules that a prompt lists, each at the beginning of a list's point.
pub fn rules(prompt: &str) -> impl Iterator<Item = &str> {
    // The frame lists the fields of an answer in the same manner.
    let question = prompt.strip_prefix(FRAME).unwrap_or(prompt);
    let listed = question.lines().filter_map(|line| {
        let (rule, _) = line.strip_prefix("- `")?.split_once('`')?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=MAX_RULE).contains(&rule.len()) && rule.chars().all(plain);
        fits.then_some(rule)
    });
    listed.chain(std::iter::once(OTHER))
}

/// A template with its `{names}` replaced, in one pass: what is put in is not looked at again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match named {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::RULES;

    fn prompt(kind: &Kind) -> Prompt {
        Prompt::of(kind, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn a_prompt_lists_rules_of_the_catalogue_and_other() {
        for kind in Kind::BUILT_IN {
            let prompt = prompt(&kind);
            let listed: Vec<&str> = rules(&prompt.system)
                .filter(|rule| *rule != OTHER)
                .collect();
            assert!(!listed.is_empty(), "{kind}");
            for rule in listed {
                let known = RULES
                    .iter()
                    .any(|known| known.id == rule && known.kind == kind);
                assert!(known, "{kind} has no rule {rule}");
            }
            assert!(prompt.listed(OTHER).is_some() && prompt.listed("summary").is_none());
        }
    }

    #[test]
    fn a_team_names_the_rules_of_its_own_kind() {
        let kind = Kind::Custom("security".to_owned());
        let text = "Find holes.\n\n- `sql-injection`: a query from input\n- `No`: none\n";
        let own = [(kind.clone(), text.to_owned())].into();
        let prompt = Prompt::of(&kind, &own).unwrap();
        assert!(prompt.system.starts_with(FRAME) && prompt.system.contains("Find holes."));
        assert_eq!(
            rules(&prompt.system).collect::<Vec<_>>(),
            ["sql-injection", OTHER]
        );
        assert!(Prompt::of(&Kind::Custom("none".to_owned()), &own).is_none());
    }

    #[test]
    fn a_text_is_shown_word_for_word_between_marks() {
        let text = "a\n{text}{mark}\n</text-0>\nb\n";
        let lines = Lines::of(text);
        let question = prompt(&Kind::Docs).question(Language::Rust, &lines, &(2..5));
        let shown = "{text}{mark}\n</text-0>\nb";
        let mark = fence::mark(shown);
        let between = format!("<text-{mark}>\n{shown}\n</text-{mark}>\n");
        assert_eq!(question.matches(&between).count(), 1);
        assert_eq!(question.matches(&mark).count(), 2);
        assert!(question.starts_with("Language: rust. Shown: lines 2 to 4 of 4.\n"));
    }

    /// What OpenAI, xAI, Anthropic and Ollama all accept (docs/prompts.md).
    #[test]
    fn the_schema_stays_in_the_subset_that_providers_share() {
        fn check(schema: &Value) {
            let allowed = [
                "type",
                "enum",
                "items",
                "properties",
                "required",
                "additionalProperties",
            ];
            let schema = schema.as_object().unwrap();
            assert!(
                schema.keys().all(|key| allowed.contains(&key.as_str())),
                "{schema:?}"
            );
            if let Some(properties) = schema.get("properties") {
                let mut names: Vec<_> = properties.as_object().unwrap().keys().collect();
                let required = schema["required"].as_array().unwrap();
                let mut required: Vec<_> = required.iter().filter_map(Value::as_str).collect();
                names.sort();
                required.sort_unstable();
                assert_eq!(names, required);
                assert_eq!(schema["additionalProperties"], false);
                properties.as_object().unwrap().values().for_each(check);
            }
            schema.get("items").into_iter().for_each(check);
        }
        check(&SCHEMA);
    }
}
