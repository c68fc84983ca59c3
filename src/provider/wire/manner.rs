//! How a server is asked, as far as it differs between servers and is found out by asking: a
//! server that does not know a field says so once.

use super::{Answer, complaint::Complaint, stated};
use crate::provider::{Dialect, Limit, Protocol, Structured};

/// The words of a manner in a file.
const STRUCTURED: [(&str, Structured); 4] = [
    ("schema", Structured::Schema),
    ("tool", Structured::Tool),
    ("object", Structured::Object),
    ("prompt", Structured::Prompt),
];
const LIMIT: [(&str, Limit); 2] = [
    ("max_completion_tokens", Limit::MaxCompletionTokens),
    ("max_tokens", Limit::MaxTokens),
];
const FOLDED: &str = "folded";
const STREAMS: &str = "streams";
const TYPES_TURNS: &str = "types-turns";

/// What a server has understood so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    pub structured: Structured,
    pub limit: Limit,
    /// The system's part stands in the user's turn: some models know no other.
    pub is_folded: bool,
    /// The answer comes in events: some servers know no other.
    pub streams: bool,
    /// What the model said is an item of its type: llama.cpp's Responses know it in no other form.
    pub types_turns: bool,
}

impl From<Dialect> for Manner {
    fn from(dialect: Dialect) -> Self {
        Self {
            structured: dialect.structured,
            limit: dialect.limit,
            is_folded: false,
            streams: false,
            types_turns: false,
        }
    }
}

/// Words by which servers name the way in which an answer's shape was asked for.
const SHAPE: [&str; 9] = [
    "response_format",
    "json_schema",
    "json_object",
    "text.format",
    "output_config",
    "output_format",
    "tool_choice",
    "structured output",
    "'format'",
];

/// How servers say that a model has no system's part: Gemma's and Mistral's templates, Gemini.
const NO_SYSTEM: [&str; 6] = [
    "system role not supported",
    "system role is not supported",
    "system message is not supported",
    "does not support system",
    "only user and assistant roles are supported",
    "developer instruction is not enabled",
];

/// How servers say that they only stream.
const ONLY_STREAMS: [&str; 6] = [
    "must be",
    "must have",
    "only",
    "required",
    "non-stream",
    "set to true",
];

impl Manner {
    /// In words, to be remembered by: [`Manner::of_words`] reads them.
    pub fn words(self) -> String {
        let structured = STRUCTURED.iter().filter(|(_, one)| *one == self.structured);
        let limit = LIMIT.iter().filter(|(_, one)| *one == self.limit);
        let marks = [
            (FOLDED, self.is_folded),
            (STREAMS, self.streams),
            (TYPES_TURNS, self.types_turns),
        ];
        let marks = marks.iter().filter(|(_, is_so)| *is_so);
        let words = structured.map(|(word, _)| *word);
        let words = words.chain(limit.map(|(word, _)| *word));
        let words: Vec<&str> = words.chain(marks.map(|(word, _)| *word)).collect();
        words.join(" ")
    }

    /// `None` for a word that nobody knows: then the others may mean something else, too.
    pub fn of_words(text: &str) -> Option<Self> {
        let mut manner = Self::from(Dialect::USUAL);
        for word in text.split_whitespace() {
            if let Some((_, structured)) = STRUCTURED.iter().find(|(known, _)| *known == word) {
                manner.structured = *structured;
            } else if let Some((_, limit)) = LIMIT.iter().find(|(known, _)| *known == word) {
                manner.limit = *limit;
            } else {
                match word {
                    FOLDED => manner.is_folded = true,
                    STREAMS => manner.streams = true,
                    TYPES_TURNS => manner.types_turns = true,
                    _ => return None,
                }
            }
        }
        Some(manner)
    }

