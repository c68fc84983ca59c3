//! Links two of the compiler's own libraries into the program: the C++ one, of which two grammars
//! need a few functions, and the one that unwinds. Loading them as shared libraries takes a part
//! of the time in which a hit is answered. Where the compiler has no such archive, the shared
//! library is used.

#![expect(
    clippy::disallowed_methods,
    reason = "what cargo tells a build script stands in the environment"
)]

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let told = |name| std::env::var(name).unwrap_or_default();
    let gnu = told("CARGO_CFG_TARGET_OS") == "linux" && told("CARGO_CFG_TARGET_ENV") == "gnu";
    let out = PathBuf::from(told("OUT_DIR")).join("archives");
    let found = ARCHIVES.map(|(archive, name)| gnu && copy(archive, &out.join(name)).is_some());
    if found.contains(&true) {
        println!("cargo::rustc-link-search=native={}", out.display());
    }
}

/// The archives, and the names by which the linker looks for them. It finds no shared library of
/// that name before.
const ARCHIVES: [(&str, &str); 2] = [
    ("libstdc++.a", "libstdc++.a"),
    ("libgcc_eh.a", "libgcc_s.a"),
];

/// Copies an archive of the compiler's.
fn copy(archive: &str, to: &Path) -> Option<()> {
    let compiler = cc::Build::new().cpp(true).try_get_compiler().ok()?;
    let asked = compiler
        .to_command()
        .arg(format!("-print-file-name={archive}"))
        .output();
    let place = PathBuf::from(String::from_utf8(asked.ok()?.stdout).ok()?.trim());
    // A compiler that has none answers with the bare name.
    let text = place.is_absolute().then(|| std::fs::read(place))?;
    std::fs::create_dir_all(to.parent()?).ok()?;
    std::fs::write(to, text.ok()?).ok()
}
