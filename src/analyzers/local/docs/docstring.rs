//! Python's docstrings as plain Markdown: the sections of the Google, NumPy and reStructuredText
//! styles become headings and lists, doctests become examples.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The docstring as Markdown, from its text without quotes and common indentation.
pub fn as_markdown(doc: &str) -> String {
    let mut writer = Writer::default();
    let mut lines = doc.lines().peekable();
    while let Some(line) = lines.next() {
        let text = line.trim();
        let underlined = lines.peek().is_some_and(|next| is_underline(next));
        let title = section_title(text, underlined);
        if writer.doctest(text) {
            continue;
        } else if let Some(title) = title {
            if underlined {
                lines.next();
            }
            writer.section(title);
        } else if let Some(field) = FIELD.captures(text) {
            writer.field(&field);
        } else {
            writer.line(line);
        }
    }
    writer.doctest("");
    writer.into_markdown()
}

#[derive(Default)]
struct Writer {
    out: Vec<String>,
    section: &'static str,
    example: Example,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Example {
    #[default]
    Outside,
    Inside,
}

impl Writer {
    /// Takes the line if it belongs to a doctest: from its prompt to the next empty line.
    fn doctest(&mut self, text: &str) -> bool {
        match (self.example, text.starts_with(">>>")) {
            (Example::Outside, true) => {
                self.out.push("```python".to_owned());
                self.example = Example::Inside;
            }
            (Example::Inside, _) if text.is_empty() => {
                self.out.push("```".to_owned());
                self.example = Example::Outside;
            }
            _ => {}
        }
        if self.example == Example::Inside {
            self.out.push(text.to_owned());
        }
        self.example == Example::Inside
    }

    fn section(&mut self, title: &'static str) {
        self.out
            .extend([String::new(), format!("# {title}"), String::new()]);
        self.section = title;
    }

    /// `:param int x: text`
    fn field(&mut self, field: &Captures<'_>) {
        let part = |index| field.get(index).map_or("", |part| part.as_str());
        let title = match part(1) {
            "param" | "parameter" | "arg" | "key" => "Parameters",
            "raises" | "raise" | "except" => "Errors",
            _ => "Returns",
        };
        if title != self.section {
            self.section(title);
        }
        self.out.push(match part(2).split_whitespace().last() {
            Some(name) => format!("- `{name}`: {}", part(3)),
            None => part(3).to_owned(),
        });
    }

    /// A line of prose, or of a section that lists names: `name (type): text`.
    fn line(&mut self, line: &str) {
        let line: &str = &without_roles(line);
        let listed = matches!(self.section, "Parameters" | "Errors" | "Attributes");
        let entry = ENTRY.captures(line).filter(|_| listed);
        self.out.push(match entry {
            Some(entry) => {
                let text = entry.get(3).map_or("", |text| text.as_str());
                format!("- `{}`: {text}", &entry[1])
                    .trim_end_matches([':', ' '])
                    .to_owned()
            }
            None if listed => format!("  {}", line.trim()),
            None if self.section.is_empty() => line.to_owned(),
            None => line.strip_prefix("    ").unwrap_or(line).to_owned(),
        });
    }

    /// Everything, without a second empty line in a row.
    fn into_markdown(self) -> String {
        let mut out = String::new();
        for line in &self.out {
            let line = line.trim_end();
            if !line.is_empty() || !out.ends_with("\n\n") {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.trim().to_owned()
    }
}

/// Sphinx's roles as the code that they name: `:meth:`~Door.open`` is `Door.open`; and what changed
/// in a version as a sentence.
fn without_roles(line: &str) -> Cow<'_, str> {
    if !line.contains([':', '`']) || line.contains("```") {
        return Cow::Borrowed(line);
    }
    let line = ROLE.replace_all(line, "`$1`");
    let line = line.replace("``", "`");
    Cow::Owned(
        VERSION
            .replace(&line, "${1}In version $3, $2:$4")
            .into_owned(),
    )
}

static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r":[a-z][a-z:-]*:`[~!]?([^`<]+?)(?:\s*<[^`>]*>)?`")
        .expect("a pattern written here is valid")
});

/// `.. versionchanged:: 2.0`
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\s*)\.\. (?:version)?(added|changed|deprecated|removed)::\s*(\S+)(.*)$")
        .expect("a pattern written here is valid")
});

/// `:param x: text`, `:returns: text`
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    let names = "param|parameter|arg|key|raises|raise|except|returns|return";
    Regex::new(&format!(r"^:({names})((?:\s+[\w.*\[\], ]+)?):\s*(.*)$"))
        .expect("a pattern written here is valid")
});

/// `name: text`, `name (type): text`, `name : type`, no deeper than a section's own indentation.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ {0,4}(\*{0,2}\w[\w.]*)\s*(\([^)]*\))?\s*:\s*(.*)$")
        .expect("a pattern written here is valid")
});

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && line.chars().all(|c| c == '-')
}

/// What a line is the heading of, where it is underlined or ends in a colon.
fn section_title(text: &str, underlined: bool) -> Option<&'static str> {
    let name = match text.strip_suffix(':') {
        Some(name) => name,
        None if underlined => text,
        None => return None,
    };
    Some(match name {
        "Args" | "Arguments" | "Parameters" | "Other Parameters" | "Keyword Args" => "Parameters",
        "Returns" | "Return" => "Returns",
        "Yields" | "Yield" => "Yields",
        "Raises" => "Errors",
        "Example" | "Examples" => "Examples",
        "Attributes" => "Attributes",
        "Note" | "Notes" => "Notes",
        "See Also" => "See also",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn googles_sections_become_headings() {
        let doc = "Opens it.\n\nArgs:\n    path (str): where\n    mode: how\n\nReturns:\n    A file.\n\nRaises:\n    OSError: if not";
        let expected = "Opens it.\n\n# Parameters\n\n- `path`: where\n- `mode`: how\n\n# Returns\n\nA file.\n\n# Errors\n\n- `OSError`: if not";
        assert_eq!(as_markdown(doc), expected);
    }

    #[test]
    fn numpys_and_sphinxs_too() {
        let doc = "Opens it.\n\nParameters\n----------\npath : str\n  where";
        assert_eq!(
            as_markdown(doc),
            "Opens it.\n\n# Parameters\n\n- `path`: str\n  where"
        );
        let doc = "Opens it.\n\n:param str path: where\n:returns: a file";
        let expected = "Opens it.\n\n# Parameters\n\n- `path`: where\n\n# Returns\n\na file";
        assert_eq!(as_markdown(doc), expected);
    }

    #[test]
    fn sphinxs_roles_are_code() {
        let doc = "Opens with :meth:`~Door.open` or :class:`a door <Door>`, never ``None``.\n\n.. versionchanged:: 2.0\n   Opens twice.";
        let expected = "Opens with `Door.open` or `a door`, never `None`.\n\nIn version 2.0, changed:\n   Opens twice.";
        assert_eq!(as_markdown(doc), expected);
    }

    #[test]
    fn doctests_are_examples() {
        let doc = "Adds.\n\n>>> add(1, 2)\n3\n\nMore.";
        assert_eq!(
            as_markdown(doc),
            "Adds.\n\n```python\n>>> add(1, 2)\n3\n```\n\nMore."
        );
    }
}