    /// What a server does not know of that a server of `dialect` is asked, for people.
    pub fn lacks(self, dialect: Dialect) -> Vec<&'static str> {
        let schema = match self.structured {
            Structured::Schema => "",
            Structured::Tool => "no schema: a tool is called instead",
            Structured::Object => "no schema: asked for any JSON object",
            Structured::Prompt => "no schema: it stands in the instructions",
        };
        let lacks = [
            (
                "no system role: the instructions stand in the user's turn",
                self.is_folded,
            ),
            ("streaming only", self.streams),
            (schema, self.structured != dialect.structured),
            (
                "no max_tokens: asked for max_completion_tokens",
                self.limit != dialect.limit,
            ),
        ];
        let lacks = lacks.iter().filter(|(_, is_so)| *is_so);
        lacks.map(|(what, _)| *what).collect()
    }

    /// How to ask again after an answer that does not know what it was asked. Each step is taken
    /// once and none leads back.
    pub(in crate::provider) fn after(self, answer: &Answer, protocol: Protocol) -> Option<Self> {
        let complaint = Complaint::of(answer);
        let lower = complaint.message.to_ascii_lowercase();
        // A template of the model's that breaks over it is an error of the server to some.
        if !self.is_folded
            && matches!(protocol, Protocol::Chat | Protocol::Ollama)
            && matches!(answer.status, 400 | 422 | 500)
            && NO_SYSTEM.iter().any(|words| lower.contains(words))
        {
            let is_folded = true;
            return Some(Self { is_folded, ..self });
        }
        if !self.types_turns
            && protocol == Protocol::Responses
            && lower.contains("cannot determine type of 'item'")
        {
            let types_turns = true;
            return Some(Self {
                types_turns,
                ..self
            });
        }
        if !matches!(answer.status, 400 | 404 | 415 | 422 | 501) {
            return None;
        }
        let names = |word: &str| complaint.names(word);
        if self.limit == Limit::MaxTokens
            && protocol == Protocol::Chat
            && names("max_completion_tokens")
            && stated::of(answer, u64::MAX).is_none()
        {
            let limit = Limit::MaxCompletionTokens;
            return Some(Self { limit, ..self });
        }
        if !self.streams
            && lower.contains("stream")
            && ONLY_STREAMS.iter().any(|w| lower.contains(w))
        {
            let streams = true;
            return Some(Self { streams, ..self });
        }
        let shape = SHAPE.iter().any(|word| names(word));
        // The model did not manage to fill the schema: it is known, so nothing is wrong with it.
        if !shape || complaint.code == "json_validate_failed" {
            return None;
        }
        let structured = self.structured.next(protocol)?;
        Some(Self { structured, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::answer;
    use super::*;
    use serde_json::json;

    fn after(manner: Manner, protocol: Protocol, message: &str) -> Option<Manner> {
        let body = json!({"error": {"message": message, "type": "invalid_request_error"}});
        manner.after(&answer(400, &[], &body), protocol)
    }

    #[test]
    fn a_server_that_knows_no_schema_is_asked_for_any_object_then_for_nothing() {
        let schema = Manner::from(Dialect::USUAL);
        let message = "'response_format' of type 'json_schema' is not supported with this model";
        let object = after(schema, Protocol::Chat, message).unwrap();
        assert_eq!(object.structured, Structured::Object);
        let prompt = after(object, Protocol::Chat, message).unwrap();
        assert_eq!(prompt.structured, Structured::Prompt);
        assert_eq!(after(prompt, Protocol::Chat, message), None);
    }

    #[test]
    fn an_older_claude_is_given_a_tool() {
        let schema = Manner::from(Dialect::USUAL);
        let message = "output_config.format: Extra inputs are not permitted";
        let tool = after(schema, Protocol::Anthropic, message).unwrap();
        assert_eq!(tool.structured, Structured::Tool);
    }

    #[test]
    fn the_limit_changes_its_name_where_the_server_says_so() {
        let usual = Manner::from(Dialect::USUAL);
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                       'max_completion_tokens' instead.";
        let current = after(usual, Protocol::Chat, message).unwrap();
        assert_eq!(current.limit, Limit::MaxCompletionTokens);
        assert_eq!(after(current, Protocol::Chat, message), None);
    }

    #[test]
    fn what_was_found_out_is_read_back_from_its_words() {
        for (_, structured) in STRUCTURED {
            for (_, limit) in LIMIT {
                for marks in 0..8 {
                    let manner = Manner {
                        structured,
                        limit,
                        is_folded: marks & 1 > 0,
                        streams: marks & 2 > 0,
                        types_turns: marks & 4 > 0,
                    };
                    assert_eq!(Manner::of_words(&manner.words()), Some(manner));
                }
            }
        }
        assert_eq!(Manner::of_words("schema sings"), None);
    }

    #[test]
    fn other_errors_change_nothing() {
        let usual = Manner::from(Dialect::USUAL);
        assert_eq!(after(usual, Protocol::Chat, "no such model"), None);
        let body = json!({"error": {"message": "response_format"}});
        assert_eq!(usual.after(&answer(500, &[], &body), Protocol::Chat), None);
    }
}
