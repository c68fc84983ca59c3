//! From a selection to a plan, from a plan to an outcome.

mod progress;

pub use progress::{Progress, Silent};
