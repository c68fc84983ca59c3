//! Calls that fail and processes that are killed, one at a time and at every place: what was
//! durable stays, git finds nothing, and the next run goes on unaided. docs/reliability.md has the
//! figures of the long forms, which are left out of the plain run.

/// Everything by which git tidies up.
mod beside_git;
/// Clocks that jump.
mod clocks;
/// Disks that are full, or cannot be written.
mod disks;
/// Every command, and every call of it.
mod everywhere;
/// Answers that cost money.
mod paid;
/// Losses of power.
mod power;
/// What `doctor --repair` mends.
mod repair;
/// Runs in which one call goes wrong.
mod rig;
/// What is broken and put back.
mod world;
