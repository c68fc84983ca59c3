//! Results of Rust that are thrown away where a failure loses somebody's work. Not every
//! `let _ =`: most are meant.

use super::Rule;
use super::case::{Case, Imports};
use crate::analyzers::local::explanation;
use crate::model::{About, Finding, Kind, Level};

pub const RULE: Rule = Rule {
    id: "ignored-result",
    kind: Kind::Refactor,
    level: Level::Note,
    about: About::Text,
    minutes: 15,
    help: "A failure to write, flush or rename that nobody hears of",
    details: "`let _ = …;`, `….ok();` and `drop(…)` on calls whose failure loses something: \
              `write_all`, `flush`, `sync_all`, `fs::write`, `fs::rename`, `fs::copy` and their \
              like. Removing, sending, joining, printing and `write!` are left alone: their failure \
              is often of no interest. Not in tests, in `Drop`, or where a comment speaks of it.",
};

/// Calls whose failure loses something; with `fs::` before those that other types have too.
const LOSING: [&str; 9] = [
    "write_all",
    "flush",
    "sync_all",
    "sync_data",
    "set_permissions",
    "read_exact",
    "read_to_end",
    "persist",
    "fs::write",
];
const LOSING_FILES: [&str; 2] = ["fs::rename", "fs::copy"];

pub fn check(case: &Case<'_>) -> Vec<Finding> {
    if !case.is_rust() {
        return Vec::new();
    }
    let bindings = case.seen.bindings.iter().filter_map(|range| {
        let rest = case.text(range).strip_prefix("let _")?.trim_start();
        let value = match rest.strip_prefix(':') {
            Some(typed) => typed.split_once(" = ")?.1,
            None => rest.strip_prefix('=')?,
        };
        Some((range, value))
    });
    let statements = case.seen.statements.iter().filter_map(|range| {
        let statement = case.text(range).trim_end_matches(';').trim_end();
        Some((range, thrown_away(statement)?))
    });
    let imports = Imports::of(case);
    let ignored = bindings.chain(statements);
    ignored
        .filter_map(|(range, value)| {
            let call = losing_call(value, &imports)?;
            let expected = case.is_test(range.start) || is_meant(case, range.start);
            (!expected).then(|| report(case, range.start..range.end, call))
        })
        .collect()
}

fn report(case: &Case<'_>, range: std::ops::Range<usize>, call: &str) -> Finding {
    let mut finding = case.on_range(&RULE, Level::Note, &range);
    finding.title = format!("The result of `{call}` is ignored");
    finding.message = format!(
        "If `{call}` fails, something is lost and nobody hears of it; the program goes on as if it \
         had succeeded."
    );
    finding.suggestion = Some(
        "Hand the error on with `?`, or say in a comment why its failure does not matter"
            .to_owned(),
    );
    finding
}

/// The value that a statement does nothing with: of `_ = …`, `drop(…)` and `….ok()`.
fn thrown_away(statement: &str) -> Option<&str> {
    let assigned = statement.strip_prefix('_').map(str::trim_start);
    if let Some(value) = assigned.and_then(|rest| rest.strip_prefix('=')) {
        return Some(value);
    }
    let head = statement.get(..opening(statement)?)?;
    let path = ["drop", "mem::drop", "std::mem::drop", "core::mem::drop"];
    if path.contains(&head) {
        statement.get(head.len() + 1..statement.len() - 1)
    } else {
        head.ends_with(".ok").then_some(statement)
    }
}

/// What is done to a result without hearing of its failure, if no closure looks at it.
const DEAF: [&str; 7] = [
    ".ok",
    ".err",
    ".map_err",
    ".map",
    ".context",
    ".unwrap_or_default",
    ".unwrap_or",
];

