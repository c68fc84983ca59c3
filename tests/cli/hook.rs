//! `hook install`, `uninstall` and `status`: what they change, and what they leave alone. What the
//! hook does when git pushes: see `pushing`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::Repo;

/// Everything that installing may touch: the hooks and the configuration, with modes and targets.
fn state(repo: &Repo) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let git = repo.path().join(".git");
    let mut files = vec![git.join("config")];
    let hooks = fs::read_dir(git.join("hooks")).into_iter().flatten();
    files.extend(hooks.map(|file| file.unwrap().path()));
    let held = |path: PathBuf| {
        let metadata = path.symlink_metadata().unwrap();
        let bytes = if metadata.is_symlink() {
            fs::read_link(&path)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes()
        } else {
            fs::read(&path).unwrap()
        };
        (path, (metadata.permissions().mode(), bytes))
    };
    files.into_iter().map(held).collect()
}

fn write_hook(repo: &Repo, text: &str, mode: u32) -> PathBuf {
    let hook = repo.path().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, text).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(mode)).unwrap();
    hook
}

fn install(repo: &Repo) -> String {
    repo.run(&["hook", "install"]).silent()
}

#[test]
fn installing_again_changes_nothing_and_uninstalling_leaves_no_trace() {
    let repo = Repo::new();
    let before = state(&repo);
    let dry = repo.run(&["hook", "install", "--dry-run"]).silent();
    assert!(dry.starts_with("would "), "{dry}");
    assert_eq!(state(&repo), before);
    assert_eq!(
        repo.run(&["hook", "status"]).silent(),
        "not installed; to install it: git rustassistant hook install\n"
    );
    assert!(!install(&repo).starts_with("unchanged"));
    let installed = state(&repo);
    assert_ne!(installed, before);
    assert!(install(&repo).starts_with("unchanged"));
    assert_eq!(state(&repo), installed);
    let status = repo.run(&["hook", "status"]).silent();
    assert!(
        status.starts_with("installed ") && !status.contains("but"),
        "{status}"
    );
    repo.run(&["hook", "uninstall"]).silent();
    assert_eq!(state(&repo), before);
    assert!(
        repo.run(&["hook", "uninstall"])
            .silent()
            .starts_with("unchanged")
    );
}

#[test]
fn a_hook_of_others_is_put_back_byte_for_byte_with_its_mode() {
    for (text, mode) in [
        ("#!/bin/sh\nexec make check", 0o755),
        ("#!/usr/bin/env python3\nimport sys\n", 0o700),
        ("not executable", 0o644),
    ] {
        let repo = Repo::new();
        write_hook(&repo, text, mode);
        let before = state(&repo);
        install(&repo);
        repo.run(&["hook", "uninstall"]).silent();
        assert_eq!(state(&repo), before, "{text}");
    }
    let repo = Repo::new();
    fs::create_dir_all(repo.path().join(".git/hooks")).unwrap();
    let hook = repo.path().join(".git/hooks/pre-push");
    std::os::unix::fs::symlink("../../tools/pre-push", &hook).unwrap();
    let before = state(&repo);
    install(&repo);
    repo.run(&["hook", "uninstall"]).silent();
    assert_eq!(state(&repo), before);
}

#[test]
fn folders_of_hooks_that_are_not_ours_are_left_alone_and_the_lines_to_write_are_said() {
    let repo = Repo::new();
    if repo.runs_config_hooks() {
        return;
    }
    repo.write("tools/hooks/pre-commit", "#!/bin/sh\n");
    repo.commit("tracked hooks");
    for (scope, folder, why) in [
        ("--local", "tools/hooks", "git tracks files in"),
        ("--local", "/dev/null", "hooks are disabled"),
        ("--local", ".husky/_", "belongs to husky"),
        ("--global", "shared", "which other repositories use, too"),
    ] {
        repo.git(&["config", scope, "core.hooksPath", folder]);
        let before = state(&repo);
        let output = repo.run(&["hook", "install"]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(why), "{output:?}");
        assert!(
            output
                .stderr
                .contains("git-rustassistant hook run pre-push"),
            "{output:?}"
        );
        assert_eq!(state(&repo), before);
        repo.git(&["config", scope, "--unset", "core.hooksPath"]);
    }
    let hook = write_hook(
        &repo,
        "#!/bin/sh\ncall_lefthook run \"pre-push\" \"$@\"\n",
        0o755,
    );
    let output = repo.run(&["hook", "install"]);
    assert!(output.stderr.contains("managed by lefthook"), "{output:?}");
    assert!(output.stderr.contains("use_stdin: true"), "{output:?}");
    fs::remove_file(hook).unwrap();
    // A folder of the repository's own is as good as the usual one.
    repo.git(&["config", "core.hooksPath", ".git/mine"]);
    install(&repo);
    assert!(repo.path().join(".git/mine/pre-push").exists());
    repo.run(&["hook", "uninstall"]).silent();
    assert!(!repo.path().join(".git/mine/pre-push").exists());
}

