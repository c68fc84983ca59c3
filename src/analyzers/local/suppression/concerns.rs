//! By which names other tools report what our rules do. Not where such names stand.

use crate::analyzers::local::rules;
use crate::model::Kind;

/// Of each rule, what it is called elsewhere, in lower case and without the tool's own name before it:
/// Clippy and rustc, flake8, Ruff and Pylint, ESLint and Biome, golangci-lint's linters, PMD, Checkstyle
/// and Sonar, clang-tidy.
const CONCERNS: &[(&str, &[&str])] = &[
    ("cognitive-complexity", COMPLEXITY),
    ("cyclomatic-complexity", COMPLEXITY),
    ("complex-hotspot", COMPLEXITY),
    (
        "deep-nesting",
        &[
            "excessive_nesting",
            "plr1702",
            "too-many-nested-blocks",
            "max-depth",
            "nestif",
            "gocognit",
            "avoiddeeplynestedifstmts",
            "nestedifdepth",
            "s134",
            "readability-function-size",
            "google-readability-function-size",
            "c901",
        ],
    ),
    (
        "long-function",
        &[
            "too_many_lines",
            "plr0915",
            "too-many-statements",
            "max-lines-per-function",
            "max-statements",
            "noexcessivelinesperfunction",
            "funlen",
            "ncsscount",
            "excessivemethodlength",
            "methodlength",
            "s138",
            "readability-function-size",
            "google-readability-function-size",
        ],
    ),
    (
        "complex-conditional",
        &[
            "plr0916",
            "too-many-boolean-expressions",
            "s1067",
            "booleanexpressioncomplexity",
        ],
    ),
    (
        "long-parameter-list",
        &[
            "too_many_arguments",
            "plr0913",
            "plr0917",
            "too-many-arguments",
            "too-many-positional-arguments",
            "max-params",
            "argument-limit",
            "excessiveparameterlist",
            "parameternumber",
            "s107",
            "readability-function-size",
            "bugprone-easily-swappable-parameters",
        ],
    ),
    (
        "primitive-obsession",
        &[
            "fn_params_excessive_bools",
            "fbt001",
            "fbt002",
            "fbt003",
            "flag-parameter",
            "bugprone-easily-swappable-parameters",
            "too_many_arguments",
            "plr0913",
            "max-params",
        ],
    ),
    (
        "large-module",
        &[
            "c0302",
            "too-many-lines",
            "max-lines",
            "filelength",
            "excessiveclasslength",
            "excessivepubliccount",
            "s104",
            "godclass",
        ],
    ),
    ("dead-code", &["dead_code", "unused", "u1000"]),
    (
        "duplicated-code",
        &["dupl", "r0801", "duplicate-code", "s4144", "cpd-start"],
    ),
    (
        "ignored-result",
        &[
            "unused_must_use",
            "let_underscore_must_use",
            "unused",
            "unused_io_amount",
            "errcheck",
        ],
    ),
    (
        "unsafe-unwrap",
        &[
            "unwrap_used",
            "unwrap_in_result",
            "disallowed_methods",
            "restriction",
        ],
    ),
    (
        "undocumented-item",
        &[
            "missing_docs",
            "missing_docs_in_private_items",
            "d100",
            "d101",
            "d102",
            "d103",
            "d104",
            "d105",
            "d106",
            "d107",
            "missing-docstring",
            "missing-class-docstring",
            "missing-function-docstring",
            "exported",
            "golint",
            "st1000",
            "st1020",
            "st1021",
            "st1022",
            "missingjavadocmethod",
            "missingjavadoctype",
            "commentrequired",
            "revive",
        ],
    ),
    (
        "missing-module-docs",
        &[
            "missing_docs",
            "d100",
            "c0114",
            "missing-module-docstring",
            "missing-docstring",
        ],
    ),
    ("missing-safety-section", &["missing_safety_doc"]),
    (
        "unsafe-without-safety-comment",
        &["undocumented_unsafe_blocks"],
    ),
    ("todo-macro", &["todo"]),
    ("unimplemented-macro", &["unimplemented"]),
    ("todo", NOTES),
    ("fixme", NOTES),
    ("hack", NOTES),
    ("xxx", NOTES),
    ("todo-without-issue", &["td003", "missing-todo-link"]),
];

const COMPLEXITY: &[&str] = &[
    "cognitive_complexity",
    "cyclomatic_complexity",
    "c901",
    "plr0912",
    "too-many-branches",
    "too-complex",
    "complexity",
    "cognitive-complexity",
    "noexcessivecognitivecomplexity",
    "gocognit",
    "gocyclo",
    "cyclop",
    "cognitivecomplexity",
    "cyclomaticcomplexity",
    "s3776",
    "s1541",
    "readability-function-cognitive-complexity",
    "readability-function-size",
    "nursery",
];

const NOTES: &[&str] = &[
    "no-warning-comments",
    "godox",
    "fixme",
    "w0511",
    "fix001",
    "fix002",
    "fix003",
    "fix004",
    "s1135",
    "s1134",
    "todocomment",
    "google-readability-todo",
];

/// Names for all that a tool reports.
const EVERYTHING: [&str; 3] = ["warnings", "all", "pedantic"];

/// Our rules that report what a tool reports under this name.
pub fn of(name: &str) -> Vec<&'static str> {
    let last = name.rsplit([':', '/', '.']).next().unwrap_or(name);
    let name = last.to_lowercase();
    if EVERYTHING.contains(&name.as_str()) {
        return all().collect();
    }
    let concerned = CONCERNS
        .iter()
        .filter(|(_, names)| names.contains(&name.as_str()));
    concerned.map(|(rule, _)| *rule).collect()
}

/// The rules that whoever silences everything means: what authors write to themselves is no complaint
/// of a tool.
pub fn all() -> impl Iterator<Item = &'static str> {
    let rules = CONCERNS.iter().map(|(rule, _)| *rule);
    rules.filter(|rule| rules::find(rule).is_some_and(|rule| rule.kind != Kind::Todos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_concern_is_that_of_a_rule() {
        for (rule, names) in CONCERNS {
            assert!(rules::find(rule).is_some(), "{rule}");
            for name in *names {
                assert_eq!(*name, name.to_lowercase());
            }
        }
        assert_eq!(of("clippy::too_many_lines"), ["long-function"]);
        assert_eq!(of("@typescript-eslint/max-lines"), ["large-module"]);
        assert_eq!(of("no-such-lint"), [""; 0]);
    }
}
