//! The shape of an answer, and how it is found in what a model wrote. Not its parts: that is
//! `claim`. Nor whether it is true: that is `reading`.

use serde::Deserialize;
use serde_json::{Deserializer, Value};

use super::claim::{Claim, MAX_STRING, Proposal};
use super::{Complaint, mending};
use crate::model::{MAX_ENTRY_BYTES, nesting_depth};

/// The most findings of one answer: more are no reading of a text.
const MAX_CLAIMS: usize = 1000;

/// Brackets inside each other; the schema needs four.
const MAX_DEPTH: usize = 16;

/// Places in prose at which an answer is looked for.
const MAX_ATTEMPTS: usize = 64;

/// The most bytes that are read at all those places together: a long answer is not read at many.
const MOST_READ: usize = 4 * MAX_ENTRY_BYTES;

/// An answer that fills the schema, read leniently: fields that the schema does not name are passed
/// over, those that may be null may be absent, and a finding that is none costs itself alone. Not
/// every provider enforces a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub summary: String,
    pub findings: Vec<Claim>,
    /// Findings that are none: without a quote, without words, no object.
    pub malformed: usize,
    pub suggestions: Vec<Proposal>,
    pub document: Option<String>,
}

/// An answer as it is written: without these, it is none.
#[derive(Debug, Deserialize)]
struct Shape {
    summary: String,
    findings: Vec<Value>,
    #[serde(default)]
    suggestions: Value,
    #[serde(default)]
    document: Value,
}

/// Finds the answer in what a model wrote: the whole, or the last object in prose or a code fence
/// that fills the schema. And its own text.
///
/// # Errors
/// What is wrong with it, in words that help the model to do better.
pub fn parse(written: &str) -> Result<(Answer, &str), Complaint> {
    let written = without_thoughts(written.trim());
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
    let (mut at, mut left) = (0, MOST_READ);
    while let Some(start) = written.get(at..).and_then(|rest| rest.find('{')) {
        attempts += 1;
        if attempts > MAX_ATTEMPTS || left == 0 {
            break;
        }
        let rest = written.get(at + start..).unwrap_or_default();
        match shape(rest, &mut left) {
            Ok((shape, text)) => {
                last = Some((shape, text));
                at += start + text.len().max(1);
            }
            Err(error) => {
                wrong.get_or_insert(error);
                at += start + 1;
            }
        }
    }
    let Some((shape, text)) = last else {
        return Err(match wrong {
            Some(error) => Complaint::new(format!("The answer does not fill the schema: {error}.")),
            None => Complaint::new("There is no JSON object in the answer."),
        });
    };
    check(&shape, text)?;
    Ok((Answer::from(shape), text))
}

/// The answer that a text begins with, as JSON or nearly so, and its own text. What is read is taken
/// from the bytes that are `left`.
fn shape<'a>(text: &'a str, left: &mut usize) -> Result<(Shape, &'a str), serde_json::Error> {
    let mut values = Deserializer::from_str(text).into_iter::<Shape>();
    match values.next() {
        Some(Ok(shape)) => {
            *left = left.saturating_sub(values.byte_offset());
            Ok((shape, text.get(..values.byte_offset()).unwrap_or(text)))
        }
        Some(Err(error)) => {
            *left = left.saturating_sub(place(text, &error));
            let mended = mending::mend(text, left)
                .and_then(|(json, own)| Some((serde_json::from_str(&json).ok()?, own)));
            mended.ok_or(error)
        }
        None => Err(serde::de::Error::custom("there is none")),
    }
}

/// The byte that an error stands at.
fn place(text: &str, error: &serde_json::Error) -> usize {
    let before = error.line().saturating_sub(1);
    let above: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    above + error.column()
}

/// What a model that thinks aloud says afterwards. A draft in its thoughts is no answer.
fn without_thoughts(written: &str) -> &str {
    if !written.starts_with("<think") {
        return written;
    }
    let after = written.split_once("</think");
    let after = after.and_then(|(_, rest)| rest.split_once('>'));
    after.map_or("", |(_, rest)| rest.trim_start())
}

/// What a schema cannot say to every provider.
fn check(shape: &Shape, text: &str) -> Result<(), Complaint> {
    if nesting_depth(text.as_bytes()) > MAX_DEPTH {
        return Err(Complaint::new("The answer nests too deeply."));
    }
    if shape.summary.trim().is_empty() {
        return Err(Complaint::new("`summary` is empty."));
    }
    if shape.findings.len() > MAX_CLAIMS {
        return Err(Complaint::new(format!(
            "There are more than {MAX_CLAIMS} findings."
        )));
    }
    if shape.summary.len() > MAX_STRING {
        return Err(Complaint::new(format!(
            "A text is longer than {MAX_STRING} bytes."
        )));
    }
    Ok(())
}

