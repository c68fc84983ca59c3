//! The question an analysis answers. Not how it is answered: that is an analyzer's affair.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of analysis. Four are built in; a team may name its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Code smells and what to do about them.
    Refactor,
    /// Module documentation.
    Docs,
    /// Notes that the authors left to themselves.
    Todos,
    /// Health and risks of a file.
    Analysis,
    /// A team's own question, from a prompt of its own.
    Custom(String),
}

impl Kind {
    /// The kinds that every analyzer knows, in the order they are shown.
    pub const BUILT_IN: [Self; 4] = [Self::Refactor, Self::Docs, Self::Todos, Self::Analysis];

    pub fn name(&self) -> &str {
        match self {
            Self::Refactor => "refactor",
            Self::Docs => "docs",
            Self::Todos => "todos",
            Self::Analysis => "analysis",
            Self::Custom(name) => name,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A text that cannot name a kind.
#[derive(Debug, thiserror::Error)]
#[error("'{}' cannot name a kind of analysis", .0.escape_debug())]
pub struct ParseKindError(String);

impl FromStr for Kind {
    type Err = ParseKindError;

    /// A kind's name is a path component of the store: lower-case letters, digits and inner
    /// hyphens, at most 40 characters.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if let Some(kind) = Self::BUILT_IN.iter().find(|kind| kind.name() == name) {
            return Ok(kind.clone());
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=40).contains(&name.len())
            && name.chars().all(plain)
            && !name.starts_with('-')
            && !name.ends_with('-');
        if fits {
            Ok(Self::Custom(name.to_owned()))
        } else {
            Err(ParseKindError(name.to_owned()))
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_no_kind() {
        for name in ["", "..", "a/b", "A", "-a", "a-", "a b", "é"] {
            assert!(name.parse::<Kind>().is_err(), "{name:?}");
        }
        assert_eq!("docs".parse::<Kind>().unwrap(), Kind::Docs);
        assert_eq!("security".parse::<Kind>().unwrap().name(), "security");
    }
}
