//! Entries kept as git objects under `refs/rustassistant/*`. The normative description is
//! docs/storage.md.
//!
//! Not here: what an entry says, and how stores of two clones agree.

mod batch;
mod claims;
mod codec;
mod journal;
mod layout;
mod lookup;
mod node;
mod source;
mod survey;

pub use batch::{Batch, Flushed, Written};
pub use claims::Claims;
pub use codec::{Unreadable, decode, encode};
pub use layout::{FORMAT_TEXT, LOCAL_REF, SHARED_REF, mirror_ref};
pub use lookup::{Found, Store};
pub use source::Source;
pub use survey::{Group, Survey};
