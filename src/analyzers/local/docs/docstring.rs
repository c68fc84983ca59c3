//! Python's docstrings as plain Markdown: the sections of the Google, NumPy and reStructuredText
//! styles become headings and lists, doctests and literal blocks become examples. What stands between
//! backquotes and in directives is `restructured`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::restructured::{self, Directive};

/// The docstring as Markdown, from its text without quotes and common indentation.
pub fn as_markdown(doc: &str) -> String {
    let doc = restructured::inline(doc);
    let lines: Vec<&str> = doc.lines().collect();
    let mut writer = Writer::default();
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let text = line.trim();
        let underlined = lines.get(at + 1).is_some_and(|next| is_underline(next));
        at += 1;
        if writer.doctest(text) || (is_underline(line) && is_overline(&lines[at..])) {
            continue;
        } else if let Some(title) = section_title(text, underlined) {
            at += usize::from(underlined);
            writer.section(title);
        } else if underlined && !text.is_empty() {
            at += 1;
            writer.title(text);
        } else if let Some(field) = FIELD.captures(text) {
            writer.field(&field);
        } else if let Some(directive) = restructured::directive(line) {
            let block = restructured::block(line, &lines[at..]);
            at += block.len();
            writer.directive(&directive, block);
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
    /// What fields say, which stand anywhere and are read last.
    fields: Vec<String>,
    section: &'static str,
    place: Place,
    example: Example,
    titles: usize,
}

/// What the lines belong to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Fields,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Example {
    #[default]
    Outside,
    Inside,
}

impl Writer {
    fn push(&mut self, line: String) {
        match self.place {
            Place::Text => self.out.push(line),
            Place::Fields => self.fields.push(line),
        }
    }

    /// Takes the line if it belongs to a doctest: from its prompt to the next empty line.
    fn doctest(&mut self, text: &str) -> bool {
        match (self.example, text.starts_with(">>>")) {
            (Example::Outside, true) => {
                self.leave_fields();
                self.push("```python".to_owned());
                self.example = Example::Inside;
            }
            (Example::Inside, _) if text.is_empty() => {
                self.push("```".to_owned());
                self.example = Example::Outside;
            }
            _ => {}
        }
        if self.example == Example::Inside {
            self.push(text.to_owned());
        }
        self.example == Example::Inside
    }

    fn section(&mut self, title: &'static str) {
        self.leave_fields();
        self.begin(title);
    }

    fn begin(&mut self, title: &'static str) {
        for line in [String::new(), format!("# {title}"), String::new()] {
            self.push(line);
        }
        self.section = title;
    }

    fn leave_fields(&mut self) {
        if self.place == Place::Fields {
            self.place = Place::Text;
            self.section = "";
        }
    }

