//! What an archive puts in the place of our folder, or of a file in it, is not followed, not written
//! to and not removed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::COMMANDS;
use crate::support::{Output, Repo};

/// Files of the user's, under names of every form that we give to files.
const NAMES: [&str; 16] = [
    "thesis.tex",
    "1-0",
    "4194304-0",
    "gate",
    "lock",
    "consent",
    "init",
    "signed",
    "told",
    "hook.log",
    "usage.jsonl",
    "memo-0123abc",
    "index-0123abc",
    "tokens-0123abc",
    "new-memo-abcdef",
    "moving-config",
];

struct Victim {
    folder: PathBuf,
    before: Vec<(PathBuf, Vec<u8>, u32)>,
}

impl Victim {
    /// A folder of the user's beside the repository, empty files and folders among its own.
    fn new(repo: &Repo) -> Self {
        let folder = repo.home().join("victim");
        fs::create_dir_all(folder.join("scratch-abcdef/objects")).unwrap();
        fs::write(folder.join("scratch-abcdef/lock"), "").unwrap();
        fs::write(folder.join("scratch-abcdef/notes"), "notes").unwrap();
        for (number, name) in NAMES.iter().enumerate() {
            let text = if number % 2 == 0 { "" } else { "precious" };
            fs::write(folder.join(name), text).unwrap();
        }
        let before = listed(&folder);
        Self { folder, before }
    }

    #[track_caller]
    fn assert_whole(&self, what: &str) {
        assert_eq!(listed(&self.folder), self.before, "{what}");
    }
}

/// All that lies below a folder, with contents and modes.
fn listed(folder: &Path) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let mode = path.symlink_metadata().unwrap().permissions().mode();
            if path.is_dir() {
                folders.push(path.clone());
                all.push((path, Vec::new(), mode));
            } else {
                let bytes = fs::read(&path).unwrap();
                all.push((path, bytes, mode));
            }
        }
    }
    all.sort();
    all
}

/// Runs it to its end, which must come.
#[track_caller]
pub fn in_time(repo: &Repo, arguments: &[&str]) -> Output {
    const LONG: Duration = Duration::from_secs(60);
    let (out, err) = (repo.home().join("out"), repo.home().join("err"));
    let mut program = repo.program();
    program.args(arguments).stdin(std::process::Stdio::null());
    program.stdout(fs::File::create(&out).unwrap());
    program.stderr(fs::File::create(&err).unwrap());
    let mut child: Child = program.spawn().unwrap();
    let since = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let is_late = since.elapsed() > LONG;
        if is_late {
            child.kill().unwrap();
        }
        assert!(!is_late, "{arguments:?} does not end");
        std::thread::sleep(Duration::from_millis(5));
    };
    repo.output_of(&std::process::Output {
        status,
        stdout: fs::read(out).unwrap(),
        stderr: fs::read(err).unwrap(),
    })
}

/// All that looks at a repository, and what stores and shares.
fn everything(repo: &Repo, victim: &Victim, what: &str) -> String {
    let mut said = String::new();
    let more: [&[&str]; 7] = [
        &["analyze", "--refresh", "-k", "all"],
        &["doctor", "--repair"],
        &["analyze", "--changed", "HEAD"],
        &["cache", "compact"],
        &["cache", "purge", "--text", "nobody"],
        &["cache", "clear"],
        &["config", "consent", "--forget"],
    ];
    for arguments in COMMANDS.iter().chain(&more) {
        // Something to hash, in a scratch folder.
        repo.write(
            "b.rs",
            format!("pub fn b() {{ {} }}\n", arguments.join(" ").len()),
        );
        let output = in_time(repo, arguments);
        victim.assert_whole(&format!("{what}: {arguments:?} {output:?}"));
        assert!(!output.stderr.contains("panicked"), "{output:?}");
        said += &output.stderr;
    }
    said
}

fn with_entries() -> (Repo, PathBuf) {
    let repo = Repo::of_two_files();
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("a");
    repo.run(&["analyze"]).silent();
    let own = repo.path().join(".git/rustassistant");
    (repo, own)
}

