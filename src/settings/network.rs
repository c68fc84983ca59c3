//! Proxy and CA certificates from git's configuration. Only from the user's own configuration; a
//! repository cannot choose them.

use super::keys::Tracked;
use crate::git::ConfigEntry;

/// `http.proxy`, `http.sslCAInfo`, and both for a URL: `http.<url>.proxy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    said: Vec<Said>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    /// Prefix of the URLs it applies to; empty means all.
    beginning: String,
    name: String,
    value: String,
}

impl Network {
    pub fn of(config: &[ConfigEntry]) -> Self {
        let said = |entry: &ConfigEntry| {
            let (section, rest) = entry.name.split_once('.')?;
            let (beginning, name) = rest.rsplit_once('.').unwrap_or(("", rest));
            let name = name.to_ascii_lowercase();
            let counts = section.eq_ignore_ascii_case("http")
                && matches!(name.as_str(), "proxy" | "sslcainfo")
                && Tracked::Personal.refusal(entry.scope).is_none();
            counts.then(|| Said {
                beginning: beginning.trim_end_matches('/').to_ascii_lowercase(),
                name,
                value: entry.value.clone().unwrap_or_default(),
            })
        };
        let mut entries: Vec<_> = config.iter().collect();
        entries.sort_by_key(|entry| entry.scope);
        Self {
            said: entries.into_iter().filter_map(said).collect(),
        }
    }

    /// The proxy for a URL; empty disables the proxy.
    pub fn proxy(&self, url: &str) -> Option<&str> {
        self.nearest("proxy", url)
    }

    /// The CA file for a URL.
    pub fn ca_file(&self, url: &str) -> Option<&str> {
        self.nearest("sslcainfo", url)
            .filter(|file| !file.is_empty())
    }

    /// The value for the longest matching prefix; the last of several.
    fn nearest(&self, name: &str, url: &str) -> Option<&str> {
        let url = url.to_ascii_lowercase();
        let fits = |said: &&Said| {
            let rest = url.strip_prefix(&said.beginning);
            let ends = |rest: &str| {
                said.beginning.is_empty() || rest.is_empty() || rest.starts_with(['/', '?', ':'])
            };
            said.name == name && rest.is_some_and(ends)
        };
        let nearest = self
            .said
            .iter()
            .filter(fits)
            .max_by_key(|said| said.beginning.len());
        nearest.map(|said| said.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Scope;

    fn network(entries: &[(Scope, &str, &str)]) -> Network {
        let entry = |(scope, name, value): &(Scope, &str, &str)| ConfigEntry {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
            scope: *scope,
            origin: None,
        };
        Network::of(&entries.iter().map(entry).collect::<Vec<_>>())
    }

    #[test]
    fn the_nearest_of_what_the_user_says_counts_and_nothing_of_a_repository() {
        let network = network(&[
            (Scope::Global, "http.proxy", "http://all"),
            (
                Scope::Global,
                "http.https://llm.example.proxy",
                "http://one",
            ),
            (Scope::Global, "http.https://llm.example/v2/.proxy", ""),
            (Scope::Local, "http.proxy", "http://evil"),
            (Scope::Local, "http.sslcainfo", "/evil.pem"),
            (
                Scope::Global,
                "http.https://llm.example.sslcainfo",
                "/ca.pem",
            ),
        ]);
        let proxy = |url| network.proxy(url);
        assert_eq!(proxy("https://api.x.ai/v1"), Some("http://all"));
        assert_eq!(proxy("https://LLM.example/v1"), Some("http://one"));
        assert_eq!(proxy("https://llm.example/v2/x"), Some(""));
        assert_eq!(proxy("https://llm.example.evil/v2"), Some("http://all"));
        assert_eq!(
            network.ca_file("https://llm.example:8443/v1"),
            Some("/ca.pem")
        );
        assert_eq!(network.ca_file("https://api.x.ai/v1"), None);
    }
}
