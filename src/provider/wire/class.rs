//! What can be done about a server's error: by status and fields first, by the words of the message
//! last, for a message may quote the question.

use super::complaint::Complaint;
use crate::provider::Class;

impl Complaint {
    /// The table of docs/providers.md, from top to bottom. `is_told` to wait, nobody lacks credit.
    pub(super) fn class(&self, status: u16, is_told: bool) -> Class {
        let coded = |words: &[&str]| words.contains(&&*self.code) || words.contains(&&*self.kind);
        let lower = self.message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        // Google's word for every limit, those of a minute among them.
        let is_googles = coded(&["RESOURCE_EXHAUSTED"]);
        let may_speak_of_money = matches!(status, 400 | 402 | 403 | 429);
        if status == 402
            || coded(&NO_CREDIT_CODES)
            || (may_speak_of_money && says(&NO_CREDIT_WORDS))
            || (may_speak_of_money && says(&NO_QUOTA_WORDS) && !is_told && !is_googles)
        {
            return Class::Credit;
        }
        if coded(&REFUSED_CODES) || (status == 403 && says(&["moderation", "flagged"])) {
            return Class::Refused;
        }
        let too_long = matches!(status, 400 | 413 | 422 | 429 | 500) && says(&TOO_LONG_WORDS);
        if coded(&TOO_LONG_CODES) || status == 413 || too_long {
            return Class::Context;
        }
        let about_key = status == 400 && says(&KEY_WORDS);
        if matches!(status, 401 | 403) || coded(&KEY_CODES) || about_key {
            return Class::Key;
        }
        if status == 429 || coded(&["rate_limit_exceeded", "rate_limit_error", "slow_down"]) {
            return Class::RateLimit;
        }
        if coded(&["json_validate_failed"]) {
            return Class::Protocol;
        }
        match status {
            408 | 504 => Class::Timeout,
            409 | 425 | 500..=599 => Class::Overload,
            _ if coded(&["server_error", "api_error", "overloaded_error"]) => Class::Overload,
            _ => Class::Request,
        }
    }
}

const NO_CREDIT_CODES: [&str; 7] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "insufficient_balance",
    "insufficient_credits",
];

/// OpenAI's of an empty account, and Gemini's of a full minute.
const NO_QUOTA_WORDS: [&str; 1] = ["exceeded your current quota"];

const NO_CREDIT_WORDS: [&str; 5] = [
    "used all available credits",
    "spending limit",
    "credit balance",
    "insufficient balance",
    "insufficient credits",
];

/// Azure's, OpenAI's and those of a response that failed.
const REFUSED_CODES: [&str; 6] = [
    "content_policy_violation",
    "content_filter",
    "responsibleaipolicyviolation",
    "invalid_prompt",
    "bio_policy",
    "cyber_policy",
];

const TOO_LONG_CODES: [&str; 4] = [
    "context_length_exceeded",
    "request_too_large",
    "string_above_max_length",
    "exceed_context_size_error",
];

/// Anthropic's, OpenAI's, llama.cpp's, Ollama's, Gemini's, Mistral's and xAI's. The last is a
/// request that is larger than a minute's allowance: it never fits, however long one waits.
const TOO_LONG_WORDS: [&str; 9] = [
    "prompt is too long",
    "maximum context length",
    "exceeds the available context size",
    "exceeds the context length",
    "exceeds maximum context",
    "exceeds the maximum number of tokens allowed",
    "too large for model with",
    "maximum prompt length",
    "request too large",
];

const KEY_CODES: [&str; 6] = [
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "unauthenticated",
    "account_deactivated",
    "invalid_authentication",
];

const KEY_WORDS: [&str; 5] = [
    "incorrect api key",
    "invalid api key",
    "api key not valid",
    "api key expired",
    "no api key",
];

#[cfg(test)]
mod tests {
    use super::super::testing::answer;
    use super::*;
    use serde_json::{Value, json};

    fn class(status: u16, body: &Value) -> Class {
        let answer = answer(status, &[], body);
        super::super::complaint::failure(&answer, &Default::default()).class
    }

