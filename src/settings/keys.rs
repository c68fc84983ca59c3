//! Every key there is, in one table: the code, `config list` and docs/configuration.md all follow
//! it. Not what a value means: that is `value.rs`.

use std::borrow::Cow;

use crate::analyzers::local::{Threshold, Thresholds};

/// Which part of [`super::Settings`] a key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Provider,
    Kinds,
    Include,
    Exclude,
    MaxFileSize,
    Ttl,
    Jobs,
    FailOn,
    Remote,
    SharedRef,
    Trust,
    Sign,
    Threshold,
}

impl Field {
    /// A list adds up over git's scopes; of a single value, the last one counts.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Kinds | Self::Include | Self::Exclude)
    }
}

/// May the repository's tracked file hold the key? Anyone who can commit writes that file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    Allowed,
    /// A tracked file may make the value smaller, never larger.
    OnlyLower,
    Refused,
}

/// One key of the configuration.
#[derive(Clone, Debug)]
pub struct Key {
    /// As people write it, without its section: `maxFileSize`.
    pub name: &'static str,
    pub field: Field,
    /// As it would be written.
    pub default: Cow<'static, str>,
    /// What a value may be, for error messages and the documentation.
    pub allowed: &'static str,
    /// One line for people, no period.
    pub help: &'static str,
    pub tracked: Tracked,
}

impl Key {
    /// `rustassistant.maxFileSize`.
    pub fn full_name(&self) -> String {
        format!("rustassistant.{}", self.name)
    }

    /// Is `name`, in any case, what follows `rustassistant.` for this key?
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The environment variable of the same meaning: `RUSTASSISTANT_MAX_FILE_SIZE`.
    pub fn variable(&self) -> String {
        let mut variable = String::from("RUSTASSISTANT_");
        for letter in self.name.chars() {
            if letter.is_ascii_uppercase() {
                variable.push('_');
            }
            variable.push(letter.to_ascii_uppercase());
        }
        variable
    }

    /// Is a change of this key another recipe, hence a miss?
    pub fn is_ingredient(&self) -> bool {
        self.field == Field::Threshold
    }
}

/// Every key, in the order they are shown in.
pub fn every() -> Vec<Key> {
    let thresholds = Thresholds::ALL.iter().map(of_threshold);
    fixed().into_iter().chain(thresholds).collect()
}

fn fixed() -> [Key; 12] {
    use Field::{
        Exclude, FailOn, Include, Jobs, Kinds, MaxFileSize, Provider, Remote, SharedRef, Sign,
        Trust, Ttl,
    };
    use Tracked::{Allowed, OnlyLower, Refused};
    let key = |name, field, default: &'static str, tracked, allowed, help| Key {
        name,
        field,
        default: Cow::Borrowed(default),
        allowed,
        help,
        tracked,
    };
    [
        key(
            "provider",
            Provider,
            "local",
            Refused,
            "'local', the embedded analyzer",
            "Who answers",
        ),
        key(
            "kinds",
            Kinds,
            "refactor",
            Allowed,
            "any of refactor, docs, todos, analysis; or all",
            "The kinds of analysis to make",
        ),
        key(
            "include",
            Include,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "Only files that one of these patterns matches; empty means every language that is known",
        ),
        key(
            "exclude",
            Exclude,
            "",
            Allowed,
            "path patterns from the root of the repository",
            "No file that one of these patterns matches",
        ),
        key(
            "maxFileSize",
            MaxFileSize,
            "1m",
            OnlyLower,
            "a number of bytes, such as 65536, 512k or 2m",
            "Skip files larger than this",
        ),
        key(
            "ttl",
            Ttl,
            "never",
            Allowed,
            "a length of time, such as 30d or 12h, or 'never'",
            "Age at which an analysis is made anew; those of the embedded analyzer never age",
        ),
        key(
            "jobs",
            Jobs,
            "0",
            Refused,
            "a whole number; 0 means one for each processor",
            "Files to analyse at a time",
        ),
        key(
            "failOn",
            FailOn,
            "never",
            Allowed,
            "one of never, note, warning, error",
            "The level from which findings make the exit status 1",
        ),
        key(
            "remote",
            Remote,
            "",
            Refused,
            "the name of a remote",
            "The remote to share analyses through; empty means the one that the branch is pushed to",
        ),
        key(
            "sharedRef",
            SharedRef,
            "refs/rustassistant/shared/v1",
            Refused,
            "a ref of four or more parts that ends in /v1, such as refs/heads/rustassistant/v1",
            "The ref of the remote that holds shared analyses; another one where a host takes branches only",
        ),
        key(
            "trust",
            Trust,
            "any",
            Refused,
            "one of any, signed, none",
            "Whose analyses count: anyone's who may write to the remote, those signed by an allowed key, or nobody's but one's own",
        ),
        key(
            "sign",
            Sign,
            "",
            Refused,
            "true or false; empty means what commit.gpgSign says",
            "Sign the commits that publish analyses",
        ),
    ]
}

fn of_threshold(threshold: &Threshold) -> Key {
    Key {
        name: threshold.name,
        field: Field::Threshold,
        default: Cow::Owned(threshold.default.to_string()),
        allowed: "a whole number, not negative",
        help: threshold.help,
        tracked: Tracked::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_environment_variable() {
        let variables: Vec<String> = fixed().iter().map(Key::variable).collect();
        assert!(variables.contains(&"RUSTASSISTANT_MAX_FILE_SIZE".to_owned()));
        assert!(variables.contains(&"RUSTASSISTANT_KINDS".to_owned()));
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