#[test]
fn init_installs_the_hook_unless_it_is_told_not_to_and_takes_it_out_again() {
    let repo = Repo::new();
    let before = state(&repo);
    let init = |arguments: &[&str]| repo.run(&[&["init"], arguments].concat()).silent();
    let is_installed = || {
        repo.run(&["hook", "status"])
            .silent()
            .starts_with("installed")
    };
    init(&["--no-hook"]);
    assert!(!is_installed());
    let dry = init(&["--dry-run"]);
    assert!(dry.lines().any(|line| line.starts_with("would ")), "{dry}");
    assert!(!is_installed());
    init(&[]);
    assert!(is_installed());
    let again = init(&["--hook"]);
    assert!(
        again.contains("unchanged: the pre-push hook is installed"),
        "{again}"
    );
    init(&["--undo", "--dry-run"]);
    assert!(is_installed());
    init(&["--undo"]);
    assert!(!is_installed());
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        state(&repo).keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_hook_that_cannot_be_installed_keeps_init_from_nothing_else() {
    let repo = Repo::new();
    if repo.runs_config_hooks() {
        return;
    }
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let output = repo.run(&["init"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("hooks are disabled"), "{output:?}");
    assert!(
        output.stdout.contains("set log.excludeDecoration"),
        "{output:?}"
    );
}

#[test]
fn an_older_script_is_brought_up_to_date_and_one_with_additions_is_not_touched() {
    let repo = Repo::new();
    if repo.runs_config_hooks() {
        return;
    }
    install(&repo);
    let hook = repo.path().join(".git/hooks/pre-push");
    let current = fs::read_to_string(&hook).unwrap();
    write_hook(
        &repo,
        &current.replace("pre-push 3 >>>", "pre-push 2 >>>"),
        0o755,
    );
    let status = repo.run(&["hook", "status"]).silent();
    assert!(
        status.contains("but it was installed by another version"),
        "{status}"
    );
    install(&repo);
    assert_eq!(fs::read_to_string(&hook).unwrap(), current);
    let added = format!("{current}make check\n");
    write_hook(&repo, &added, 0o755);
    for verb in ["install", "uninstall"] {
        let output = repo.run(&["hook", verb]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("was edited"), "{output:?}");
        assert_eq!(fs::read_to_string(&hook).unwrap(), added);
    }
}

#[test]
fn of_the_two_ways_the_one_of_another_git_is_taken_out_when_this_ones_is_put_in() {
    let repo = Repo::new();
    let before = state(&repo);
    if repo.runs_config_hooks() {
        write_hook(&repo, include_str!("../../hooks/pre-push"), 0o755);
        install(&repo);
        assert!(!repo.path().join(".git/hooks/pre-push").exists());
    } else {
        repo.git(&["config", "hook.rustassistant.command", "true"]);
        repo.git(&["config", "hook.rustassistant.event", "pre-push"]);
        install(&repo);
        assert!(
            !repo
                .git(&["config", "--list"])
                .contains("hook.rustassistant")
        );
    }
    assert!(install(&repo).starts_with("unchanged"));
    repo.run(&["hook", "uninstall"]).silent();
    let files = |state: BTreeMap<PathBuf, _>| state.into_keys().collect::<Vec<_>>();
    assert_eq!(files(state(&repo)), files(before));
}

#[test]
fn git_is_asked_whether_it_runs_what_the_configuration_names() {
    let repo = Repo::new();
    if !repo.runs_config_hooks() {
        eprintln!("skipped: this git runs no hooks of the configuration");
        return;
    }
    repo.git(&["config", "hook.rustassistant.enabled", "true"]);
    let before = state(&repo);
    install(&repo);
    assert_eq!(repo.git(&["hook", "list", "pre-push"]), "rustassistant");
    let mut switches = vec!["hook.rustassistant.enabled"];
    // The switch of a whole event came with 2.55.
    switches.extend((repo.git_version() >= (2, 55)).then_some("hook.pre-push.enabled"));
    for switch in switches {
        repo.git(&["config", switch, "false"]);
        let status = repo.run(&["hook", "status"]).silent();
        assert!(
            status.contains(&format!("but {switch} is false")),
            "{status}"
        );
        repo.git(&["config", switch, "true"]);
        let status = repo.run(&["hook", "status"]).silent();
        assert_eq!(status, "installed in the configuration\n");
    }
    let _ = repo
        .command(Path::new("git"))
        .args(["config", "--remove-section", "hook.pre-push"])
        .output();
    repo.run(&["hook", "uninstall"]).silent();
    assert_eq!(state(&repo), before, "what the user has set stays");
}

#[test]
fn a_linked_work_tree_installs_for_all_of_them() {
    let repo = Repo::new();
    repo.commit("first");
    repo.git(&["worktree", "add", "-q", "../repo/linked"]);
    let before = state(&repo);
    repo.run_in("linked", &["hook", "install"]).silent();
    assert!(install(&repo).starts_with("unchanged"));
    repo.run_in("linked", &["hook", "uninstall"]).silent();
    assert_eq!(state(&repo), before);
}

#[test]
fn the_shim_hands_arguments_and_input_to_both_hooks_and_the_other_hooks_status_on() {
    let repo = Repo::new();
    let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/pre-push");
    let folder = repo.home().join("hooks");
    fs::create_dir_all(folder.join("bin")).unwrap();
    let executable = |path: PathBuf, text: &str| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    fs::copy(shim, folder.join("pre-push")).unwrap();
    let input = "refs/heads/a 1 refs/heads/a 0\nrefs/heads/ä b 2\n\n";
    let run = |ours: Option<u8>, other: Option<&str>| {
        let _ = fs::remove_file(folder.join("said"));
        let _ = fs::remove_file(folder.join("bin/git-rustassistant"));
        let _ = fs::remove_file(folder.join("pre-push.before-rustassistant"));
        if let Some(status) = ours {
            let text = format!(
                "#!/bin/sh\n{{ echo \"ours $*\"; cat; }} >>{}/said\nexit {status}\n",
                folder.display()
            );
            executable(folder.join("bin/git-rustassistant"), &text);
        }
        if let Some(text) = other {
            executable(folder.join("pre-push.before-rustassistant"), text);
        }
        let mut command = repo.command(&folder.join("pre-push"));
        command.args(["origin", "a url"]);
        command.env(
            "PATH",
            format!("{}:/usr/bin:/bin", folder.join("bin").display()),
        );
        let lines = folder.join("input");
        fs::write(&lines, input).unwrap();
        command.stdin(fs::File::open(lines).unwrap());
        let code = repo.finish(&mut command).code.unwrap();
        (
            code,
            fs::read_to_string(folder.join("said")).unwrap_or_default(),
        )
    };
    let ours = format!("ours hook run pre-push origin a url\n{input}");
    assert_eq!(run(Some(0), None), (0, ours.clone()));
    assert_eq!(run(Some(1), None).0, 1, "a gate stops a push");
    for failure in [2, 101, 134, 137] {
        assert_eq!(run(Some(failure), None).0, 0, "a failure of ours does not");
    }
    assert_eq!(run(None, None), (0, String::new()));
    let said = folder.join("said");
    let said = said.display();
    let others = [
        format!("#!/bin/sh\n{{ echo \"sh $*\"; cat; }} >>{said}\nexit 7\n"),
        format!("#!/bin/sh\nexec sh -c '{{ echo \"sh $*\"; cat; }} >>{said}; exit 7' 0 \"$@\"\n"),
        format!(
            "#!/usr/bin/env python3\nimport sys\nwith open({:?}, 'a') as said:\n    \
             said.write('sh ' + ' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\nsys.exit(7)\n",
            folder.join("said")
        ),
    ];
    let python = Path::new("/usr/bin/python3").exists();
    let others = others
        .iter()
        .filter(|other| python || !other.contains("python3"));
    for other in others {
        assert_eq!(
            run(Some(0), Some(other)),
            (7, format!("sh origin a url\n{input}")),
            "{other}"
        );
        let willing = other
            .replace("exit 7", "exit 0")
            .replace("exit(7)", "exit(0)");
        let (code, said) = run(Some(0), Some(&willing));
        assert_eq!(
            (code, said),
            (0, format!("sh origin a url\n{input}{ours}")),
            "{other}"
        );
    }
    assert_eq!(
        run(Some(0), Some("#!/bin/sh\nexit 0\n")),
        (0, ours),
        "which reads nothing"
    );
}
