//! What is built into the program: from where, under which license, and what runs while it is built.
//! `cargo deny check` says more, and needs a program and a list of its own (docs/contributing.md).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Repo;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The packages of Cargo.lock: name, source and checksum of each.
fn locked() -> Vec<[String; 3]> {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let packages = text.split("[[package]]").skip(1);
    packages
        .map(|package| {
            ["name", "source", "checksum"].map(|field| {
                let begin = format!("{field} = \"");
                let mut lines = package.lines();
                let value = lines.find_map(|line| line.strip_prefix(&begin)?.strip_suffix('"'));
                value.unwrap_or_default().to_owned()
            })
        })
        .collect()
}

#[test]
fn every_dependency_comes_from_the_registry_with_its_checksum() {
    let packages = locked();
    assert!(packages.len() > 100);
    for [name, source, checksum] in packages {
        if name == "git-rustassistant" {
            continue;
        }
        assert_eq!(
            source, "registry+https://github.com/rust-lang/crates.io-index",
            "{name}"
        );
        assert_eq!(checksum.len(), 64, "{name}");
    }
}

#[test]
fn there_is_one_runtime_of_parsers_one_libgit2_and_no_other_tls() {
    let count = |wanted: &str| locked().iter().filter(|[name, ..]| name == wanted).count();
    for one in ["tree-sitter", "libgit2-sys", "git2", "rustls", "reqwest"] {
        assert_eq!(count(one), 1, "{one}");
    }
    for none in ["openssl-sys", "libssh2-sys", "native-tls", "git2-hooks"] {
        assert_eq!(count(none), 0, "{none}");
    }
}

/// Cargo as it is called here, with what it has fetched for this build.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let repo = Repo::new();
    let mut cargo = repo.command(Path::new(env!("CARGO")));
    for name in [
        "HOME",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "PATH",
    ] {
        #[expect(
            clippy::disallowed_methods,
            reason = "where cargo keeps what it has fetched"
        )]
        if let Some(value) = std::env::var_os(name) {
            cargo.env(name, value);
        }
    }
    let output = cargo.current_dir(root()).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    output.stdout
}

/// The packages that are built for this machine, as cargo describes them.
fn described() -> Vec<Value> {
    let version = String::from_utf8(cargo(&["-vV"])).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let asked = [
        "metadata",
        "--locked",
        "--offline",
        "--format-version=1",
        "--filter-platform",
        host,
    ];
    let described: Value = serde_json::from_slice(&cargo(&asked)).unwrap();
    described["packages"].as_array().unwrap().clone()
}

/// The quoted words of deny.toml from one line on, until its list ends.
fn words(text: &str, from: &str) -> BTreeSet<String> {
    let (_, list) = text.split_once(from).expect(from);
    let list = list.split(']').next().unwrap();
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Is a license expression (SPDX 2.3, annex D, and cargo's older slash) met by these?
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let bare = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let either = bare.split(" OR ");
    let all = |part: &str| part.split(" AND ").all(|license| allowed(license.trim()));
    // In "A AND (B OR C)" this asks for more than the author does, never for less.
    either.clone().any(all)
        && (!expression.contains('(')
            || expression.split(" AND ").all(|part| {
                let part = part.replace(['(', ')'], "");
                part.split(" OR ").any(|license| allowed(license.trim()))
            }))
}

#[test]
fn every_license_is_one_that_is_allowed() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let allowed = words(&deny, "\nallow = [");
    assert!(allowed.contains("MIT") && allowed.len() < 12, "{allowed:?}");
    for package in described() {
        let name = package["name"].as_str().unwrap();
        let license = package["license"].as_str().unwrap_or_default();
        let exception = format!("crate = \"{name}\"");
        let own = deny
            .lines()
            .find(|line| line.contains(&exception) && line.contains("allow ="));
        let own = own.map(|line| words(line, "allow = [")).unwrap_or_default();
        let may = |license: &str| allowed.contains(license) || own.contains(license);
        assert!(is_met(license, &may), "{name}: {license}");
    }
}

/// Crates whose code runs while the program is built. A new one is looked at before it stands here:
/// what it compiles, and that it fetches nothing.
const RUN_AT_BUILD: [&str; 51] = [
    "ahash",
    "anyhow",
    "assert_cmd",
    "aws-lc-rs",
    "aws-lc-sys",
    "bca-tree-sitter-ccomment",
    "bca-tree-sitter-preproc",
    "borsh",
    "crc32fast",
    "crossbeam-deque",
    "crossbeam-epoch",
    "crossbeam-utils",
    "getrandom",
    "git-rustassistant",
    "httparse",
    "icu_normalizer_data",
    "icu_properties_data",
    "jsonschema-value",
    "libc",
    "libgit2-sys",
    "libz-sys",
    "num-traits",
    "oid-registry",
    "parking_lot_core",
    "portable-atomic",
    "proc-macro2",
    "quinn",
    "quinn-udp",
    "quote",
    "ref-cast",
    "ring",
    "rustix",
    "rustls",
    "serde",
    "serde_core",
    "serde_json",
    "signal-hook",
    "thiserror",
    "tree-sitter",
    "tree-sitter-c",
    "tree-sitter-cpp",
    "tree-sitter-go",
    "tree-sitter-java",
    "tree-sitter-javascript",
    "tree-sitter-language",
    "tree-sitter-python",
    "tree-sitter-rust",
    "tree-sitter-typescript",
    "unicode-general-category",
    "zerocopy",
    "zmij",
];

#[test]
fn the_crates_that_run_while_the_program_is_built_are_known() {
    let mut found = BTreeSet::new();
    for package in described() {
        let targets = package["targets"].as_array().unwrap();
        if targets
            .iter()
            .any(|target| target["kind"][0] == "custom-build")
        {
            found.insert(package["name"].as_str().unwrap().to_owned());
        }
    }
    let known: BTreeSet<String> = RUN_AT_BUILD.map(str::to_owned).into();
    assert_eq!(found, known);
}
