//! The kind `analysis`: the health of a file.

mod distribution;
