//! The kind `docs`: what a file offers, as a document in Markdown, and what in it has no
//! documentation. What one file alone shows: no name is resolved, no other file is read.

mod docstring;
mod document;
mod exports;
mod html;
mod languages;
mod markdown;
mod outline;
mod restructured;
mod rust;
mod rust_signature;
mod rust_text;
mod rust_wrapper;
mod tagged;
mod topic;
mod written;

use std::collections::BTreeMap;

use topic::{Duty, Outline, Reach, Topic};

use super::phrase;
use super::subject::Subject;
use crate::model::{Analysis, Finding, Language, Level, MAX_FINDINGS, Suggestion};

/// A file with fewer public items says what it is for through them.
const MODULE_DOCS_FROM: usize = 3;

/// What it takes to document one item, in minutes: an estimate, the same for all.
const MINUTES_AN_ITEM: u32 = 5;

/// The document of a file.
///
/// Metrics: `public_items` (what is to be documented where it stands: not fields, variants,
/// re-exports), `documented_items` of these, `coverage_percent` rounded down (100 where there is
/// nothing public), `examples` in the documentation.
pub fn answer(subject: &Subject<'_>) -> Analysis {
    let outline = outline(subject);
    let code = subject.language.name();
    let public: Vec<&Topic> = outline.public().collect();
    let missing: Vec<&Topic> = public
        .iter()
        .copied()
        .filter(|topic| topic.doc.is_none())
        .collect();
    let documented = public.len() - missing.len();
    let percent = (documented * 100).checked_div(public.len()).unwrap_or(100);
    let numbers = [
        ("public_items", public.len()),
        ("documented_items", documented),
        ("coverage_percent", percent),
        ("examples", document::examples(&outline, code)),
    ];
    Analysis {
        summary: summary(&outline, public.len(), documented),
        metrics: numbers
            .into_iter()
            .map(|(name, number)| (name.to_owned(), i64::try_from(number).unwrap_or(i64::MAX)))
            .collect::<BTreeMap<_, _>>(),
        findings: findings(subject, &outline, &missing),
        suggestions: suggestions(&missing),
        document: Some(document::write(&outline, code)),
    }
}

/// The languages in which whatever is public is expected to be documented where it stands: not
/// where headers, type declarations or habit leave it to others.
const EXPECTS_DOCUMENTATION: [Language; 4] = [
    Language::Rust,
    Language::Python,
    Language::Go,
    Language::Java,
];

fn outline(subject: &Subject<'_>) -> Outline {
    match subject.language {
        Language::Rust => rust::outline(subject.text, subject.tree()),
        _ => outline::of(subject),
    }
}

fn findings(subject: &Subject<'_>, outline: &Outline, missing: &[&Topic]) -> Vec<Finding> {
    let expected = EXPECTS_DOCUMENTATION.contains(&subject.language);
    let mut findings: Vec<Finding> = missing
        .iter()
        .filter(|_| expected)
        .take(MAX_FINDINGS)
        .map(|topic| undocumented(subject, topic))
        .chain(
            outline
                .public()
                .filter_map(|topic| without_safety(subject, topic)),
        )
        .chain(without_module_docs(subject, outline))
        .collect();
    findings.sort();
    findings.truncate(MAX_FINDINGS);
    findings
}

fn undocumented(subject: &Subject<'_>, topic: &Topic) -> Finding {
    let mut finding = subject.finding("undocumented-item", Level::Note, topic.range.clone());
    finding.item = Some(topic.path.clone());
    finding.title = format!(
        "{} `{}` has no documentation",
        topic.sort.noun(),
        topic.path
    );
    finding.message = "It can be used from other files, and its declaration is all that its users \
                       have to go by."
        .to_owned();
    finding.suggestion = Some("Say in one sentence what it is for, above it".to_owned());
    finding
}

/// An unsafe function or trait must say what its callers have to uphold.
fn without_safety(subject: &Subject<'_>, topic: &Topic) -> Option<Finding> {
    let doc = topic
        .doc
        .as_deref()
        .filter(|_| topic.duty == Duty::Unsafe)?;
    let said = markdown::headings(doc).any(|title| title.to_lowercase().starts_with("safety"));
    // The same said in prose is not as easy to find, but it is said.
    if said || doc.to_lowercase().contains("safety") {
        return None;
    }
    let mut finding = subject.finding(
        "missing-safety-section",
        Level::Warning,
        topic.range.clone(),
    );
    finding.item = Some(topic.path.clone());
    finding.title = format!(
        "unsafe {} `{}` does not say when it is safe",
        topic.sort.noun(),
        topic.path
    );
    finding.message =
        "Callers of unsafe code must uphold something that the compiler cannot check; \
                       the documentation does not say what."
            .to_owned();
    finding.suggestion = Some("List what callers must uphold under `# Safety`".to_owned());
    Some(finding)
}