impl From<Shape> for Answer {
    fn from(shape: Shape) -> Self {
        let claimed = shape.findings.len();
        let findings: Vec<Claim> = shape.findings.iter().filter_map(Claim::of).collect();
        let suggestions = shape.suggestions.as_array();
        Self {
            summary: shape.summary,
            malformed: claimed - findings.len(),
            findings,
            suggestions: suggestions
                .into_iter()
                .flatten()
                .filter_map(Proposal::of)
                .collect(),
            document: shape.document.as_str().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Level;

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
        assert_eq!((answer.suggestions, answer.document), (Vec::new(), None));
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
    }

    #[test]
    fn a_bad_finding_costs_itself_and_not_the_answer() {
        let good = r#"{"rule":"other","level":"note","quote":"q","title":"t","message":"m"}"#;
        let long = format!(
            r#"{{"quote":"q","title":"{}"}}"#,
            "x".repeat(MAX_STRING + 1)
        );
        for bad in [
            "7",
            "null",
            "\"words\"",
            "{}",
            r#"{"rule":"other","level":"note","title":"t","message":"m"}"#,
            r#"{"quote":" ","title":"t","message":"m"}"#,
            r#"{"quote":["q"],"title":"t","message":"m"}"#,
            r#"{"quote":"q","title":"","message":null}"#,
            &long,
        ] {
            let written = format!(r#"{{"summary":"A","findings":[{bad},{good}]}}"#);
            let (answer, _) = parse(&written).unwrap();
            assert_eq!((answer.findings.len(), answer.malformed), (1, 1), "{bad}");
        }
        let odd = r#"{"summary":"A","findings":[{"quote":"q","message":"m","line":"3","confidence":0.9}],
            "suggestions":"none","document":{}}"#;
        let (answer, _) = parse(odd).unwrap();
        let claim = &answer.findings[0];
        assert_eq!((claim.title.as_str(), claim.message.as_str()), ("m", "m"));
        assert_eq!(
            (claim.line, claim.confidence, claim.level),
            (Some(3), None, Level::Note)
        );
        assert_eq!((answer.suggestions.len(), answer.document), (0, None));
    }

    #[test]
    fn levels_are_read_in_whatever_words_they_come() {
        for (words, expected) in [
            (
                &["\"error\"", "\"CRITICAL\"", "\"high\"", "\"Severe\"", "1"][..],
                Level::Error,
            ),
            (
                &[
                    "\"Warning\"",
                    "\" warn \"",
                    "\"medium\"",
                    "\"moderate\"",
                    "2",
                ],
                Level::Warning,
            ),
            (
                &[
                    "\"info\"",
                    "\"note\"",
                    "\"low\"",
                    "\"minor\"",
                    "\"x\\u001b\"",
                    "3",
                    "null",
                    "[]",
                ],
                Level::Note,
            ),
        ] {
            for word in words {
                let written = format!(
                    r#"{{"summary":"A","findings":[{{"quote":"q","title":"t","level":{word}}}]}}"#
                );
                assert_eq!(
                    parse(&written).unwrap().0.findings[0].level,
                    expected,
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn what_is_nearly_json_is_mended_and_what_was_cut_off_is_not() {
        let nearly =
            "Sure:\n{'summary': 'Fine.', // short\n \"findings\": [], suggestions: None,}\nDone.";
        let (answer, own) = parse(nearly).unwrap();
        assert_eq!(answer.summary, "Fine.");
        assert!(own.starts_with('{') && own.ends_with('}'));
        let draft = format!("<think>Perhaps {SOUND}</think>");
        for cut in [
            format!("{draft}{{\"summary\":\"Better"),
            format!("<think>Perhaps {SOUND}"),
            SOUND[..SOUND.len() - 1].to_owned(),
        ] {
            assert!(parse(&cut).is_err(), "{cut}");
        }
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

    /// Each took minutes, in which nothing else was heeded.
    #[test]
    fn a_long_answer_is_read_in_a_moment() {
        let fill = |text: &str| text.repeat(MAX_ENTRY_BYTES / text.len() - 9);
        for written in [
            format!("{{x{}", fill(", ")),
            format!("{{x{}", fill(",\n ")),
            fill("{'a':\""),
            fill("{\"a\":["),
            fill("{/*"),
            fill("{\"a\":\"\\"),
        ] {
            let began = std::time::Instant::now();
            assert!(parse(&written).is_err());
            let (took, beginning) = (began.elapsed(), &written[..20]);
            assert!(took.as_secs() < 30, "{beginning} took {took:?}");
        }
    }

    #[test]
    fn a_long_answer_is_found_behind_prose_and_mended() {
        let long = SOUND.replace(
            "\"document\":null",
            &format!("document:'{}',", "x".repeat(900_000)),
        );
        let written = format!("In `f() {{ g() }}` and {{x}}:\n{long}\nDone {{}}.");
        let (answer, own) = parse(&written).unwrap();
        assert_eq!(
            (own, answer.document.unwrap().len()),
            (long.as_str(), 900_000)
        );
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
