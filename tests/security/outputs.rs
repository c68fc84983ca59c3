//! A file that the user names is written where the user means, not where a link leads that came with
//! a repository.

use std::fs;
use std::os::unix::fs::symlink;

use super::own_folder::{in_time, pipe};
use crate::support::{Output, Repo};

const KEYS: &str = "the user's own keys";

/// A clone with links in it, and a file of the user's that they lead to.
fn with_links() -> Repo {
    let repo = Repo::of_two_files();
    fs::create_dir_all(repo.home().join(".ssh")).unwrap();
    fs::write(repo.home().join(".ssh/authorized_keys"), KEYS).unwrap();
    let link = |target: &str, name: &str| symlink(target, repo.path().join(name)).unwrap();
    link("../home/.ssh/authorized_keys", "lint.txt");
    link("../home/.ssh/new", "dangling.txt");
    link("../home/.ssh", "out");
    link("lint.txt", "chain.txt");
    link("out/../.ssh/authorized_keys", "winding.txt");
    link(".git/config", "config.txt");
    fs::create_dir(repo.path().join("sub")).unwrap();
    link("../../home/.ssh/authorized_keys", "sub/deep.txt");
    repo.commit("links");
    repo
}

#[track_caller]
fn assert_refused(repo: &Repo, output: &Output, what: &str) {
    assert_eq!(output.code, Some(2), "{what}: {output:?}");
    assert!(
        output.stderr.contains("tracks the symbolic link"),
        "{what}: {output:?}"
    );
    let hint = output
        .stderr
        .lines()
        .find(|line| line.starts_with("hint: "));
    assert!(hint.unwrap().contains(": rm '"), "{output:?}");
    assert_untouched(repo, what);
}

#[track_caller]
fn assert_untouched(repo: &Repo, what: &str) {
    let keys = fs::read_to_string(repo.home().join(".ssh/authorized_keys")).unwrap();
    assert_eq!(keys, KEYS, "{what}");
    let names = fs::read_dir(repo.home().join(".ssh")).unwrap().count();
    assert_eq!(names, 1, "{what}");
}

const PLACES: [&str; 9] = [
    "lint.txt",
    "dangling.txt",
    "out/authorized_keys",
    "out/new",
    "chain.txt",
    "winding.txt",
    "sub/deep.txt",
    "sub/../lint.txt",
    "./out/./new",
];

#[test]
fn no_command_writes_through_a_link_that_is_tracked() {
    let repo = with_links();
    for place in PLACES {
        for format in ["json", "text", "sarif"] {
            let output = repo.run(&["analyze", "--output", &format!("{format}={place}")]);
            assert_refused(&repo, &output, place);
        }
        for arguments in [&["diff", "HEAD", "--output"][..], &["todos", "--output"]] {
            let place = format!("concise={place}");
            let output = repo.run(&[arguments, &[&place]].concat());
            assert_refused(&repo, &output, &place);
        }
        let output = repo.run(&["docs", "module", "b.rs", "-o", place]);
        assert_refused(&repo, &output, place);
        let output = repo.run(&["cache", "export", place]);
        assert_refused(&repo, &output, place);
        let absolute = repo.path().join(place);
        let output = repo.run(&["docs", "module", "b.rs", "-o", absolute.to_str().unwrap()]);
        assert_refused(&repo, &output, place);
    }
    for place in ["out", "out/man"] {
        assert_refused(&repo, &repo.run(&["man", place]), place);
    }
}

