//! Which of two languages with one file ending a text is written in, by what stands in it: a header
//! of C++ is called `.h` as one of C is.

use std::sync::LazyLock;

use regex::Regex;

use super::preprocessor;
use crate::model::Language;

/// The language to parse a text as, of a file whose name claims `language`.
pub fn of(text: &str, language: Language) -> Language {
    let both = cfg!(feature = "cpp") && language == Language::C;
    if both && is_cpp(text) {
        Language::Cpp
    } else {
        language
    }
}

/// What begins a line of C++ and none of C.
static CPP: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"^\s*(?:",
        r"(?:inline\s+)?namespace(?:\s+[A-Za-z_][\w:]*)?\s*(?:\{|$)",
        r"|template\s*<",
        r"|(?:enum\s+)?class\s+(?:[A-Z][A-Z0-9_]+(?:\([^()]*\))?\s+)?[A-Za-z_][\w:]*\s*(?:final\s*)?(?:[:{;]|$)",
        r"|(?:public|protected|private)\s*:\s*(?:$|//|/\*)",
        r"|using\s+(?:namespace\s+)?[A-Za-z_][\w:]*\s*[=;]",
        r"|(?:virtual|explicit|friend|constexpr)\s+[A-Za-z_~]",
        r"|static_assert\s*\(.*\bstd::",
        r"|(?:const\s+|static\s+|inline\s+)*std::\w",
        r")",
        r"|^\s*#\s*include\s*<(?:algorithm|array|atomic|bitset|cassert|chrono|cinttypes|climits|cmath|condition_variable|cstddef|cstdint|cstdio|cstdlib|cstring|deque|exception|functional|future|initializer_list|iomanip|iosfwd|iostream|istream|iterator|limits|list|map|memory|mutex|new|numeric|optional|ostream|queue|random|ratio|regex|set|sstream|stack|stdexcept|string|string_view|system_error|thread|tuple|type_traits|typeinfo|unordered_map|unordered_set|utility|valarray|variant|vector)>",
    );
    Regex::new(pattern).expect("a pattern written here is valid")
});

fn is_cpp(text: &str) -> bool {
    let mut conditions: Vec<bool> = Vec::new();
    preprocessor::lines(text).iter().any(|line| {
        match line.directive {
            // What a header of C keeps for C++ makes no C++ of it.
            "if" | "ifdef" | "ifndef" => conditions.push(line.text.contains("__cplusplus")),
            "endif" => {
                conditions.pop();
            }
            _ => {}
        }
        let guarded = conditions.contains(&true);
        !guarded && (line.is_code() || line.directive == "include") && CPP.is_match(line.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_cpp_if_it_says_what_only_cpp_says() {
        for text in [
            "#pragma once\nnamespace leveldb {\nclass DB;\n}\n",
            "template <typename T>\nT max(T a, T b);\n",
            "class API Store {\n public:\n  int a;\n};\n",
            "struct A {\n  virtual ~A();\n};\n",
            "#include <string>\nint f(void);\n",
            "using Map = int;\n",
            "std::string name();\n",
            "enum class Color { Red };\n",
        ] {
            assert_eq!(of(text, Language::C), Language::Cpp, "{text}");
        }
    }

    #[test]
    fn a_header_of_c_stays_one() {
        for text in [
            "#ifndef A_H\n#define A_H\nint add(int a);\n#endif\n",
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint add(int a);\n#ifdef __cplusplus\n}\n#endif\n",
            "#ifdef __cplusplus\n#include <string>\nnamespace a {\n}\n#endif\nint f(void);\n",
            "/* template <T>\n   namespace a {\n */\nint f(void);\n",
            "struct node { int class; int template; };\nint using;\n",
            "// class A {\nchar *s = \"class A {\";\n",
            "enum { public, private };\n",
        ] {
            assert_eq!(of(text, Language::C), Language::C, "{text}");
        }
        assert_eq!(of("namespace a {\n", Language::Java), Language::Java);
    }
}
