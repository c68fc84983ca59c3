//! Errors that are caught, or handed over, and forgotten. Not where the code below is the answer to
//! the failure, where what failed was only tidying up, or where the author says why.
//!
//! Rust has `ignored-result` for this.

use std::ops::Range;
use std::sync::LazyLock;

use big_code_analysis::tree_sitter::Node;
use regex::Regex;

use super::Rule;
use super::case::{Case, Place, places_of};
use crate::model::{About, Finding, Kind, Language, Level};

pub const RULE: Rule = Rule {
    id: "swallowed-error",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Text,
    minutes: 10,
    help: "An error that nobody hears of",
    details: "An empty `catch`; in Python an `except:` or `except Exception:` that passes, or an \
              `except:` that does not raise again, which stops an interrupt as well; an empty \
              `.catch(() => {})`; in Go a write, rename, copy, commit or decoding whose error goes to \
              `_` or nowhere. Not where a comment says why or the caught name is `ignored` or the \
              like, not where the `try` returns or sets one value, so that what follows is the \
              answer, not around closing and removing, not in destructors, and not in tests.",
};

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let ranges = &case.seen.handlers;
    let places = places_of(case.subject.tree(), ranges).into_iter();
    let handlers = places.zip(ranges).filter_map(|(place, range)| {
        let title = handler(case, place?)?;
        Some(report(case, range, title))
    });
    let statements = case.seen.statements.iter();
    let statements = statements.filter_map(|range| {
        let place = statement(case, range)?;
        let title = match case.subject.language {
            Language::Go => format!("The error of `{}` is ignored", case.text(&place)),
            _ => "A failed promise is forgotten".to_owned(),
        };
        (!is_explained(case, range, &place)).then(|| report(case, &place, title))
    });
    handlers.chain(statements).collect()
}

fn report(case: &Case<'_>, range: &Range<usize>, title: String) -> Finding {
    let mut finding = case.on_range(&RULE, Level::Note, range);
    finding.title = title;
    finding.message = "If this fails, the program goes on as if it had not, and whoever looks for \
                       the reason later finds no trace of it."
        .to_owned();
    finding.suggestion = Some(
        "Handle it, hand it on or log it; if it does not matter, say in a comment why".to_owned(),
    );
    finding
}

/// What is wrong with a handler of errors, if anything.
fn handler(case: &Case<'_>, place: Place<'_>) -> Option<String> {
    let Place { node, parent, .. } = place;
    let range = node.byte_range();
    if case.is_test(range.start) || is_explained(case, &range, &range) {
        return None;
    }
    let attempt = parent.and_then(|parent| parent.child_by_field_name("body"));
    let answered = attempt.is_some_and(|attempt| is_answered(case, attempt));
    match case.subject.language {
        Language::Python => {
            let caught = case
                .text(&range)
                .strip_prefix("except")?
                .split(':')
                .next()?;
            let body = last_named(node)?;
            let empty = passes(body);
            let caught = caught.trim();
            let raises = || case.text(&body.byte_range()).contains("raise");
            match caught.split(" as ").next().unwrap_or_default() {
                "" if !empty && !raises() => Some("`except:` stops interrupts as well".to_owned()),
                "" | "Exception" | "BaseException" if empty && !answered => {
                    Some("Every error is caught and forgotten".to_owned())
                }
                _ => None,
            }
        }
        _ => {
            let body = node.child_by_field_name("body")?;
            let empty = body.named_child_count() == 0;
            let head = case.text(&(range.start..body.start_byte()));
            let meant = head
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| MEANT.contains(&word.to_lowercase().as_str()));
            let destructor = case
                .function_at(range.start)
                .is_some_and(|function| function.path.contains('~'));
            (empty && !meant && !answered && !destructor)
                .then(|| "An error is caught and forgotten".to_owned())
        }
    }
}

/// Names that say that an error is not wanted.
const MEANT: [&str; 8] = [
    "ignore",
    "ignored",
    "expected",
    "unused",
    "_",
    "__",
    "swallow",
    "swallowed",
];

fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let last = u32::try_from(node.named_child_count().checked_sub(1)?).ok()?;
    node.named_child(last)
}

