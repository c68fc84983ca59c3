//! The shape of an answer, and how it is found in what a model wrote. Not whether it is true:
//! that is `reading`.

use serde::Deserialize;
use serde_json::Deserializer;

use super::Complaint;
use crate::model::{Confidence, Level, MAX_ENTRY_BYTES, nesting_depth};

/// The most findings of one answer: more are no reading of a text.
const MAX_CLAIMS: usize = 1000;

/// The longest string of an answer, in bytes.
const MAX_STRING: usize = 64 << 10;

/// Brackets inside each other; the schema needs four.
const MAX_DEPTH: usize = 16;

/// Places in prose at which an answer is looked for.
const MAX_ATTEMPTS: usize = 64;

/// An answer that fills the schema. Fields that the schema does not name are passed over, and
/// those that may be null may be absent: not every provider enforces a schema.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Answer {
    pub summary: String,
    pub findings: Vec<Claim>,
    #[serde(default)]
    pub suggestions: Option<Vec<Proposal>>,
    #[serde(default)]
    pub document: Option<String>,
}

/// A finding, as far as a model says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claim {
    pub rule: String,
    pub level: Level,
    pub quote: String,
    #[serde(default)]
    pub line: Option<i64>,
    #[serde(default)]
    pub item: Option<String>,
    pub title: String,
    pub message: String,
    #[serde(default)]
    pub suggestion: Option<String>,
    #[serde(default)]
    pub confidence: Option<Confidence>,
}

/// What the text as a whole would gain from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Proposal {
    pub title: String,
    pub detail: String,
    #[serde(default)]
    pub effort_minutes: Option<i64>,
}

/// Finds the answer in what a model wrote: the whole, or the last object in prose or a code fence
/// that fills the schema. And its own text.
///
/// # Errors
/// What is wrong with it, in words that help the model to do better.
pub fn parse(written: &str) -> Result<(Answer, &str), Complaint> {
    let written = written.trim();
    if written.is_empty() {
        return Err(Complaint::new("The answer is empty."));
    }
    if written.len() > MAX_ENTRY_BYTES {
        let bytes = written.len();
        return Err(Complaint::new(format!(
            "The answer is too long: {bytes} bytes."
        )));
    }
    let (mut last, mut wrong, mut attempts) = (None, None, 0);
    let mut at = 0;
    while let Some(start) = written.get(at..).and_then(|rest| rest.find('{')) {
        attempts += 1;
        if attempts > MAX_ATTEMPTS {
            break;
        }
        let rest = written.get(at + start..).unwrap_or_default();
        let mut values = Deserializer::from_str(rest).into_iter::<Answer>();
        match values.next() {
            Some(Ok(answer)) => {
                let text = rest.get(..values.byte_offset()).unwrap_or(rest);
                last = Some((answer, text));
                at += start + text.len().max(1);
            }
            Some(Err(error)) => {
                wrong.get_or_insert(error);
                at += start + 1;
            }
            None => break,
        }
    }
    let Some((answer, text)) = last else {
        return Err(match wrong {
            Some(error) => Complaint::new(format!("The answer does not fill the schema: {error}.")),
            None => Complaint::new("There is no JSON object in the answer."),
        });
    };
    check(&answer, text)?;
    Ok((answer, text))
}

/// What a schema cannot say to every provider.
fn check(answer: &Answer, text: &str) -> Result<(), Complaint> {
    if nesting_depth(text.as_bytes()) > MAX_DEPTH {
        return Err(Complaint::new("The answer nests too deeply."));
    }
    if answer.summary.trim().is_empty() {
        return Err(Complaint::new("`summary` is empty."));
    }
    if answer.findings.len() > MAX_CLAIMS {
        return Err(Complaint::new(format!(
            "There are more than {MAX_CLAIMS} findings."
        )));
    }
    let of_claims = answer.findings.iter().flat_map(Claim::strings);
    let proposals = answer.suggestions.iter().flatten();
    let of_proposals = proposals.flat_map(|proposal| [&proposal.title, &proposal.detail]);
    let mut strings = of_claims.chain(of_proposals).chain([&answer.summary]);
    if strings.any(|string| string.len() > MAX_STRING) {
        return Err(Complaint::new(format!(
            "A text is longer than {MAX_STRING} bytes."
        )));
    }
    for (number, claim) in (1..).zip(&answer.findings) {
        let said = [
            ("title", &claim.title),
            ("message", &claim.message),
            ("quote", &claim.quote),
        ];
        let empty = said.iter().find(|(_, text)| text.trim().is_empty());
        if let Some((name, _)) = empty {
            return Err(Complaint::new(format!(
                "`{name}` of finding {number} is empty."
            )));
        }
    }
    Ok(())
}

