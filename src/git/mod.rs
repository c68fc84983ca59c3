//! Everything we ask of a repository: the only room that knows git2 and the `git` process.
//!
//! git2 reads objects and looks refs up by name: that is the path of a hit, and it starts nothing.
//! The `git` process updates refs, takes in packs, answers whatever git and libgit2 answer
//! differently (the index, the work tree, filters, attributes, pathspecs), and reads everything
//! where libgit2 cannot open the repository. Callers see neither.

mod address;
mod around;
mod asking;
mod attributes;
mod between;
mod bounds;
mod bundle;
mod commit;
mod comparing;
mod config;
mod credential;
mod destination;
mod embedded;
mod entrance;
mod error;
mod files;
mod foreign;
mod hand;
mod hashing;
mod held_by;
mod hooks;
mod leaving;
mod lfs;
mod listing;
mod lock;
mod moving;
mod network;
mod objects;
mod opening;
mod own_folder;
mod own_refs;
mod pack;
mod packed;
mod pathspec;
mod patience;
mod plumbing;
mod process;
mod promisor;
mod reachable;
mod refs;
mod remote;
mod repo;
mod revs;
mod rolling;
mod scratch;
mod setup;
mod shared;
mod signature;
mod staged;
#[cfg(test)]
pub mod testing;
mod trees;
mod vouched;
mod windows;
mod withheld;
mod worktree;

pub use address::{Addresses, Asked};
pub use attributes::{Attributes, mentions_ours};
pub use commit::Commit;
pub use comparing::{Listing, Now};
pub use config::{ConfigEntry, Overrides, Scope, integer};
pub use credential::Credential;
pub use destination::destination;
pub use error::GitFailed;
pub use files::{Links, open_below, read as read_file, whole};
pub use foreign::Foreign;
pub use hashing::Hashed;
pub use held_by::{BlobSearch, Place, Places, Tips};
pub use hooks::{HooksFolder, Version, version};
pub use lfs::lfs_pre_push;
pub use listing::{Difference, Listed, Mode, Staged, differences, staged};
pub use lock::{Lock, Turn};
pub use moving::{healed, remove_if_still};
pub use network::{Prompt, Stopped, Terms};
pub use own_folder::OwnFolder;
pub use own_refs::OURS;
pub use pack::{Kept, PackedObject};
pub use pathspec::{PathPatterns, Pathspecs};
pub use plumbing::answered;
pub use refs::{Expected, Update};
pub use remote::Pushed;
pub use repo::Repo;
pub use revs::Identity;
pub use setup::Mirroring;
pub use signature::{CannotSign, Signers};
pub use trees::{TreeEntries, TreeEntry, Visit, write_tree};
pub use withheld::withhold;
pub use worktree::Among;
