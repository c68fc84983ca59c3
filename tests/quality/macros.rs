//! Macros: what stands in their calls is read, what they are made of is not.

use rustassistant::model::Kind::{Refactor, Todos};

use super::{check, deep};

#[test]
fn what_stands_in_a_macro_is_read_as_what_it_is() {
    let body = deep(7).replace(['(', ')'], "").replace("g;", "g()");
    let seven: &[&str] = &["note cognitive-complexity f"];
    for (before, after) in [
        ("", ""),
        ("cfg_rt! { ", " }"),
        ("cfg_if::cfg_if! { if #[cfg(unix)] { ", " } }"),
        ("cfg_rt! { mod_of! { ", " } }"),
    ] {
        let text = format!("{before}pub fn f(a: bool) {{ {body} }}{after}\n");
        check(&[("src/a.rs", Refactor, &text, seven)]);
    }
}

#[test]
fn arms_of_a_choice_count_as_branches() {
    let arms: String = (0..9)
        .map(|n| format!("a = r{n}() => {{ if a {{ if b {{ g() }} }} }}\n"))
        .collect();
    let text = format!("pub async fn f() {{ loop {{ tokio::select! {{ {arms} }} }} }}\n");
    check(&[(
        "src/a.rs",
        Refactor,
        &text,
        &["note cognitive-complexity f"],
    )]);
}

#[test]
fn a_macro_that_defines_a_name_does_not_call_it() {
    check(&[
        (
            "src/a.rs",
            Todos,
            "macro_rules! todo { ($($x:tt)*) => { ::core::todo!($($x)*) } }\n",
            &[],
        ),
        (
            "src/a.rs",
            Todos,
            "macro_rules! soon { () => { unimplemented!() } }\n",
            &[],
        ),
        (
            "src/a.rs",
            Todos,
            "fn f() { todo!() }\n",
            &["warning todo-macro f"],
        ),
        (
            "src/a.rs",
            Todos,
            "fn f() { std::todo!(\"later\") }\n",
            &["warning todo-macro f"],
        ),
        (
            "src/a.rs",
            Todos,
            "cfg_rt! { fn f() { todo!() } }\n",
            &["warning todo-macro f"],
        ),
    ]);
}
