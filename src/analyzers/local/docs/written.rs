//! Where the languages other than Rust write their documentation: strings inside, comments above,
//! the head of a file. Not what it says.

use big_code_analysis::tree_sitter::Node;

use super::languages::table;
use crate::analyzers::local::comment;
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// The docstring of a Python function or class, without quotes and indentation.
pub fn docstring(subject: &Subject<'_>, node: Node<'_>) -> Option<String> {
    first_string(subject, node.child_by_field_name("body")?)
}

/// A group of declarations whose members carry comments of their own: `const (…)` in Go.
pub fn group_comment(subject: &Subject<'_>, outer: Node<'_>) -> Option<String> {
    let group = matches!(outer.kind(), "const_declaration" | "var_declaration");
    let described = group && subject.source(outer).contains("//");
    described.then(|| "Each is described where it stands.".to_owned())
}

/// What a file says about itself.
pub fn file_documentation(subject: &Subject<'_>, root: Node<'_>) -> Option<String> {
    let table = table(subject.language);
    let doc = match subject.language {
        Language::Python => first_string(subject, root),
        Language::Go => package_comment(subject, root),
        _ => first_comment(subject, root),
    };
    doc.map(|doc| table.markdown(subject.language, &doc))
}

fn first_string(subject: &Subject<'_>, body: Node<'_>) -> Option<String> {
    let mut cursor = body.walk();
    let mut statements = body.named_children(&mut cursor);
    let first = statements.find(|node| node.kind() != "comment")?;
    let string = first
        .named_child(0)
        .filter(|string| string.kind() == "string")?;
    let mut cursor = string.walk();
    let mut parts = string.named_children(&mut cursor);
    let content = parts.find(|part| part.kind() == "string_content")?;
    Some(comment::dedented(subject.source(content)))
}

/// Go's package comment: what stands right above `package`.
fn package_comment(subject: &Subject<'_>, root: Node<'_>) -> Option<String> {
    let mut cursor = root.walk();
    let mut above: Vec<&str> = Vec::new();
    let mut end = 0;
    for node in root.named_children(&mut cursor) {
        let between = subject.text.get(end..node.start_byte()).unwrap_or_default();
        if between.matches('\n').count() > 1 {
            above.clear();
        }
        match node.kind() {
            "comment" => above.push(subject.source(node)),
            "package_clause" if !above.is_empty() => return Some(comment::prose(&above)),
            _ => return None,
        }
        end = node.end_byte();
    }
    None
}

/// The first doc comment, where it says that it speaks of the file.
fn first_comment(subject: &Subject<'_>, root: Node<'_>) -> Option<String> {
    let first = root
        .named_child(0)
        .filter(|node| node.kind().ends_with("comment"))?;
    let text = subject.source(first);
    is_of_file(text).then(|| comment::prose(&[text]))
}

/// Does a doc comment say that it speaks of its file?
pub fn is_of_file(text: &str) -> bool {
    let tags = [
        "@file",
        "\\file",
        "@fileoverview",
        "@module",
        "@packageDocumentation",
        "@overview",
    ];
    tags.iter().any(|tag| text.contains(tag))
}
