//! Groups of options that several commands share. What they say, not what is done about it.

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