/// Only for languages in which a file documents itself, and files with several things to explain.
fn without_module_docs(subject: &Subject<'_>, outline: &Outline) -> Option<Finding> {
    let own = matches!(subject.language, Language::Rust | Language::Python);
    let topics = outline.topics.iter();
    let public = topics.filter(|topic| topic.reach == Reach::Public);
    let public = public
        .filter(|topic| topic.sort.wants_documentation())
        .count();
    if !own || outline.doc.is_some() || public < MODULE_DOCS_FROM {
        return None;
    }
    let end = subject.line_text(1).len();
    let mut finding = subject.finding("missing-module-docs", Level::Note, 0..end);
    finding.item = None;
    finding.title = "The file does not say what it is".to_owned();
    finding.message = format!(
        "It offers {} to other files; what they have in common stands nowhere.",
        phrase::count(public, "public item")
    );
    finding.suggestion = Some(match subject.language {
        Language::Rust => "Begin the file with a sentence in `//!`".to_owned(),
        _ => "Begin the file with a docstring".to_owned(),
    });
    Some(finding)
}

fn summary(outline: &Outline, public: usize, documented: usize) -> String {
    let own = match &outline.doc {
        Some(doc) => markdown::first_sentence(doc),
        None => String::new(),
    };
    let space = if own.is_empty() { "" } else { " " };
    let covered = match (public, public - documented) {
        (0, _) => "Nothing in it is public.".to_owned(),
        (1, 0) => "Its one public item is documented.".to_owned(),
        (all, 0) => format!("All {all} public items are documented."),
        (1, _) => "Its one public item is not documented.".to_owned(),
        (all, _) => format!("{documented} of {all} public items are documented."),
    };
    format!("{own}{space}{covered}")
}