/// The call that makes a value, if its failure loses something: the last one outside brackets.
fn losing_call(value: &str, imports: &Imports) -> Option<&'static str> {
    let mut value = value.trim().trim_end_matches(';').trim_end();
    loop {
        value = value.trim_end_matches(".await").trim_end();
        let open = opening(value)?;
        let (head, arguments) = value.split_at(open);
        let head = head.trim_end();
        let passed = DEAF.iter().find_map(|deaf| head.strip_suffix(deaf));
        match passed.filter(|_| !arguments.contains('|')) {
            Some(rest) => value = rest.trim_end(),
            None => return losing(&imports.whole(head)),
        }
    }
}

fn losing(head: &str) -> Option<&'static str> {
    let known = LOSING.iter().chain(&LOSING_FILES);
    known.copied().find(|call| {
        let before = head.strip_suffix(call);
        before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// Where the bracket begins that ends a value.
fn opening(value: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in value.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Does a comment at it speak, or is there nobody to tell, in a destructor, or only a terminal
/// that has gone?
fn is_meant(case: &Case<'_>, byte: usize) -> bool {
    let function = case.function_at(byte);
    let dropping = function.is_some_and(|function| function.path.ends_with("::drop"));
    let line = case.subject.line(byte);
    let text = case.subject.line_text(line);
    let terminal = ["stdout", "stderr", "std::io::"]
        .iter()
        .any(|name| text.contains(name));
    let comments = explanation::at(case.subject, line..=line);
    dropping || terminal || !explanation::prose(&comments).is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::testing::lines;
    use super::*;

    #[test]
    fn a_lost_write_is_found() {
        for line in [
            "let _ = file.write_all(b\"a\");",
            "let _ = std::fs::rename(from, to);",
            "writer.flush().ok();",
            "let _ = file.sync_all().await;",
            "drop(fs::write(p, t));",
            "_ = fs::write(p, t);",
            "std::mem::drop(file.flush());",
            "let _: io::Result<()> = fs::rename(a, b);",
            "let _ = fs::copy(a, b).map_err(E);",
            "fs::write(p, t).await.ok();",
            "let _ = fs::write(\"http://a\", t);",
        ] {
            assert_eq!(
                lines(check, &format!("fn f() {{\n{line}\n}}")),
                [2],
                "{line}"
            );
        }
    }

    #[test]
    fn a_call_is_known_by_where_it_was_imported_from() {
        for (import, call) in [
            ("write", "write"),
            ("{rename as write}", "write"),
            ("*", "fs::write"),
        ] {
            let text = format!("use std::fs::{import};\nfn f() {{\nlet _ = {call}(p, t);\n}}");
            assert_eq!(lines(check, &text), [3], "{import}");
        }
        assert!(lines(check, "use a::write;\nfn f() {\nlet _ = write(p, t);\n}").is_empty());
    }

    #[test]
    fn what_may_fail_is_left_alone() {
        for line in [
            "let _ = sender.send(1);",
            "let _ = write!(text, \"a\");",
            "let _ = std::fs::remove_file(path);",
            "let _ = handle.join();",
            "let _ = file.write_all(b\"a\")?;",
            "let _ = io::stdout().flush();",
            "let a = file.flush().ok();",
            "let _ = file.flush(); // gone anyway",
            "// The reader may be gone.\nlet _ = file.flush();",
            "let _ = guard;",
            "drop(file);",
            "drop(guard.lock());",
            "_ = sender.send(1);",
            "let _ = fs::write(p, t).map_err(|e| warn(e));",
            "let _ = unflush();",
        ] {
            assert!(
                lines(check, &format!("fn f() {{\n{line}\n}}")).is_empty(),
                "{line}"
            );
        }
        let noted = "fn f() {\n// TODO: handle it\nlet _ = file.flush();\n}";
        assert_eq!(lines(check, noted), [3]);
        let dropped =
            "impl Drop for A {\n fn drop(&mut self) {\n let _ = self.file.flush();\n }\n}";
        assert!(lines(check, dropped).is_empty());
    }
}
