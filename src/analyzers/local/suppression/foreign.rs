//! What authors have told other tools not to report: Rust's `allow` and `expect`, `noqa`, `nolint`,
//! `eslint-disable`, `@SuppressWarnings`, `NOLINT` and their like. Whoever has decided on a concern need
//! not be told of it again. Which of our rules such a name concerns stands in `concerns`.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use big_code_analysis::tree_sitter::Node;

use super::concerns;
use super::{Suppression, covered, next_code};
use crate::analyzers::local::sightings::Function;
use crate::analyzers::local::subject::Subject;
use crate::model::Language;

/// Every place where the text asks another tool to be silent.
pub fn all(subject: &Subject<'_>) -> Vec<Suppression> {
    let reader = Reader { subject };
    let mut all = match subject.language {
        Language::Rust => reader.attributes(),
        Language::Java => reader.annotations(),
        _ => Vec::new(),
    };
    let marks = marks(subject.language);
    if marks.iter().any(|mark| subject.text.contains(mark)) {
        all.extend(reader.comments());
    }
    all
}

/// Without one of these, no comment of a text is worth reading.
const fn marks(language: Language) -> &'static [&'static str] {
    match language {
        Language::Rust => &[],
        Language::Python => &["noqa", "pylint:"],
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            &["eslint-disable", "biome-ignore"]
        }
        Language::Go => &["nolint", "lint:ignore", "lint:file-ignore"],
        Language::Java => &["NOSONAR", "NOPMD"],
        Language::C | Language::Cpp => &["NOLINT"],
    }
}

/// What a comment silences.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order<'a> {
    reach: Reach,
    /// Empty where it is everything.
    names: Vec<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Its line; standing alone, what is below it.
    Here,
    /// Its line and nothing else.
    Line,
    /// What begins below it.
    Next,
    /// From here on to the end of what it stands in.
    Rest,
    File,
    /// From here on to an order of [`Reach::End`].
    Begin,
    End,
}

struct Reader<'a> {
    subject: &'a Subject<'a>,
}

impl Reader<'_> {
    fn comments(&self) -> Vec<Suppression> {
        let subject = self.subject;
        let mut all: Vec<Suppression> = Vec::new();
        // Those that go on to the end of the file if nothing ends them.
        let mut open: Vec<usize> = Vec::new();
        for comment in &subject.sightings().comments {
            let text = subject.text.get(comment.clone()).unwrap_or_default();
            let Some(order) = order(subject.language, text.trim_end()) else {
                continue;
            };
            let line = subject.line(comment.start);
            let alone = subject.line_range(line).start == comment.start;
            let last = self.subject.line(subject.text.len());
            let below = || next_code(subject, comment.end);
            let item = || {
                below()
                    .map_or(line, |code| covered(subject, code))
                    .max(line)
            };
            let lines = match order.reach {
                Reach::Here if alone => line..=item(),
                Reach::Here | Reach::Line => line..=self.of_function(line),
                Reach::Next => line..=item(),
                Reach::Rest if alone => line..=self.around(comment.start),
                Reach::Rest => line..=self.of_function(line),
                Reach::File => 1..=last,
                Reach::Begin => {
                    open.push(all.len());
                    line..=last
                }
                Reach::End => {
                    for at in open.drain(..) {
                        if let Some(begun) = all.get_mut(at) {
                            begun.lines = *begun.lines.start()..=line;
                        }
                    }
                    continue;
                }
            };
            all.push(suppression(&order.names, lines));
        }
        all
    }

    /// The last line of a function that begins on a line, else that line.
    fn of_function(&self, line: usize) -> usize {
        let functions = &self.subject.sightings().functions;
        let begins = |function: &Function| self.subject.line(function.range.start);
        let at = functions.partition_point(|function| begins(function) < line);
        let function = functions
            .get(at)
            .filter(|function| begins(function) == line);
        function.map_or(line, |function| self.subject.line(function.range.end))
    }

    /// The last line of the function that a byte lies in, else of the file.
    fn around(&self, byte: usize) -> usize {
        let seen = self.subject.sightings();
        let function = seen.function_at(byte).and_then(|at| seen.functions.get(at));
        let end = function.map_or(self.subject.text.len(), |function| function.range.end);
        self.subject.line(end)
    }

    /// `#[allow(a, b::c, reason = "…")]`, `#![expect(…)]`, `#[cfg_attr(x, allow(…))]`.
    fn attributes(&self) -> Vec<Suppression> {
        let (subject, seen) = (self.subject, self.subject.sightings());
        let read = |range: &std::ops::Range<usize>| {
            let text = subject.text.get(range.clone()).unwrap_or_default();
            let names = lints(text);
            let lines = if text.starts_with("#!") {
                self.enclosing(range.start)
            } else {
                let code = next_code(subject, range.end)?;
                subject.line(range.start)..=self.extent(code).max(covered(subject, code))
            };
            (!names.is_empty()).then(|| suppression(&names, lines))
        };
        seen.attributes
            .iter()
            .chain(&seen.inner_attributes)
            .filter_map(read)
            .collect()
    }

    /// The lines of the block or file that an inner attribute stands in.
    fn enclosing(&self, byte: usize) -> RangeInclusive<usize> {
        let root = self.subject.structure().as_tree_sitter().root_node();
        let node = root.descendant_for_byte_range(byte, byte + 1);
        let above = std::iter::successors(node, Node::parent);
        let mut above = above.skip_while(|node| node.kind() != "inner_attribute_item");
        match above.nth(1).filter(|around| around.parent().is_some()) {
            Some(around) => {
                self.subject.line(around.start_byte())..=self.subject.line(around.end_byte())
            }
            None => 1..=self.subject.line(self.subject.text.len()),
        }
    }

    /// The last line of the largest piece of syntax that begins at a byte, the file aside.
    fn extent(&self, byte: usize) -> usize {
        let root = self.subject.structure().as_tree_sitter().root_node();
        let node = root.descendant_for_byte_range(byte, byte + 1);
        let above = std::iter::successors(node, Node::parent);
        let begins = above.take_while(|node| node.start_byte() == byte && node.parent().is_some());
        begins.last().map_or(self.subject.line(byte), |node| {
            self.subject.line(node.end_byte())
        })
    }

    /// `@SuppressWarnings({"a", "b"})` on a declaration.
    fn annotations(&self) -> Vec<Suppression> {
        let root = self.subject.tree().root_node();
        let places = self.subject.text.match_indices("@SuppressWarnings");
        let read = |(at, _)| {
            let node = root.descendant_for_byte_range(at, at + 1);
            let mut above = std::iter::successors(node, Node::parent);
            let annotation = above.find(|node| node.kind() == "annotation")?;
            let declaration = annotation.parent()?.parent()?;
            let text = self.subject.source(annotation);
            let names: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
            let lines = self.subject.line(declaration.start_byte())
                ..=self.subject.line(declaration.end_byte());
            (!names.is_empty()).then(|| suppression(&names, lines))
        };
        places.filter_map(read).collect()
    }
}

