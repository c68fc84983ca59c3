//! The providers that need no configuration but a key, one table. Their prices are `prices`.

use super::{Bill, Dialect, Endpoint, Limit, Protocol, Reasoning, Structured};

/// A provider that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    pub name: &'static str,
    pub url: &'static str,
    pub protocol: Protocol,
    /// The environment variable its key is usually in. Nothing where no key is needed.
    pub key_variable: Option<&'static str>,
    /// The model that is asked if the user names none. Nothing where no model is there for
    /// everybody (one's own server, a market of models), or where no dated page was at hand.
    pub model: Option<&'static str>,
    /// The day on which address and model were last seen in the provider's own pages or library,
    /// where they bear one.
    pub as_of: Option<&'static str>,
    pub dialect: Dialect,
}

impl BuiltIn {
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.name, self.url, self.protocol)
    }
}

/// The built-in provider of this name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|known| known.name == name)
}

/// In the order in which they are listed to people.
pub const BUILT_IN: [BuiltIn; 9] = [
    BuiltIn {
        name: "xai",
        url: "https://api.x.ai/v1",
        protocol: Protocol::Responses,
        key_variable: Some("XAI_API_KEY"),
        model: Some("grok-4.7"),
        as_of: Some("2026-10-17"),
        dialect: Dialect {
            reasoning: Reasoning::Beside,
            ..CURRENT
        },
    },
    BuiltIn {
        name: "openai",
        url: "https://api.openai.com/v1",
        protocol: Protocol::Responses,
        key_variable: Some("OPENAI_API_KEY"),
        model: Some("gpt-5.4-mini"),
        as_of: Some("2026-06-04"),
        dialect: CURRENT,
    },
    BuiltIn {
        name: "anthropic",
        url: "https://api.anthropic.com/v1",
        protocol: Protocol::Anthropic,
        key_variable: Some("ANTHROPIC_API_KEY"),
        model: Some("claude-haiku-4-5"),
        as_of: Some("2026-08-07"),
        dialect: Dialect::USUAL,
    },
    BuiltIn {
        name: "ollama",
        url: "http://localhost:11434",
        protocol: Protocol::Ollama,
        key_variable: None,
        model: None,
        as_of: Some("2026-08-21"),
        dialect: Dialect::USUAL,
    },
    BuiltIn {
        name: "openrouter",
        url: "https://openrouter.ai/api/v1",
        protocol: Protocol::Chat,
        key_variable: Some("OPENROUTER_API_KEY"),
        model: None,
        as_of: None,
        dialect: Dialect {
            bill: Bill::Dollars,
            ..Dialect::USUAL
        },
    },
    BuiltIn {
        name: "groq",
        url: "https://api.groq.com/openai/v1",
        protocol: Protocol::Chat,
        key_variable: Some("GROQ_API_KEY"),
        model: None,
        as_of: None,
        dialect: CURRENT,
    },
    BuiltIn {
        name: "deepseek",
        url: "https://api.deepseek.com",
        protocol: Protocol::Chat,
        key_variable: Some("DEEPSEEK_API_KEY"),
        model: Some("deepseek-v4-flash"),
        as_of: Some("2026-07-04"),
        dialect: Dialect {
            structured: Structured::Object,
            ..Dialect::USUAL
        },
    },
    BuiltIn {
        name: "mistral",
        url: "https://api.mistral.ai/v1",
        protocol: Protocol::Chat,
        key_variable: Some("MISTRAL_API_KEY"),
        model: None,
        as_of: None,
        dialect: Dialect::USUAL,
    },
    BuiltIn {
        name: "gemini",
        url: "https://generativelanguage.googleapis.com/v1beta/openai",
        protocol: Protocol::Chat,
        key_variable: Some("GEMINI_API_KEY"),
        model: Some("gemini-3.5-flash"),
        as_of: Some("2026-06-19"),
        dialect: Dialect::USUAL,
    },
];

/// A server that follows OpenAI's present specification.
const CURRENT: Dialect = Dialect {
    limit: Limit::MaxCompletionTokens,
    ..Dialect::USUAL
};