/// `pass`, `...`, `continue`
fn passes(body: Node<'_>) -> bool {
    let only = body
        .named_child(0)
        .filter(|_| body.named_child_count() == 1);
    only.is_some_and(|only| {
        let ellipsis = only.kind() == "expression_statement"
            && only
                .named_child(0)
                .is_some_and(|inner| inner.kind() == "ellipsis");
        ellipsis || only.kind() == "pass_statement"
    })
}

/// Is what follows the answer to a failure of these statements, or did they only tidy up?
fn is_answered(case: &Case<'_>, attempt: Node<'_>) -> bool {
    let text = case.text(&attempt.byte_range());
    let mut cursor = attempt.walk();
    let statements: Vec<Node<'_>> = attempt
        .named_children(&mut cursor)
        .filter(|node| !node.kind().ends_with("comment"))
        .collect();
    let returns = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "return");
    let tidies = |node: &Node<'_>| TIDYING.is_match(case.text(&node.byte_range()));
    let sets = |node: &Node<'_>| {
        let inner = node.named_child(0).map_or("", |inner| inner.kind());
        node.kind().contains("declaration")
            || node.kind().starts_with("import")
            || inner.contains("assignment")
            || inner == "yield"
    };
    let only = statements.first().filter(|_| statements.len() == 1);
    returns || statements.iter().all(tidies) || only.is_some_and(sets)
}

/// Calls after which nothing is lost.
static TIDYING: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"(?i)(?:\b|[_.])(?:close|unlink|rm|rmdir|rmtree|remove|delete|destroy|kill|terminate|",
        r"disconnect|release|cancel|abort|stop|dispose|cleanup|clean_up|shutdown|quit|sleep|",
        r"wait|join|unsubscribe|detach|reset)\w*\s*\("
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// Does the author say something, in it or right above?
fn is_explained(case: &Case<'_>, range: &Range<usize>, place: &Range<usize>) -> bool {
    let first = case.subject.line(place.start);
    let last = case.subject.line(range.end);
    let comments = &case.seen.comments;
    let from = comments.partition_point(|comment| case.subject.line(comment.end) + 1 < first);
    comments
        .iter()
        .skip(from)
        .take_while(|comment| case.subject.line(comment.start) <= last)
        .any(|comment| {
            let line = case.subject.line(comment.end.saturating_sub(1));
            let alone = case
                .subject
                .line_text(line)
                .trim_start()
                .starts_with(['/', '#', '*']);
            line + 1 > first || alone
        })
}

/// The place in a statement where an error goes nowhere.
fn statement(case: &Case<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    if case.is_test(range.start) {
        return None;
    }
    let text = case.text(range);
    match case.subject.language {
        Language::Go => {
            let call = LOST.captures(text)?.get(1)?;
            let lost = !text.contains("Discard") && !text.contains("/dev/null");
            lost.then(|| range.start + call.start()..range.start + call.end())
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let mut tail = text.len().saturating_sub(TAIL);
            while !text.is_char_boundary(tail) {
                tail += 1;
            }
            let found = FORGOTTEN.find(text.get(tail..)?)?;
            Some(range.start + tail + found.start()..range.start + tail + found.end())
        }
        _ => None,
    }
}

/// The longest end of a statement that is looked at, in bytes.
const TAIL: usize = 120;

