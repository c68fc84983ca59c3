//! The program as a user meets it.

mod analyze;
mod bundles;
mod completions;
mod config;
mod diff;
mod exit;
mod formats;
mod help;
mod hook;
mod man;
mod output;
mod pulling;
mod rules;
mod sharing;
mod shortcuts;
mod store;
