//! How a path is written: for people from where they stand, for programs from the root.

use super::Context;
use crate::model::RepoPath;
use crate::report::clean::clean_line;

/// For people: relative to where they stand, harmless, in quotes if it is odd.
pub fn shown_path(path: &RepoPath, context: &Context<'_>) -> String {
    clean_line(&path.relative_to(&context.folder).to_string())
}

/// For programs that look a file up by its name: from the root and never in quotes. What is not
/// UTF-8 or not harmless is replaced, so such a file is not found by them.
pub fn root_path(path: &RepoPath) -> String {
    clean_line(&String::from_utf8_lossy(path.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_the_path_without_quotes() {
        assert_eq!(root_path(&"a \"b\".rs".into()), "a \"b\".rs");
        assert_eq!(
            root_path(&RepoPath::new(*b"a\xff\x1b.rs")),
            "a\u{fffd}\\u{1b}.rs"
        );
    }
}
