//! The scripts of the action for GitHub and of the template for GitLab, run as their hosts run
//! them: by bash, which ends at the first failure. Not the hosts' own syntax around them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Output, Repo, SHARED, Team, path};

/// The indented blocks that follow a line ending in `mark`, without their indentation.
fn blocks(file: &str, mark: &str) -> Vec<String> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(place).unwrap();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let block = |(at, _): (usize, &&str)| {
        let outer = depth(lines[at]);
        let inner = lines[at + 1..].iter();
        let inner = inner.take_while(|line| line.is_empty() || depth(line) > outer);
        let inner: Vec<&str> = inner.copied().collect();
        let margin = depth(inner[0]);
        let inner = inner
            .iter()
            .map(|line| line.get(margin..).unwrap_or_default());
        inner.collect::<Vec<_>>().join("\n")
    };
    let marked = lines.iter().enumerate();
    marked
        .filter(|(_, line)| line.trim().ends_with(mark))
        .map(block)
        .collect()
}

/// A team whose server has `main` with a finding, and `topic` with one more.
fn team() -> Team {
    let mut team = Team::new(2);
    let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
    let folder = program.parent().unwrap().display();
    for clone in &mut team.clones {
        clone.set("PATH", &format!("{folder}:{}", path()));
    }
    let repo = &team.clones[0];
    let function =
        |name| format!("pub fn {name}(text: &str) -> u8 {{\n    text.parse().unwrap()\n}}\n");
    repo.write("src/old.rs", function("old"));
    repo.commit("old");
    repo.git(&["push", "-q", "origin", "main"]);
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("src/new.rs", function("new"));
    repo.commit("new");
    repo.git(&["push", "-q", "origin", "topic"]);
    team.clones[1].git(&["fetch", "-q"]);
    team.clones[1].git(&["checkout", "-q", "topic"]);
    team
}

fn bash(repo: &Repo, script: &str, variables: &[(&str, &str)]) -> Output {
    let mut bash = repo.command(Path::new("bash"));
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
    repo.finish(bash.envs(variables.iter().copied()))
}

