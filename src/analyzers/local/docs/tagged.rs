//! Doc comments of the Javadoc family (Javadoc, JSDoc, TSDoc, Doxygen) as plain Markdown:
//! `@param` and its like become sections. Inline tags and HTML are `html`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::html;

/// The comment as Markdown, its examples fenced as `code`; what has no tags stays as it is.
pub fn as_markdown(doc: &str, code: &str) -> String {
    let doc = html::as_markdown(without_manual(doc), code);
    let mut sections: BTreeMap<Section, Vec<String>> = BTreeMap::new();
    let mut current = Section::Prose;
    let mut fenced = false;
    for line in doc.lines() {
        let fences = line.trim_start().starts_with("```");
        let tag = BLOCK_TAG.captures(line).filter(|_| !fenced);
        let group = |index| tag.as_ref()?.get(index).map(|group| group.as_str());
        let rest = group(2).unwrap_or_default();
        let written = match group(1) {
            Some("code" | "verbatim") => format!("```{code}"),
            Some("endcode" | "endverbatim") => "```".to_owned(),
            Some(name) => {
                current = Section::of(name);
                current.opening(name, rest)
            }
            None if current.is_list() && (fenced || fences) => format!("  {line}"),
            None if current.is_list() => format!("  {}", line.trim()),
            None => line.to_owned(),
        };
        fenced ^= fences;
        sections.entry(current).or_default().push(written);
    }
    let parts = sections
        .into_iter()
        .filter_map(|(section, lines)| section.written(&lines, code));
    parts.collect::<Vec<_>>().join("\n\n")
}

/// What a comment in the manner of a manual page says, without the heads that say nothing.
fn without_manual(doc: &str) -> &str {
    let Some((name, rest)) = doc.split_once('\n') else {
        return doc;
    };
    if !name.starts_with("NAME") {
        return doc;
    }
    let rest = rest.trim_start();
    rest.strip_prefix("DESCRIPTION")
        .map_or(rest, str::trim_start)
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
        let parts = PARAMETER.captures(rest);
        let part = |index| match parts.as_ref().and_then(|parts| parts.get(index)) {
            Some(part) => part.as_str(),
            None => "",
        };
        match self {
            Self::Errors => thrown(rest),
            Self::Parameters if part(2).is_empty() => format!("- `{}`", part(1)),
            Self::Parameters => format!("- `{}`: {}", part(1), part(2)),
            // A reference to code.
            Self::Notes
                if tag == "see" && !rest.contains([' ', '`', '"', '[']) && !rest.is_empty() =>
            {
                format!("- See: `{}`", rest.trim_start_matches('#'))
            }
            Self::Notes => format!("- {}: {rest}", capitalised(tag)),
            Self::Returns => match rest.split_once('}') {
                Some((_, text)) if rest.starts_with('{') => {
                    text.trim_start_matches([' ', '-']).trim_end().to_owned()
                }
                _ => rest.to_owned(),
            },
            Self::Prose | Self::Example | Self::Silent => rest.to_owned(),
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

/// `IOException if …`, `{RangeError} if …`, or words alone.
fn thrown(rest: &str) -> String {
    let (name, text) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((name, text)) => (name, text),
        None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
    };
    let text = text.trim_start_matches([' ', '-']).trim_end();
    let is_type = |name: &str| {
        let last = name.rsplit(['.', ':']).next().unwrap_or_default();
        last.starts_with(char::is_uppercase)
            && last.chars().filter(|c| c.is_uppercase()).count() > 1
            || ["Error", "Exception", "error", "exception"]
                .iter()
                .any(|end| last.ends_with(end))
    };
    let named = is_type(name) || rest.starts_with('{');
    match (named, text) {
        (true, "") => format!("- `{name}`"),
        (true, text) => format!("- `{name}`: {text}"),
        (false, _) => format!("- {rest}"),
    }
}

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
        assert_eq!(as_markdown(doc, "java"), "Opens `it` as `Map<K, {V}>`.");
    }

    #[test]
    fn what_is_thrown_has_a_name_where_one_is_written() {
        let doc = "@throws {RangeError} If it is\n@throws IOException\n@throws If not\n@exception std::bad_alloc_error - if full\n@return {A} - the one";
        let expected = "# Returns\n\nthe one\n\n# Errors\n\n- `RangeError`: If it is\n- `IOException`\n- If not\n- `std::bad_alloc_error`: if full";
        assert_eq!(as_markdown(doc, "javascript"), expected);
    }

    #[test]
    fn a_manual_page_begins_with_what_it_says() {
        let doc = "NAME f()\n\nDESCRIPTION\n\nMakes it.\nAnd ends.";
        assert_eq!(as_markdown(doc, "c"), "Makes it.\nAnd ends.");
        assert_eq!(as_markdown("NAME f()\n\nMakes it.", "c"), "Makes it.");
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