fn suppression(names: &[&str], lines: RangeInclusive<usize>) -> Suppression {
    let rules: BTreeSet<String> = match names {
        [] => concerns::all().map(str::to_owned).collect(),
        names => {
            let rules = names.iter().flat_map(|name| concerns::of(name));
            rules.map(str::to_owned).collect()
        }
    };
    Suppression {
        rules,
        has_reason: true,
        lines,
        start: 0,
        end: 0,
        speaks_to: super::SpeaksTo::Others,
    }
}

/// The lints that an attribute allows or expects.
fn lints(attribute: &str) -> Vec<&str> {
    let lists = ["allow(", "expect("].iter().flat_map(|word| {
        let places = attribute.match_indices(word);
        places.filter_map(|(at, _)| {
            let before = attribute.get(..at)?;
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let list = attribute.get(at + word.len()..)?.split(')').next()?;
            whole.then_some(list)
        })
    });
    let names = lists.flat_map(|list| list.split(','));
    let names = names.map(str::trim);
    names
        .filter(|name| !name.is_empty() && !name.contains('='))
        .collect()
}

/// What a comment asks for, if it speaks to a tool.
fn order(language: Language, comment: &str) -> Option<Order<'_>> {
    let text = comment.trim_start_matches(['/', '*', '#', '!']);
    let text = text.strip_suffix("*/").unwrap_or(text).trim();
    match language {
        Language::Rust => None,
        Language::Python => python(comment, text),
        Language::JavaScript | Language::TypeScript | Language::Tsx => script(text),
        Language::Go => go(text),
        Language::Java => {
            let known = ["NOSONAR", "NOPMD"]
                .iter()
                .any(|mark| text.starts_with(mark));
            known.then_some(Order {
                reach: Reach::Line,
                names: Vec::new(),
            })
        }
        Language::C | Language::Cpp => c_family(text),
    }
}

