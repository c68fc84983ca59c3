//! `hook run`: what git starts when it pushes.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::status::Status;

/// Run as the hook of an event; git does this
#[derive(Debug, Args)]
#[command(hide = true, subcommand_required = true)]
pub struct Arguments {
    #[command(subcommand)]
    event: Event,
}

#[derive(Debug, Subcommand)]
enum Event {
    PrePush(PrePush),
}

/// What git hands to a pre-push hook
#[derive(Debug, Args)]
struct PrePush {
    /// The name of the remote and its address
    #[arg(value_name = "REMOTE")]
    remote: Vec<OsString>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let Event::PrePush(event) = &arguments.event;
    context
        .printer
        .detail(format_args!("pushing to {:?}", event.remote));
    Ok(Status::Done)
}
