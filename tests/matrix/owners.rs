//! Repositories of somebody else: git decides whether they are to be trusted, and this program
//! agrees. Needs to be root, to give files away.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::place::Place;

/// Neither root nor whoever runs the commands.
const OWNER: &str = "1234";
const NOBODY: &str = "65534";

super::shapes! {
    in_a_repository_of_somebody_whom_git_was_told_to_trust: trusted();
}

/// A clone that belongs to somebody else, entered as nobody, who may write everywhere; `None`
/// where that cannot be had.
fn foreign() -> Option<Place> {
    let place = Place::plain();
    let may_give = fs::metadata(&place.folder).unwrap().uid() == 0;
    let root = place.beside("");
    let root = root.to_str().unwrap().to_owned();
    let git = &place.machine;
    let done = |program: &str, arguments: &[&str]| {
        let mut command = git.command(Path::new(program));
        let status = command.args(arguments).arg(&root).status();
        status.is_ok_and(|status| status.success())
    };
    let given = may_give && done("chown", &["-R", OWNER]) && done("chmod", &["-R", "a+rwX"]);
    let words = [
        "setpriv",
        "--reuid",
        NOBODY,
        "--regid",
        NOBODY,
        "--clear-groups",
    ];
    let place = Place {
        before: words.map(str::to_owned).to_vec(),
        ..place
    };
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let mut probe = place.command(program);
    let runs = given
        && probe
            .arg("--version")
            .output()
            .is_ok_and(|run| run.status.success());
    if !runs {
        eprintln!("skipped: files cannot be given away here");
    }
    runs.then_some(place)
}

/// Trusted by the environment alone, which libgit2 does not read.
fn trusted() -> Option<Place> {
    let mut place = foreign()?;
    place.variables.extend(trust_of("*"));
    // The server's side of a conversation is told nothing by the environment.
    for name in ["server.git", "server.git/.git", "repo", "repo/.git"] {
        let folder = place.beside(name).display().to_string();
        place
            .machine
            .git(&["config", "--global", "--add", "safe.directory", &folder]);
    }
    // The owner is a part of what the index knows of a file.
    place.git(&["update-index", "-q", "--refresh"]);
    Some(place)
}

fn trust_of(folder: &str) -> [(&'static str, String); 3] {
    [
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", "safe.directory".to_owned()),
        ("GIT_CONFIG_VALUE_0", folder.to_owned()),
    ]
}

#[test]
fn whom_git_trusts_is_trusted_and_nobody_else() {
    let Some(mut place) = foreign() else { return };
    let here = place.folder.to_str().unwrap().to_owned();
    let parent = place.beside("").display().to_string();
    let folders = [
        here.clone(),
        format!("{here}/"),
        format!("{parent}*"),
        "*".to_owned(),
        parent,
        "/elsewhere".to_owned(),
    ];
    let mut verdicts = Vec::new();
    let mut judge = |place: &Place, how: &str| {
        let by_git = place.try_git(&["rev-parse"]).code;
        let output = place.run(&["status", "--rev", "HEAD", ":/"]);
        assert_eq!(
            output.code == Some(0),
            by_git == Some(0),
            "{how}: {output:?}"
        );
        if by_git != Some(0) {
            assert_eq!(output.code, Some(2), "{how}: {output:?}");
            assert!(
                output.stderr.contains("safe.directory"),
                "{how}: {output:?}"
            );
        }
        verdicts.push(by_git == Some(0));
    };
    judge(&place, "nothing said");
    for folder in &folders {
        place
            .machine
            .git(&["config", "--global", "safe.directory", folder]);
        judge(&place, &format!("{folder} in a file"));
        place
            .machine
            .git(&["config", "--global", "--unset", "safe.directory"]);
        place.variables = trust_of(folder).to_vec();
        judge(&place, &format!("{folder} in the environment"));
        place.variables.clear();
    }
    assert!(verdicts.contains(&true) && verdicts.contains(&false));
    place
        .machine
        .git(&["config", "--global", "safe.directory", "*"]);
}