/// `# noqa`, `# noqa: C901`, behind other comments too; `# ruff: noqa: C901` for the file; `# pylint:
/// disable=too-many-arguments`.
fn python<'a>(comment: &'a str, text: &'a str) -> Option<Order<'a>> {
    if let Some(rest) = text.strip_prefix("pylint:") {
        let (word, names) = rest.trim().split_once('=')?;
        let reach = match word.trim() {
            "disable" => Reach::Rest,
            "disable-next" => Reach::Next,
            "skip-file" => Reach::File,
            _ => return None,
        };
        return Some(Order {
            reach,
            names: listed(names),
        });
    }
    let at = comment.to_ascii_lowercase().rfind("noqa")?;
    let before = comment.get(..at)?.trim_end();
    let reach = match before {
        _ if before.ends_with("ruff:") || before.ends_with("flake8:") => Reach::File,
        _ if before.ends_with('#') => Reach::Line,
        _ => return None,
    };
    let rest = comment.get(at + "noqa".len()..)?;
    let names = match rest.strip_prefix(':') {
        Some(codes) => {
            let codes = codes.split(|c: char| c == ',' || c.is_whitespace());
            let is_code = |code: &&str| {
                code.starts_with(|c: char| c.is_ascii_uppercase())
                    && code.ends_with(|c: char| c.is_ascii_digit())
            };
            let codes = codes.filter(|code| !code.is_empty());
            codes.take_while(is_code).collect()
        }
        None if rest.starts_with(|c: char| c.is_alphanumeric()) => return None,
        None => Vec::new(),
    };
    Some(Order { reach, names })
}

/// `eslint-disable-next-line max-params, complexity -- why`, `biome-ignore lint/a/b: why`.
fn script(text: &str) -> Option<Order<'_>> {
    if let Some(rest) = text.strip_prefix("biome-ignore ") {
        let name = rest.split([':', ' ']).next()?;
        return Some(Order {
            reach: Reach::Next,
            names: vec![name],
        });
    }
    let (word, rest) = match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.split("--").next().unwrap_or_default()),
        None => (text, ""),
    };
    let reach = match word {
        "eslint-disable-next-line" => Reach::Next,
        "eslint-disable-line" => Reach::Line,
        "eslint-disable" => Reach::Begin,
        "eslint-enable" => Reach::End,
        _ => return None,
    };
    Some(Order {
        reach,
        names: listed(rest),
    })
}

/// `nolint:funlen,gocyclo // why`, `lint:ignore U1000 why`.
fn go(text: &str) -> Option<Order<'_>> {
    if let Some(rest) = text.strip_prefix("nolint") {
        let names = match rest.strip_prefix(':') {
            Some(names) => listed(names.split("//").next()?.split(' ').next()?),
            None if rest.is_empty() || rest.starts_with([' ', '/']) => Vec::new(),
            None => return None,
        };
        let names = if names.contains(&"all") {
            Vec::new()
        } else {
            names
        };
        return Some(Order {
            reach: Reach::Here,
            names,
        });
    }
    let file = text.strip_prefix("lint:file-ignore ");
    let rest = file.or_else(|| text.strip_prefix("lint:ignore "))?;
    Some(Order {
        reach: if file.is_some() {
            Reach::File
        } else {
            Reach::Here
        },
        names: listed(rest.split(' ').next()?),
    })
}

/// `NOLINT`, `NOLINTNEXTLINE(readability-function-size)`, `NOLINTBEGIN(…)`.
fn c_family(text: &str) -> Option<Order<'_>> {
    let rest = text.get(text.find("NOLINT")? + "NOLINT".len()..)?;
    let word = rest.split(|c: char| !c.is_ascii_uppercase()).next()?;
    let reach = match word {
        "" => Reach::Line,
        "NEXTLINE" => Reach::Next,
        "BEGIN" => Reach::Begin,
        "END" => Reach::End,
        _ => return None,
    };
    let list = rest.get(word.len()..)?.strip_prefix('(');
    let names = list.and_then(|list| list.split(')').next());
    let names = names.map(listed).unwrap_or_default();
    Some(Order {
        reach,
        names: names.into_iter().filter(|name| *name != "*").collect(),
    })
}

