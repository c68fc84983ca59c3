//! The kind `todos`: the notes that authors leave to themselves, in comments and macros only.

mod block;
mod mark;
mod note;