    #[test]
    fn every_error_has_its_class() {
        let openai = |kind: &str, code: &str, message: &str| json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
        let xai = |code: &str, error: &str| json!({"code": code, "error": error});
        let claude = |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "r"});
        let invalid = "invalid_request_error";
        let cases = [
            (
                401,
                openai(invalid, "invalid_api_key", "Incorrect API key provided"),
                Class::Key,
            ),
            (
                400,
                xai(
                    "Client specified an invalid argument",
                    "Incorrect API key provided: xa***Q.",
                ),
                Class::Key,
            ),
            (
                403,
                xai("permission-denied", "The caller does not have permission"),
                Class::Key,
            ),
            (
                400,
                json!([{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT"}}]),
                Class::Key,
            ),
            (
                403,
                xai(
                    "permission-denied",
                    "Your team has used all available credits or reached its monthly spending limit",
                ),
                Class::Credit,
            ),
            (
                429,
                xai(
                    "resource-exhausted",
                    "Your team has used all available credits",
                ),
                Class::Credit,
            ),
            (
                429,
                openai(
                    "insufficient_quota",
                    "insufficient_quota",
                    "You exceeded your current quota",
                ),
                Class::Credit,
            ),
            (
                400,
                claude(
                    invalid,
                    "Your credit balance is too low to access the Anthropic API.",
                ),
                Class::Credit,
            ),
            (
                402,
                claude("billing_error", "There is an issue with your billing"),
                Class::Credit,
            ),
            (
                402,
                openai("insufficient_balance", invalid, "Insufficient Balance"),
                Class::Credit,
            ),
            (
                429,
                openai("requests", "rate_limit_exceeded", "Rate limit reached"),
                Class::RateLimit,
            ),
            (
                429,
                claude(
                    "rate_limit_error",
                    "This request would exceed your rate limit",
                ),
                Class::RateLimit,
            ),
            (
                429,
                openai(
                    "tokens",
                    "rate_limit_exceeded",
                    "Request too large for gpt-5.4 on tokens per min (TPM): Limit 30000, Requested 49643.",
                ),
                Class::Context,
            ),
            (
                500,
                claude("api_error", "Internal server error"),
                Class::Overload,
            ),
            (
                529,
                claude("overloaded_error", "Overloaded"),
                Class::Overload,
            ),
            (503, json!("<html>"), Class::Overload),
            (504, claude("timeout_error", "timed out"), Class::Timeout),
            (
                400,
                openai(
                    invalid,
                    "context_length_exceeded",
                    "This model's maximum context length is 8192 tokens.",
                ),
                Class::Context,
            ),
            (
                400,
                claude(
                    invalid,
                    "prompt is too long: 210000 tokens > 200000 maximum",
                ),
                Class::Context,
            ),
            (
                413,
                claude("request_too_large", "Request exceeds the maximum size"),
                Class::Context,
            ),
            (
                400,
                openai(
                    invalid,
                    "content_policy_violation",
                    "rejected by the safety system",
                ),
                Class::Refused,
            ),
            (
                404,
                openai(
                    invalid,
                    "model_not_found",
                    "The model `grok-9` does not exist",
                ),
                Class::Request,
            ),
            (
                404,
                json!({"error": "model 'nothing' not found"}),
                Class::Request,
            ),
            (
                422,
                json!({"object": "error", "message": {"detail": [{"loc": ["body", "seed"]}]}}),
                Class::Request,
            ),
            (
                400,
                openai(invalid, "json_validate_failed", "Failed to generate JSON"),
                Class::Protocol,
            ),
            (
                200,
                json!({"error": {"message": "Provider returned error", "code": 502}}),
                Class::Overload,
            ),
            (
                200,
                json!({"status": "failed", "error": {"code": "server_error", "message": "oops"}}),
                Class::Overload,
            ),
            (
                200,
                json!({"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow"}}),
                Class::RateLimit,
            ),
            (302, json!({}), Class::Request),
        ];
        for (status, body, expected) in cases {
            assert_eq!(class(status, &body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_quota_that_comes_back_is_no_empty_account() {
        let words = "You exceeded your current quota, please check your plan and billing details.";
        let said =
            |more: &str| json!({"error": {"message": format!("{words} {more}"), "code": 429}});
        assert_eq!(class(429, &said("")), Class::Credit);
        assert_eq!(class(429, &said("Please retry in 20s.")), Class::RateLimit);
        let mut google = said("");
        google["error"]["status"] = json!("RESOURCE_EXHAUSTED");
        assert_eq!(class(429, &json!([google])), Class::RateLimit);
        let empty = json!({"error": {"message": format!("{words} Please retry in 20s."), "code": "insufficient_quota"}});
        assert_eq!(class(429, &empty), Class::Credit);
        let told = answer(429, &[("retry-after", "7")], &said(""));
        let failure = super::super::complaint::failure(&told, &Default::default());
        assert_eq!(
            (failure.class, failure.retry_after.unwrap().as_secs()),
            (Class::RateLimit, 7)
        );
    }

    #[test]
    fn a_question_that_is_echoed_does_not_choose_the_class() {
        let echoed = "429 rate_limit_exceeded: invalid api key, used all available credits";
        let body = json!({"error": {"message": echoed, "type": "api_error"}});
        assert_eq!(class(500, &body), Class::Overload);
    }
}
