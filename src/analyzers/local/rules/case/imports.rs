//! What the `use` declarations of a text of Rust say that a name stands for. Not whether it is there:
//! no other file is read, and what a `*` brings is not known.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Case;

/// Of each name the path that it stands for: of `read`, `std::fs::read`.
#[derive(Debug, Default)]
pub struct Imports {
    paths: BTreeMap<String, String>,
}

/// So many groups inside each other are read.
const MAX_DEPTH: usize = 16;

impl Imports {
    pub fn of(case: &Case<'_>) -> Self {
        let mut imports = Self::default();
        let tokens = &case.seen.tokens;
        for (at, token) in tokens.iter().enumerate() {
            if case.word(*token) != "use" {
                continue;
            }
            let mut after = tokens.get(at..).unwrap_or_default().iter();
            if let Some(end) = after.find(|token| case.word(**token) == ";") {
                imports.declare(case.text(&(token.end..end.start)), "", MAX_DEPTH);
            }
        }
        imports
    }

    /// A path as it would be written without imports: `fs::read` for `read`, where it was imported.
    pub fn whole<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let end = path.find("::").unwrap_or(path.len());
        match self.paths.get(&path[..end]) {
            Some(known) => Cow::Owned(format!("{known}{}", &path[end..])),
            None => Cow::Borrowed(path),
        }
    }

    /// Reads `a::{b, c as d}` behind a path.
    fn declare(&mut self, text: &str, before: &str, depth: usize) {
        let Some(less) = depth.checked_sub(1) else {
            return;
        };
        for part in parts(text) {
            if let Some((path, group)) = part.split_once('{') {
                let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
                self.declare(group, &format!("{before}{}", path.trim()), less);
                continue;
            }
            let (path, name) = part.split_once(" as ").unwrap_or((part, ""));
            let path = match path.trim() {
                "self" => before.trim_end_matches("::").to_owned(),
                path => format!("{before}{path}"),
            };
            let last = path.rsplit("::").next().unwrap_or_default();
            let name = if name.is_empty() { last } else { name.trim() };
            self.paths.insert(name.to_owned(), path);
        }
    }
}

/// The parts between commas that stand in no group.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::subject::Subject;
    use crate::analyzers::local::thresholds::Thresholds;
    use crate::model::Language;

    #[test]
    fn a_name_stands_for_the_path_that_it_was_imported_from() {
        let text = "use std::fs::{self, read, write as put};\nuse std::{env, io::{self as i, Read}};\n\
                    pub use tokio::fs as files;\nuse a::*;\n";
        let subject = Subject::parse(text.as_bytes(), Language::Rust).unwrap();
        let thresholds = Thresholds::default();
        let imports = Imports::of(&Case::of(&subject, &thresholds));
        for (written, whole) in [
            ("fs::copy", "std::fs::copy"),
            ("read", "std::fs::read"),
            ("put", "std::fs::write"),
            ("env::var", "std::env::var"),
            ("i::copy", "std::io::copy"),
            ("files::read", "tokio::fs::read"),
            ("std::fs::read", "std::fs::read"),
            ("copy", "copy"),
        ] {
            assert_eq!(imports.whole(written), whole);
        }
    }
}
