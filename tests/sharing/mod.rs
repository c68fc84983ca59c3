//! Clones that share analyses: over every transport, against remotes that do not want to, beside
//! everything that git does to refs. The commands and their words are in `cli/sharing.rs`.

mod beside_git;
mod crowd;
mod mirroring;
mod moved;
mod purge;
mod refusals;
mod transports;
