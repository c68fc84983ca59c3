//! What an analysis *is*: its key, its entry, when it is fresh, which of two wins.
//!
//! Pure values and pure functions. Not here: any input or output, the clock, git2, threads.

mod entry;
mod failure;
mod finding;
mod freshness;
mod held;
mod hint;
mod identity;
mod json;
mod kind;
mod language;
mod oid;
mod outcome;
mod path;
mod recipe;
mod role;
mod skip;
mod trust;
mod usage;
mod visible;
mod winner;

pub use entry::{Entry, EntryKey, FORMAT, MAX_ENTRY_BYTES, MAX_TEXT_BYTES, shorten};
pub use failure::{Cause, Failure};
pub use finding::{About, Analysis, Confidence, Finding, Level, MAX_FINDINGS, Suggestion};
pub use freshness::{Freshness, Ttl, freshness, is_from_the_future};
pub use held::Held;
pub use hint::{Hinted, ResultExt};
pub use identity::{identities, with_path};
pub use json::{canonical, nesting_depth, pretty};
pub use kind::{Kind, ParseKindError};
pub use language::Language;
pub use oid::{ByOid, Fingerprint, ObjectFormat, ObjectType, Oid, ParseOidError};
pub use outcome::{Origin, Outcome, Revision, Row, Status, Stop, Totals};
pub use path::RepoPath;
pub use recipe::{Parameter, Recipe};
pub use role::{Role, Roles};
pub use skip::{Ingredient, Miss, Skip};
pub use trust::{Manner, Publish, Signing, Trust};
pub use usage::{Cost, CostSource, Part, Usage, Usd};
pub use visible::is_unsafe;
pub use winner::{wins_at, wins_over};
