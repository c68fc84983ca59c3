//! Where a provider is and what it speaks. Not the speaking (`wire`), not the connection
//! (`client`).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::{Dialect, Key, built_in};

/// How questions and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// OpenAI's Chat Completions, and everything that calls itself compatible.
    Chat,
    /// OpenAI's and xAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Anthropic,
    /// Ollama's own chat, the only one of its protocols that can set the context window.
    Ollama,
}

impl Protocol {
    pub const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Anthropic, Self::Ollama];

    /// The context window that a model has, in tokens, where nobody says: Ollama is told how much
    /// memory to give to one. One size for all questions, because it loads a model anew for
    /// another.
    pub const fn usual_window(self) -> Option<u64> {
        match self {
            Self::Ollama => Some(16_384),
            Self::Chat | Self::Responses | Self::Anthropic => None,
        }
    }

    /// As it is written in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "openai-chat",
            Self::Responses => "openai-responses",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Protocol {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL
            .into_iter()
            .find(|protocol| protocol.name() == text);
        named.ok_or("not a protocol: openai-chat, openai-responses, anthropic or ollama")
    }
}

/// One provider as it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// By what the user calls it: `xai`.
    pub name: String,
    /// The part of the address that all requests share: `https://api.x.ai/v1`.
    pub url: String,
    pub protocol: Protocol,
    /// From sending a request to the last byte of its answer.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub dialect: Dialect,
    /// Code and key may go over an open line to a host of a private network.
    pub allows_http: bool,
    /// Sent with every request, by names in lower case.
    pub headers: Vec<(String, Key)>,
    /// What the key is sent in, if not in what the protocol says.
    pub key_header: Option<String>,
    /// In place of the system's, for https; none if it is empty.
    pub proxy: Option<String>,
    /// Certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Endpoint {
    /// As long as the providers' own libraries wait: a model may think for minutes.
    pub const TIMEOUT: Duration = Duration::from_secs(600);
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// With the usual patience. The dialect is that of the built-in provider of this name, else
    /// the one that asks least of a server.
    pub fn new(name: &str, url: &str, protocol: Protocol) -> Self {
        Self {
            name: name.to_owned(),
            url: url.trim_end_matches('/').to_owned(),
            protocol,
            timeout: Self::TIMEOUT,
            connect_timeout: Self::CONNECT_TIMEOUT,
            dialect: Dialect::of(name),
            allows_http: false,
            headers: Vec::new(),
            key_header: None,
            proxy: None,
            ca_file: None,
        }
    }

    /// Is it the host of a provider that says itself what a request has cost? What any other server
    /// says of money is its word against a price.
    pub fn bills(&self) -> bool {
        let mut known = BILLING.iter().filter_map(|name| built_in(name));
        known.any(|known| host(known.url) == host(&self.url))
    }
}

/// Those that say what a request has cost.
const BILLING: [&str; 2] = ["xai", "openrouter"];

/// The host that a connection to this address would be made to, with its port unless that is the
/// usual one: for people, and for comparing. What is no address is itself.
pub fn host(url: &str) -> String {
    let parsed = reqwest::Url::parse(url).ok();
    let host = parsed
        .as_ref()
        .and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_read_as_it_is_written() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
        }
        assert!("chat".parse::<Protocol>().is_err());
    }

    #[test]
    fn only_the_providers_own_host_is_believed_about_money() {
        for (url, bills) in [
            ("https://api.x.ai/v1", true),
            ("https://openrouter.ai/api/v1", true),
            ("https://api.openai.com/v1", false),
            ("https://api.x.ai.evil.example/v1", false),
            ("http://127.0.0.1:8080/v1", false),
        ] {
            assert_eq!(
                Endpoint::new("xai", url, Protocol::Chat).bills(),
                bills,
                "{url}"
            );
        }
    }

    #[test]
    fn the_host_of_an_address_is_the_one_that_is_connected_to() {
        for (url, expected) in [
            ("https://api.x.ai/v1", "api.x.ai"),
            ("https://API.x.ai:443/v1", "api.x.ai"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("https://api.x.ai@evil.example/v1", "evil.example"),
            // A backslash ends the host, as a slash does.
            (r"https://evil.example\@api.x.ai/v1", "evil.example"),
            ("https://evil\t.example/v1", "evil.example"),
            ("https:evil.example/@api.x.ai", "evil.example"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
