//! What reStructuredText says inside a line and in directives, as Markdown: roles, literals, blocks of
//! code, notes, what changed in a version. Not fields and sections, which are `docstring`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Sphinx's roles as the code that they name, and literals in one backquote: `:meth:`~Door.open`` is
/// `Door.open`. A role may go on over several lines.
pub fn inline(doc: &str) -> String {
    let doc = ROLE.replace_all(doc, |role: &Captures<'_>| {
        let words: Vec<&str> = role[1].split_whitespace().collect();
        format!("`{}`", words.join(" "))
    });
    let doc = LINK.replace_all(&doc, |link: &Captures<'_>| {
        let words: Vec<&str> = link[1].split_whitespace().collect();
        format!("[{}]({})", words.join(" "), &link[2])
    });
    LITERAL.replace_all(&doc, "`$1`").into_owned()
}

static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r":[a-z][a-z:-]*:`[~!]?([^`<]+?)(?:\s*<[^`>]*>)?`")
        .expect("a pattern written here is valid")
});

/// `` `text <address>`_ ``
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"`([^`<]+?)\s*<(https?://[^`>\s]+)>`__?").expect("a pattern written here is valid")
});

static LITERAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"``([^`\n]+)``").expect("a pattern written here is valid"));

/// A line that says what the block below it is.
pub enum Directive<'a> {
    /// What changed in a version, as a sentence.
    Version(String),
    /// `.. note:: text`: the title and the text.
    Note(String, &'a str),
    /// `Usage::`, `.. code-block:: python`: what stands before, and the language.
    Literal { before: String, language: &'a str },
}

/// What a line is the head of, if anything.
pub fn directive(line: &str) -> Option<Directive<'_>> {
    if let Some(version) = VERSION.captures(line) {
        let said = version.get(3).map_or("", |text| text.as_str());
        return Some(Directive::Version(format!(
            "In version {}, {}:{said}",
            &version[2], &version[1]
        )));
    }
    if let Some(found) = NAMED.captures(line) {
        let text = found.get(2).map_or("", |text| text.as_str());
        let name = found.get(1).map_or("", |name| name.as_str());
        if matches!(name, "code-block" | "code" | "sourcecode") {
            let (before, language) = (String::new(), text);
            return Some(Directive::Literal { before, language });
        }
        let (first, rest) = name.split_at(1);
        let title = match name {
            "seealso" => "See also".to_owned(),
            _ => format!("{}{rest}", first.to_uppercase()),
        };
        return Some(Directive::Note(title, text));
    }
    let before = line.trim_end().strip_suffix("::")?;
    // `::` alone, and a path of C++ in prose.
    let before = match before.trim() {
        "" => String::new(),
        text if text.ends_with(char::is_alphanumeric) || text.ends_with([')', '`', ' ']) => {
            format!("{}:", before.trim_end())
        }
        _ => return None,
    };
    (!line.trim_start().starts_with("..")).then_some(Directive::Literal {
        before,
        language: "",
    })
}

/// `.. versionchanged:: 2.0`
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\.\. (?:version)?(added|changed|deprecated|removed)::\s*(\S+)(.*)$")
        .expect("a pattern written here is valid")
});

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names = "note|warning|tip|hint|important|caution|danger|attention|seealso|code-block|code|sourcecode";
    Regex::new(&format!(r"^\s*\.\. ({names})::\s*(.*)$")).expect("a pattern written here is valid")
});

/// The lines that belong to a head: those that are empty or stand further in.
pub fn block<'a, 'b>(head: &str, below: &'b [&'a str]) -> &'b [&'a str] {
    let own = indent(head);
    let inside = |line: &&&str| line.trim().is_empty() || indent(line) > own;
    let mut length = below.iter().take_while(inside).count();
    while length > 0 && below[length - 1].trim().is_empty() {
        length -= 1;
    }
    &below[..length]
}

/// A block without empty lines before it and the indentation that its lines share.
pub fn dedented<'a>(block: &[&'a str]) -> Vec<&'a str> {
    let written = block.iter().filter(|line| !line.trim().is_empty());
    let shared = written.map(|line| indent(line)).min().unwrap_or(0);
    let lines = block
        .iter()
        .map(|line| line.get(shared..).unwrap_or_default());
    lines.skip_while(|line| line.trim().is_empty()).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
