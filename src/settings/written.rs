//! Raw values and their sources, before checking and resolving.

use std::fmt;

use super::blocks::is_of_block;
use super::keys::Key;
use super::spelling::{closest, short};
use crate::git::{ConfigEntry, Scope};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The built-in default.
    Default,
    Config {
        scope: Scope,
        /// The file, if known.
        file: Option<String>,
    },
    /// An environment variable.
    Environment(String),
    /// A flag, such as `--jobs`.
    Flag(&'static str),
}

impl Place {
    /// Is it the repository's tracked file, which anyone who can commit can edit?
    pub const fn is_tracked(&self) -> bool {
        matches!(
            self,
            Self::Config {
                scope: Scope::Tracked,
                ..
            }
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::Config { scope, file } => match file {
                Some(file) if !file.is_empty() => write!(out, "{} {file}", scope.name()),
                _ => out.write_str(scope.name()),
            },
            Self::Environment(variable) => write!(out, "environment {variable}"),
            Self::Flag(flag) => write!(out, "flag {flag}"),
        }
    }
}

/// The values of a setting on the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The name of the key.
    pub key: &'static str,
    /// The flag, such as `--jobs`.
    pub name: &'static str,
    pub values: Vec<String>,
}

/// One value of one key.
#[derive(Clone, Debug)]
pub struct Written {
    /// `None` for a key without `=`, which git reads as true.
    pub value: Option<String>,
    pub place: Place,
}

/// All sources of settings.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// In git's order within a scope, and any order between scopes. Includes tracked entries.
    pub config: Vec<ConfigEntry>,
    /// Variables with the prefix `RUSTASSISTANT_`.
    pub environment: Vec<(String, String)>,
    pub flags: Vec<Flag>,
}

impl Sources {
    /// All values of `key`, lowest precedence first.
    pub fn of(&self, key: &Key) -> Vec<Written> {
        let mut config: Vec<&ConfigEntry> = self
            .config
            .iter()
            .filter(|entry| key_of(entry).is_some_and(|name| key.is_named(name)))
            .collect();
        config.sort_by_key(|entry| entry.scope);
        let config = config.into_iter().map(|entry| Written {
            value: entry.value.clone(),
            place: place_of(entry),
        });
        let environment = self
            .environment
            .iter()
            .filter(|(variable, _)| is_variable_of(key, variable))
            .map(|(variable, value)| Written {
                value: Some(value.clone()),
                place: Place::Environment(variable.clone()),
            });
        let flags = self
            .flags
            .iter()
            .filter(|flag| flag.key == key.name)
            .flat_map(|flag| {
                flag.values.iter().map(|value| Written {
                    value: Some(value.clone()),
                    place: Place::Flag(flag.name),
                })
            });
        config.chain(environment).chain(flags).collect()
    }

    /// A warning for each unknown key, and for other sections in a tracked file.
    pub fn unknown(&self, keys: &[Key]) -> Vec<String> {
        let names = || keys.iter().map(|key| key.name);
        let config = self.config.iter().filter_map(|entry| match key_of(entry) {
            Some(name) if keys.iter().any(|key| key.is_named(name)) => None,
            Some(name) => {
                let meant = closest(name, names());
                Some(unknown_key(&entry.name, &place_of(entry), meant))
            }
            None if is_of_block(&entry.name) => None,
            None if entry.scope == Scope::Tracked => Some(format!(
                "ignoring {} ({}): a tracked file may only contain keys of rustassistant",
                short(&entry.name),
                place_of(entry)
            )),
            None => None,
        });
        let environment = self.environment.iter().filter_map(|(variable, _)| {
            if keys.iter().any(|key| is_variable_of(key, variable)) {
                return None;
            }
            let variables: Vec<String> = keys.iter().map(Key::variable).collect();
            let meant = closest(variable, variables.iter().map(String::as_str));
            let meant = meant.map(|name| format!("; did you mean {name}?"));
            let meant = meant.unwrap_or_default();
            Some(format!("ignoring {variable}: unknown setting{meant}"))
        });
        config.chain(environment).collect()
    }
}

fn unknown_key(name: &str, place: &Place, meant: Option<&str>) -> String {
    let meant = meant.map(|name| format!("; did you mean rustassistant.{name}?"));
    let meant = meant.unwrap_or_default();
    format!("ignoring {} ({place}): unknown key{meant}", short(name))
}

/// The name of an entry after `rustassistant.`; `None` for other sections.
fn key_of(entry: &ConfigEntry) -> Option<&str> {
    let (section, key) = entry.name.split_once('.')?;
    section.eq_ignore_ascii_case("rustassistant").then_some(key)
}

pub(super) fn place_of(entry: &ConfigEntry) -> Place {
    Place::Config {
        scope: entry.scope,
        file: entry.origin.clone().filter(|file| file != "command line:"),
    }
}

/// `RUSTASSISTANT_MAX_FILE_SIZE` and `RUSTASSISTANT_MAXFILESIZE` are one.
fn is_variable_of(key: &Key, variable: &str) -> bool {
    let bare = |text: &str| text.replace('_', "");
    bare(variable).eq_ignore_ascii_case(&bare(&key.variable()))
}