/// `.catch(() => {})` at the end of a statement.
static FORGOTTEN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"\.catch\(\s*(?:(?:async\s*)?(?:\(\s*\w*\s*\)|\w+)\s*=>\s*(?:\{\s*\}|undefined|null|void 0)",
        r"|function\s*\w*\s*\(\s*\w*\s*\)\s*\{\s*\})\s*,?\s*\)\s*;?$"
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// A call of Go whose failure loses something, alone or assigned to `_`.
static LOST: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"^(?:_(?:\s*,\s*_)?\s*=\s*)?",
        r"((?:os\.(?:WriteFile|Rename|Truncate|Link|Symlink)|ioutil\.WriteFile|io\.Copy(?:N|Buffer)?",
        r"|(?:json|xml|yaml|toml|proto|gob)\.Unmarshal|\w+\.Commit))\([^\n]*"
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::*;

    fn lines(language: Language, text: &str) -> Vec<u32> {
        let findings = found(check, text, language);
        findings.iter().map(|finding| finding.start_line).collect()
    }

    #[test]
    fn an_empty_handler_is_found_in_every_language_that_has_one() {
        let java =
            "class A {\n void f() {\n  try {\n   a();\n  } catch (Exception e) {\n  }\n }\n}\n";
        assert_eq!(lines(Language::Java, java), [5]);
        let script =
            "function f() {\n  try {\n    a();\n  } catch (e) {}\n  try { a() } catch {}\n}\n";
        for language in [Language::JavaScript, Language::TypeScript] {
            assert_eq!(lines(language, script), [4, 5], "{language}");
        }
        let cpp = "void f() {\n  try {\n    a();\n  } catch (...) {\n  }\n}\n";
        assert_eq!(lines(Language::Cpp, cpp), [4]);
        let python = "def f():\n  try:\n    a()\n  except:\n    pass\n  try:\n    a()\n  except Exception as e:\n    pass\n  try:\n    a()\n  except:\n    b()\n";
        assert_eq!(lines(Language::Python, python), [4, 8, 12]);
    }

    #[test]
    fn what_the_author_speaks_of_or_the_code_answers_is_left_alone() {
        let java = [
            "try { a(); } catch (Exception e) { /* b does it */ }",
            "try { a(); } catch (Exception ignored) { }",
            "try { a(); } catch (Exception e) { log(e); }",
            "try { in.close(); } catch (IOException e) { }",
            "try { return a(); } catch (Exception e) { } return b();",
        ];
        for text in java {
            let text = format!("class A {{\n void f() {{\n {text}\n }}\n}}\n");
            assert!(lines(Language::Java, &text).is_empty(), "{text}");
        }
        let script = [
            "try { x = require('y'); } catch (e) {}",
            "try { fs.unlinkSync(p); } catch {}",
            "try { a(); } catch (e) {\n // gone\n }",
            "try { a(); } catch (_) {}",
        ];
        for text in script {
            assert!(lines(Language::JavaScript, text).is_empty(), "{text}");
        }
        let python = [
            "try:\n  a()\nexcept KeyError:\n  pass\n",
            "try:\n  a()\nexcept:  # b does it\n  pass\n",
            "try:\n  a()\nexcept:\n  b()\n  raise\n",
            "try:\n  a()\nexcept Exception:\n  log()\n",
            "try:\n  import a\nexcept Exception:\n  pass\n",
        ];
        for text in python {
            assert!(lines(Language::Python, text).is_empty(), "{text}");
        }
        let cpp = "A::~A() {\n try { a(); } catch (...) {}\n}\n";
        assert!(lines(Language::Cpp, cpp).is_empty());
    }

    #[test]
    fn a_promise_that_nobody_hears_of_is_found() {
        for text in [
            "load().catch(() => {});",
            "await a.b(c).catch(function () {});",
            "load().then(f).catch((e) => {});",
            "load().catch(e => undefined)",
        ] {
            let text = format!("async function f() {{\n  {text}\n}}\n");
            assert_eq!(lines(Language::JavaScript, &text), [2], "{text}");
        }
        for text in [
            "load().catch(() => { log(); });",
            "load().catch(() => {}); // the page is gone",
            "const a = await load().catch(() => null);",
            "load().catch(log);",
        ] {
            let text = format!("async function f() {{\n  {text}\n}}\n");
            assert!(lines(Language::JavaScript, &text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_write_of_go_that_nobody_checks_is_found() {
        let inside = |text: &str| format!("package p\nfunc f() {{\n\t{text}\n}}\n");
        for text in [
            "os.Rename(a, b)",
            "_ = os.WriteFile(p, b, 0o600)",
            "_, _ = io.Copy(f, r)",
            "json.Unmarshal(b, &v)",
            "tx.Commit()",
        ] {
            assert_eq!(lines(Language::Go, &inside(text)), [3], "{text}");
        }
        for text in [
            "err := os.Rename(a, b)",
            "if err := tx.Commit(); err != nil { return }",
            "defer f.Close()",
            "_ = f.Close()",
            "os.Remove(p)",
            "io.Copy(io.Discard, r)",
            "_ = os.Rename(a, b) // best effort",
            "// It may be there already.\n\t_ = os.Rename(a, b)",
        ] {
            assert!(lines(Language::Go, &inside(text)).is_empty(), "{text}");
        }
    }
}
