//! What stands inside the lines of a doc comment of the Javadoc family, as Markdown: inline tags, and the
//! HTML that is written there for paragraphs, lists, headings, links and code. Not `@param` and its like.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The comment with Markdown in the place of inline tags and HTML; `code` is its examples' language.
pub fn as_markdown(doc: &str, code: &str) -> String {
    if !doc.contains(['<', '@']) {
        return doc.to_owned();
    }
    // What is written out as it stands is code, whatever it holds.
    let mut out = String::new();
    let mut from = 0;
    for block in PREFORMATTED.captures_iter(doc) {
        let (Some(whole), Some(inside)) = (block.get(0), block.get(1)) else {
            continue;
        };
        out.push_str(&prose(&doc[from..whole.start()]));
        let text = preformatted(inside.as_str());
        out.push_str(&format!("\n\n```{code}\n{text}\n```\n\n"));
        from = whole.end();
    }
    out.push_str(&prose(&doc[from..]));
    without_gaps(&out)
}

/// `<pre>{@code …}</pre>`, `<pre><code>…</code></pre>`
static PREFORMATTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)<pre(?:\s[^>]*)?>(.*?)</pre>").expect("a pattern written here is valid")
});

fn preformatted(inside: &str) -> String {
    let text = CODE.replace_all(inside, "");
    let trimmed = text.trim();
    let braced = trimmed
        .strip_prefix("{@code")
        .and_then(|rest| rest.strip_suffix('}'));
    let text = match braced {
        Some(braced) => braced.to_owned(),
        None => plain(&INLINE_TAG.replace_all(&text, "$2")),
    };
    text.trim_matches('\n').trim_end().to_owned()
}

static CODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"</?code>").expect("a pattern written here is valid"));

fn prose(text: &str) -> String {
    let text = CODE_SPAN.replace_all(text, |code: &Captures<'_>| {
        format!(
            "`{}`",
            one_line(&plain(&INLINE_TAG.replace_all(&code[1], "$2")))
        )
    });
    // A tag may go on over several lines, and hold braces.
    let text = INLINE_TAG.replace_all(&text, |tag: &Captures<'_>| match &tag[1] {
        "link" | "linkplain" | "linkcode" => linked(&one_line(&tag[2]), &tag[1]),
        "return" => format!("Returns {}.", one_line(&tag[2]).trim_end_matches('.')),
        "inheritDoc" => String::new(),
        _ => format!("`{}`", one_line(&tag[2])),
    });
    let text = ANCHOR.replace_all(&text, |link: &Captures<'_>| {
        match link.get(1).map(|address| address.as_str()) {
            Some(address) => format!("[{}]({address})", one_line(&link[2])),
            None => link[2].to_owned(),
        }
    });
    let text = HEADING.replace_all(&text, |heading: &Captures<'_>| {
        let depth = heading[1]
            .parse()
            .map_or(1, |depth: usize| depth.saturating_sub(1));
        format!(
            "\n\n{} {}\n\n",
            "#".repeat(depth.max(1)),
            one_line(&heading[2])
        )
    });
    let text = PARAGRAPH.replace_all(&text, "\n\n");
    let mut above = "";
    let lines = text.lines().map(|line| {
        // An example in Markdown, which a list of HTML is not.
        let example = line.starts_with("    ") && !line.trim_start().starts_with('<');
        if example && (above.trim().is_empty() || above.starts_with("    ")) {
            above = line;
            return Some(line.to_owned());
        }
        above = line;
        let line = &line.replace("<li>", "- ");
        let bare = TAG.replace_all(line, "");
        // A line that held tags alone is no break.
        let gone = bare.trim().is_empty() && !line.trim().is_empty();
        (!gone).then(|| bare.trim_end().to_owned())
    });
    let end = if text.ends_with('\n') { "\n" } else { "" };
    lines.flatten().collect::<Vec<_>>().join("\n") + end
}

/// What a link shows: its label, else what it leads to.
fn linked(text: &str, tag: &str) -> String {
    let (target, label) = match text.split_once('|') {
        Some((target, label)) => (target.trim(), label.trim()),
        None => {
            let end = end_of_target(text);
            (&text[..end], text[end..].trim())
        }
    };
    if target.contains("://") {
        let label = if label.is_empty() { target } else { label };
        return format!("[{label}]({target})");
    }
    match label {
        "" => format!("`{}`", target.trim_start_matches('#')),
        // In words, it is read as words.
        label if tag != "linkplain" && label.contains('(') && !label.contains('`') => {
            format!("`{label}`")
        }
        label if tag == "linkplain" || label.contains(' ') || label.contains('`') => {
            label.to_owned()
        }
        label => format!("`{label}`"),
    }
}

