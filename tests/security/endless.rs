//! A pipe, a socket, a device or a file without end in the place of a file that is read: a run ends
//! all the same, and says which file it was.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::own_folder::{in_time, pipe};
use crate::support::{Output, Repo};

/// Ways to look at a work tree.
const LOOKING: [&[&str]; 7] = [
    &["analyze"],
    &["analyze", "--untracked"],
    &["analyze", "--changed", "HEAD"],
    &["diff", "HEAD"],
    &["status"],
    &["docs", "module", "src/a.rs"],
    &["show", "b.rs"],
];

/// Files that changed, so that git has to look into them.
fn edited() -> Repo {
    let repo = Repo::of_two_files();
    repo.write("src/a.rs", "pub fn edited() {}\n");
    repo
}

#[track_caller]
fn assert_names(output: &Output, name: &str, what: &str) {
    let said = &output.stderr;
    assert!(!said.contains("panicked"), "{what}: {said}");
    if output.code == Some(2) {
        assert!(said.contains(name), "{what}: {output:?}");
        // Git itself says what it cannot open at all.
        let hint = said.lines().find(|line| line.starts_with("hint: "));
        let is_told = hint.is_some_and(|hint| hint.contains(": rm '"));
        assert!(is_told || said.contains(": git "), "{what}: {said}");
    }
}

fn put(repo: &Repo, place: &Path, kind: &str) {
    let _ = fs::remove_file(place);
    match kind {
        "pipe" => pipe(repo, place),
        "socket" => drop(std::os::unix::net::UnixListener::bind(place).unwrap()),
        "folder" => fs::create_dir(place).unwrap(),
        "link" => symlink("/dev/zero", place).unwrap(),
        "link to a pipe" => {
            let pipe_at = repo.home().join("pipe");
            let _ = fs::remove_file(&pipe_at);
            pipe(repo, &pipe_at);
            symlink(pipe_at, place).unwrap();
        }
        _ => unreachable!("{kind}"),
    }
}

fn clear(place: &Path) {
    let _ = fs::remove_file(place);
    let _ = fs::remove_dir(place);
}

#[test]
fn files_of_attributes_that_have_no_end_are_named_and_not_waited_for() {
    let repo = edited();
    for name in [
        ".gitattributes",
        "src/.gitattributes",
        ".git/info/attributes",
        ".gitignore",
        ".git/info/exclude",
    ] {
        let place = repo.path().join(name);
        let before = fs::read(&place).ok();
        let commands = match name {
            ".gitattributes" => &LOOKING[..],
            _ => &LOOKING[..2],
        };
        for kind in ["pipe", "socket", "link", "link to a pipe", "folder"] {
            put(&repo, &place, kind);
            for arguments in commands {
                let output = in_time(&repo, arguments);
                let file = name.rsplit('/').next().unwrap();
                assert_names(&output, file, &format!("{kind} {name} {arguments:?}"));
            }
            clear(&place);
        }
        if let Some(before) = before {
            fs::write(place, before).unwrap();
        }
    }
}

