//! C and C++ as their parser can read them: without running the preprocessor, whose input is not in
//! the file, what would lead the parser astray is blanked. Every byte stays where it was, and
//! whoever reports reads the text as it was written.
//!
//! Blanked are the other branches of an `#if` that splits a brace or a bracket, and words that only
//! a macro gives a meaning: `class API Store {`, `CURL_EXTERN int f(void);`. A macro that begins a
//! function, `DEFINE(a, b) {`, is written as one.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// The text to be parsed.
pub fn readable(text: &str) -> Cow<'_, str> {
    let lines = lines(text);
    let mut changes: Vec<Change> = conditionals(&lines)
        .into_iter()
        .map(Change::Blank)
        .collect();
    changes.extend(macros(text, &lines));
    if changes.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        change.apply(&mut bytes);
    }
    // Whole characters are blanked: what is left is text.
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

enum Change {
    Blank(Range<usize>),
    /// A macro's name, which becomes a type and a shorter name, and its arguments.
    Function(Range<usize>, Range<usize>),
}

impl Change {
    fn apply(self, bytes: &mut [u8]) {
        let blank = |bytes: &mut [u8]| {
            for byte in bytes
                .iter_mut()
                .filter(|byte| !matches!(byte, b'\n' | b'\r'))
            {
                *byte = b' ';
            }
        };
        match self {
            Self::Blank(range) => {
                if let Some(bytes) = bytes.get_mut(range) {
                    blank(bytes);
                }
            }
            Self::Function(name, arguments) => {
                let of_type = name.start..name.start + TYPE.len();
                if let Some(bytes) = bytes.get_mut(of_type) {
                    bytes.copy_from_slice(TYPE);
                }
                if let Some(bytes) = bytes.get_mut(arguments) {
                    blank(bytes);
                }
            }
        }
    }
}

const TYPE: &[u8] = b"int ";

/// A line as the preprocessor sees it.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub start: usize,
    /// Without its end.
    pub text: &'a str,
    /// Of the code on it: no comments, strings and directives.
    braces: i64,
    brackets: i64,
    /// The last byte of the code on it.
    last: Option<u8>,
    /// `ifdef`, `else`, `define`; empty for code.
    pub directive: &'a str,
    /// It begins in a comment, or goes on with the directive above.
    pub goes_on: bool,
    /// The parts that are comments.
    comments: Vec<Range<usize>>,
}

/// Reads a text line by line: as much of its tokens as it takes to know what is code.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut lines, mut start) = (Vec::new(), 0);
    let (mut in_comment, mut directed) = (false, false);
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        let bare = line.trim_start();
        let begins = !in_comment && !directed && bare.starts_with('#');
        let directive = if begins {
            let word = bare.trim_start_matches('#').trim_start();
            let end = word.find(|c: char| !c.is_ascii_alphabetic());
            word.get(..end.unwrap_or(word.len())).unwrap_or_default()
        } else {
            ""
        };
        let mut seen = Line {
            start,
            text: line,
            braces: 0,
            brackets: 0,
            last: None,
            directive,
            goes_on: in_comment || directed,
            comments: Vec::new(),
        };
        let is_code = !begins && !directed;
        in_comment = seen.read(in_comment, is_code);
        directed = (begins || directed) && line.ends_with('\\');
        lines.push(seen);
        start += whole.len();
    }
    lines
}

impl Line<'_> {
    /// Is it code from its beginning?
    pub fn is_code(&self) -> bool {
        self.directive.is_empty() && !self.goes_on
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Counts its brackets; says whether a comment goes on below.
    fn read(&mut self, begins_in_comment: bool, is_code: bool) -> bool {
        let bytes = self.text.as_bytes();
        let mut comment = begins_in_comment.then_some(0);
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1);
            if let Some(from) = comment {
                if byte == b'*' && next == Some(&b'/') {
                    self.comments.push(self.start + from..self.start + at + 2);
                    comment = None;
                    at += 1;
                }
                at += 1;
                continue;
            }
            if is_code && !byte.is_ascii_whitespace() && byte != b'/' {
                self.last = Some(byte);
            }
            match byte {
                b'/' if next == Some(&b'*') => {
                    comment = Some(at);
                    at += 1;
                }
                b'/' if next == Some(&b'/') => {
                    self.comments
                        .push(self.start + at..self.start + bytes.len());
                    return false;
                }
                b'"' | b'\'' => at = end_of_literal(bytes, at),
                b'{' if is_code => self.braces += 1,
                b'}' if is_code => self.braces -= 1,
                b'(' if is_code => self.brackets += 1,
                b')' if is_code => self.brackets -= 1,
                _ => {}
            }
            at += 1;
        }
        if let Some(from) = comment {
            self.comments
                .push(self.start + from..self.start + bytes.len());
        }
        comment.is_some()
    }
}

