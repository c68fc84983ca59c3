//! Option groups that several commands share. Parsing only: the commands act on them.

mod global;
mod model;
mod network;
mod output;
mod run;
mod selection;

pub use global::GlobalOptions;
pub use model::AnswererOptions;
pub use network::NetworkOptions;
pub use output::{Destination, OutputOptions};
pub use run::{KindOptions, LEVELS, RunOptions};
pub use selection::SelectionOptions;
