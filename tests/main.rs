//! All integration tests, in one binary: a sentence for each module.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test ends where something is not as it must be, says what it had to skip, and makes \
              and breaks files as it likes"
)]

/// The rooms, their arrows, and the shape of every file.
mod architecture;
/// Models are asked, and what can come of it.
mod asking;
/// Input that is wrong, odd or hostile.
mod bad_input;
/// Scripts for hosts of code, run.
mod ci;
/// The program as a user meets it, one module for each command.
mod cli;
/// Several processes at once.
mod concurrency;
/// Runs that end too early.
mod crash;
/// Disks, entries and refs that are not as they should be.
mod damage;
/// The documents say what the program does.
mod documents;
/// What the environment says to git, and what git would start.
mod environment;
/// The examples in the README and docs/examples, run.
mod examples;
/// Calls that fail, and processes that are killed there.
mod faults;
/// Every reader of what strangers wrote, on any bytes.
mod hostile_bytes;
/// Mirrors of remotes that lie, swell, or never end.
mod hostile_remote;
/// Every main command in every kind of repository.
mod matrix;
/// Whole exchanges of the provider room with a server that answers from a script.
mod provider;
/// The hook, through a real `git push`.
mod pushing;
/// What the embedded analyzer makes of texts in which it was once wrong.
mod quality;
/// What is known already is never analyzed again; what is new is, once.
mod reuse;
/// What a file is for, by where it lies.
mod roles;
/// What must hold against whoever writes what this program reads.
mod security;
/// The library as a server would use it.
mod session;
/// Repositories of every shape that git has.
mod shapes;
/// Clones that share, over real servers.
mod sharing;
/// What the store writes into a repository, and what it leaves alone.
mod storage;
/// Hermetic repositories and runs of the built program.
mod support;
/// Odd places, states and environments.
mod surroundings;
/// Whose analyses count, by their signatures.
mod trust;
