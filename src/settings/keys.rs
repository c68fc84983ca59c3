//! What a key is. `table` lists them all, for the code, `config list` and docs/configuration.md.

use std::borrow::Cow;

use super::Settings;
use super::resolve::Effective;
use super::value::Wrong;
use crate::git::Scope;

/// May the repository's tracked file set the key? Anyone who can commit can edit that file, and an
/// unpacked archive can contain the repository's own configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    Allowed,
    /// A tracked file may lower the value, but not raise it.
    OnlyLower,
    Refused,
    /// Neither a tracked file nor the repository's own configuration may set it: only the user's, and the
    /// command line.
    Personal,
}

impl Tracked {
    /// Why a value from `scope` is ignored, if it is. The caller checks `OnlyLower`.
    pub const fn refusal(self, scope: Scope) -> Option<&'static str> {
        match (self, scope) {
            (Self::Refused | Self::Personal, Scope::Tracked) => {
                Some("a tracked file may not set it")
            }
            (Self::Personal, Scope::Local | Scope::Worktree) => {
                Some("a repository's own configuration may not set it; use 'git config --global'")
            }
            _ => None,
        }
    }
}

/// Reads a value of a key into settings.
pub type Read = fn(&mut Settings, &Effective) -> Result<(), Wrong>;

/// How much a value allows, where a smaller one is stricter.
pub type Bound = fn(&str) -> Result<u64, Wrong>;

/// A configuration key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name without its section: `maxFileSize`.
    pub name: &'static str,
    /// The default, as text.
    pub default: Cow<'static, str>,
    /// Allowed values, for error messages and the documentation.
    pub allowed: &'static str,
    /// One line of help, without a period.
    pub help: &'static str,
    pub tracked: Tracked,
    /// Lists accumulate over git's scopes; single values use the last one.
    pub is_list: bool,
    /// Does changing this key change the recipe, so that files become misses?
    pub is_ingredient: bool,
    /// Set where a tracked file may only lower the value.
    pub(super) bound: Option<Bound>,
    pub(super) read: Read,
}

impl Key {
    /// A single value.
    pub(super) const fn new(
        name: &'static str,
        default: &'static str,
        tracked: Tracked,
        allowed: &'static str,
        help: &'static str,
        read: Read,
    ) -> Self {
        Self {
            name,
            default: Cow::Borrowed(default),
            allowed,
            help,
            tracked,
            is_list: false,
            is_ingredient: false,
            bound: None,
            read,
        }
    }

    pub(super) fn with_default(self, default: i64) -> Self {
        let default = Cow::Owned(default.to_string());
        Self { default, ..self }
    }

    pub(super) fn list(self) -> Self {
        Self {
            is_list: true,
            ..self
        }
    }

    pub(super) fn ingredient(self) -> Self {
        Self {
            is_ingredient: true,
            ..self
        }
    }

    pub(super) fn bounded(self, bound: Bound) -> Self {
        Self {
            bound: Some(bound),
            ..self
        }
    }

    /// `rustassistant.maxFileSize`.
    pub fn full_name(&self) -> String {
        format!("rustassistant.{}", self.name)
    }

    /// Is `name` this key, without `rustassistant.` and ignoring case?
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The environment variable of this key: `RUSTASSISTANT_MAX_FILE_SIZE`.
    pub fn variable(&self) -> String {
        let mut variable = String::from("RUSTASSISTANT_");
        for letter in self.name.chars() {
            match letter {
                '.' => variable.push('_'),
                letter => {
                    if letter.is_ascii_uppercase() {
                        variable.push('_');
                    }
                    variable.push(letter.to_ascii_uppercase());
                }
            }
        }
        variable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::every;

    #[test]
    fn a_key_names_its_environment_variable() {
        let variables: Vec<String> = every().iter().map(Key::variable).collect();
        assert!(variables.contains(&"RUSTASSISTANT_MAX_FILE_SIZE".to_owned()));
        assert!(variables.contains(&"RUSTASSISTANT_KINDS".to_owned()));
        assert!(variables.contains(&"RUSTASSISTANT_HOOK_FAIL_ON".to_owned()));
    }

    #[test]
    fn no_two_keys_have_one_name() {
        let mut names: Vec<String> = every().iter().map(|k| k.name.to_lowercase()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
