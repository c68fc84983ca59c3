//! An opened repository with resolved settings: providers, scope, gate and agreements. It analyzes,
//! compares and looks up, and reports events to its [`Host`].
//!
//! It does not print, and does not read the clock or the environment, so any program can use it: the
//! command line, the hook, or a server that opens a [`Session`] per request, from any thread.
//!
//! Other rooms parse arguments, render reports and talk to remotes.

mod adopt;
mod answerers;
mod compare;
mod consent;
mod environment;
mod host;
mod key;
mod lookup;
mod open;
mod prompts;
mod run;
mod service;
mod settle;
mod tracked;
mod usage_log;

pub use adopt::{adopt, tell_restored};
pub use answerers::{ModelConfig, Party, embedded, expect_known, parties};
pub use answerers::{own_price, price};
pub use compare::{Comparison, Extent};
pub use consent::{Agreement, Agreements};
pub use environment::Environment;
pub use host::{Event, Host, Recorder};
pub use key::{Found, find as find_key};
pub use lookup::name_publishers;
pub use open::{Session, base_of, pathspecs};
pub use run::Request;
pub use service::{client, manner};
pub use settle::{Against, Base, Gate};
pub use settle::{Origins, personal, resolve, tell_ignored};
pub use tracked::{Place as TrackedPlace, entries as tracked_entries, text as tracked_text};
pub use usage_log::{Past, past};
