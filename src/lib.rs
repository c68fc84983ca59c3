//! Analyse code once for the whole team.
//!
//! Every analysis is keyed by the blob it speaks of and kept as a git object under
//! `refs/rustassistant/*`. This file is the tour of the house; the rooms are its modules.

pub mod analyzers;
pub mod cli;
pub mod git;
pub mod model;
pub mod report;
pub mod scan;
pub mod settings;
pub mod store;