#[test]
fn a_link_in_the_place_of_our_folder_leads_nowhere() {
    for target in ["../../home/victim", "absolute", "loop"] {
        let (repo, own) = with_entries();
        let victim = Victim::new(&repo);
        fs::remove_dir_all(&own).unwrap();
        match target {
            "absolute" => symlink(&victim.folder, &own).unwrap(),
            "loop" => symlink("rustassistant", &own).unwrap(),
            _ => symlink(target, &own).unwrap(),
        }
        let said = everything(&repo, &victim, target);
        assert!(said.contains("rustassistant is a symbolic link"), "{said}");
        assert!(said.contains("hint: "), "{said}");
        assert!(own.is_symlink());
    }
}

#[test]
fn a_link_in_the_place_of_a_folder_in_it_leads_nowhere() {
    for name in ["journal", "claims"] {
        for is_known in [true, false] {
            let (repo, own) = with_entries();
            let victim = Victim::new(&repo);
            let _ = fs::remove_dir_all(own.join(name));
            if !is_known {
                fs::remove_dir_all(&own).unwrap();
                fs::create_dir(&own).unwrap();
            }
            symlink("../../../home/victim", own.join(name)).unwrap();
            let said = everything(&repo, &victim, name);
            assert!(
                said.contains(&format!("{name} is a symbolic link")),
                "{said}"
            );
            assert!(own.join(name).is_symlink());
        }
    }
}

#[test]
fn what_stands_in_the_place_of_our_folder_and_is_none_stops_nobody() {
    for name in ["", "journal", "claims"] {
        for kind in ["file", "pipe", "socket"] {
            let (repo, own) = with_entries();
            let victim = Victim::new(&repo);
            let place = if name.is_empty() { own } else { own.join(name) };
            fs::remove_dir_all(&place).unwrap();
            put(&repo, &place, kind);
            let said = everything(&repo, &victim, &format!("{kind} as '{name}'"));
            assert!(
                said.contains("is not a directory"),
                "{kind} as '{name}': {said}"
            );
            assert!(!place.is_dir());
        }
    }
}

/// Something that is no regular file of ours.
fn put(repo: &Repo, place: &Path, kind: &str) {
    match kind {
        "file" => fs::write(place, "precious").unwrap(),
        "folder" => fs::create_dir_all(place.join("precious")).unwrap(),
        "pipe" => pipe(repo, place),
        "socket" => drop(std::os::unix::net::UnixListener::bind(place).unwrap()),
        "dangling" => symlink(repo.home().join("victim/absent"), place).unwrap(),
        "hard link" => fs::hard_link(repo.home().join("victim/lock"), place).unwrap(),
        target => symlink(repo.home().join("victim").join(target), place).unwrap(),
    }
}

pub fn pipe(repo: &Repo, place: &Path) {
    let mut make = repo.command("mkfifo".as_ref());
    assert!(make.arg(place).status().unwrap().success());
}