#[test]
fn a_link_of_another_repository_is_no_better_wherever_the_user_stands() {
    let repo = with_links();
    let other = Repo::of_two_files();
    for place in ["lint.txt", "out/new", "sub/deep.txt"] {
        let place = repo.path().join(place);
        let place = place.to_str().unwrap();
        let output = other.run(&["analyze", "--output", &format!("json={place}")]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert_untouched(&repo, place);
        // Nor through a link of the user's that leads to it.
        let _ = fs::remove_file(other.path().join("mine.txt"));
        symlink(place, other.path().join("mine.txt")).unwrap();
        let output = other.run(&["analyze", "--output", "json=mine.txt"]);
        // One that leads to nothing gives way to the file.
        let is_replaced = other.path().join("mine.txt").is_file();
        assert!(output.code == Some(2) || is_replaced, "{output:?}");
        assert_untouched(&repo, place);
    }
    // Git is told by variables which repository is meant.
    let mut told = with_links();
    let (git, tree) = (told.path().join(".git"), told.path());
    told.set("GIT_DIR", git.to_str().unwrap());
    told.set("GIT_WORK_TREE", tree.to_str().unwrap());
    let output = told.run_in("sub", &["analyze", "--output", "json=deep.txt"]);
    assert_refused(&told, &output, "by variables");
}

#[test]
fn a_link_of_the_users_own_is_followed_as_ever() {
    let repo = Repo::of_two_files();
    let outside = repo.home().join("reports");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("old.json"), "old").unwrap();
    symlink(outside.join("old.json"), repo.path().join("mine.json")).unwrap();
    symlink(&outside, repo.path().join("folder")).unwrap();
    for place in ["mine.json", "folder/new.json"] {
        let output = repo.run(&["analyze", "--output", &format!("json={place}")]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
    for name in ["old.json", "new.json"] {
        let text = fs::read_to_string(outside.join(name)).unwrap();
        assert!(text.starts_with('{'), "{text}");
    }
    assert!(repo.path().join("mine.json").is_symlink());
}

#[test]
fn nothing_is_written_into_a_git_folder() {
    let repo = Repo::of_two_files();
    repo.run(&["analyze"]).silent();
    let config = repo.path().join(".git/config");
    let before = fs::read_to_string(&config).unwrap();
    symlink(".git/config", repo.path().join("mine.txt")).unwrap();
    symlink(".git/hooks", repo.path().join("hooks")).unwrap();
    for place in [
        ".git/config",
        ".git/hooks/post-checkout",
        "src/../.git/new",
        "mine.txt",
        "hooks/pre-push",
    ] {
        for arguments in [
            vec!["analyze".to_owned(), format!("--output=json={place}")],
            vec![
                "docs".into(),
                "module".into(),
                "b.rs".into(),
                "-o".into(),
                place.into(),
            ],
            vec!["cache".into(), "export".into(), place.into()],
            vec!["man".into(), place.into()],
        ] {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = repo.run(&arguments);
            assert_eq!(output.code, Some(2), "{place}: {output:?}");
            assert!(output.stderr.contains("hint: "), "{output:?}");
        }
    }
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    assert!(!repo.path().join(".git/new").exists());
    assert!(!repo.path().join(".git/hooks/post-checkout").exists());
}

#[test]
fn pipes_and_devices_are_written_to_as_ever() {
    let repo = Repo::of_two_files();
    for place in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let output = repo.run(&["analyze", "--output", &format!("json={place}")]);
        assert!(output.stdout.starts_with('{'), "{place}: {output:?}");
    }
    assert_eq!(
        repo.run(&["analyze", "--output", "json=/dev/null"]).code,
        Some(0)
    );
}

/// A tracked folder that git takes for a bare repository, with a link in it.
fn with_a_look_alike(config: &str) -> Repo {
    let repo = Repo::of_two_files();
    fs::create_dir_all(repo.home().join(".ssh")).unwrap();
    fs::write(repo.home().join(".ssh/authorized_keys"), KEYS).unwrap();
    repo.write("reports/HEAD", "ref: refs/heads/main\n");
    repo.write("reports/refs/keep", "");
    repo.write("reports/objects/keep", "");
    repo.write("reports/config", config);
    for (target, name) in [("../..", "todo.txt"), ("../../..", "refs/todo.txt")] {
        let target = format!("{target}/home/.ssh/authorized_keys");
        symlink(target, repo.path().join("reports").join(name)).unwrap();
    }
    repo.git(&["add", "-A", "-f"]);
    repo.git(&["commit", "-q", "-m", "reports"]);
    repo
}

#[test]
fn a_tracked_folder_that_looks_like_a_repository_does_not_answer_for_its_links() {
    let plain = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
    let repo = with_a_look_alike(plain);
    for place in ["reports/todo.txt", "reports/refs/todo.txt"] {
        let output = repo.run(&["analyze", "--output", &format!("json={place}")]);
        assert_refused(&repo, &output, place);
    }
    // Nor is its configuration read, which would never end.
    let repo = with_a_look_alike(&format!("{plain}[include]\n\tpath = ../pipe\n"));
    pipe(&repo, &repo.path().join("pipe"));
    let output = in_time(&repo, &["analyze", "--output", "json=reports/todo.txt"]);
    assert_refused(&repo, &output, "a pipe");
}

#[test]
fn a_repository_within_does_not_hide_what_the_one_around_it_tracks() {
    let repo = with_links();
    repo.git(&["init", "-q", "sub"]);
    let output = repo.run(&["analyze", "--output", "json=sub/deep.txt"]);
    assert_refused(&repo, &output, "from outside");
    let output = repo.run_in("sub", &["todos", "--output", "json=deep.txt"]);
    assert_refused(&repo, &output, "from inside");
    // Nor does one that names another work tree, or is none.
    repo.git(&["-C", "sub", "config", "core.worktree", "../.."]);
    let output = repo.run(&["analyze", "--output", "json=sub/deep.txt"]);
    assert_refused(&repo, &output, "another work tree");
    fs::remove_dir_all(repo.path().join("sub/.git")).unwrap();
    fs::create_dir(repo.path().join("sub/.git")).unwrap();
    let output = repo.run(&["analyze", "--output", "json=sub/deep.txt"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("cannot determine whether"),
        "{output:?}"
    );
    assert_untouched(&repo, "no repository");
}

#[test]
fn a_repository_around_whose_configuration_never_ends_is_not_waited_for() {
    let repo = with_links();
    let above = repo.path().parent().unwrap().to_owned();
    repo.git(&["init", "-q", above.to_str().unwrap()]);
    pipe(&repo, &above.join("pipe"));
    let config = above.join(".git/config");
    let text = fs::read_to_string(&config).unwrap() + "[include]\n\tpath = ../pipe\n";
    fs::write(config, text).unwrap();
    let keys = repo.home().join(".ssh/authorized_keys");
    symlink(keys, repo.path().join("mine.txt")).unwrap();
    let output = in_time(&repo, &["analyze", "--output", "json=mine.txt"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("cannot determine whether"),
        "{output:?}"
    );
    assert_untouched(&repo, "a pipe");
}

#[test]
fn a_link_is_tracked_whatever_the_index_says_and_however_it_is_spelled() {
    let repo = with_links();
    repo.git(&["rm", "-q", "--cached", "lint.txt", "sub/deep.txt"]);
    for place in ["lint.txt", "sub/deep.txt"] {
        let output = repo.run(&["analyze", "--output", &format!("json={place}")]);
        assert_refused(&repo, &output, place);
    }
    fs::rename(repo.path().join("sub"), repo.path().join("Sub")).unwrap();
    fs::rename(repo.path().join("out"), repo.path().join("OUT")).unwrap();
    for place in ["Sub/deep.txt", "OUT/authorized_keys"] {
        let output = repo.run(&["analyze", "--output", &format!("json={place}")]);
        assert_refused(&repo, &output, place);
    }
    // Before the first commit there is the index.
    let young = Repo::new();
    fs::create_dir_all(young.home().join(".ssh")).unwrap();
    fs::write(young.home().join(".ssh/authorized_keys"), KEYS).unwrap();
    let target = "../home/.ssh/authorized_keys";
    symlink(target, young.path().join("lint.txt")).unwrap();
    let place = young.path().join("lint.txt");
    let place = format!("json={}", place.display());
    let other = Repo::of_two_files();
    young.git(&["add", "lint.txt"]);
    assert_refused(
        &young,
        &other.run(&["analyze", "--output", &place]),
        "young",
    );
    young.git(&["rm", "-q", "--cached", "lint.txt"]);
    assert_eq!(other.run(&["analyze", "--output", &place]).code, Some(0));
}

#[test]
fn a_git_directory_is_one_whatever_its_name() {
    let repo = Repo::of_two_files();
    repo.git(&["init", "-q", "--separate-git-dir", "gitstuff"]);
    let linked = repo.home().join("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    repo.git(&["clone", "-q", "--bare", ".", "../home/mine.git"]);
    symlink("gitstuff/hooks", repo.path().join("hooks")).unwrap();
    let other = Repo::of_two_files();
    let gits = repo.path().join("gitstuff");
    let mine = repo.home().join("mine.git");
    for place in [
        gits.join("hooks/post-checkout"),
        gits.join("worktrees/linked/new"),
        repo.path().join("hooks/post-checkout"),
        mine.join("hooks/post-checkout"),
    ] {
        for from in [&repo, &other] {
            for arguments in [["analyze", "--output=json="], ["man", ""]] {
                let named = format!("{}{}", arguments[1], place.display());
                let output = from.run(&[arguments[0], &named]);
                assert_eq!(output.code, Some(2), "{named}: {output:?}");
                assert!(output.stderr.contains("git directory"), "{output:?}");
            }
        }
        assert!(!place.exists(), "{}", place.display());
    }
    // From a linked work tree, what all of them share.
    let named = format!("json={}", gits.join("info/new").display());
    let mut program = repo.program();
    let program = program.current_dir(&linked).args(["analyze", "--output"]);
    let output = repo.finish(program.arg(named));
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(!gits.join("info/new").exists());
}
