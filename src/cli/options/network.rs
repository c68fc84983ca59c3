//! Which remote is meant, and how long it may take.

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
pub struct NetworkOptions {
    /// The remote: that of the setting rustassistant.remote, else where the branch is pushed to
    #[arg(value_name = "REMOTE")]
    pub remote: Option<String>,

    /// Give up after this many seconds
    ///
    /// Without it, the remote may take ten minutes in all, and be silent for one.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
}
