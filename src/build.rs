//! Links the C++ library, of which two grammars need a few functions, into the program: loading it
//! as a shared library takes a fifth of the time in which a hit is answered. Where the compiler
//! has no such archive, the shared library is used.

#![expect(
    clippy::disallowed_methods,
    reason = "what cargo tells a build script stands in the environment"
)]

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let told = |name| std::env::var(name).unwrap_or_default();
    let gnu = told("CARGO_CFG_TARGET_OS") == "linux" && told("CARGO_CFG_TARGET_ENV") == "gnu";
    if let Some(folder) = folder_of_archive(&told("OUT_DIR")).filter(|_| gnu) {
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
}

/// A folder in which the linker finds the archive, and no shared library of that name before it.
fn folder_of_archive(out: &str) -> Option<PathBuf> {
    const NAME: &str = "libstdc++.a";
    let compiler = cc::Build::new().cpp(true).try_get_compiler().ok()?;
    let asked = compiler
        .to_command()
        .arg(format!("-print-file-name={NAME}"))
        .output();
    let archive = PathBuf::from(String::from_utf8(asked.ok()?.stdout).ok()?.trim());
    let folder = PathBuf::from(out).join("archives");
    std::fs::create_dir_all(&folder).ok()?;
    // A compiler that has none answers with the bare name.
    let text = archive.is_absolute().then(|| std::fs::read(archive))?;
    std::fs::write(folder.join(NAME), text.ok()?).ok()?;
    Some(folder)
}
