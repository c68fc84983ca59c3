//! Turns one source text into an analysis, and says by which recipe.
//!
//! Not here: repositories, stores, paths. An analyzer sees bytes and a language, so that equal
//! bytes have equal answers wherever they lie.

pub mod local;

pub use local::{Local, Thresholds};

use crate::model::Language;

/// One source text to be asked about.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub text: &'a [u8],
    pub language: Language,
}
