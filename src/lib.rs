//! Analyze source files once, and keep the answers in git.
//!
//! Every analysis is keyed by the blob it speaks of and kept as a git object under
//! `refs/rustassistant/*`. This file is the tour of the house; the rooms are its modules, and
//! docs/architecture.md is the same tour with pictures.
//!
//! # Rooms
//!
//! Arrows point down: a room uses what stands above it in this list, if docs/architecture.md
//! lists it, and never what stands below. `tests/architecture.rs` holds every file to that.
//!
//! - [`model`]: what an analysis *is*: its key, its entry, when it is fresh, which of two wins.
//!   Pure.
//! - [`git`]: everything we ask of a repository. The only room that knows git2 and `git`.
//! - [`provider`]: one question to one language model, one answer, its usage.
//! - [`analyzers`]: one source text into an analysis, and the recipe by which it was made.
//! - [`store`]: entries kept as git objects, found by key, written in batches.
//! - [`scan`]: from a selection to a plan, from a plan to an outcome.
//! - [`sync`]: makes two stores agree: ours and that of a remote.
//! - [`report`]: from an outcome to something that people, CI and tools read. Pure.
//! - [`settings`]: git's configuration, the environment and flags as one checked value.
//! - [`session`]: one opened repository, settled: who answers, what is in scope, what was agreed to.
//!   It runs and compares, tells its host what happens, and prints nothing.
//! - [`hook`]: the hook that runs when git pushes, in and out of a repository.
//! - [`cli`]: words in, words out. The only room that prints, reads the clock and the environment.
//!
//! # The data's way
//!
//! 1. [`scan::select`] reads from git what the user named: a [`scan::Target`] for each path and
//!    the blob it stands for.
//! 2. [`scan::look_up`] asks the [`store::Store`] about every [`scan::Question`] on every blob.
//! 3. [`scan::plan()`] decides, purely: a [`scan::Step`] with its reason for each path and kind.
//! 4. [`scan::run()`] has what is missing analyzed by [`analyzers::Local`], or asked of a model by
//!    [`analyzers::Llm`] and [`provider::Client`], under [`store::Claims`], and stored by a
//!    [`store::Batch`].
//! 5. [`report::build`] makes a report of the [`model::Outcome`], [`report::render`] bytes of it.
//!
//! A path is presentation, a blob is identity: no entry holds a path.
//!
//! # What this program writes
//!
//! Nothing in the work tree, the index, `HEAD`, or any ref of others. The formats are those of
//! docs/storage.md.
//!
//! | where | what | room |
//! |---|---|---|
//! | `refs/rustassistant/local/v1` and its reflog | the entries this clone has made and not published | [`store`] |
//! | `refs/rustassistant/remotes/<remote>/v1` and its reflog | a copy of what a remote publishes | [`sync`] |
//! | `refs/rustassistant/shared/v1` of a remote | what is published | [`sync`] |
//! | packs in the object database | the objects of these refs | [`git`], for [`store`] |
//! | `<git>/rustassistant/journal/` | answers that are in no pack yet | [`store`] |
//! | `<git>/rustassistant/claims/` | keys that a process is working on | [`store`] |
//! | `<git>/rustassistant/lock` | held while the ref is moved | [`store`] |
//! | `<git>/rustassistant/index-*` | the entries of one question as a sorted list | [`store`] |
//! | `<git>/rustassistant/memo-*` | trees of which every file is known to be answered or skipped | [`scan`] |
//! | `<git>/rustassistant/tokens-*` | how many bytes a token of a model was | [`scan`] |
//! | `<git>/rustassistant/limits-*` | the limits of a model that its server has named | [`scan`] |
//! | `<git>/rustassistant/manner-*` | how a server was found to be asked | [`scan`] |
//! | `<git>/rustassistant/failed-answers` | what models failed to answer in the last day | [`scan`] |
//! | `<git>/rustassistant/usage*.jsonl` | what each run found and took | [`session`] |
//! | `<git>/rustassistant/told` | empty; there once a person was told how to share | [`cli`] |
//! | `<git>/rustassistant/consent` | what the user agreed to send, and to whom | [`session`] |
//! | `<git>/rustassistant/scratch-*/` | the scratch index that tells ids of edited files | [`git`] |
//! | `hook.rustassistant` in the configuration, or `pre-push` in the folder of hooks | set by `hook install` | [`hook`] |
//! | `remote.<remote>.fetch`, `log.excludeDecoration`, `rustassistant.remote` in the configuration | set by `init` | [`cli`] |
//! | files that `--output`, `-o` and `man` name | reports, documents, manual pages | [`cli`] |
//!
//! Beside a repository, once somebody has agreed to send something: the secret that agreements are
//! sealed with, in `$XDG_STATE_HOME/git-rustassistant` or `~/.local/state/git-rustassistant`
//! ([`session`]).
//!
//! `<git>` is the common git directory. `refs/rustassistant/shared/v1` of this repository is read
//! too: it is there where others push to.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "tests make and break files as they like; what is built without them is held to it"
    )
)]

pub mod analyzers;
pub mod cli;
pub mod git;
pub mod hook;
pub mod model;
pub mod provider;
pub mod report;
pub mod scan;
pub mod session;
pub mod settings;
pub mod store;
pub mod sync;
