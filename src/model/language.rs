//! The languages that have a name here, and which file is written in which.
//! Not here: grammars and rules, which belong to the analyzers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RepoPath;

/// A programming language, as far as a file's name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Rust,
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Go,
    Java,
    C,
    Cpp,
}

impl Language {
    pub const ALL: [Self; 9] = [
        Self::Rust,
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Tsx,
        Self::Go,
        Self::Java,
        Self::C,
        Self::Cpp,
    ];

    /// The name a recipe holds: an ingredient of every key, so never renamed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::Go => "go",
            Self::Java => "java",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }

    /// The endings of its files' names, without the dot.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["rs"],
            Self::Python => &["py", "pyi", "pyw"],
            Self::JavaScript => &["js", "mjs", "cjs", "jsx", "es6", "jsm"],
            Self::TypeScript => &["ts", "mts", "cts"],
            Self::Tsx => &["tsx"],
            Self::Go => &["go"],
            Self::Java => &["java"],
            Self::C => &["c", "h"],
            Self::Cpp => &[
                "cc", "cpp", "cxx", "c++", "cppm", "ixx", "hh", "hpp", "hxx", "h++", "ipp", "tpp",
                "txx", "inl", "tcc", "cu", "cuh", "ino",
            ],
        }
    }

    /// The language of a file by its name's ending; `None` if no language claims it.
    pub fn of(path: &RepoPath) -> Option<Self> {
        Self::of_path(path.as_bytes())
    }

    /// As [`Language::of`], from the bytes of a path.
    pub fn of_path(path: &[u8]) -> Option<Self> {
        let mark = path
            .iter()
            .rposition(|&byte| byte == b'.' || byte == b'/')?;
        // After a slash comes a name without a dot.
        if path[mark] == b'/' {
            return None;
        }
        let ending = &path[mark + 1..];
        // By habit from other times, `.C` and `.H` are C++.
        if matches!(ending, b"C" | b"H") {
            return Some(Self::Cpp);
        }
        let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(ending);
        let mut languages = Self::ALL.into_iter();
        languages.find(|language| language.endings().iter().any(is))
    }

    /// The language of a script by its first line, `#!/usr/bin/env python3`: for files whose name
    /// has no ending.
    pub fn of_script(text: &[u8]) -> Option<Self> {
        let first = text
            .strip_prefix(b"#!")?
            .split(|&byte| byte == b'\n')
            .next()?;
        let mut words = std::str::from_utf8(first).ok()?.split_whitespace();
        let program = words.next()?.rsplit('/').next()?;
        let program = match program {
            // What `env` is to set and how comes before what it is to run.
            "env" => words.find(|word| !word.starts_with('-') && !word.contains('='))?,
            program => program,
        };
        let name = program.rsplit('/').next()?;
        match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "python" | "pypy" => Some(Self::Python),
            "node" | "nodejs" => Some(Self::JavaScript),
            "deno" | "bun" | "ts-node" | "tsx" => Some(Self::TypeScript),
            "rust-script" => Some(Self::Rust),
            _ => None,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_ending_in_any_case() {
        let endings = [
            ("a.pyw", Language::Python),
            ("a.PY", Language::Python),
            ("a.es6", Language::JavaScript),
            ("a.jsm", Language::JavaScript),
            ("a.mts", Language::TypeScript),
            ("a.ipp", Language::Cpp),
            ("a.c++", Language::Cpp),
            ("a.ixx", Language::Cpp),
            ("a.cu", Language::Cpp),
            ("a.ino", Language::Cpp),
            ("a.CPP", Language::Cpp),
            ("a.C", Language::Cpp),
            ("a.c", Language::C),
            ("a.h", Language::C),
        ];
        for (path, language) in endings {
            assert_eq!(Language::of_path(path.as_bytes()), Some(language), "{path}");
        }
        for path in ["a", "a/py", ".py/a", "a.pyc", "a.txt"] {
            assert_eq!(Language::of_path(path.as_bytes()), None, "{path}");
        }
    }

    #[test]
    fn a_script_is_known_by_its_first_line() {
        let scripts: [(&str, Option<Language>); 10] = [
            ("#!/usr/bin/python\n", Some(Language::Python)),
            ("#!/usr/bin/env python3\nx", Some(Language::Python)),
            ("#! /usr/bin/env -S python3.12 -u\n", Some(Language::Python)),
            ("#!/usr/bin/env A=1 node\r\n", Some(Language::JavaScript)),
            ("#!/usr/local/bin/node", Some(Language::JavaScript)),
            ("#!/usr/bin/env -S deno run\n", Some(Language::TypeScript)),
            ("#!/bin/sh\n", None),
            ("#!/usr/bin/env\n", None),
            ("#![allow(dead_code)]\n", None),
            ("python\n", None),
        ];
        for (text, language) in scripts {
            assert_eq!(Language::of_script(text.as_bytes()), language, "{text}");
        }
    }
}