/// The last byte of a string or character that begins at a byte, or of the line.
fn end_of_literal(bytes: &[u8], begin: usize) -> usize {
    let quote = bytes.get(begin).copied();
    // `1'000` is a number.
    let digit = begin.checked_sub(1).and_then(|at| bytes.get(at));
    if quote == Some(b'\'') && digit.is_some_and(u8::is_ascii_alphanumeric) {
        return begin;
    }
    let mut at = begin + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            byte if Some(byte) == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// An `#if` that is open.
struct Group {
    /// The lines of its directives.
    directives: Vec<usize>,
    before: Depth,
    standing: Standing,
    /// How deep each of its branches ends.
    ends: Vec<Depth>,
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Depth {
    braces: i64,
    brackets: i64,
}

/// Where an `#if` stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Between,
    /// In a declaration or an expression that goes on.
    Within,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// `#if 0`, `#ifdef __cplusplus` around a lone `extern "C" {`.
    False,
    Unknown,
}

/// What to blank of the conditionals that split what belongs together.
fn conditionals(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut blanks = Vec::new();
    let mut open: Vec<Group> = Vec::new();
    let mut depth = Depth {
        braces: 0,
        brackets: 0,
    };
    let mut last = None;
    for (at, line) in lines.iter().enumerate() {
        match line.directive {
            "if" | "ifdef" | "ifndef" => open.push(Group {
                directives: vec![at],
                before: depth,
                standing: standing(last),
                ends: Vec::new(),
                condition: condition(line.text),
            }),
            "else" | "elif" | "elifdef" | "elifndef" => {
                if let Some(group) = open.last_mut() {
                    group.directives.push(at);
                    group.ends.push(depth);
                    depth = group.before;
                }
            }
            "endif" => {
                if let Some(mut group) = open.pop() {
                    group.directives.push(at);
                    group.ends.push(depth);
                    depth = group.close(lines, &mut blanks);
                }
            }
            _ => {
                depth.braces += line.braces;
                depth.brackets = (depth.brackets + line.brackets).max(0);
                last = line.last.map(|byte| (byte, line.text.trim())).or(last);
                if line.braces != 0 && line.text.starts_with('}') {
                    depth.brackets = 0;
                }
            }
        }
    }
    blanks
}

/// By the last byte of code above and the line that it stands on.
fn standing(last: Option<(u8, &str)>) -> Standing {
    match last {
        Some((b':', ":")) => Standing::Within,
        Some((b'{', line)) if line.ends_with("= {") => Standing::Within,
        None | Some((b';' | b'{' | b'}' | b':' | b'>', _)) => Standing::Between,
        Some((b')' | b',', line)) if line.starts_with(|c: char| c.is_ascii_uppercase()) => {
            Standing::Between
        }
        Some((byte, _)) if byte.is_ascii_uppercase() => Standing::Between,
        Some(_) => Standing::Within,
    }
}

fn condition(directive: &str) -> Condition {
    let words = directive.trim_start_matches(['#', ' ', '\t']);
    let cpp = words.contains("__cplusplus") && !words.starts_with("ifndef");
    if cpp || words.trim_end() == "if 0" {
        Condition::False
    } else {
        Condition::Unknown
    }
}

impl Group {
    /// Blanks all but one branch if one of them leaves a bracket open or closes one; says how deep
    /// the code is below.
    fn close(&self, lines: &[Line<'_>], blanks: &mut Vec<Range<usize>>) -> Depth {
        let whole = self.standing == Standing::Between
            && self.before.brackets == 0
            && self.ends.iter().all(|end| *end == self.before);
        if whole {
            return self.before;
        }
        let kept = match self.condition {
            Condition::False => 1,
            Condition::Unknown => 0,
        };
        for (branch, bounds) in self.directives.windows(2).enumerate() {
            let [first, last] = [bounds[0], bounds[1]];
            let body = lines.get(first + 1..last).unwrap_or_default();
            blanks.extend(lines.get(first).map(Line::range));
            if branch != kept {
                body.iter().for_each(|line| line.blank_code(blanks));
            }
        }
        let end = self.directives.last().and_then(|&at| lines.get(at));
        blanks.extend(end.map(Line::range));
        self.ends.get(kept).copied().unwrap_or(self.before)
    }
}

impl Line<'_> {
    /// Its comments stay: what they say is said whatever is compiled.
    fn blank_code(&self, blanks: &mut Vec<Range<usize>>) {
        let mut from = self.start;
        for comment in &self.comments {
            blanks.push(from..comment.start);
            from = comment.end;
        }
        blanks.push(from..self.start + self.text.len());
    }
}

/// `class API Store : public Base {`
static TYPE_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\b(?:class|struct|union)\s+([A-Z][A-Z0-9_]+(?:\([^()]*\))?)\s+[A-Za-z_][\w:]*(?:<[^;{}]*>)?\s*(?:final\s*)?(?:\{|:[^:]|$)";
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// `API int *f(`: a word before a type and a name.
static LEADING_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"^\s*(?:(?:static|inline|extern|constexpr|virtual|explicit|friend)\s+)*",
        r"([A-Z][A-Z0-9_]{2,})\s+",
        r"(?:[A-Za-z_][\w:]*(?:<[^;(){}]*>)?(?:\s*[*&]+\s*|\s+))+~?[A-Za-z_][\w:]*\s*\("
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// `int DEPRECATED(7.5, "") f(`, where the rest may stand below: a macro between a type and a name.
static MIDDLE_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let arguments = r#"\((?:[^()"]|"[^"]*")*\)"#;
    let pattern =
        format!(r"^[A-Za-z_][\w\s]*[\s*]([A-Z][A-Z0-9_]{{2,}}{arguments})\s*(?:$|\w+\s*\()");
    Regex::new(&pattern).expect("a pattern written here is valid")
});

