//! The program as a user meets it.

mod completions;
mod config;
mod exit;
mod help;
mod man;
