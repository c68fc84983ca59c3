//! `refactor analyze`, `docs module` and `todos`: each is `analyze` with a kind.

use std::fs;

use crate::support::{Repo, Report};

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write(
        "src/a.rs",
        "//! The first module.\n\n/// Adds.\npub fn a() {}\n// TODO: mend \"this\"\n",
    );
    repo.write(
        "src/b.rs",
        "//! The second module.\nconst B: &str = \"TODO: no note\";\n",
    );
    repo.commit("two files");
    repo
}

#[test]
fn each_shortcut_answers_what_analyze_answers() {
    let repo = repo();
    for (shortcut, kind) in [
        (&["refactor", "analyze", "src"][..], "refactor"),
        (&["todos", "src"], "todos"),
    ] {
        let output = repo.run(&[shortcut, &["--output=json"]].concat());
        assert_eq!(Report::of(&output).words(), "2 analyzed", "{shortcut:?}");
        assert_eq!(
            repo.analyze(&["-k", kind]).words(),
            "2 cached",
            "{shortcut:?}"
        );
    }
}

#[test]
fn todos_come_from_comments_and_never_from_strings() {
    let found = repo().run(&["todos", "--output=concise"]).silent();
    insta::assert_snapshot!(found, @r#"src/a.rs:5:4: note [todo] mend "this""#);
}

#[test]
fn todos_take_the_options_of_analyze() {
    let repo = repo();
    assert_eq!(repo.run(&["todos", "--fail-on=note"]).code, Some(1));
    assert_eq!(
        repo.run_in("src", &["todos", "b.rs", "--fail-on=note"])
            .code,
        Some(0)
    );
    assert_eq!(
        repo.run(&["todos", "--rev", "HEAD", "--cached"]).code,
        Some(0)
    );
    repo.write("src/new.rs", "// FIXME: new\n");
    assert_eq!(
        repo.run(&["todos", "--untracked", "--cached"]).code,
        Some(3)
    );
}

#[test]
fn a_module_is_described_and_what_has_no_description_is_said() {
    let repo = repo();
    let both = repo
        .run(&["docs", "module", "src/a.rs", "src/b.rs"])
        .silent();
    for (path, text) in [("src/a.rs", "first"), ("src/b.rs", "second")] {
        let titled = format!("# `{path}`\n\nThe {text} module.\n");
        assert!(both.contains(&titled), "{both}");
    }
    repo.write("binary.rs", b"\0");
    repo.commit("binary");
    let output = repo.run(&["docs", "module", "binary.rs", "src/a.rs", "-o", "out.md"]);
    assert!(
        output.stderr.contains("cannot document binary.rs: binary"),
        "{output:?}"
    );
    let written = fs::read_to_string(repo.path().join("out.md")).unwrap();
    assert!(written.contains("pub fn a()"), "{written}");
    let output = repo.run(&["docs", "module", "binary.rs"]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(3), ""),
        "{output:?}"
    );
}

#[test]
fn show_finds_a_file_that_is_new_edited_or_elsewhere_in_history() {
    let repo = repo();
    repo.write("new.rs", "// TODO: new\n");
    repo.write("src/a.rs", "// TODO: edited\n");
    assert_eq!(
        repo.analyze(&["-k", "todos", "--untracked"]).words(),
        "3 analyzed"
    );
    let shown = |folder: &str, object: &str| {
        let output = repo.run_in(folder, &["show", object, "-k", "todos", "--output=concise"]);
        (output.code, output.stdout.trim_end().to_owned())
    };
    let found = |line: &str| (Some(0), line.to_owned());
    assert_eq!(shown("", "new.rs"), found("new.rs:1:4: note [todo] new"));
    assert_eq!(shown("src", "a.rs"), found("a.rs:1:4: note [todo] edited"));
    assert_eq!(shown("", "HEAD:src/a.rs").0, Some(3));
    assert_eq!(shown("", "HEAD:src/b.rs"), found(""));
}