/// `void f(void) ATTRIBUTE;`
static TRAILING_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\)\s*(?:const\s+)?([A-Z][A-Z0-9_]{2,}(?:\([^()]*\))?)\s*[;{]\s*$";
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// `NAMESPACE_BEGIN`, `NON_NULL(1)`, and nothing else on the line.
static LONE_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^\s*[A-Z][A-Z0-9_]{2,}(?:\([^(){};]*\))?\s*$";
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// `DEFINE(a, b) {`
static FUNCTION_MACRO: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:static\s+)?([A-Z][A-Z0-9_]{4,})\s*\(";
    Regex::new(pattern).expect("a pattern written here is valid")
});

/// The longest list of a macro's arguments that is followed, in bytes.
const MAX_ARGUMENTS: usize = 400;

fn macros(text: &str, lines: &[Line<'_>]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut above = None;
    for (at, line) in lines.iter().enumerate() {
        if line.is_code() && shouts(line.text) {
            let within =
                |found: regex::Match<'_>| line.start + found.start()..line.start + found.end();
            let first = |pattern: &Regex| {
                let captures = pattern.captures(line.text)?;
                captures.get(1).map(within)
            };
            changes.extend(first(&TYPE_MACRO).map(Change::Blank));
            changes.extend(first(&LEADING_MACRO).map(Change::Blank));
            if let Some(middle) = first(&MIDDLE_MACRO)
                && !controls(line.text)
                && begins_declaration(text, middle.end)
            {
                changes.push(Change::Blank(middle));
                changes.extend(first(&FIRST_WORD).map(Change::Blank));
            }
            if !controls(line.text) {
                changes.extend(first(&TRAILING_MACRO).map(Change::Blank));
            }
            if let Some(name) = first(&FUNCTION_MACRO)
                && let Some(arguments) = body_follows(text, name.end)
            {
                changes.push(Change::Function(name, arguments));
            } else if LONE_MACRO.is_match(line.text) && stands_alone(above, lines.get(at + 1..)) {
                changes.push(Change::Blank(line.range()));
            }
        }
        if !line.text.trim().is_empty() && !line.goes_on {
            above = Some(line);
        }
    }
    changes
}

/// `API` of `API int DEPRECATED(1) f(`.
static FIRST_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([A-Z][A-Z0-9_]{2,})\s+[a-zA-Z_]\w*[\s*]")
        .expect("a pattern written here is valid")
});

