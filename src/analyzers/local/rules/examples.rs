//! For each rule a text in which it reports something, and one in which it does not: for people who ask
//! what a rule means. A test holds them to it.

use crate::model::Language;

/// Two texts about one rule.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    pub rule: &'static str,
    /// Of both texts.
    pub language: Language,
    /// It reports something here.
    pub bad: &'static str,
    /// And nothing here.
    pub good: &'static str,
}

/// The example of a rule; `None` for those about sizes, which no short text shows.
pub fn example_of(rule: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.rule == rule)
}

const EXAMPLES: &[Example] = &[
    Example {
        rule: "todo-without-issue",
        language: Language::Rust,
        bad: "// TODO: read it in pieces\npub fn f() {}\n",
        good: "// TODO(#123): read it in pieces\npub fn f() {}\n",
    },
    Example {
        rule: "complex-conditional",
        language: Language::Rust,
        bad: "pub fn f(a: bool, b: bool) -> bool {\n    \
              if a && b || !a && !b || a && g() { true } else { false }\n}\n",
        good: "pub fn f(a: bool, b: bool) -> bool {\n    \
               let same = a == b;\n    if same || g() { true } else { false }\n}\n",
    },
    Example {
        rule: "dead-code",
        language: Language::Rust,
        bad: "pub fn f() {}\n\nfn unused() {}\n",
        good: "pub fn f() {\n    used();\n}\n\nfn used() {}\n",
    },
    Example {
        rule: "ignored-result",
        language: Language::Rust,
        bad: "pub fn save(text: &str) {\n    let _ = std::fs::write(\"a.txt\", text);\n}\n",
        good: "pub fn save(text: &str) -> std::io::Result<()> {\n    \
               std::fs::write(\"a.txt\", text)\n}\n",
    },
    Example {
        rule: "swallowed-error",
        language: Language::Python,
        bad: "def save(path, text):\n    try:\n        send(path, text)\n        count(path)\n    \
              except Exception:\n        pass\n",
        good: "def save(path, text):\n    try:\n        send(path, text)\n        count(path)\n    \
               except Exception as error:\n        log(error)\n",
    },
    Example {
        rule: "long-parameter-list",
        language: Language::Rust,
        bad: "pub fn draw(x: u8, y: u8, w: u8, h: u8, r: u8, g: u8, b: u8, a: u8) {}\n",
        good: "pub fn draw(place: Rect, color: Color) {}\n",
    },
    Example {
        rule: "primitive-obsession",
        language: Language::Rust,
        bad: "pub fn copy(force: bool, deep: bool, follow: bool) {}\n",
        good: "pub fn copy(options: Options) {}\n",
    },
    Example {
        rule: "unsafe-unwrap",
        language: Language::Rust,
        bad: "pub fn load(path: &str) -> String {\n    \
              std::fs::read_to_string(path).unwrap()\n}\n",
        good: "pub fn load(path: &str) -> std::io::Result<String> {\n    \
               std::fs::read_to_string(path)\n}\n",
    },
    Example {
        rule: "suppression-without-reason",
        language: Language::Rust,
        bad: "// rustassistant: ignore[dead-code]\nfn f() {}\n",
        good: "// rustassistant: ignore[dead-code] called from assembly\nfn f() {}\n",
    },
    Example {
        rule: "unknown-suppression",
        language: Language::Rust,
        bad: "// rustassistant: ignore[dead-kode] called from assembly\nfn f() {}\n",
        good: "// rustassistant: ignore[dead-code] called from assembly\nfn f() {}\n",
    },
    Example {
        rule: "todo",
        language: Language::Rust,
        bad: "// TODO(ana): read the port from the environment\nfn f() {}\n",
        good: "// The port is fixed: every client has it built in.\nfn f() {}\n",
    },
    Example {
        rule: "fixme",
        language: Language::Rust,
        bad: "// FIXME: loses the last line\nfn f() {}\n",
        good: "// Keeps the last line, with or without its end.\nfn f() {}\n",
    },
    Example {
        rule: "hack",
        language: Language::Rust,
        bad: "// HACK: waits until the server is up\nfn f() {}\n",
        good: "// The server says when it is up.\nfn f() {}\n",
    },
    Example {
        rule: "xxx",
        language: Language::Rust,
        bad: "// XXX: can this be negative?\nfn f() {}\n",
        good: "// Never negative: it is a count.\nfn f() {}\n",
    },
    Example {
        rule: "todo-macro",
        language: Language::Rust,
        bad: "pub fn f() {\n    todo!()\n}\n",
        good: "pub fn f() {\n    g()\n}\n",
    },
    Example {
        rule: "unimplemented-macro",
        language: Language::Rust,
        bad: "pub fn f() {\n    unimplemented!()\n}\n",
        good: "pub fn f() {\n    g()\n}\n",
    },
    Example {
        rule: "undocumented-item",
        language: Language::Rust,
        bad: "pub fn f() {}\n",
        good: "/// Does what the specification calls F.\npub fn f() {}\n",
    },
    Example {
        rule: "missing-safety-section",
        language: Language::Rust,
        bad: "/// Reads a byte.\npub unsafe fn read(at: *const u8) -> u8 {\n    \
              // SAFETY: the caller says so.\n    unsafe { *at }\n}\n",
        good: "/// Reads a byte.\n///\n/// # Safety\n///\n/// `at` points to one.\n\
               pub unsafe fn read(at: *const u8) -> u8 {\n    \
               // SAFETY: the caller says so.\n    unsafe { *at }\n}\n",
    },
    Example {
        rule: "unsafe-without-safety-comment",
        language: Language::Rust,
        bad: "pub fn first(bytes: &[u8]) -> u8 {\n    unsafe { *bytes.as_ptr() }\n}\n",
        good: "pub fn first(bytes: &[u8]) -> u8 {\n    assert!(!bytes.is_empty());\n    \
               // SAFETY: there is one.\n    unsafe { *bytes.as_ptr() }\n}\n",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::RULES;
    use crate::analyzers::{Local, Source, Thresholds};
    use crate::model::Kind;

    #[test]
    fn each_example_is_reported_where_it_says_so_and_not_where_it_does_not() {
        for Example {
            rule,
            language,
            bad,
            good,
        } in EXAMPLES
        {
            let known = RULES.iter().find(|known| known.id == *rule);
            let known = known.unwrap_or_else(|| panic!("no rule {rule}"));
            let reports = |text: &str| {
                let source = Source {
                    text: text.as_bytes(),
                    language: *language,
                };
                let mut thresholds = Thresholds::default();
                thresholds.set("todoNeedsIssue", 1);
                let answers = Local::new(thresholds)
                    .analyze(source, &Kind::BUILT_IN)
                    .unwrap();
                let mut findings = answers.iter().flat_map(|answer| &answer.findings);
                findings.any(|finding| finding.rule == known.id)
            };
            assert!(reports(bad), "{rule} says nothing of:\n{bad}");
            assert!(!reports(good), "{rule} reports:\n{good}");
        }
    }
}
