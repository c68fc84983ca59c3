//! Source code of any amount, for tests that only need there to be some. Not a corpus.

use std::fmt::Write;

/// A Rust file of so many functions, unlike that of any other seed.
pub fn rust_source(seed: usize, functions: usize) -> String {
    let mut text = format!("//! Module {seed}.\n\n");
    for number in 0..functions {
        writeln!(
            text,
            "/// Adds {seed}.\npub fn f{seed}_{number}(value: Option<u64>) -> u64 {{\n    \
             // TODO: think of case {number}\n    let value = value.unwrap();\n    \
             if value > {number} {{ value + {seed} }} else {{ value }}\n}}\n"
        )
        .unwrap();
    }
    text
}
