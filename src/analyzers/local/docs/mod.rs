//! The kind `docs`: what a file offers, as a document in Markdown.

mod docstring;
mod markdown;
mod tagged;