/// Do a name and its parameters follow?
fn begins_declaration(text: &str, from: usize) -> bool {
    let rest = text.get(from..).unwrap_or_default().trim_start();
    let name = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    name.len() < rest.len() && name.trim_start().starts_with('(')
}

/// Most lines hold no macro.
fn shouts(line: &str) -> bool {
    let loud = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    line.as_bytes()
        .windows(3)
        .any(|three| three.iter().all(loud))
        || TYPE_MACRO.is_match(line)
}

fn controls(line: &str) -> bool {
    let word = line.trim_start().trim_start_matches(['}', ' ']);
    ["if", "while", "for", "switch", "return", "else", "do"]
        .iter()
        .any(|control| {
            let rest = word.strip_prefix(control);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
}

/// The arguments of a call that a body follows, without their brackets.
fn body_follows(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let begin = from + rest.find('(')? + 1;
    let mut open = 1;
    let bytes = text.as_bytes();
    let mut at = begin;
    while open > 0 {
        match bytes.get(at)? {
            b'(' => open += 1,
            b')' => open -= 1,
            b'"' => at = end_of_literal(bytes, at),
            b';' | b'{' => return None,
            _ => {}
        }
        at += 1;
        if at > begin + MAX_ARGUMENTS {
            return None;
        }
    }
    let body = text.get(at..)?.trim_start().starts_with('{');
    body.then_some(begin..at - 1)
}

/// Does a line stand between declarations or statements, and not within one?
fn stands_alone(above: Option<&Line<'_>>, below: Option<&[Line<'_>]>) -> bool {
    let ended = above.is_none_or(|above| {
        let text = above.text.trim_end();
        !above.directive.is_empty()
            || above
                .comments
                .last()
                .is_some_and(|c| c.end == above.range().end)
            || text.ends_with([';', '{', '}', ':', '>'])
    });
    let mut below = below.unwrap_or_default().iter();
    let next = below.find(|line| !line.text.trim().is_empty());
    let begins = next.is_none_or(|next| {
        let text = next.text.trim_start();
        let goes_on =
            text.starts_with([')', ',', '}', ';', '{', '|', '&', '+', '?', '=', '.', '(']);
        !goes_on || text.starts_with("}  //") || text.starts_with("} //")
    });
    ended && begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzers::local::subject::Subject;
    use crate::model::Language;

    /// The names of the functions of a text, which must parse without an error.
    fn functions(language: Language, text: &str) -> Vec<String> {
        assert_eq!(readable(text).len(), text.len());
        let subject = Subject::parse(text.as_bytes(), language).unwrap();
        let seen = subject.sightings();
        assert!(seen.errors.is_empty(), "{}", readable(text));
        seen.functions
            .iter()
            .map(|f| subject.function_path(f))
            .collect()
    }

    #[test]
    fn a_brace_that_conditions_split_hides_no_function() {
        let text = "void h(void) {\n#ifdef A\n  if (x) {\n#else\n  if (y) {\n#endif\n    z();\n  }\n}\nint k(int a) { return a; }\n";
        assert_eq!(functions(Language::C, text), ["h", "k"]);
        let text = "#ifdef A\nint f(int a) {\n#else\nint f(long a) {\n#endif\n  return a;\n}\n";
        assert_eq!(functions(Language::C, text), ["f"]);
        let text = "void f(void) {\n#ifdef A\n  if (x) {\n#endif\n    g();\n#ifdef A\n  }\n#endif\n}\nvoid g(void) {}\n";
        assert_eq!(functions(Language::C, text), ["f", "g"]);
        let text = "int f(int a) {\n  if (a &&\n#ifdef A\n      b &&\n#endif\n      c) { return 1; }\n  return 2;\n}\n";
        assert_eq!(functions(Language::C, text), ["f"]);
        let text = "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void) { return 1; }\n#ifdef __cplusplus\n}\n#endif\n";
        assert_eq!(functions(Language::C, text), ["f"]);
    }

    #[test]
    fn a_list_or_a_head_that_conditions_stand_in_hides_nothing() {
        let text = "class A {\n  A(int n)\n      :\n#ifndef X\n        a_(n),\n#endif\n        b_(n) {}\n  int f() { return 1; }\n};\n";
        assert_eq!(functions(Language::Cpp, text), ["A::A", "A::f"]);
        let text = "int a[] = {\n#ifdef X\n  1,\n#endif\n  2 };\nint f(void) { return 1; }\n";
        assert_eq!(functions(Language::C, text), ["f"]);
        let text = "static int\n#ifdef X\nf(long a)\n#else\nf(int a)\n#endif\n{\n  return a;\n}\n";
        assert_eq!(functions(Language::C, text), ["f"]);
    }

    #[test]
    fn conditions_that_split_nothing_stay() {
        let text =
            "void f(void) {\n#ifdef A\n  if (x) { g(); }\n#else\n  h(\"{\"); /* { */\n#endif\n}\n";
        assert_eq!(readable(text), text);
        let text = "#define OPEN {\n#define CALL(a) \\\n  f((a)\nint x;\n";
        assert_eq!(readable(text), text);
    }

    #[test]
    fn comments_of_the_branch_that_is_not_read_are() {
        let text =
            "void f(void) {\n#ifdef A\n  if (x) {\n#else\n  if (y) { // why\n#endif\n  }\n}\n";
        assert!(readable(text).contains("// why"));
        assert!(!readable(text).contains("if (y)"));
    }

    #[test]
    fn words_that_only_a_macro_explains_are_passed_over() {
        let text = "class API Store : public Base {\n public:\n  int fill() { return 1; }\n};\n";
        assert_eq!(functions(Language::Cpp, text), ["Store::fill"]);
        let text = "struct EXPORT(1) Store {\n  int fill() { return 1; }\n};\n";
        assert_eq!(functions(Language::Cpp, text), ["Store::fill"]);
        let text = "CURL_EXTERN const char *name(int a) { return 0; }\nstatic API_INLINE int g(void) { return 1; }\n";
        assert_eq!(functions(Language::C, text), ["name", "g"]);
        let text = "NAMESPACE_BEGIN\nnamespace a {\nNON_NULL(1)\nint f(int* a) { return *a; }\n}\nNAMESPACE_END\n";
        assert_eq!(functions(Language::Cpp, text), ["a::f"]);
        let text = "int f(int a) UNUSED;\nint f(int a) UNUSED {\n  return a;\n}\n";
        assert_eq!(functions(Language::C, text), ["f"]);
    }

    #[test]
    fn a_macro_that_begins_a_function_is_one() {
        let text = "DEFINE_FN(a, b) { if (a) {} }\nSTATIC_FN(\"a {\", 1)\n{\n  g();\n}\n";
        let expected = ["DEFINE_FN(a, b)", "STATIC_FN(\"a {\", 1)"];
        assert_eq!(functions(Language::C, text), expected);
        let text = "TEST_CASE(\"opens\", \"[store]\") {\n  f();\n}\n";
        assert_eq!(
            functions(Language::Cpp, text),
            ["TEST_CASE(\"opens\", \"[store]\")"]
        );
    }

    #[test]
    fn names_in_capitals_that_are_no_macros_stay() {
        for text in [
            "struct FOO BAR = { 1 };\n",
            "FILE *open(const char *name);\n",
            "int x = A_B\n  | C_D;\n",
            "f(a,\n  FLAG_A\n);\n",
            "if (a) FLUSH_ALL;\n",
            "INIT_LIST(a);\n",
            "enum { FIRST_ONE,\n  SECOND_ONE\n};\n",
        ] {
            assert_eq!(readable(text), text);
        }
    }
}
