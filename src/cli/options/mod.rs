//! Groups of options that several commands share. What they say, not what is done about it.

mod global;
mod network;
mod output;
mod run;
mod selection;

pub use global::GlobalOptions;
pub use network::NetworkOptions;
pub use output::{Destination, OutputOptions};
pub use run::{KindOptions, LEVELS, RunOptions};
pub use selection::SelectionOptions;
