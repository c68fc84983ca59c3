//! The limit of a model that a server's error names: how much it takes at once, or answers at
//! most. Told from the words of vLLM, OpenAI, Anthropic, Groq, llama.cpp, text-generation-inference,
//! Gemini, xAI and others. Not what is done about it.

use serde_json::Value;

use super::Answer;
use super::complaint::Complaint;
use crate::provider::Stated;

/// What stands before the number of tokens that a model takes together.
const WINDOW: [&str; 15] = [
    "maximum context length is ",
    "maximum context length of ",
    "context length is only ",
    "context length is ",
    "context length of ",
    "context window is ",
    "context window of ",
    "context window (",
    "context size is ",
    "context size of ",
    "context size (",
    "context limit is ",
    "context limit of ",
    "tokens allowed (",
    "maximum prompt length is ",
];

/// Where the last number is the window: `190000 + 16384 > 200000`, `must be <= 4097`.
const COMPARED: [&str; 3] = [
    "context limit: ",
    "prompt is too long: ",
    "`inputs` tokens + `max_new_tokens` must be ",
];

/// By what names servers call the most tokens of an answer.
const OUTPUT: [&str; 11] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxoutputtokens",
    "max_new_tokens",
    "num_predict",
    "max tokens",
    "maximum tokens",
    "completion tokens",
    "output tokens",
    "output_tokens",
];

/// No model takes less, or more: what lies outside is no limit.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 16..=1_000_000_000;

/// The limit that an error names, of a request for at most `asked` tokens.
pub(super) fn of(answer: &Answer, asked: u64) -> Option<Stated> {
    // Rate limits name numbers, too.
    if !matches!(answer.status, 400 | 413 | 422 | 500) {
        return None;
    }
    let field = || {
        let body = answer.json()?;
        let places = ["/error/n_ctx", "/n_ctx"];
        places
            .iter()
            .find_map(|at| body.pointer(at).and_then(Value::as_u64))
    };
    let complaint = Complaint::of(answer);
    let text = complaint.message.to_ascii_lowercase();
    if let Some(window) = field().or_else(|| window(&text)) {
        return PLAUSIBLE
            .contains(&window)
            .then_some(Stated::Window(window));
    }
    let param = complaint.param.to_ascii_lowercase();
    if !OUTPUT
        .iter()
        .any(|name| text.contains(name) || param.contains(name))
    {
        return None;
    }
    // What was asked for and what was counted are named, too.
    let mut limits = numbers(&text).map(|(number, _)| number);
    let limit = limits.by_ref().filter(|number| *number < asked).max()?;
    let is_beyond = ["(exclusive)", "less than ", "lower than "]
        .iter()
        .any(|word| text.contains(word) && !text.contains("or equal"));
    let limit = limit.saturating_sub(u64::from(is_beyond));
    PLAUSIBLE.contains(&limit).then_some(Stated::Output(limit))
}

fn window(text: &str) -> Option<u64> {
    let number_after = |phrase: &&str| {
        let (_, rest) = text.split_once(*phrase)?;
        let (number, at) = numbers(rest).next()?;
        (at == 0).then_some(number)
    };
    WINDOW.iter().find_map(number_after).or_else(|| {
        let mut phrases = COMPARED.iter();
        let (_, rest) = phrases.find_map(|phrase| text.split_once(*phrase))?;
        let at = rest.find(['>', '='])?;
        numbers(rest.get(at..)?).next().map(|(number, _)| number)
    })
}

/// Whole numbers that are words of their own, thousands perhaps parted by commas, and where each
/// begins: not those of a model's name.
fn numbers(text: &str) -> impl Iterator<Item = (u64, usize)> {
    let mut at = 0;
    let is_of_a_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ',');
    text.split(move |c: char| !is_of_a_word(c))
        .filter_map(move |word| {
            let start = at;
            // What parts words is one byte, or at least never part of a number.
            at = start + word.len() + 1;
            let bare = word.trim_matches([',', '.']);
            let parts = bare.split(',').skip(1);
            let is_grouped = parts.clone().all(|part| part.len() == 3);
            let number = bare.replace(',', "").parse().ok()?;
            is_grouped.then_some((number, start))
        })
}

#[cfg(test)]
mod tests {
    use super::super::testing::answer;
    use super::*;
    use serde_json::json;

    fn stated(message: &str) -> Option<Stated> {
        let body = json!({"error": {"message": message, "code": 400}});
        of(&answer(400, &[], &body), 16_384)
    }

    #[test]
    fn every_server_names_its_limit_in_words_of_its_own() {
        for (message, expected) in [
            (
                "max_tokens is too large: 16384. This model's maximum context length is 8192 tokens and your request has 1500 input tokens (16384 > 8192 - 1500).",
                Stated::Window(8192),
            ),
            (
                "'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 8192 tokens and your request has 1500 input tokens (16384 > 8192 - 1500).",
                Stated::Window(8192),
            ),
            (
                "This model's maximum context length is 4097 tokens. However, you requested 17884 tokens (1500 in the messages, 16384 in the completion).",
                Stated::Window(4097),
            ),
            (
                "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
                Stated::Window(8192),
            ),
            (
                "input length and `max_tokens` exceed context limit: 190000 + 16384 > 200000, decrease input length or `max_tokens` and try again",
                Stated::Window(200_000),
            ),
            (
                "prompt is too long: 210000 tokens > 200000 maximum",
                Stated::Window(200_000),
            ),
            (
                "`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 1000 `inputs` tokens and 16384 `max_new_tokens`",
                Stated::Window(4097),
            ),
            (
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1,048,576).",
                Stated::Window(1_048_576),
            ),
            (
                "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
                Stated::Window(131_072),
            ),
            (
                "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
                Stated::Output(8192),
            ),
            (
                "max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku-20241022",
                Stated::Output(8192),
            ),
            (
                "max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384.",
                Stated::Output(4096),
            ),
            (
                "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 8192, but got 16384 instead.",
                Stated::Output(8192),
            ),
            (
                "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
                Stated::Output(8192),
            ),
            (
                "it has a maxOutputTokens value of 16384 but the supported range is from 1 (inclusive) to 8193 (exclusive).",
                Stated::Output(8192),
            ),
            (
                "The maximum tokens you requested exceeds the model limit of 8192.",
                Stated::Output(8192),
            ),
        ] {
            assert_eq!(stated(message), Some(expected), "{message}");
        }
        let llama = json!({"error": {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096}});
        assert_eq!(of(&answer(400, &[], &llama), 9), Some(Stated::Window(4096)));
    }

    #[test]
    fn what_names_no_limit_states_none() {
        for message in [
            "",
            "too long",
            "Unsupported parameter: 'max_tokens' is not supported with gpt-5-2026. Use 'max_completion_tokens' instead.",
            "max_tokens must be at least 1",
            "The model `m-8192` does not exist",
            "temperature must be <= 2",
            "context length is unknown, 77 requests",
        ] {
            assert_eq!(stated(message), None, "{message}");
        }
        let rate = json!({"error": {"message": "max_tokens: limit 8192 tokens per minute"}});
        assert_eq!(of(&answer(429, &[], &rate), 16_384), None);
    }
}
