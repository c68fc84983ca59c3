//! What a key is, and the list of all keys, which the code, `config list` and docs/configuration.md
//! share. `value` parses values.

use std::borrow::Cow;

use super::table;
use crate::analyzers::local::{Threshold, Thresholds};
use crate::git::Scope;

/// Which part of [`super::Settings`] a key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Provider,
    Model,
    Kinds,
    Include,
    Exclude,
    MaxFileSize,
    Ttl,
    Jobs,
    FailOn,
    MaxCost,
    MaxTokens,
    MaxRequests,
    MaxOutputTokens,
    Parameter,
    Yes,
    Remote,
    SharedRef,
    Trust,
    Publish,
    Sign,
    PublishMessage,
    PublishAuthor,
    HookEnabled,
    HookBudget,
    HookFailOn,
    Threshold,
}

impl Field {
    /// Lists accumulate over git's scopes; single values use the last one.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Kinds | Self::Include | Self::Exclude)
    }
}

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

/// A configuration key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name without its section: `maxFileSize`.
    pub name: &'static str,
    pub field: Field,
    /// The default, as text.
    pub default: Cow<'static, str>,
    /// Allowed values, for error messages and the documentation.
    pub allowed: &'static str,
    /// One line of help, without a period.
    pub help: &'static str,
    pub tracked: Tracked,
}

impl Key {
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

    /// Does changing this key change the recipe, so that files become misses?
    pub fn is_ingredient(&self) -> bool {
        use Field::{Model, Parameter, Provider, Threshold};
        matches!(self.field, Provider | Model | Parameter | Threshold)
    }
}

/// All keys, in display order.
pub fn every() -> Vec<Key> {
    let thresholds = Thresholds::ALL.iter().map(of_threshold);
    let fixed = table::of_files().into_iter().chain(table::of_sharing());
    let fixed = fixed.chain(table::of_hook()).chain(table::of_models());
    fixed.chain(thresholds).collect()
}

fn of_threshold(threshold: &Threshold) -> Key {
    Key {
        name: threshold.name,
        field: Field::Threshold,
        default: Cow::Owned(threshold.default.to_string()),
        allowed: "a whole number, 0 or more",
        help: threshold.help,
        tracked: Tracked::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
