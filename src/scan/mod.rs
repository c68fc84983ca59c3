//! From a selection to a plan, from a plan to an outcome.
//!
//! `select` reads git and yields targets; `look_up` asks the store about them; `plan` decides,
//! purely; `run` analyses what is missing and stores it. Not here: words, colours, the clock.

mod answers;
mod asker;
mod budget;
mod calibration;
mod consumer;
mod crew;
mod examine;
mod failures;
mod inquiry;
mod keeping;
mod learned;
mod ledger;
mod looked;
mod lookup;
mod manners;
mod measured;
mod memo;
mod named;
mod outlook;
mod pace;
mod plan;
mod progress;
mod question;
mod recompute;
mod retry;
mod run;
mod scope;
mod script;
mod select;
mod service;
mod settled;
mod state;
mod storing;
#[cfg(test)]
mod tests;
mod together;
mod traffic;
mod walk;
mod work;

pub use asker::{ask_once, models_of};
pub use budget::Limits;
pub use examine::examine;
pub use failures::{Failures, pass_over};
pub use learned::Learned;
pub use ledger::nothing as nothing_spent;
pub use lookup::{Lookup, Reading, Wanted, look_up};
pub use manners::{manner_of, remember_manner};
pub use measured::Measured;
pub use memo::{Memo, Tally};
pub use outlook::{Outlook, outlook};
pub use plan::{Plan, Policy, foresee, plan};
pub use progress::{Progress, Silent};
pub use question::{Question, Questions};
pub use recompute::{Recomputed, Recomputing};
pub use retry::Backoff;
pub use run::{Ran, Run, preview, run};
pub use scope::Scope;
pub use select::{Other, Place, Reach, Selected, Selection, Target, Verdict, base_of, select};
pub use service::{Answerer, Closing, KeyVerdict, Service};
pub use settled::settled;
pub use state::{Answer, Levels, State};
