//! How far what others publish is believed, what is published here, and whether that is signed. Not
//! how a signature is checked.

/// What counts of the analyses that others publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// All that whoever may write there has published.
    #[default]
    Any,
    /// What has nothing but commits before it that are signed by a key the user allows.
    Signed,
    /// Nothing: only what this clone made.
    Nobody,
}

impl Trust {
    /// Whose word counts where something is dropped: whoever uses nobody's answers follows the team all the
    /// same.
    pub const fn for_drops(self) -> Self {
        match self {
            Self::Signed => Self::Signed,
            Self::Any | Self::Nobody => Self::Any,
        }
    }
}

/// Which analyses of this clone are published. Orders from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Publish {
    Nothing,
    /// Those that a model was asked for: the others take longer to fetch than to compute.
    Paid,
    #[default]
    All,
}

/// Are the commits that publish analyses signed?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    #[default]
    Unsigned,
    Signed,
}

/// How the commits that publish analyses are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    pub signing: Signing,
    /// Their author, `A U Thor <author@example.com>`, where it is not to be this program.
    pub author: Option<String>,
    /// Their subject, where a server has rules for it.
    pub message: Option<String>,
}