impl Claim {
    fn strings(&self) -> impl Iterator<Item = &String> {
        let always = [&self.rule, &self.quote, &self.title, &self.message];
        always.into_iter().chain(&self.item).chain(&self.suggestion)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOUND: &str = r#"{"summary":"Fine.","findings":[],"suggestions":[],"document":null}"#;

    fn complaint(written: &str) -> String {
        parse(written).unwrap_err().to_string()
    }

    #[test]
    fn an_answer_is_found_in_prose_and_fences() {
        let bare = parse(SOUND).unwrap().0;
        for written in [
            format!("\u{feff} {SOUND}\n"),
            format!("Here you are:\n```json\n{SOUND}\n```\nAnything else?"),
            format!("<think>{{ not yet }} maybe {{\"summary\":1}}</think>{SOUND}"),
        ] {
            let (answer, text) = parse(&written).unwrap();
            assert_eq!((answer, text), (bare.clone(), SOUND), "{written}");
        }
        let second = SOUND.replace("Fine", "Better");
        assert_eq!(
            parse(&format!("{SOUND} {second}")).unwrap().0.summary,
            "Better."
        );
    }

    #[test]
    fn what_may_be_null_may_be_absent_and_what_is_unknown_is_passed_over() {
        let (answer, _) =
            parse(r#"{"summary":"Fine.","findings":[],"mood":{"good":[1]}}"#).unwrap();
        assert_eq!((answer.suggestions, answer.document), (None, None));
    }

    #[test]
    fn what_is_no_answer_is_told_why() {
        insta::assert_snapshot!(complaint(" \n"), @"The answer is empty.");
        insta::assert_snapshot!(complaint("I cannot."), @"There is no JSON object in the answer.");
        insta::assert_snapshot!(
            complaint(r#"{"summary":null,"findings":null,"suggestions":null,"document":null}"#),
            @"The answer does not fill the schema: invalid type: null, expected a string at line 1 column 15."
        );
        insta::assert_snapshot!(complaint(r#"{"findings":[]}"#), @"The answer does not fill the schema: missing field `summary` at line 1 column 15.");
        insta::assert_snapshot!(complaint(r#"{"summary":"A","findings":[{"rule":"x"#), @"The answer does not fill the schema: EOF while parsing a string at line 1 column 37.");
        insta::assert_snapshot!(complaint(r#"{"summary":" ","findings":[]}"#), @"`summary` is empty.");
        let claim = r#"{"rule":"other","level":"bad\u001b","quote":"q","title":"t","message":"m"}"#;
        let with = |claim: &str| format!(r#"{{"summary":"A","findings":[{claim}]}}"#);
        insta::assert_snapshot!(complaint(&with(claim)), @r"The answer does not fill the schema: unknown variant `bad\u{1b}`, expected one of `note`, `warning`, `error` at line 1 column 62.");
        let untitled = claim.replace("bad\\u001b", "note").replace("\"t\"", "\"\"");
        insta::assert_snapshot!(complaint(&with(&untitled)), @"`title` of finding 1 is empty.");
    }

    #[test]
    fn too_much_is_no_answer() {
        let claim = r#"{"rule":"other","level":"note","quote":"q","title":"t","message":"m"}"#;
        let claims = vec![claim; MAX_CLAIMS + 1].join(",");
        let many = format!(r#"{{"summary":"A","findings":[{claims}]}}"#);
        insta::assert_snapshot!(complaint(&many), @"There are more than 1000 findings.");
        let long = SOUND.replace("Fine", &"x".repeat(MAX_STRING + 1));
        insta::assert_snapshot!(complaint(&long), @"A text is longer than 65536 bytes.");
        assert!(complaint(&"{".repeat(MAX_ENTRY_BYTES + 1)).contains("too long"));
        let deep = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
        let deep = SOUND.replace("\"document\":null", &format!("\"x\":{deep}"));
        insta::assert_snapshot!(complaint(&deep), @"The answer nests too deeply.");
        assert!(complaint(&"{\"a\":".repeat(100_000)).contains("schema"));
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer_or_a_complaint(written in "(\\PC|[{}\\[\\]\":,\n]){0,200}") {
            if let Err(complaint) = parse(&written) {
                prop_assert!(!complaint.to_string().contains(char::is_control));
            }
        }
    }
}
