//! Where this machine's programs are, without a git-rustassistant that its owner has installed: a
//! test that starts one means the one that was built. Not the program under test.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const OURS: [&str; 2] = ["git-rustassistant", "rustassistant"];

/// The folders of programs, in the form of `PATH`. Which git is tested is decided when the tests
/// are run.
#[expect(
    clippy::disallowed_methods,
    reason = "the suite's own environment, where all else is cleared"
)]
pub fn path() -> String {
    static PATH: OnceLock<String> = OnceLock::new();
    let found = || {
        let all = std::env::var("PATH").unwrap();
        let folders = std::env::split_paths(&all).map(|folder| without_ours(&folder));
        let joined = std::env::join_paths(folders).unwrap();
        joined.into_string().unwrap()
    };
    PATH.get_or_init(found).clone()
}

/// The folder itself if no program of ours is in it, nor may come there while the suite runs, as
/// `cargo install` puts it beside cargo; else one that links to all else in it. It is made anew
/// where it stands, so that two suites at once do not take it from each other.
fn without_ours(folder: &Path) -> PathBuf {
    let mut marks = OURS.iter().chain(&["cargo"]);
    if !marks.any(|name| folder.join(name).exists()) {
        return folder.to_owned();
    }
    let name = folder.to_str().unwrap().replace('/', "+");
    let links = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&links).unwrap();
    for program in fs::read_dir(folder).unwrap() {
        let program = program.unwrap();
        if OURS
            .map(OsStr::new)
            .contains(&program.file_name().as_os_str())
        {
            continue;
        }
        let link = std::os::unix::fs::symlink(program.path(), links.join(program.file_name()));
        let missed = link
            .err()
            .filter(|error| error.kind() != ErrorKind::AlreadyExists);
        assert!(missed.is_none(), "{missed:?}");
    }
    links
}

#[test]
fn an_installed_program_is_not_the_one_that_is_tested() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("git"), "git").unwrap();
    assert_eq!(without_ours(folder.path()), folder.path());
    fs::write(folder.path().join("cargo"), "cargo").unwrap();
    let before = without_ours(folder.path());
    fs::write(folder.path().join("git-rustassistant"), "installed").unwrap();
    assert!(!before.join("git-rustassistant").exists());
    let seen = without_ours(folder.path());
    assert_eq!(fs::read_to_string(seen.join("cargo")).unwrap(), "cargo");
    assert!(!seen.join("git-rustassistant").exists());
    fs::remove_dir_all(seen).unwrap();
}
