//! The numbers: one function is one finding, one measure is one number, and scores tell files apart.

use rustassistant::model::Kind::{Analysis, Refactor};

use super::{answer, check, deep};

fn metric(path: &str, text: &str, name: &str) -> i64 {
    answer(path, &Refactor, text.as_bytes()).unwrap().metrics[name]
}

#[test]
fn one_function_is_one_finding_however_much_is_wrong_with_it() {
    let branches: String = (0..30)
        .map(|n| format!("if a == {n} {{ g({n}); }}\n"))
        .collect();
    let lines: String = (0..90).map(|n| format!("g({n});\n")).collect();
    let text = format!(
        "pub fn f(a: u8) {{\n{branches}{lines}{}\n}}\n",
        deep(8).replace(['(', ')'], " ").replace("g  ;", "g();")
    );
    check(&[
        (
            "src/a.rs",
            Refactor,
            &text,
            &["note cognitive-complexity f"],
        ),
        ("src/a.rs", Analysis, &text, &[]),
    ]);
}

#[test]
fn cyclomatic_complexity_is_one_number() {
    let cases = "case 1: g(); break; case 2: g(); break; case 3: g(); break; default: g();";
    let branches = "if (a) { g(); }\n".repeat(21);
    let text = format!("int f(int a) {{ switch (a) {{ {cases} }}\n{branches} }}\n");
    for path in ["a.c", "a.cc", "a.js"] {
        let text = if path == "a.js" {
            text.replace("int f(int a)", "function f(a)")
        } else {
            text.clone()
        };
        let refactor = answer(path, &Refactor, text.as_bytes()).unwrap();
        let found = &refactor.findings[0];
        let told = found
            .details
            .get("value")
            .or(found.details.get("cyclomatic_complexity"));
        let health = answer(path, &Analysis, text.as_bytes()).unwrap();
        let most = health.metrics["cyclomatic_max"].to_string();
        assert_eq!(most, "23", "{path}");
        assert_eq!(told, Some(&most), "{path}: {found:?}");
    }
}

#[test]
fn tests_do_not_make_code_look_better() {
    let code = format!(
        "pub fn f(a: bool) {{ {} }}\n",
        deep(8).replace(['(', ')'], "").replace("g;", "g();")
    );
    let tests = "#[test]\nfn t() {}\n".repeat(20);
    let both = format!("{code}{tests}");
    for name in ["maintainability", "complexity"] {
        assert_eq!(
            metric("src/a.rs", &code, name),
            metric("src/a.rs", &both, name),
            "{name}"
        );
    }
    assert!(metric("src/a.rs", &both, "maintainability") < 100);
}

#[test]
fn what_is_harder_costs_more() {
    let of = |levels| {
        let text = format!(
            "pub fn f(a: bool) {{ {} }}\n",
            deep(levels).replace(['(', ')'], "").replace("g;", "g();")
        );
        metric("src/a.rs", &text, "effort_minutes")
    };
    assert!(of(16) > of(7), "{} and {}", of(16), of(7));
}

/// Maintainability is a mean, by its definition: that a file is large is a finding of its own, and what
/// all of it comes to is `cognitive_total`.
#[test]
fn what_a_bigger_file_costs_is_told_beside_its_mean() {
    let function = |n: usize| {
        format!(
            "pub fn f{n}(a: u8) -> u8 {{\n    if a > {n} {{\n        return {n};\n    }}\n    a\n}}\n"
        )
    };
    let of = |count: usize| {
        let text: String = (0..count).map(function).collect();
        let health = answer("src/a.rs", &Analysis, text.as_bytes()).unwrap();
        let effort = metric("src/a.rs", &text, "effort_minutes");
        (health.metrics["cognitive_total"], effort > 0)
    };
    assert_eq!(of(4), (4, false));
    assert_eq!(of(400), (400, true));
}