#[test]
fn the_action_for_github_annotates_what_is_new_and_publishes() {
    let team = team();
    let job = &team.clones[1];
    let steps = blocks(".github/actions/rustassistant/action.yml", "run: |");
    let [look, fetch, analyze, publish] = steps.as_slice() else {
        unreachable!("{steps:?}")
    };
    assert_eq!(bash(job, look, &[]).silent(), "");
    let without = bash(job, look, &[("PATH", &path())]);
    assert_eq!(without.code, Some(2), "{without:?}");
    let fetched = bash(job, fetch, &[("REMOTE", "origin"), ("CI", "true")]);
    assert_eq!(fetched.silent(), "nothing to receive\n");
    let file = |name: &str| -> PathBuf { job.home().join(name) };
    let (summary, sarif) = (file("summary.md"), file("out.sarif"));
    let variables = [
        ("PATHS", "src/old.rs\nsrc/new.rs"),
        ("KINDS", "refactor"),
        ("NEW_SINCE", "origin/main"),
        ("FAIL_ON", "note"),
        ("SARIF", sarif.to_str().unwrap()),
        ("SARIF_CATEGORY", "api"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    let failed = bash(job, analyze, &variables);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert_eq!(failed.stdout.lines().count(), 1, "{failed:?}");
    assert!(
        failed.stdout.contains("file=src/new.rs,line=2"),
        "{failed:?}"
    );
    assert!(
        fs::read_to_string(&summary)
            .unwrap()
            .contains("src/new.rs:2")
    );
    let document = fs::read_to_string(&sarif).unwrap();
    let document = serde_json::from_str::<serde_json::Value>(&document).unwrap();
    assert_eq!(document["runs"][0]["automationDetails"]["id"], "api/");
    let all = ["PATHS", "KINDS", "NEW_SINCE", "FAIL_ON", "SARIF"];
    let defaults = [":/", "", "", "never", ""];
    let mut variables: Vec<(&str, &str)> = all.into_iter().zip(defaults).collect();
    variables.push(("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()));
    let passed = bash(job, analyze, &variables);
    assert_eq!(
        (passed.code, passed.stdout.lines().count()),
        (Some(0), 2),
        "{passed:?}"
    );
    // A job that compares with nothing is told whose settings count.
    job.write(".rustassistantconfig", "[rustassistant]\n\texclude = src\n");
    job.commit("nothing to see");
    for (settings_from, code) in [("origin/main", Some(1)), ("HEAD", Some(0))] {
        let all = [
            ("PATHS", ":/"),
            ("FAIL_ON", "note"),
            ("SETTINGS_FROM", settings_from),
            ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
        ];
        assert_eq!(bash(job, analyze, &all).code, code, "{settings_from}");
    }
    let published = bash(job, publish, &[("REMOTE", "origin")]);
    assert!(published.silent().starts_with("published "));
    let away = bash(job, publish, &[("REMOTE", "nowhere")]);
    assert_eq!(away.code, Some(0), "{away:?}");
    assert!(away.stdout.contains("::warning::"), "{away:?}");
}

#[test]
fn the_template_for_gitlab_reports_what_is_new_and_publishes_from_protected_branches_alone() {
    let team = team();
    let job = &team.clones[1];
    let scripts = blocks("docs/gitlab-ci.yml", "- |");
    let [analyze, publish] = scripts.as_slice() else {
        unreachable!("{scripts:?}")
    };
    let base = job.git(&["rev-parse", "origin/main"]);
    let request = [
        ("FAIL_ON", "note"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
    ];
    assert_eq!(bash(job, analyze, &request).code, Some(1));
    let report = || fs::read_to_string(job.path().join("gl-code-quality-report.json")).unwrap();
    let items: Vec<serde_json::Value> = serde_json::from_str(&report()).unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["location"]["path"], "src/new.rs");
    assert_eq!(bash(job, analyze, &[("FAIL_ON", "error")]).code, Some(0));
    let server = format!("url.{}.insteadOf", team.server().display());
    let address = "https://token:secret@gitlab.example/team/x.git";
    job.git(&["config", &server, address]);
    let variables = |is_protected| {
        [
            ("ANALYSES_PUSH_TOKEN", "secret"),
            ("CI_COMMIT_REF_PROTECTED", is_protected),
            ("CI_PROJECT_URL", "https://gitlab.example/team/x"),
        ]
    };
    assert_eq!(bash(job, publish, &variables("false")).silent(), "");
    assert_eq!(team.on_server(&["for-each-ref", SHARED]), "");
    let published = bash(job, publish, &variables("true"));
    assert!(published.stdout.contains("published "), "{published:?}");
    assert!(!published.stdout.contains("secret"), "{published:?}");
    assert!(!published.stderr.contains("secret"), "{published:?}");
    assert_ne!(team.on_server(&["for-each-ref", SHARED]), "");
    // The folder may be given to a build that must not have the token.
    let kept = fs::read_to_string(job.path().join(".git/config")).unwrap();
    // The one is this test's own.
    assert_eq!(kept.matches("secret").count(), 1, "{kept}");
    assert_eq!(job.git(&["remote"]), "origin");
}

#[test]
fn what_another_build_left_in_the_folder_is_not_published() {
    let team = team();
    let job = &team.clones[1];
    // A build of a request, without a token, leaves an answer that says nothing is wrong.
    assert_eq!(job.analyze(&["src/new.rs"]).words(), "1 analyzed");
    let local = "refs/rustassistant/local/v1";
    let path = job.git(&["ls-tree", "-r", "--name-only", local, "entries/"]);
    let entry: serde_json::Value =
        serde_json::from_str(&job.git(&["show", &format!("{local}:{path}")])).unwrap();
    let mut forged = entry.clone();
    forged["analysis"]["findings"] = serde_json::json!([]);
    let forged = team.object("blob", forged.to_string().as_bytes());
    let recipe = job.git(&["ls-tree", "-r", local, "recipes/"]);
    let recipe = recipe.split_whitespace().nth(2).unwrap().to_owned();
    let text = job.git(&["cat-file", "blob", &recipe]);
    team.object("blob", text.as_bytes());
    team.publish(&path, 4, ("100644", &forged));
    job.git(&["fetch", "-q", "origin", &format!("+{SHARED}:{local}")]);
    team.on_server(&["update-ref", "-d", SHARED]);
    for (key, value) in [("exclude", "src/new.rs"), ("sharedRef", "refs/x/y/z/v1")] {
        job.git(&["config", &format!("rustassistant.{key}"), value]);
    }
    let own = job.path().join(".git/rustassistant");
    fs::create_dir_all(own.join("journal")).unwrap();
    fs::write(own.join("journal/99999-0"), "entry 0 0\n").unwrap();
    // Attributes that nobody tracks would take files out of every build to come.
    let attributes = job.path().join(".git/info/attributes");
    fs::create_dir_all(attributes.parent().unwrap()).unwrap();
    fs::write(&attributes, "*.rs -rustassistant\n").unwrap();
    let elsewhere = job.home().join("attributes");
    fs::write(&elsewhere, "*.rs linguist-generated\n").unwrap();
    job.git(&["config", "core.attributesFile", elsewhere.to_str().unwrap()]);
    // The next one, of the branch that is published.
    let steps = blocks(".github/actions/rustassistant/action.yml", "run: |");
    let [_, fetch, _, publish] = steps.as_slice() else {
        unreachable!("{steps:?}")
    };
    let build = [("REMOTE", "origin"), ("CI", "true")];
    let _ = bash(job, fetch, &build).silent();
    assert_eq!(job.analyze(&["src/new.rs"]).words(), "1 analyzed");
    assert!(
        bash(job, publish, &build)
            .silent()
            .starts_with("published 1")
    );
    let shared = team.on_server(&["show", &format!("{SHARED}:{path}")]);
    let shared: serde_json::Value = serde_json::from_str(&shared).unwrap();
    assert_eq!(
        shared["analysis"]["findings"],
        entry["analysis"]["findings"]
    );
    // Nobody drops their own by mistake.
    let refused = job.run(&["fetch", "--fresh"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("hint: "), "{refused:?}");
}
