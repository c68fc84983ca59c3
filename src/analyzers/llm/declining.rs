//! Does a model decline in the words of an answer? One that must fill a schema has no other place to
//! say so, and its answer looks like one that found nothing. Not refusals that a protocol knows.

use super::reply::Answer;

/// How they begin, in small letters, behind an apology or not.
const OPENINGS: [&str; 26] = [
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
    "we cannot ",
    "we can't ",
    "unable to ",
    "cannot assist",
    "can't assist",
    "cannot comply",
    "cannot help with",
    "as an ai",
    "as a language model",
    "as a large language model",
    "the assistant cannot ",
    "this assistant cannot ",
    "no puedo ",
    "je ne peux pas ",
    "ich kann nicht ",
    "ich kann diese",
];

/// What regrets, whatever follows.
const APOLOGIES: [&str; 12] = [
    "i'm sorry",
    "i am sorry",
    "we're sorry",
    "i apologize",
    "i apologise",
    "my apologies",
    "apologies,",
    "sorry, ",
    "sorry, but",
    "lo siento",
    "es tut mir leid",
    "d\u{e9}sol\u{e9}",
];

/// What may stand before the rest.
const REGRETS: [&str; 3] = ["unfortunately, ", "regrettably, ", "unfortunately "];

/// What servers say in place of an answer.
const NOTICES: [&str; 11] = [
    "error: ",
    "internal server error",
    "rate limit",
    "content filtered",
    "content was filtered",
    "no response",
    "response truncated",
    "max_tokens",
    "your request was ",
    "this request was blocked",
    "this content violates",
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
    let begins: String = begins.chars().take(60).collect();
    let begins = begins
        .to_lowercase()
        .replace(['\u{2019}', '\u{2bc}', '\u{ff07}', '`', '\u{b4}'], "'")
        // Markdown, and what is not seen.
        .replace(['*', '"', '\u{200b}', '\u{feff}'], "");
    let begins = REGRETS
        .iter()
        .find_map(|regret| begins.strip_prefix(regret))
        .unwrap_or(&begins);
    let starts = |all: &[&str]| all.iter().any(|one| begins.starts_with(one));
    let declines = OPENINGS.iter().any(|opening| {
        let rest = begins.strip_prefix(opening);
        rest.is_some_and(|rest| !LOOKING.iter().any(|looking| rest.starts_with(looking)))
    });
    declines || starts(&APOLOGIES) || starts(&NOTICES)
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
            "As a language model, I cannot",
            "**I cannot** help",
            "Unfortunately, I can't assist.",
            "Apologies, but I cannot",
            "Unable to comply with this request.",
            "The assistant cannot help with this request.",
            "[content filtered]",
            "Error: rate limit exceeded",
            "Response truncated",
            "\u{200b}I can\u{200b}not help",
            "Lo siento, no puedo ayudar con eso.",
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
            "Unable to find a fault.",
            "Error handling is sound.",
            "Unfortunately long, but sound.",
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
