//! From an outcome to something that people, CI and tools read.
//!
//! Pure: it takes values and a writer. What it cannot know (color, width, where the user stands,
//! a blob's text) it is told in a [`Context`]. Not here: printing, the terminal, the repository.

mod build;
mod clean;
mod compare;
mod file;
mod matching;
mod remark;
mod render;
mod status;
mod summary;
mod wording;

#[cfg(test)]
mod sample;

pub use build::{Looked, Report, SCHEMA, Tool, build};
pub use clean::{clean, clean_line, clean_source};
pub use compare::{Comparison, Side, Unknown, compare};
pub use file::{File, Spent, Tokens};
pub use remark::{Matched, Remark};
pub use render::{Color, Context, Explanation, Format, ParseFormatError, Verbosity, render};
pub use status::{FileStatus, FoundBy, State};
pub use summary::{Levels, Summary, reused};
pub use wording::{count, grouped, money, money_of};
