//! From a selection to a plan, from a plan to an outcome.
//!
//! `select` reads git and yields targets; `look_up` asks the store about them; `plan` decides,
//! purely; `run` analyzes what is missing and stores it. Not here: words, colours, the clock.

mod answers;
mod asker;
mod budget;
mod consumer;
mod cost_estimate;
mod examine;
mod failures;
mod fully_cached;
mod inquiry;
mod learned;
mod lookup;
mod memo;
mod pace;
mod plan;
mod progress;
mod question;
mod recompute;
mod resolved_place;
mod retry;
mod run;
mod scope;
mod select;
mod service;
mod state;
mod target;
#[cfg(test)]
mod tests;
mod token_ratio;
mod traffic;
mod walk;
mod workers;

pub use asker::{ask_once, models_of};
pub use budget::{Limits, nothing as nothing_spent};
pub use cost_estimate::{CostEstimate, cost_estimate};
pub use examine::examine;
pub use failures::{Failures, pass_over};
pub use fully_cached::fully_cached;
pub use learned::{Learned, manner_of, remember_manner};
pub use lookup::{Lookup, Reading, Wanted, look_up};
pub use memo::{Memo, Tally};
pub use plan::{Plan, Policy, foresee, plan};
pub use progress::{Progress, Silent};
pub use question::{Question, Questions};
pub use recompute::{Recomputed, Recomputing};
pub use retry::Backoff;
pub use run::{Ran, Run, preview, run};
pub use scope::Scope;
pub use select::{base_of, select};
pub use service::{Answerer, Closing, KeyVerdict, Service};
pub use state::{Answer, Levels, State};
pub use target::{Other, Place, Reach, Selected, Selection, Target, Verdict};
pub use token_ratio::TokenRatio;