fn listed(names: &str) -> Vec<&str> {
    let names = names.split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::suppression::silence_by;
    use crate::model::{Analysis, Level};

    /// The lines on which a rule is still told, of one finding on each line.
    fn left(language: Language, text: &str, rule: &str) -> Vec<u32> {
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let lines = 1..=text.lines().count();
        let one = |line| subject.finding(rule, Level::Note, subject.line_range(line));
        let mut analysis = Analysis {
            findings: lines.map(one).collect(),
            ..Analysis::default()
        };
        silence_by(&super::super::all(&subject), &mut analysis);
        analysis.findings.iter().map(|f| f.start_line).collect()
    }

    #[test]
    fn what_the_author_allowed_is_silent() {
        use Language::{C, Cpp, Go, Java, JavaScript, Python, Rust, TypeScript};
        let texts = [
            (
                Rust,
                "long-parameter-list",
                "#[allow(clippy::too_many_arguments)]\nfn f() {\n}\nfn g() {}\n",
                &[4][..],
            ),
            (
                Rust,
                "dead-code",
                "mod a {\n#![allow(dead_code)]\nfn f() {}\n}\nfn g() {}\n",
                &[5],
            ),
            (
                Rust,
                "undocumented-item",
                "#![cfg_attr(a, allow(missing_docs))]\nfn f() {}\n",
                &[],
            ),
            (
                Rust,
                "unsafe-unwrap",
                "fn f() {\n#[expect(clippy::unwrap_used, reason = \"a, b\")]\nlet a =\n b.unwrap();\nc();\n}\n",
                &[1, 5, 6],
            ),
            (
                Rust,
                "long-function",
                "#[allow(clippy::too_many_arguments)]\nfn f() {}\n",
                &[1, 2],
            ),
            (
                Python,
                "cognitive-complexity",
                "def f():  # noqa: C901 why\n  pass\ndef g():  # noqa:E501\n  pass\n",
                &[3, 4],
            ),
            (
                Python,
                "long-parameter-list",
                "x = 1  # type: ignore # noqa\ny = 1  # no noqa\n",
                &[2],
            ),
            (
                Python,
                "long-function",
                "def f():\n  # pylint: disable=too-many-statements,a\n  x\ny\n",
                &[1, 4],
            ),
            (
                Python,
                "cyclomatic-complexity",
                "# ruff: noqa: C901, E501\ndef f(): pass\n",
                &[],
            ),
            (
                JavaScript,
                "long-parameter-list",
                "// eslint-disable-next-line max-params -- why, ever\nfunction f() {\n}\na\n",
                &[4],
            ),
            (
                TypeScript,
                "cyclomatic-complexity",
                "/* eslint-disable complexity */\na\n/* eslint-enable complexity */\nb\n",
                &[4],
            ),
            (
                JavaScript,
                "long-function",
                "a // eslint-disable-line\nb // eslint-disable-line max-depth\n",
                &[2],
            ),
            (
                Go,
                "long-function",
                "package p\n//nolint:funlen,gocyclo // why\nfunc f() {\n}\nfunc g() { //nolint\n}\nfunc h() {} //nolint:lll\n",
                &[1, 7],
            ),
            (
                Java,
                "long-parameter-list",
                "class A {\n  @SuppressWarnings({\"unchecked\", \"java:S107\"})\n  void f() {\n  }\n  @SuppressWarnings(\"unchecked\") void g() {}\n}\n",
                &[1, 5, 6],
            ),
            (
                Java,
                "complex-conditional",
                "class A {\n int a; // NOSONAR why\n int b;\n}\n",
                &[1, 3, 4],
            ),
            (
                Cpp,
                "cognitive-complexity",
                "// NOLINTNEXTLINE(readability-function-cognitive-complexity)\nvoid f() {\n}\nvoid g() {} // NOLINT(bugprone-x)\n",
                &[4],
            ),
            (
                C,
                "long-function",
                "void f() { // NOLINT\n}\n/* NOLINTBEGIN(*) */\nint a;\n/* NOLINTEND(*) */\nint b;\n",
                &[6],
            ),
        ];
        for (language, rule, text, lines) in texts {
            assert_eq!(left(language, text, rule), lines, "{language}: {text}");
        }
    }

    #[test]
    fn who_speaks_of_other_things_or_in_strings_silences_nothing() {
        use Language::{Go, JavaScript, Python, Rust};
        let texts = [
            (Rust, "dead-code", "#[allow(deprecated)]\nfn f() {}\n"),
            (Rust, "dead-code", "fn f() { a(\"#[allow(dead_code)]\") }\n"),
            (Python, "long-function", "a = '# noqa'\n"),
            (JavaScript, "long-function", "// see eslint-disable\na\n"),
            (Go, "long-function", "package p\n//nolinting is bad\n"),
            (Python, "todo", "# TODO: a  # noqa\n"),
        ];
        for (language, rule, text) in texts {
            let lines: Vec<u32> = (1..).take(text.lines().count()).collect();
            assert_eq!(left(language, text, rule), lines, "{language}: {text}");
        }
    }
}