/// `File#open(String, int)` ends behind its brackets.
fn end_of_target(text: &str) -> usize {
    let mut open = 0_usize;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0 && c.is_whitespace()
    });
    end.map_or(text.len(), |(at, _)| at)
}

static INLINE_TAG: LazyLock<Regex> = LazyLock::new(|| {
    let names = "code|linkplain|linkcode|link|literal|value|return|inheritDoc";
    Regex::new(&format!(
        r"\{{@({names})(?:\s+((?:[^{{}}]|\{{[^{{}}]*\}})*)|)\}}"
    ))
    .expect("a pattern written here is valid")
});

static CODE_SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)<(?:code|tt|kbd)>(.*?)</(?:code|tt|kbd)>")
        .expect("a pattern written here is valid")
});

static ANCHOR: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?s)<a\s(?:[^>]*?href\s*=\s*["']?([^"'\s>]+)["']?)?[^>]*>(.*?)</a>"#;
    Regex::new(pattern).expect("a pattern written here is valid")
});

static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)<h([1-6])(?:\s[^>]*)?>(.*?)</h[1-6]>")
        .expect("a pattern written here is valid")
});

static PARAGRAPH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)\s*^\s*<p>\s*|\s*<p>\s*$").expect("a pattern written here is valid")
});

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"</?(?:p|ul|ol|li|br|em|i|b|strong|dl|dt|dd|blockquote|div|span)(?:\s[^>]*)?/?>")
        .expect("a pattern written here is valid")
});

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text without the entities that code has to be written with in HTML.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#64;", "@"),
        ("&#123;", "{"),
        ("&#125;", "}"),
        ("&#42;", "*"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    text
}

/// Without a second empty line in a row, but in code.
fn without_gaps(text: &str) -> String {
    let (mut out, mut fenced, mut empty) = (String::new(), false, true);
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        let blank = line.trim().is_empty();
        if fenced || !(blank && empty) {
            out.push_str(line);
            out.push('\n');
        }
        empty = blank;
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn written(doc: &str, expected: &str) {
        assert_eq!(as_markdown(doc, "java"), expected);
    }

    #[test]
    fn a_link_shows_its_label_and_code_stays_code() {
        for (doc, expected) in [
            ("{@link Reader#set(Mode, int) lenient mode}", "lenient mode"),
            ("{@link Reader#set(Mode, int)}", "`Reader#set(Mode, int)`"),
            ("{@link #set(Mode)\n   set}", "`set`"),
            ("{@link #Reader() new Reader()}", "`new Reader()`"),
            ("{@linkplain Reader the\nreader}", "the reader"),
            (
                "{@link https://a.example|here}",
                "[here](https://a.example)",
            ),
            ("{@code Map<K, {V}>}", "`Map<K, {V}>`"),
            ("<code>a &lt; {@code b}</code>", "`a < b`"),
            (
                "See the <a href=\"https://a.example/b\">user\n guide</a>.",
                "See the [user guide](https://a.example/b).",
            ),
            ("<a name=\"x\">here</a>", "here"),
            ("{@inheritDoc}\nMore.", "More."),
            ("{@return the size}", "Returns the size."),
        ] {
            assert_eq!(as_markdown(doc, "java").trim(), expected, "{doc}");
        }
    }

    #[test]
    fn what_is_preformatted_is_code_as_it_is_written() {
        let expected = "So:\n\n```java\nList<A> a;\n@Override\n```\n\nOr else.";
        for pre in [
            "<pre>\nList&lt;A&gt; a;\n{@literal @}Override\n</pre>",
            "<pre>{@code\nList<A> a;\n@Override\n}</pre>",
            "<pre class=\"x\"><code>\nList&lt;A&gt; a;\n&#64;Override\n</code></pre>",
        ] {
            written(&format!("So:\n\n{pre}\n\n<p>Or else."), expected);
        }
    }

    #[test]
    fn html_for_lists_paragraphs_and_headings_is_markdown() {
        let doc = "One.\n<p>Two:\n<ul>\n <li>a\n     more</li>\n <li>b\n</ul>\n\n<h2 id=\"x\">How</h2>\n\nSo.";
        written(doc, "One.\n\nTwo:\n - a\n     more\n - b\n\n# How\n\nSo.");
    }

    #[test]
    fn an_example_in_markdown_stays_as_it_is() {
        written(
            "So:\n\n    send('<p>some</p>');\n    send('<b>');\n",
            "So:\n\n    send('<p>some</p>');\n    send('<b>');",
        );
    }

    #[test]
    fn comparisons_and_types_are_no_tags() {
        written("a < b and List<T> @ home", "a < b and List<T> @ home");
    }
}
