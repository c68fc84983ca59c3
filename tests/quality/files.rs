//! Which files are read, in which encodings, and which are left alone as nobody's work.

use rustassistant::model::Kind::{Refactor, Todos};
use rustassistant::model::Language;

use super::{answer, check, told};

#[test]
fn a_file_is_known_by_its_ending() {
    for (name, language) in [
        ("a.pyw", Language::Python),
        ("a.es6", Language::JavaScript),
        ("a.ipp", Language::Cpp),
        ("a.tpp", Language::Cpp),
        ("a.inl", Language::Cpp),
        ("a.tcc", Language::Cpp),
        ("a.c++", Language::Cpp),
        ("a.cppm", Language::Cpp),
        ("a.ixx", Language::Cpp),
        ("a.cu", Language::Cpp),
        ("a.ino", Language::Cpp),
        ("A.RS", Language::Rust),
        ("A.PY", Language::Python),
        ("A.H", Language::Cpp),
    ] {
        assert_eq!(Language::of_path(name.as_bytes()), Some(language), "{name}");
    }
    // Languages without a grammar here.
    for name in [
        "a.pyx", "a.m", "a.mm", "a.kt", "a.rb", "a.php", "a.cs", "a.swift", "a.sh", "a.vue",
        "a.svelte", "a.ipynb",
    ] {
        assert_eq!(Language::of_path(name.as_bytes()), None, "{name}");
    }
}

#[test]
fn a_text_is_read_in_the_encoding_that_it_names() {
    let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(unit)
            .collect()
    };
    let text = "// TODO: größer\n";
    let latin = |line: &str| {
        let text = format!("# -*- coding: {line} -*-\n# TODO: gr\u{f6}\u{df}er\n");
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect::<Vec<u8>>()
    };
    for (path, text) in [
        ("a.rs", wide(text, u16::to_le_bytes)),
        ("a.rs", wide(text, u16::to_be_bytes)),
        ("a.cs.js", wide(text, u16::to_le_bytes)),
        ("a.py", latin("latin-1")),
        ("a.py", latin("iso-8859-1")),
        ("a.py", latin("latin1")),
        ("a.rs", text.as_bytes().to_vec()),
        ("a.rs", format!("\u{feff}{text}").into_bytes()),
    ] {
        let found = answer(path, &Todos, &text).unwrap().findings;
        assert_eq!(found.len(), 1, "{path}");
        assert_eq!(found[0].title, "größer", "{path}");
    }
    let unnamed = latin("utf-8");
    assert!(answer("a.py", &Todos, &unnamed).is_err());
}

#[test]
fn long_lines_that_people_write_are_read() {
    let line = |width: usize| format!("g('{}');\n", "a".repeat(width));
    for width in [110, 250] {
        check(&[(
            "a.js",
            Todos,
            &format!("// TODO: a\n{}", line(width).repeat(60)),
            &["note todo"],
        )]);
    }
    let minified = told(
        "a.js",
        &Todos,
        &format!("// TODO: a\n{}", line(2000).repeat(10)),
    );
    assert!(minified[0].starts_with("skipped: "), "{minified:?}");
}

#[test]
fn a_long_chain_of_calls_is_read() {
    for links in [800, 1_900] {
        let chain = ".then(f)\n".repeat(links);
        let text = format!("// TODO: a\nexport function f() {{ return g()\n{chain} }}\n");
        for path in ["a.js", "a.ts"] {
            check(&[(path, Todos, &text, &["note todo"])]);
            assert!(
                told(path, &Refactor, &text)
                    .iter()
                    .all(|one| !one.starts_with("skipped")),
                "{path}"
            );
        }
    }
}
