//! Entries kept as git objects under `refs/rustassistant/*`. The normative description is
//! docs/storage.md.
//!
//! Not here: what an entry says, and how stores of two clones agree.

mod anchor;
mod batch;
mod believed;
mod changes;
mod claims;
mod codec;
mod compact;
mod doomed;
mod dormant;
mod evict;
mod export;
mod filter;
mod folder;
mod index;
mod indexed;
mod join;
mod journal;
mod layout;
mod lookup;
mod node;
mod overlay;
mod own;
mod pending;
mod publish;
mod publishers;
mod purge;
mod repair;
mod shelf;
mod sorted;
mod source;
mod stack;
mod survey;
#[cfg(test)]
mod tests;
mod tip;
mod traces;
mod verify;

pub use anchor::{Anchor, leads};
pub use batch::{Batch, Flushed, Written};
pub use believed::mirror as believed_mirror;
pub use claims::Claims;
pub use codec::{Unreadable, decode, encode};
pub use compact::{Compaction, lay_compacted};
pub use doomed::{Doomed, Needle};
pub use dormant::dormant;
pub use evict::{Chosen, choose, evict, follow, lay_without};
pub use export::{Exported, adopt, gather};
pub use filter::Filter;
pub use journal::{Record, Tag, records};
pub use layout::{
    EXPORTED_REF, IMPORTED_REF, LOCAL_REF, MIRRORS, SHARED_REF, left_out, mirror_ref, refspec,
};
pub use lookup::{Found, Store};
pub use overlay::Layer;
pub use own::open as own_store;
pub use pending::{Difference, Offer, difference, mirror, pending};
pub use publish::{Base, Laid, Own, has_any, lay, mirror_tip, release, taken};
pub use publishers::{published_by, publishers};
pub use purge::{Published, Role, Search, Sighting, blobs_with_entries, lay_purged, purge_refs};
pub use repair::{Ailment, ailments, mend};
pub use shelf::Shelf;
pub use source::Source;
pub use survey::{Group, survey};
pub use traces::{answers_beside, files_with, is_busy, purge_files};
pub use verify::{Checked, verify};
