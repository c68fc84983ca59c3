//! Reads single Rust doc comments and attributes, as text.

use crate::analyzers::local::grammar::is_test_attribute;

/// Whom a doc comment speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocComment {
    /// The item it lies in: `//!`, `/*! */`.
    Inner,
    /// The item that follows: `///`, `/** */`.
    Outer,
}

/// The text of a doc comment without its marks; `None` for any other comment.
pub fn doc_comment(comment: &str) -> Option<(DocComment, String)> {
    let line = comment.trim_end();
    let which = match line.get(..3)? {
        "///" if !line.starts_with("////") => DocComment::Outer,
        "//!" => DocComment::Inner,
        "/**" if !line.starts_with("/***") && line != "/**/" => DocComment::Outer,
        "/*!" => DocComment::Inner,
        _ => return None,
    };
    let body = line.get(3..)?;
    let text = if line.starts_with("//") {
        body.strip_prefix(' ').unwrap_or(body).to_owned()
    } else {
        block(body.strip_suffix("*/").unwrap_or(body))
    };
    Some((which, text))
}

/// A block comment's text: the stars that begin its lines are marks if every line has one.
fn block(body: &str) -> String {
    let lines = || body.lines().map(str::trim_end);
    let later = || lines().skip(1).filter(|line| !line.trim().is_empty());
    let starred = later().all(|line| line.trim_start().starts_with('*'));
    let indent = later()
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let bare = lines().enumerate().map(|(number, line)| {
        let line = match number {
            0 => line.trim_start(),
            _ if starred => line.trim_start().strip_prefix('*').unwrap_or(""),
            _ => line.get(indent..).unwrap_or(""),
        };
        if starred && number > 0 {
            line.strip_prefix(' ').unwrap_or(line)
        } else {
            line
        }
    });
    bare.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What the attributes of one item say about its documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The traits of `#[derive(…)]`.
    pub derives: Vec<String>,
    /// `#[macro_export]`
    pub exported: bool,
    /// Those that belong to the signature: `#[must_use]`, `#[non_exhaustive]`.
    pub shown: Vec<String>,
    /// What they say to whoever uses the item, as Markdown.
    pub remarks: Vec<String>,
    hidden: bool,
    test: bool,
}

impl Attributes {
    /// Reads one attribute as written; what it adds to the documentation, if anything.
    pub fn read(&mut self, attribute: &str) -> Option<String> {
        let inside = attribute.trim_start_matches(['#', '!', '[', ' ']);
        let inside = inside.trim_end_matches([']', ' ']);
        let name_end = inside.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        let (name, rest) = inside.split_at(name_end.unwrap_or(inside.len()));
        let rest: String = rest.split_whitespace().collect::<Vec<_>>().join(" ");
        match name {
            "derive" => {
                let names = rest.trim_matches(['(', ')', ' ']).split(',').map(str::trim);
                let names = names.filter(|name| !name.is_empty());
                self.derives.extend(names.map(str::to_owned));
            }
            "macro_export" => self.exported = true,
            "doc" if rest.contains("hidden") => self.hidden = true,
            "doc" => return doc_attribute(&rest),
            _ if is_test_attribute(attribute) => self.test = true,
            "must_use" | "non_exhaustive" => self.shown.push(format!("#[{name}]")),
            "deprecated" => self.remarks.push(deprecation(&rest)),
            "cfg" => self.remarks.extend(condition(&rest)),
            _ => {}
        }
        None
    }

    /// Is the item no part of any documentation?
    pub const fn hides(&self) -> bool {
        self.hidden || self.test
    }
}

/// `(since = "1.2", note = "use `b`")`, `= "use `b`"`, or nothing.
fn deprecation(rest: &str) -> String {
    let value = |name: &str| {
        let after = rest.split_once(name)?.1.trim_start().strip_prefix('=')?;
        after.split('"').nth(1)
    };
    let note = match rest.strip_prefix('=') {
        Some(note) => note.split('"').nth(1),
        None => value("note"),
    };
    let since = value("since").map(|since| format!(" since {since}"));
    let note = note.map_or(String::new(), |note| format!(": {note}"));
    format!("**Deprecated{}**{note}", since.unwrap_or_default())
}

/// `(feature = "net")`, where it is more than a matter of the platform.
fn condition(rest: &str) -> Option<String> {
    let inside = rest.strip_prefix('(')?.strip_suffix(')')?;
    inside
        .contains("feature")
        .then(|| format!("Only with `{}`.", inside.trim()))
}

/// The text of `#[doc = "…"]`, and a pointer to that of `#[doc = include_str!("…")]`.
fn doc_attribute(rest: &str) -> Option<String> {
    let value = rest.strip_prefix('=')?.trim();
    let quoted = value.split('"').nth(1)?;
    Some(if value.starts_with("include_str!") {
        format!("*Documented in `{quoted}`.*")
    } else {
        quoted.trim().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doc_comments_are_told_from_others() {
        let outer = |text: &str| Some((DocComment::Outer, text.to_owned()));
        assert_eq!(doc_comment("/// a\n"), outer("a"));
        assert_eq!(doc_comment("///     a"), outer("    a"));
        assert_eq!(doc_comment("/** a\n  * b\n  */"), outer("a\nb"));
        assert_eq!(
            doc_comment("//! a"),
            Some((DocComment::Inner, "a".to_owned()))
        );
        for other in ["// a", "//// a", "/* a */", "/**/", "/*** a */", "é"] {
            assert_eq!(doc_comment(other), None, "{other}");
        }
    }

    #[test]
    fn attributes_say_what_a_user_must_know() {
        let remarks = |text: &str| {
            let mut attributes = Attributes::default();
            attributes.read(text);
            attributes.remarks
        };
        for (attribute, remark) in [
            ("#[deprecated]", "**Deprecated**"),
            ("#[deprecated = \"use b\"]", "**Deprecated**: use b"),
            (
                "#[deprecated(since = \"1.2\", note = \"use b\")]",
                "**Deprecated since 1.2**: use b",
            ),
            (
                "#[cfg(feature = \"net\")]",
                "Only with `feature = \"net\"`.",
            ),
            (
                "#[cfg(all(unix, feature = \"net\"))]",
                "Only with `all(unix, feature = \"net\")`.",
            ),
        ] {
            assert_eq!(remarks(attribute), [remark], "{attribute}");
        }
        assert!(remarks("#[cfg(unix)]").is_empty());
    }

    #[test]
    fn attributes_hide_export_and_document() {
        let read = |text: &str| {
            let mut attributes = Attributes::default();
            let doc = attributes.read(text);
            (attributes, doc)
        };
        assert!(read("#[cfg(test)]").0.hides());
        assert!(read("#[cfg(all(test, unix))]").0.hides());
        assert!(!read("#[cfg(any(test, unix))]").0.hides());
        assert!(read("#[doc(hidden)]").0.hides());
        assert!(read("#[tokio::test]").0.hides());
        assert!(read("#[macro_export]").0.exported);
        assert_eq!(
            read("#[derive(Clone,\n  fmt::Debug)]").0.derives,
            ["Clone", "fmt::Debug"]
        );
        assert_eq!(read("#[doc = \" a\"]").1.as_deref(), Some("a"));
        let included = read("#![doc = include_str!(\"../README.md\")]").1;
        assert_eq!(included.as_deref(), Some("*Documented in `../README.md`.*"));
    }
}
