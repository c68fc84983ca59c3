//! The environment variables that a host gives a session.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use crate::git::Overrides;

/// Variables of this program that are not settings.
const NO_SETTINGS: [&str; 3] = [
    "RUSTASSISTANT_GIT",
    "RUSTASSISTANT_LOG",
    "RUSTASSISTANT_SKIP",
];

/// Variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The variables that may be settings.
    pub fn settings(&self) -> Vec<(String, String)> {
        let text = |os: &OsString| os.to_string_lossy().into_owned();
        self.0
            .iter()
            .filter(|(name, _)| name.as_encoded_bytes().starts_with(b"RUSTASSISTANT_"))
            .filter(|(name, _)| !NO_SETTINGS.iter().any(|no| name == no))
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    /// Do variables add to or replace git's configuration files?
    pub fn overrides(&self) -> Overrides {
        Overrides::told(|name| self.get(name).is_some())
    }

    /// Does the terminal support only plain text?
    pub fn is_dumb(&self) -> bool {
        self.get("TERM").is_none_or(|term| term == "dumb")
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        Self(pairs.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_with_our_prefix_may_be_settings() {
        let environment = Environment::from([
            ("RUSTASSISTANT_JOBS", "2"),
            ("MY_RUSTASSISTANT_JOBS", "3"),
            ("HOME", "/"),
        ]);
        let settings = environment.settings();
        assert_eq!(settings, [("RUSTASSISTANT_JOBS".into(), "2".into())]);
        assert_eq!(environment.overrides(), Overrides::Absent);
    }

    #[test]
    fn a_configuration_given_by_variables_is_noticed() {
        let environment = Environment::from([("GIT_CONFIG_COUNT", "1")]);
        assert_eq!(environment.overrides(), Overrides::Present);
    }
}
