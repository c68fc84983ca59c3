//! The remote to talk to, and the timeout.

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
pub struct NetworkOptions {
    /// The remote [default: rustassistant.remote, else the branch's push remote]
    #[arg(value_name = "REMOTE")]
    pub remote: Option<String>,

    /// Give up after this many seconds
    ///
    /// By default, a remote has ten minutes in total, and may be silent for one minute.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
}
