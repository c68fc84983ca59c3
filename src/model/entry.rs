//! One stored analysis and the key it is stored under. Not how it is written or found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Analysis, Fingerprint, Kind, Oid, Usage};

/// The version of the entry format that this program writes.
pub const FORMAT: u32 = 1;

/// The most bytes an entry may have: a larger analysis is an error, a larger fetched blob a miss.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// The most bytes that a text of an entry may have, but for documents.
pub const MAX_TEXT_BYTES: usize = 64 << 10;

/// Cuts a text that is longer than [`MAX_TEXT_BYTES`], and shows that it was.
pub fn shorten(text: &mut String) {
    const MORE: char = '…';
    if text.len() > MAX_TEXT_BYTES {
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES - MORE.len_utf8()));
        text.push(MORE);
    }
}

/// Which question about which blob. The kind follows from the fingerprint's recipe; it is carried
/// along because the store's paths begin with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    pub kind: Kind,
    pub fingerprint: Fingerprint,
    pub blob: Oid,
}

/// One stored analysis. It names no path, no user and no machine.
///
/// An entry of the embedded analyzer is a pure function of (blob, recipe), so the three fields
/// that tell of its making are absent from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub format: u32,
    pub blob: Oid,
    pub fingerprint: Fingerprint,
    pub kind: Kind,
    /// Who answered, for people: `local/1`, `xai/grok-4.7`.
    pub analyzer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    pub analysis: Analysis,
}

impl Entry {
    pub fn key(&self) -> EntryKey {
        EntryKey {
            kind: self.kind.clone(),
            fingerprint: self.fingerprint,
            blob: self.blob,
        }
    }

    /// Was money or somebody's time spent on it? Such an entry is made durable at once.
    pub fn is_paid(&self) -> bool {
        self.usage.is_some()
    }
}