    /// A title of the author's own. That of a module is its name, which its reader knows.
    fn title(&mut self, text: &str) {
        self.leave_fields();
        self.section = "";
        let is_name = text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '`'));
        let is_first = self.titles == 0 && self.out.iter().all(String::is_empty);
        self.titles += 1;
        if !(is_first && is_name) {
            self.out
                .extend([String::new(), format!("# {text}"), String::new()]);
        }
    }

    /// `:param int x: text`
    fn field(&mut self, field: &Captures<'_>) {
        let part = |index| field.get(index).map_or("", |part| part.as_str().trim());
        let (name, text) = (part(2), part(3));
        let title = match part(1) {
            "param" | "parameter" | "arg" | "key" | "keyword" => "Parameters",
            "type" => return self.add_type(name, text),
            "raises" | "raise" | "except" => "Errors",
            "ivar" | "cvar" | "var" => "Attributes",
            "author" | "copyright" | "date" | "license" | "version" => "",
            _ => "Returns",
        };
        if title.is_empty() {
            let (first, rest) = part(1).split_at(1);
            return self.push(format!("- {}{rest}: {text}", first.to_uppercase()));
        }
        if self.place == Place::Text || title != self.section {
            self.place = Place::Fields;
            self.begin(title);
        }
        match (part(1), name.split_whitespace().last()) {
            ("rtype", _) => {
                self.push(String::new());
                self.push(format!("Type: {}.", as_code(text)));
            }
            (_, Some(name)) => self.push(format!("- `{}`: {text}", name.replace('\\', ""))),
            (_, None) => self.push(text.to_owned()),
        }
    }

    /// Says of a parameter that was told what its type is.
    fn add_type(&mut self, name: &str, of_type: &str) {
        let begin = format!("- `{name}`:");
        let told = self.fields.iter_mut().find(|line| line.starts_with(&begin));
        if let Some(line) = told {
            let rest = line[begin.len()..].to_owned();
            *line = format!("- `{name}` ({}):{rest}", as_code(of_type));
        }
    }

    fn directive(&mut self, directive: &Directive<'_>, block: &[&str]) {
        self.leave_fields();
        let bare = restructured::dedented(block);
        match directive {
            Directive::Version(said) => {
                self.push(said.clone());
                block.iter().for_each(|line| self.push((*line).to_owned()));
            }
            Directive::Note(title, text) => {
                self.push(String::new());
                self.push(format!("**{title}:** {text}").trim_end().to_owned());
                bare.iter().for_each(|line| self.push((*line).to_owned()));
            }
            Directive::Literal { before, language } => {
                self.push(before.clone());
                // A doctest fences itself.
                if bare.iter().any(|line| line.starts_with(">>>")) {
                    self.push(String::new());
                    for line in bare {
                        if !self.doctest(line) {
                            self.push((*line).to_owned());
                        }
                    }
                    self.doctest("");
                } else if !bare.is_empty() {
                    self.push(String::new());
                    self.push(format!("```{language}"));
                    bare.iter().for_each(|line| self.push((*line).to_owned()));
                    self.push("```".to_owned());
                }
                self.push(String::new());
            }
        }
    }

    /// A line of prose, or of a section that lists names: `name (type): text`.
    fn line(&mut self, line: &str) {
        let goes_on = line.trim().is_empty() || line.starts_with([' ', '\t']);
        let follows = self.fields.last().is_some_and(|last| !last.is_empty());
        if self.place == Place::Fields && !goes_on && !follows {
            self.leave_fields();
        }
        let listed = matches!(self.section, "Parameters" | "Errors" | "Attributes");
        let entry = ENTRY
            .captures(line)
            .filter(|_| listed && self.place == Place::Text);
        self.push(match entry {
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
        for line in self.out.iter().chain(&self.fields) {
            let line = line.trim_end();
            if !line.is_empty() || !out.ends_with("\n\n") {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.trim().to_owned()
    }
}

/// A type as code, once.
fn as_code(of_type: &str) -> String {
    if of_type.contains('`') {
        of_type.to_owned()
    } else {
        format!("`{of_type}`")
    }
}

/// `:param x: text`, `:returns: text`
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    let names = "param|parameter|arg|key|keyword|type|raises|raise|except|returns|return|rtype|ivar|\
                 cvar|var|author|copyright|date|license|version";
    Regex::new(&format!(r"^:({names})((?:\s+[\w.*\\\[\], |]+)?):\s*(.*)$"))
        .expect("a pattern written here is valid")
});

/// `name: text`, `name (type): text`, `name : type`, no deeper than a section's own indentation.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ {0,4}(\*{0,2}\w[\w.]*)\s*(\([^)]*\))?\s*:\s*(.*)$")
        .expect("a pattern written here is valid")
});

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    let mut signs = line.chars();
    let first = signs.next().filter(|sign| "=-~^+*#\"'_".contains(*sign));
    line.len() > 2 && first.is_some_and(|first| signs.all(|sign| sign == first))
}

/// Do a title and a line below it follow?
fn is_overline(below: &[&str]) -> bool {
    matches!(below, [title, under, ..] if !title.trim().is_empty() && is_underline(under))
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
    fn fields_are_read_last_and_know_their_types() {
        let doc = "Sends it.\n\n:param url: where, a :class:`URL`\n  or ``str``\n:type url: str\n\
                   :param \\*\\*kwargs: more\n:return: :class:`Answer <Answer>` object\n:rtype: a.Answer\n\n\
                   Usage::\n\n  >>> send()\n  1\n";
        let expected = "Sends it.\n\nUsage:\n\n```python\n>>> send()\n1\n```\n\n# Parameters\n\n\
                        - `url` (`str`): where, a `URL`\n  or `str`\n- `**kwargs`: more\n\n\
                        # Returns\n\n`Answer` object\n\nType: `a.Answer`.";
        assert_eq!(as_markdown(doc), expected);
    }

    #[test]
    fn titles_are_headings_but_for_a_modules_name() {
        let doc = "requests.api\n~~~~~~~~~~~~\n\nThis sends.\n\n:license: MIT\n\nHow\n===\n\nSo.";
        let expected = "This sends.\n\n- License: MIT\n\n# How\n\nSo.";
        assert_eq!(as_markdown(doc), expected);
        let doc = "=====\nDoors\n=====\n\nA\n***\nB";
        assert_eq!(as_markdown(doc), "# A\n\nB");
    }

    #[test]
    fn blocks_are_code_and_notes() {
        let doc = "Like this::\n\n    a = 1\n\n    b = 2\n\nOr:\n\n.. code-block:: sh\n\n    run it\n\n\
                   .. note::\n\n    Not twice.\n\nSee :ref:`(connect,\n  read) <timeouts>` and `here <https://a.example>`_.";
        let expected = "Like this:\n\n```\na = 1\n\nb = 2\n```\n\nOr:\n\n```sh\nrun it\n```\n\n\
                        **Note:**\nNot twice.\n\nSee `(connect, read)` and [here](https://a.example).";
        assert_eq!(as_markdown(doc), expected);
        assert_eq!(
            as_markdown("It is std::string, or a::b::"),
            "It is std::string, or a::b:"
        );
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
