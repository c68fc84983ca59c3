//! Finds a provider's API key: in the environment, else with git's credential helpers. A key is never
//! printed or stored, and is only sent to its provider.

use anyhow::{Result, anyhow};

use super::answerers::{KeyPlace, ModelConfig};
use super::environment::Environment;
use crate::git::Credential;
use crate::model::Hinted;
use crate::provider::{Key, host};
use crate::scan::KeyVerdict;
use crate::settings::template;

/// A key, if needed, and where it comes from.
#[derive(Debug)]
pub struct Found {
    pub key: Option<Key>,
    /// For messages: `the key in XAI_API_KEY`.
    pub origin: String,
    /// Custom headers, with variables expanded.
    pub headers: Vec<(String, Key)>,
    credential: Option<Credential>,
}

impl Found {
    /// Tells git's helpers whether the provider accepted their key.
    pub fn judge(&self, verdict: KeyVerdict) {
        match (&self.credential, verdict) {
            (Some(credential), KeyVerdict::Accepted) => credential.approve(),
            (Some(credential), KeyVerdict::Refused) => credential.reject(),
            _ => {}
        }
    }
}

/// Finds the key and custom headers of a provider.
///
/// # Errors
/// With a hint that names the variable, if it is needed and not set.
pub fn find(environment: &Environment, chosen: &ModelConfig) -> Result<Found> {
    let headers = chosen.headers.iter();
    let headers = headers.map(|(name, value)| {
        let filled: Result<String> = template(value)
            .map(|piece| match piece {
                Ok(words) => Ok(words.to_owned()),
                Err(variable) => in_header(environment, chosen, name, variable),
            })
            .collect();
        Ok((name.clone(), Key::new(&filled?)))
    });
    let headers = headers.collect::<Result<Vec<_>>>()?;
    let found = find_key(environment, chosen)?;
    Ok(Found { headers, ..found })
}

fn in_header(
    environment: &Environment,
    chosen: &ModelConfig,
    header: &str,
    variable: &str,
) -> Result<String> {
    keep_out_of_dumps();
    let value = environment.get(variable).and_then(|value| value.to_str());
    value.map(str::to_owned).ok_or_else(|| {
        let name = &chosen.endpoint.name;
        Hinted::attach(
            anyhow!("cannot send header {header} to {name}: {variable} is not set"),
            format!("export {variable}=…, or change rustassistant-provider.{name}.header"),
        )
    })
}

fn find_key(environment: &Environment, chosen: &ModelConfig) -> Result<Found> {
    let name = &chosen.endpoint.name;
    let none = |origin: &str| Found {
        key: None,
        origin: origin.to_owned(),
        headers: Vec::new(),
        credential: None,
    };
    let variable = match &chosen.key {
        KeyPlace::Nowhere => return Ok(none("no key configured")),
        KeyPlace::Helpers => None,
        KeyPlace::Variable(variable) => Some(variable),
    };
    keep_out_of_dumps();
    if let Some(key) = variable.and_then(|variable| in_environment(environment, variable)) {
        return Ok(Found {
            key: Some(key),
            origin: format!("the key in {}", variable.map_or("", String::as_str)),
            headers: Vec::new(),
            credential: None,
        });
    }
    let url = &chosen.endpoint.url;
    match (Credential::find(url), variable) {
        (Some(credential), _) => Ok(Found {
            key: Some(Key::new(credential.secret())),
            origin: format!("the key from git's credential helpers for {}", host(url)),
            headers: Vec::new(),
            credential: Some(credential),
        }),
        (None, None) => {
            let setting = format!("rustassistant-provider.{name}.keyEnv names no variable");
            Ok(none(&setting))
        }
        (None, Some(variable)) => Err(Hinted::attach(
            anyhow!("no API key for {name}: {variable} is not set"),
            format!(
                "export {variable}=…, or store the key in git's credential helpers as the password \
                 for {url}"
            ),
        )),
    }
}

/// Disables core dumps of this process, and access to its memory by other processes of the user
/// (prctl(2), PR_SET_DUMPABLE).
fn keep_out_of_dumps() {
    // What the system refuses is a comfort less, and no reason to stop.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn in_environment(environment: &Environment, variable: &str) -> Option<Key> {
    let key = Key::new(environment.get(variable)?.to_str()?);
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::provider::{Endpoint, Protocol};

    fn chosen(url: &str, key: KeyPlace) -> ModelConfig {
        ModelConfig {
            endpoint: Endpoint::new("team", url, Protocol::Chat),
            model: "m".into(),
            key,
            price: None,
            context_window: None,
            headers: Vec::new(),
            concurrency: NonZeroUsize::MIN,
            retry_delay: None,
        }
    }

    #[test]
    fn a_key_is_in_the_variable_that_is_named_or_it_is_missing_by_name() {
        let place = KeyPlace::Variable("TEAM_KEY".into());
        let chosen = chosen("http://127.0.0.1:1", place);
        let environment = Environment::from([("TEAM_KEY", "sk-very-secret")]);
        let found = find(&environment, &chosen).unwrap();
        assert!(found.key.is_some());
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
        assert!(!format!("{found:?}").contains("secret"));
        let error = find(&Environment::from([("TEAM_KEY", " ")]), &chosen).unwrap_err();
        assert!(error.to_string().contains("TEAM_KEY is not set"), "{error}");
    }

    #[test]
    fn where_no_key_is_needed_none_is_looked_for() {
        let environment = Environment::from([("TEAM_KEY", "sk-very-secret")]);
        for place in [KeyPlace::Nowhere, KeyPlace::Helpers] {
            let found = find(&environment, &chosen("http://127.0.0.1:1", place)).unwrap();
            assert!(found.key.is_none());
        }
    }
}
