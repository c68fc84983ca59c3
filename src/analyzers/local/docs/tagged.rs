//! Doc comments of the Javadoc family (Javadoc, JSDoc, TSDoc, Doxygen) as plain Markdown:
//! `@param` and its like become sections, inline tags become code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The comment as Markdown, its examples fenced as `code`; what has no tags stays as it is.
pub fn as_markdown(doc: &str, code: &str) -> String {
    // A tag may go on over several lines, and hold braces.
    let doc = INLINE_TAG.replace_all(doc, |tag: &Captures<'_>| {
        let words: Vec<&str> = tag[1].split_whitespace().collect();
        format!("`{}`", words.join(" "))
    });
    let mut sections: BTreeMap<Section, Vec<String>> = BTreeMap::new();
    let mut current = Section::Prose;
    for line in doc.lines() {
        let tag = BLOCK_TAG.captures(line);
        let group = |index| tag.as_ref()?.get(index).map(|group| group.as_str());
        let rest = group(2).unwrap_or_default();
        let written = match group(1) {
            Some("code" | "verbatim") => format!("```{code}"),
            Some("endcode" | "endverbatim") => "```".to_owned(),
            Some(name) => {
                current = Section::of(name);
                current.opening(name, rest)
            }
            None if current.is_list() => format!("  {}", without_inline_tags(line).trim()),
            None if current == Section::Example => line.to_owned(),
            None => without_inline_tags(line),
        };
        sections.entry(current).or_default().push(written);
    }
    let parts = sections
        .into_iter()
        .filter_map(|(section, lines)| section.written(&lines, code));
    parts.collect::<Vec<_>>().join("\n\n")
}

/// `@param x …`, `\param[in] x …`, at the beginning of a line.
static BLOCK_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*[@\\]([a-zA-Z]+)(?:\[[^\]]*\])?(?:\s+(.*))?$")
        .expect("a pattern written here is valid")
});

/// `{type} name - text`, each of which may be missing.
static PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\{[^}]*\}\s*)?(?:\[?(<?[\w.$]+>?)(?:=[^\]]*)?\]?)?\s*(?:-\s+)?(.*)$")
        .expect("a pattern written here is valid")
});

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Prose,
    Parameters,
    Returns,
    Errors,
    Notes,
    Example,
    /// Said to tools, not to readers.
    Silent,
}

impl Section {
    fn of(tag: &str) -> Self {
        match tag {
            "brief"
            | "short"
            | "details"
            | "description"
            | "summary"
            | "remarks"
            | "file"
            | "fileoverview"
            | "overview"
            | "packageDocumentation" => Self::Prose,
            "param" | "tparam" | "typeparam" | "typeParam" | "property" | "arg" => Self::Parameters,
            "return" | "returns" | "retval" | "yields" => Self::Returns,
            "throws" | "throw" | "exception" => Self::Errors,
            "example" => Self::Example,
            "deprecated" | "see" | "since" | "note" | "warning" | "todo" | "default" => Self::Notes,
            _ => Self::Silent,
        }
    }

    const fn title(self) -> Option<&'static str> {
        match self {
            Self::Parameters => Some("Parameters"),
            Self::Returns => Some("Returns"),
            Self::Errors => Some("Errors"),
            Self::Notes => Some("Notes"),
            Self::Example => Some("Examples"),
            Self::Prose | Self::Silent => None,
        }
    }

    const fn is_list(self) -> bool {
        matches!(self, Self::Parameters | Self::Errors | Self::Notes)
    }

    /// The line that a tag begins.
    fn opening(self, tag: &str, rest: &str) -> String {
        let rest = without_inline_tags(rest);
        let parts = PARAMETER.captures(&rest);
        let part = |index| match parts.as_ref().and_then(|parts| parts.get(index)) {
            Some(part) => part.as_str(),
            None => "",
        };
        match self {
            Self::Parameters | Self::Errors if part(2).is_empty() => format!("- `{}`", part(1)),
            Self::Parameters | Self::Errors => format!("- `{}`: {}", part(1), part(2)),
            Self::Notes => format!("- {}: {rest}", capitalised(tag)),
            Self::Returns => match rest.split_once('}') {
                Some((_, text)) if rest.starts_with('{') => text.trim().to_owned(),
                _ => rest,
            },
            Self::Prose | Self::Example | Self::Silent => rest,
        }
    }

    /// The section under its heading; `None` if there is nothing in it to read.
    fn written(self, lines: &[String], code: &str) -> Option<String> {
        let text = lines.join("\n");
        let text = text.trim_end().trim_start_matches('\n');
        if text.trim().is_empty() || self == Self::Silent {
            return None;
        }
        let body = if self == Self::Example && !text.contains("```") {
            format!("```{code}\n{text}\n```")
        } else {
            text.to_owned()
        };
        Some(match self.title() {
            Some(title) => format!("# {title}\n\n{body}"),
            None => body,
        })
    }
}

/// The HTML that stands for paragraphs, items and code.
fn without_inline_tags(line: &str) -> String {
    let line = line.replace("<code>", "`").replace("</code>", "`");
    let line = line.replace("<li>", "- ").replace("<p>", "");
    HTML_TAG.replace_all(&line, "").trim_end().to_owned()
}

static INLINE_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{@(?:code|link|linkplain|linkcode|literal|value)\s+#?((?:[^{}]|\{[^{}]*\})*)\}")
        .expect("a pattern written here is valid")
});

static HTML_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"</?(?:p|ul|ol|li|br|em|i|b|strong)\s*/?>")
        .expect("a pattern written here is valid")
});

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_sections() {
        let doc = "Opens {@code it}.\n\n@param {string} path - where\n  it lies\n@param [mode=r] how\n\
                   @returns {File} the file\n@throws IOException if not\n@private";
        let expected = "Opens `it`.\n\n# Parameters\n\n- `path`: where\n  it lies\n- `mode`: how\n\n\
                        # Returns\n\nthe file\n\n# Errors\n\n- `IOException`: if not";
        assert_eq!(as_markdown(doc, "javascript"), expected);
    }

    #[test]
    fn an_inline_tag_may_hold_braces_and_go_on_below() {
        let doc = "Opens {@link\n File#open it} as {@code Map<K, {V}>}.";
        assert_eq!(
            as_markdown(doc, "java"),
            "Opens `File#open it` as `Map<K, {V}>`."
        );
    }

    #[test]
    fn an_example_is_fenced_once() {
        let doc = "@example\nf(1)";
        assert_eq!(as_markdown(doc, "ts"), "# Examples\n\n```ts\nf(1)\n```");
        let doc = "@brief Does it.\n@code\nf(1);\n@endcode";
        assert_eq!(as_markdown(doc, "c"), "Does it.\n```c\nf(1);\n```");
    }

    #[test]
    fn a_comment_without_tags_stays_as_it_is() {
        let doc = "Opens a < b.\n\n- one\n- two";
        assert_eq!(as_markdown(doc, "go"), doc);
    }
}