#[test]
fn what_stands_in_the_place_of_a_file_of_ours_is_neither_written_to_nor_waited_for() {
    for kind in [
        "thesis.tex",
        "lock",
        "dangling",
        "hard link",
        "pipe",
        "socket",
        "folder",
    ] {
        let (repo, own) = with_entries();
        let victim = Victim::new(&repo);
        fs::remove_dir_all(&own).unwrap();
        let places = NAMES
            .iter()
            .filter(|name| !name.contains('-') && !name.ends_with("tex"));
        let places: Vec<PathBuf> = places.map(|name| own.join(name)).collect();
        let inside = ["journal/4194304-0", "claims/4194304-0", "claims/gate"];
        let ours = ["scratch-abcdef/lock", "moving-config", "memo-0123abc"];
        let places = places
            .into_iter()
            .chain(inside.iter().chain(&ours).map(|name| own.join(name)));
        // Something of a repository that is older than the links.
        for folder in ["journal", "claims", "scratch-abcdef"] {
            fs::create_dir_all(own.join(folder)).unwrap();
        }
        for place in places {
            put(&repo, &place, kind);
        }
        let mut names = fs::read_dir(own.join("claims")).unwrap().count();
        assert!(names > 0);
        if kind == "hard link" {
            // The victim has names more, and nothing else.
            fs::set_permissions(own.join("lock"), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let victim = Victim {
            before: listed(&victim.folder),
            ..victim
        };
        everything(&repo, &victim, kind);
        names = fs::read_dir(own.join("journal")).unwrap().count();
        assert!(names > 0, "{kind}: what is not ours stays");
    }
}

#[test]
fn files_of_others_among_ours_stay() {
    let (repo, own) = with_entries();
    let foreign = ["notes", "a-b", "1-", "-1", "1-0.bak", "0x1-0", "torn"];
    for folder in ["journal", "claims"] {
        for name in foreign {
            fs::write(own.join(folder).join(name), "").unwrap();
        }
    }
    let beside = [
        "memo-to-myself",
        "index-of-papers",
        "tokens-of-love",
        "new-memo-",
        "scratch.txt",
    ];
    for name in beside {
        fs::write(own.join(name), "precious").unwrap();
    }
    fs::create_dir(own.join("scratch-")).unwrap();
    fs::create_dir(own.join("scratch-of mine")).unwrap();
    // As old as only what nobody misses is.
    for number in 0..12 {
        fs::write(own.join(format!("memo-{number}")), "x").unwrap();
    }
    let victim = Victim::new(&repo);
    everything(&repo, &victim, "foreign names");
    for folder in ["journal", "claims"] {
        for name in foreign {
            assert!(own.join(folder).join(name).exists(), "{folder}/{name}");
        }
    }
    for name in beside.iter().chain(&["scratch-", "scratch-of mine"]) {
        assert!(own.join(name).exists(), "{name}");
    }
}

#[test]
fn a_scratch_folder_is_removed_and_what_its_links_lead_to_is_not() {
    let (repo, own) = with_entries();
    let victim = Victim::new(&repo);
    let dead = own.join("scratch-abc123");
    fs::create_dir(&dead).unwrap();
    symlink(&victim.folder, dead.join("objects")).unwrap();
    symlink(victim.folder.join("thesis.tex"), dead.join("index")).unwrap();
    symlink(&victim.folder, own.join("scratch-xyz789")).unwrap();
    everything(&repo, &victim, "links in a scratch folder");
    assert!(!dead.exists());
    assert!(own.join("scratch-xyz789").is_symlink());
}

#[test]
fn linked_work_trees_and_git_files_are_no_way_around() {
    let (repo, own) = with_entries();
    let linked = repo.home().join("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let victim = Victim::new(&repo);
    fs::remove_dir_all(own.join("journal")).unwrap();
    symlink(&victim.folder, own.join("journal")).unwrap();
    for arguments in COMMANDS {
        let mut program = repo.program();
        let output = repo.finish(program.current_dir(&linked).args(arguments));
        victim.assert_whole(&format!("{arguments:?} {output:?}"));
    }
    // `.git` is a file that names another folder, and ours there is a link.
    let elsewhere = repo.home().join("elsewhere.git");
    repo.git(&[
        "clone",
        "-q",
        "--separate-git-dir",
        elsewhere.to_str().unwrap(),
        ".",
        "../home/apart",
    ]);
    symlink(&victim.folder, elsewhere.join("rustassistant")).unwrap();
    for arguments in COMMANDS {
        let mut program = repo.program();
        let output = repo.finish(
            program
                .current_dir(repo.home().join("apart"))
                .args(arguments),
        );
        victim.assert_whole(&format!("{arguments:?} {output:?}"));
    }
}

#[test]
fn links_among_our_refs_and_their_logs_lead_nowhere() {
    let (repo, _) = with_entries();
    if !repo.has_refs_in_files() {
        return;
    }
    let git = repo.path().join(".git");
    let victim = Victim::new(&repo);
    for place in [
        "refs/rustassistant",
        "logs/refs/rustassistant",
        "refs/rustassistant/local",
    ] {
        let place = git.join(place);
        let aside = git.join("aside");
        fs::rename(&place, &aside).unwrap();
        symlink(&victim.folder, &place).unwrap();
        for arguments in [
            &["cache", "verify"][..],
            &["analyze", "--refresh"],
            &["doctor"],
            &["doctor", "--repair"],
            &["cache", "clear"],
            &["status"],
        ] {
            let output = in_time(&repo, arguments);
            victim.assert_whole(&format!("{} {arguments:?} {output:?}", place.display()));
        }
        assert!(place.is_symlink());
        fs::remove_file(&place).unwrap();
        fs::rename(&aside, &place).unwrap();
    }
}

#[test]
fn a_reflog_of_ours_is_a_file_of_its_own_or_is_not_written() {
    let (repo, _) = with_entries();
    if !repo.has_refs_in_files() {
        return;
    }
    let victim = Victim::new(&repo);
    let thesis = victim.folder.join("thesis.tex");
    let log = repo.path().join(".git/logs/refs/rustassistant/local/v1");
    for kind in ["a hard link", "a symbolic link", "not a regular file"] {
        fs::remove_file(&log).unwrap();
        match kind {
            "a hard link" => fs::hard_link(&thesis, &log).unwrap(),
            "a symbolic link" => symlink(&thesis, &log).unwrap(),
            _ => pipe(&repo, &log),
        }
        let output = in_time(&repo, &["cache", "clear"]);
        victim.assert_whole(&format!("{kind}: {output:?}"));
        let refused = output.stderr.contains(kind) && output.stderr.contains("local/v1");
        assert!(refused, "{kind}: {output:?}");
        assert!(output.stderr.contains("then: rm '"), "{kind}: {output:?}");
        for arguments in [&["analyze", "--refresh"][..], &["doctor"], &["status"]] {
            let output = in_time(&repo, arguments);
            victim.assert_whole(&format!("{kind}: {arguments:?} {output:?}"));
        }
    }
}

#[test]
fn a_ref_that_is_dropped_takes_no_file_behind_a_link_with_it() {
    let (repo, _) = with_entries();
    if !repo.has_refs_in_files() {
        return;
    }
    let victim = Victim::new(&repo);
    fs::create_dir(victim.folder.join("local")).unwrap();
    fs::write(victim.folder.join("local/v1"), "precious").unwrap();
    let before = listed(&victim.folder);
    let victim = Victim { before, ..victim };
    let git = repo.path().join(".git");
    let logs = git.join("logs/refs/rustassistant");
    fs::remove_dir_all(&logs).unwrap();
    symlink(&victim.folder, &logs).unwrap();
    // Git can read it, and remove it.
    let lost = format!("{}\n", "1".repeat(40));
    fs::write(git.join("refs/rustassistant/local/v1"), lost).unwrap();
    for arguments in [&["doctor", "--repair"][..], &["cache", "clear"]] {
        let output = in_time(&repo, arguments);
        victim.assert_whole(&format!("{arguments:?} {output:?}"));
    }
    // Git, too, is to find all in order.
    fs::remove_file(&logs).unwrap();
    fs::remove_file(git.join("refs/rustassistant/local/v1")).unwrap();
}

#[test]
fn a_journal_without_end_is_no_journal() {
    let (repo, own) = with_entries();
    for (name, size) in [("4194304-1", 3 << 30), ("4194304-2", 1 << 40)] {
        let file = fs::File::create(own.join("journal").join(name)).unwrap();
        file.set_len(size).unwrap();
    }
    let text = format!("entry {} 99999999999\n", "0".repeat(40));
    fs::write(own.join("journal/4194304-3"), text).unwrap();
    let since = Instant::now();
    repo.write("b.rs", "pub fn other() {}\n");
    assert_eq!(in_time(&repo, &["analyze"]).code, Some(0));
    assert!(
        since.elapsed() < Duration::from_secs(20),
        "{:?}",
        since.elapsed()
    );
}