fn suggestions(missing: &[&Topic]) -> Vec<Suggestion> {
    let named = |topic: &&Topic| format!("`{}`", topic.path);
    let names: Vec<String> = missing.iter().take(8).map(named).collect();
    let more = missing.len() - names.len();
    let detail = match more {
        0 => format!("{}.", phrase::list(&names)),
        more => format!("{} and {more} more.", names.join(", ")),
    };
    let number = u32::try_from(missing.len()).unwrap_or(u32::MAX);
    let suggestion = (number > 0).then(|| Suggestion {
        title: format!("Document {}", phrase::count(missing.len(), "public item")),
        detail,
        effort_minutes: Some(number.saturating_mul(MINUTES_AN_ITEM)),
    });
    suggestion.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
//! Opens doors.

/// A door.
///
/// # Examples
/// ```
/// # hidden();
/// Door::new();
/// ```
#[derive(Clone)]
pub struct Door {
    /// How wide it is, in metres.
    pub width: u32,
    lock: Lock,
}

impl Door {
    /// Makes one.
    pub fn new() -> Self { todo() }
    pub unsafe fn kick(&self) {}
    /// Kicks it twice.
    pub unsafe fn kick_twice(&self) {}
    fn private(&self) {}
}

impl fmt::Display for Door {
    fn fmt(&self) {}
}

pub(crate) fn hinge() {}

#[cfg(test)]
mod tests {
    pub fn help() {}
}
";

    fn asked(text: &str) -> Analysis {
        answer(&Subject::parse(text.as_bytes(), Language::Rust).unwrap())
    }

    #[test]
    fn a_module_reads_like_documentation() {
        insta::assert_snapshot!(asked(TEXT).document.unwrap(), @r#"
        Opens doors.

        ## Structs

        ### `Door`

        ```rust
        pub struct Door {
            pub width: u32,
            /* private fields */
        }
        ```

        A door.

        #### Examples
        ```rust
        Door::new();
        ```

        Implements `Clone` and `Display`.

        **Fields**

        - `width`: How wide it is, in metres.

        #### `Door::new`

        ```rust
        pub fn new() -> Self
        ```

        Makes one.

        #### `Door::kick`

        ```rust
        pub unsafe fn kick(&self)
        ```

        #### `Door::kick_twice`

        ```rust
        pub unsafe fn kick_twice(&self)
        ```

        Kicks it twice.

        ## Inside the program

        Visible to other files of the same package, not to its users.

        - function `hinge`

        ## Not documented

        `Door::kick`.
        "#);
    }

    #[test]
    fn what_is_public_counts_and_nothing_else() {
        let analysis = asked(TEXT);
        let metric = |name: &str| analysis.metrics[name];
        assert_eq!(metric("public_items"), 4);
        assert_eq!(metric("documented_items"), 3);
        assert_eq!(metric("coverage_percent"), 75);
        assert_eq!(metric("examples"), 1);
        assert_eq!(
            analysis.summary,
            "Opens doors. 3 of 4 public items are documented."
        );
        let found: Vec<_> = analysis
            .findings
            .iter()
            .map(|f| (f.rule.as_str(), f.item.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("undocumented-item", Some("Door::kick")),
                ("missing-safety-section", Some("Door::kick_twice")),
            ]
        );
        assert_eq!(analysis.suggestions[0].effort_minutes, Some(5));
    }

    #[test]
    fn a_file_that_explains_nothing_about_itself_is_told_so_once_it_offers_much() {
        let rules = |text| {
            asked(text)
                .findings
                .into_iter()
                .map(|f| f.rule)
                .collect::<Vec<_>>()
        };
        let three = "/// a\npub fn a() {}\n/// b\npub fn b() {}\n/// c\npub fn c() {}\n";
        assert_eq!(rules(three), ["missing-module-docs"]);
        assert!(rules("/// a\npub fn a() {}\n").is_empty());
        assert!(rules(&format!("//! abc\n{three}")).is_empty());
    }

    #[test]
    fn a_program_and_a_file_for_tests_offer_nothing() {
        let public = |text: &str| asked(text).metrics["public_items"];
        assert_eq!(public("pub fn f() {}\nfn main() {}\n"), 0);
        assert_eq!(public("#![cfg(test)]\npub fn f() {}\n"), 0);
        assert_eq!(public("pub fn f() {}\n#[test]\nfn t() {}\n"), 1);
        assert_eq!(public("pub fn f() {}\n#[cfg(test)]\nmod tests {}\n"), 1);
    }

    #[test]
    fn a_module_may_document_itself_from_the_inside() {
        let analysis = asked("pub mod error {\n    //! What can go wrong.\n}\n");
        assert!(analysis.findings.is_empty());
        assert!(analysis.document.unwrap().contains("What can go wrong."));
    }

    #[test]
    fn things_in_a_macro_that_switches_them_on_are_documented_too() {
        let analysis = asked(
            "cfg_net! {\n    /// Opens it.\n    pub fn open() {}\n    pub fn close() {}\n}\n",
        );
        assert_eq!(analysis.metrics["public_items"], 2);
        let finding = &analysis.findings[0];
        assert_eq!((finding.start_line, finding.start_column), (4, 5));
    }

    #[test]
    fn a_macro_that_writes_what_stands_before_an_item_documents_it() {
        let analysis = asked(
            "macro_rules! doc {\n    ($choice:item) => {\n        /// Waits for a `$price`.\n        \
             #[macro_export]\n        $choice\n    };\n}\n#[cfg(doc)]\ndoc! {macro_rules! choose { () => {} }}\n\
             #[cfg(not(doc))]\ndoc! {macro_rules! choose { () => { g() } }}\nother! { macro_rules! own { () => {} } }\n",
        );
        assert_eq!(analysis.metrics["public_items"], 1);
        let document = analysis.document.unwrap();
        assert!(
            document.contains("### `choose`") && document.contains("Waits for a `$price`."),
            "{document}"
        );
        assert!(!document.contains("`own`"), "{document}");
    }

    #[test]
    fn tests_at_the_top_of_a_file_do_not_hide_what_it_offers() {
        let analysis =
            asked("//! C.\npub struct Config;\n#[test]\nfn t() {}\n#[test]\nfn u() {}\n");
        let document = analysis.document.unwrap();
        assert!(
            document.contains("### `Config`") && !document.contains("not to its users"),
            "{document}"
        );
    }
}
