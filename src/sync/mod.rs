//! Makes two stores agree: ours and that of a remote. Fetching copies what the remote publishes into
//! our mirror of it; publishing lays what is pending over that mirror and pushes the result.
//!
//! Not here: how entries are stored, and how git talks to a remote. docs/sync.md tells it whole.

mod address;
mod evict;
mod fetch;
mod publish;
mod publishable;
mod refused;
mod revisions;
mod seen;
#[cfg(test)]
mod tests;

use crate::model::{Manner, Publish, Trust};
use crate::store::{Offer, SHARED_REF};

pub use evict::{Compacted, Dropped, Purged, compact, evict, purge};
pub use fetch::{Received, fetch, fetch_by_name};
pub use publish::{CURES, Published, publish, refill};
pub use publishable::{Publishable, QuotesSecret};
pub use refused::refused;
pub use revisions::note_revision;

/// A remote that analyses are shared through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// As configured: `origin`.
    pub name: String,
    /// The ref that it publishes, on its own side.
    pub shared_ref: String,
    pub role: Role,
    /// What publishing puts there.
    pub offer: Offer,
    /// Which analyses are published at all.
    pub publish: Publish,
    /// How far what it publishes is believed.
    pub trust: Trust,
    /// How the commits are made that publish there.
    pub manner: Manner,
}

/// What a remote is to this clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Where analyses of this clone belong: what is published there is pending no more.
    Home,
    /// Another place, such as a fork: it may have a copy.
    Other,
}

impl Remote {
    /// The remote of this name as home, with the usual ref.
    pub fn home(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            shared_ref: SHARED_REF.to_owned(),
            role: Role::Home,
            offer: Offer::Own,
            publish: Publish::All,
            trust: Trust::Any,
            manner: Manner::default(),
        }
    }
}
