//! Does a model decline in the words of an answer? One that must fill a schema has no other place to
//! say so, and its answer looks like one that found nothing. Not refusals that a protocol knows.

use super::reply::Answer;

/// How they begin, in small letters.
const OPENINGS: [&str; 16] = [
    "i'm sorry",
    "i am sorry",
    "sorry, ",
    "i apologize",
    "my apologies",
    "i cannot ",
    "i can not ",
    "i can't ",
    "i'm unable to ",
    "i am unable to ",
    "i'm not able to ",
    "i am not able to ",
    "i won't ",
    "i will not ",
    "i must decline",
    "as an ai",
];

/// What may follow where nothing was found, which is an answer.
const LOOKING: [&str; 6] = ["find ", "see ", "spot ", "detect ", "identify ", "report "];

/// Says an answer nothing, but that there will be none?
pub fn declines(answer: &Answer) -> bool {
    let document = answer.document.as_deref().unwrap_or_default();
    if !answer.findings.is_empty() || answer.malformed > 0 || !document.trim().is_empty() {
        return false;
    }
    let begins = answer
        .summary
        .trim_start_matches(|c: char| !c.is_alphanumeric());
    let begins: String = begins.chars().take(40).collect();
    let begins = begins
        .to_lowercase()
        .replace(['\u{2019}', '\u{2bc}', '\u{ff07}', '`', '\u{b4}'], "'");
    OPENINGS.iter().any(|opening| {
        let rest = begins.strip_prefix(opening);
        rest.is_some_and(|rest| !LOOKING.iter().any(|looking| rest.starts_with(looking)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::reply;
    use super::*;
    use serde_json::json;

    fn is_refusal(summary: &str) -> bool {
        let written = json!({"summary": summary, "findings": []}).to_string();
        declines(&reply::parse(&written).unwrap().0)
    }

    #[test]
    fn words_that_decline_are_told_from_those_that_found_nothing() {
        for summary in [
            "I'm sorry, but I cannot assist with that request.",
            "I\u{2019}m sorry, but I can\u{2019}t help.",
            " \"I cannot help with this.\"",
            "As an AI language model, I do not",
            "I AM UNABLE TO COMPLY.",
            "Sorry, no.",
        ] {
            assert!(is_refusal(summary), "{summary}");
        }
        for summary in [
            "A small file.",
            "I cannot find any problem in it.",
            "I can't see anything wrong.",
            "I am unable to identify a fault.",
            "It says \"I'm sorry\" to its user.",
            "Sorry state machine: fine.",
        ] {
            assert!(!is_refusal(summary), "{summary}");
        }
        for more in [
            json!({"findings": [{"quote": "q", "title": "t"}]}),
            json!({"document": "d"}),
        ] {
            let mut written = json!({"summary": "I'm sorry.", "findings": []});
            let fields = written.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            assert!(!declines(&reply::parse(&written.to_string()).unwrap().0));
        }
    }
}
