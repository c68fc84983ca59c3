//! What a long run tells while it works. How it is shown is the command line's affair.

use crate::model::Usage;

/// Told of the work by any thread.
pub trait Progress: Sync {
    /// `total` pieces of work are ahead.
    fn begin(&self, total: u64);
    /// `done` of them are done; `label` names the last one.
    fn advance(&self, done: u64, label: &str);
    /// So much the models that were asked have taken so far.
    fn spend(&self, _so_far: &Usage) {}
    fn end(&self);
    /// What happens just now, in one line.
    fn say(&self, _line: &str) {}
    /// Something that went wrong and that the user should know, in one line.
    fn note(&self, line: &str);
}

/// Tells nobody anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _total: u64) {}
    fn advance(&self, _done: u64, _label: &str) {}
    fn end(&self) {}
    fn note(&self, _line: &str) {}
}
