//! Writes Rust declarations as rustdoc does: no bodies, no attributes, no private fields.

use std::ops::Range;

use big_code_analysis::tree_sitter::Node;

/// The declaration without documentation, attributes and body.
pub fn of(text: &str, node: Node<'_>) -> String {
    let body = node.child_by_field_name("body");
    let header = text.get(range(node)).unwrap_or_default();
    let header = dedented(text, node, header);
    // Conditions stand on lines of their own, and so does what follows them.
    let space = if header.contains("\nwhere") {
        "\n"
    } else {
        " "
    };
    let braced = |header: &str, body: String| format!("{}{space}{body}", header.trim_end());
    match (node.kind(), body) {
        ("struct_item" | "union_item", Some(body)) if body.kind() == "field_declaration_list" => {
            braced(&header, public_fields(text, body))
        }
        ("struct_item", Some(body)) => format!("{header}{};", tuple_fields(text, body)),
        ("enum_variant", Some(body)) => format!("{header}{}", tuple_fields(text, body)),
        ("enum_item", Some(body)) => braced(&header, variants(text, body)),
        ("macro_definition", _) => macro_patterns(text, node),
        ("mod_item", Some(_)) => format!("{header} {{ … }}"),
        ("function_item" | "trait_item" | "impl_item" | "field_declaration", _) => header,
        _ => format!("{};", header.trim_end_matches(';')),
    }
}

/// The bytes of the declaration up to its body, or up to a value too long to show.
pub fn range(node: Node<'_>) -> Range<usize> {
    let cut = node.child_by_field_name("body").or_else(|| {
        let value = node.child_by_field_name("value");
        value.filter(|value| value.byte_range().len() > MAX_VALUE_BYTES || value.kind() == "block")
    });
    let end = match (node.kind(), cut) {
        ("macro_definition", _) => node.child_by_field_name("name").map(|name| name.end_byte()),
        (_, cut) => cut.map(|body| body.start_byte()),
    };
    node.start_byte()..end.unwrap_or_else(|| node.end_byte())
}

/// The longest value of a constant that its signature shows.
const MAX_VALUE_BYTES: usize = 60;

/// The longest list of variants that is written out.
const MAX_VARIANTS: usize = 40;

/// A type without its parameters, references and lifetimes: what its methods are named under.
pub fn type_name(written: &str) -> &str {
    let bare = written.trim_start_matches(['&', '*', ' ']);
    let bare = bare.strip_prefix("dyn ").unwrap_or(bare);
    bare.split(['<', ' ']).next().unwrap_or(bare)
}

/// A trait as its readers call it: `fmt::Display` is `Display`.
pub fn trait_name(written: &str) -> String {
    let folded = folded(written);
    let (name, parameters) = folded.split_at(folded.find('<').unwrap_or(folded.len()));
    let name = name.rsplit("::").next().unwrap_or(name);
    format!("{name}{parameters}")
}

/// On one line, with single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines after the first lose the indentation of the declaration itself.
fn dedented(text: &str, node: Node<'_>, header: &str) -> String {
    let before = text.get(..node.start_byte()).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let lines = header.trim().lines();
    let bare = lines.map(|line| line.strip_prefix(&indent).unwrap_or(line).trim_end());
    let joined = bare.collect::<Vec<_>>().join("\n");
    joined.trim_end_matches(['=', ' ', '\n']).to_owned()
}

fn public_fields(text: &str, body: Node<'_>) -> String {
    let fields = named(body, "field_declaration");
    let written: Vec<String> = fields
        .iter()
        .map(|&field| folded(source(text, field)))
        .filter(|field| field.starts_with("pub ") || field.starts_with("pub\t"))
        .map(|field| format!("    {field},\n"))
        .collect();
    match (written.len(), fields.len()) {
        (_, 0) => "{}".to_owned(),
        (0, _) => "{ /* private fields */ }".to_owned(),
        (shown, all) if shown < all => {
            format!("{{\n{}    /* private fields */\n}}", written.concat())
        }
        _ => format!("{{\n{}}}", written.concat()),
    }
}

/// The fields of a tuple struct, or of a variant; private ones are `_`.
fn tuple_fields(text: &str, body: Node<'_>) -> String {
    let is_struct = body
        .parent()
        .is_some_and(|parent| parent.kind() == "struct_item");
    if body.kind() != "ordered_field_declaration_list" || !is_struct {
        let spaced = body.kind() == "field_declaration_list";
        let fields = named(body, "field_declaration");
        return if spaced {
            let fields = fields.iter().map(|&field| folded(source(text, field)));
            format!(" {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        } else {
            folded(source(text, body))
        };
    }
    let mut fields = Vec::new();
    let mut prefix = "";
    let mut cursor = body.walk();
    for child in body.named_children(&mut cursor) {
        match child.kind() {
            "visibility_modifier" => prefix = source(text, child),
            "attribute_item" | "line_comment" | "block_comment" => {}
            _ if prefix == "pub" => fields.push(format!("pub {}", folded(source(text, child)))),
            _ => fields.push("_".to_owned()),
        }
        if child.kind() != "visibility_modifier" {
            prefix = "";
        }
    }
    format!("({})", fields.join(", "))
}

fn variants(text: &str, body: Node<'_>) -> String {
    let all = named(body, "enum_variant");
    let shown = all.iter().take(MAX_VARIANTS).map(|&variant| {
        let fields = variant.child_by_field_name("body");
        let name = variant.child_by_field_name("name");
        let name = name.map_or("", |name| source(text, name));
        let fields = fields
            .map(|fields| tuple_fields(text, fields))
            .unwrap_or_default();
        format!("    {name}{fields},\n")
    });
    let shown: String = shown.collect();
    match all.len().checked_sub(MAX_VARIANTS) {
        _ if all.is_empty() => "{}".to_owned(),
        Some(more) if more > 0 => format!("{{\n{shown}    // and {more} more\n}}"),
        _ => format!("{{\n{shown}}}"),
    }
}

/// A macro as the patterns that it takes.
fn macro_patterns(text: &str, node: Node<'_>) -> String {
    let name = node.child_by_field_name("name");
    let name = name.map_or("", |name| source(text, name));
    let rules = named(node, "macro_rule");
    let patterns: String = rules
        .iter()
        .filter_map(|rule| rule.child_by_field_name("left"))
        .map(|left| format!("    {} => {{ … }};\n", folded(source(text, left))))
        .collect();
    format!("macro_rules! {name} {{\n{patterns}}}")
}

fn named<'tree>(node: Node<'tree>, kind: &str) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    let children = node.named_children(&mut cursor);
    children.filter(|child| child.kind() == kind).collect()
}

fn source<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.byte_range()).unwrap_or_default()
}
