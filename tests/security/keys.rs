//! The key of a provider is known to this process and to that provider.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::Repo;
use crate::support::model::{KEY, analysis, answer};
use crate::support::server::{Canned, Server};

/// A git before git that notes with what it was started: arguments and environment.
fn noted(repo: &mut Repo) -> std::path::PathBuf {
    let folder = repo.home().join("bin");
    let log = repo.home().join("started.log");
    fs::create_dir(&folder).unwrap();
    let paths = std::env::split_paths(env!("PATH"));
    let real = paths
        .map(|path| path.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let text = format!(
        "#!/bin/sh\n{{ env; echo \"$0 $*\"; }} >> {}\nexec {} \"$@\"\n",
        log.display(),
        real.display()
    );
    fs::write(folder.join("git"), text).unwrap();
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    repo.set("PATH", &format!("{}:{}", folder.display(), env!("PATH")));
    log
}

#[test]
fn no_git_that_is_started_is_given_a_key_whatever_its_variable_is_called() {
    let server = Server::start(|received| match received.nth {
        0 => answer("openai-chat", &analysis()),
        _ => Canned::new(
            401,
            format!("{{\"error\": {{\"message\": \"not {KEY}\"}}}}"),
        ),
    });
    for variable in ["TEST_API_KEY", "TEAM_TOKEN"] {
        let mut repo = Repo::of_two_files();
        repo.ask(&server, "openai-chat");
        repo.set("TEST_API_KEY", "");
        repo.set(variable, KEY);
        repo.git(&[
            "config",
            "--global",
            "rustassistant-provider.test.keyEnv",
            variable,
        ]);
        repo.write(".rustassistantconfig", "[rustassistant]\n\tkinds = docs\n");
        repo.commit("settings");
        repo.write("b.rs", "pub fn changed() {}\n");
        let log = noted(&mut repo);
        let mut noted_all = String::new();
        for arguments in [
            &["analyze"][..],
            &["analyze", "-v", "--refresh"],
            &["status"],
            &["doctor"],
        ] {
            let output = repo.run(arguments);
            assert!(
                !(output.stdout + &output.stderr).contains(KEY),
                "{arguments:?}"
            );
            let noted = fs::read_to_string(&log).unwrap();
            fs::remove_file(&log).unwrap();
            // Where git's configuration is not in its usual files, the first git is the one that
            // lists it: until then nobody knows the variable.
            let (first, rest) = noted.split_once("show-origin").unwrap_or(("", &noted));
            assert!(!rest.contains(KEY), "{variable} {arguments:?}: {rest}");
            assert!(!first.contains(KEY) || variable == "TEAM_TOKEN");
            noted_all += &noted;
        }
        assert!(noted_all.contains("ls-files"), "{noted_all}");
    }
}

/// While it waits for an answer: neither its arguments nor those of anything it has started.
#[test]
fn a_key_stands_in_no_list_of_processes() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let list = std::sync::Arc::clone(&seen);
    let server = Server::start(move |_| {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
        let lines: Vec<u8> = lines.flatten().collect();
        list.lock()
            .unwrap()
            .push_str(&String::from_utf8_lossy(&lines));
        answer("openai-chat", &analysis())
    });
    let mut repo = Repo::of_two_files();
    repo.ask(&server, "openai-chat");
    repo.run(&["analyze"]).silent();
    let seen = seen.lock().unwrap();
    if !Path::new("/proc/self/cmdline").exists() {
        eprintln!("skipped: there is no list of processes here");
        return;
    }
    assert!(seen.contains("git-rustassistant") && !seen.contains(KEY));
}