#[test]
fn a_pipe_as_a_file_of_attributes_is_an_error_of_the_run() {
    let repo = edited();
    for name in [
        ".gitattributes",
        "src/.gitattributes",
        ".git/info/attributes",
    ] {
        let place = repo.path().join(name);
        put(&repo, &place, "pipe");
        let output = in_time(&repo, &["analyze"]);
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert!(
            output
                .stderr
                .contains(&format!("{name} is a pipe or a device")),
            "{output:?}"
        );
        clear(&place);
    }
    let attributes = repo.home().join("attributes");
    pipe(&repo, &attributes);
    repo.git(&[
        "config",
        "core.attributesFile",
        attributes.to_str().unwrap(),
    ]);
    let output = in_time(&repo, &["analyze"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("attributes is a pipe"), "{output:?}");
    // The usual way to have none.
    repo.git(&["config", "core.attributesFile", "/dev/null"]);
    repo.run(&["analyze"]).silent();
}

#[test]
fn a_teams_settings_and_prompts_are_read_from_regular_files_alone() {
    let mut repo = edited();
    repo.ask_at("http://127.0.0.1:9", "openai-chat");
    let secret = repo.home().join("outside");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("secret.md"), "the user's own text").unwrap();
    for kind in ["pipe", "socket", "link", "link to a pipe", "folder"] {
        let place = repo.path().join(".rustassistantconfig");
        put(&repo, &place, kind);
        for arguments in [&["analyze"][..], &["config", "list"]] {
            let output = in_time(&repo, arguments);
            assert_eq!(output.code, Some(2), "{kind} {arguments:?} {output:?}");
            assert!(output.stderr.contains(".rustassistantconfig"), "{output:?}");
        }
        clear(&place);
    }
    // A prompt that lies behind a folder that is a link.
    let prompt = "[rustassistant-kind \"safety\"]\n\tprompt = prompts/secret.md\n";
    repo.write(".rustassistantconfig", prompt);
    symlink(&secret, repo.path().join("prompts")).unwrap();
    let output = in_time(&repo, &["analyze", "-k", "safety", "-n"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("prompts/secret.md"), "{output:?}");
}

#[test]
fn a_list_of_files_has_an_end() {
    let repo = Repo::of_two_files();
    for list in ["/dev/zero", "/dev/urandom"] {
        let output = in_time(&repo, &["analyze", "--files-from", list]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("it is larger than"), "{output:?}");
        assert!(output.stderr.contains("hint: "), "{output:?}");
    }
    let mut program = repo.program();
    let zero = fs::File::open("/dev/zero").unwrap();
    let output = program
        .args(["analyze", "-z", "--files-from", "-"])
        .stdin(zero);
    assert_eq!(repo.finish(output).code, Some(2));
}

#[test]
fn a_submodule_that_is_called_as_a_file_of_attributes_is_none() {
    let repo = Repo::of_two_files();
    // Git itself would not take it from a remote, but has it.
    repo.git(&["config", "fsck.gitattributesBlob", "ignore"]);
    let commit = repo.git(&["rev-parse", "HEAD"]);
    for path in [".gitattributes", "src/.gitattributes"] {
        let line = format!("160000,{commit},{path}");
        repo.git(&["update-index", "--add", "--cacheinfo", &line]);
    }
    repo.git(&["commit", "-q", "-m", "gitlinks"]);
    for arguments in [
        &["analyze", "--rev", "HEAD"][..],
        &["analyze", "--rev", "HEAD", "--changed", "HEAD~"],
        &["analyze", "--rev", "HEAD", "src"],
        &["diff", "HEAD~..HEAD"],
        &["analyze", "--staged"],
    ] {
        let output = repo.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?} {output:?}");
    }
}

#[test]
fn an_object_or_a_list_of_gits_that_is_a_pipe_is_not_waited_for() {
    let repo = Repo::of_two_files();
    let commit = repo.git(&["rev-parse", "HEAD"]);
    let oid = repo.git(&["rev-parse", "HEAD:b.rs"]);
    let place = repo
        .path()
        .join(".git/objects")
        .join(&oid[..2])
        .join(&oid[2..]);
    let bytes = fs::read(&place).unwrap();
    fs::remove_file(&place).unwrap();
    pipe(&repo, &place);
    let output = in_time(&repo, &["analyze", "--rev", &commit, "b.rs"]);
    assert!(!output.stderr.contains("panicked"), "{output:?}");
    fs::remove_file(&place).unwrap();
    fs::write(&place, bytes).unwrap();
    let hook = repo.path().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    put(&repo, &hook, "link to a pipe");
    for arguments in [&["hook", "status"][..], &["doctor"], &["init", "--dry-run"]] {
        let output = in_time(&repo, arguments);
        assert!(!output.stderr.contains("panicked"), "{output:?}");
    }
}

#[test]
fn a_pipe_in_the_folder_of_a_submodule_is_named() {
    for name in ["HEAD", "config"] {
        let repo = edited();
        let inner = repo.home().join("inner");
        fs::create_dir(&inner).unwrap();
        let inner_at = inner.to_str().unwrap();
        repo.git(&["init", "-q", inner_at]);
        repo.git(&[
            "-C",
            inner_at,
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "inner",
        ]);
        repo.git(&[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            inner_at,
            "m",
        ]);
        repo.commit("with a submodule");
        repo.write("src/a.rs", "pub fn again() {}\n");
        let place = repo.path().join(".git/modules/m").join(name);
        put(&repo, &place, "pipe");
        for looking in LOOKING {
            let output = in_time(&repo, looking);
            assert_names(&output, name, &format!("{name} {looking:?}"));
        }
        clear(&place);
    }
}
