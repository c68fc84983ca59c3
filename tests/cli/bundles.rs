//! The store as a file, and the store in doubt: `cache export`, `import` and `verify`.

use std::fs;

use crate::support::server::{Canned, Server};
use crate::support::{Repo, Report};

const LOCAL: &str = "refs/rustassistant/local/v1";
const IMPORTED: &str = "refs/rustassistant/imported/v1";

fn source() -> Repo {
    let repo = Repo::new();
    repo.write("a.rs", "pub fn a() {}\n");
    repo.write("b.rs", "pub fn b() {}\n");
    repo.commit("two files");
    repo
}

fn analyzed(file: &str) -> Repo {
    let repo = source();
    repo.run(&["analyze", file, "--output=summary"]).silent();
    repo
}

fn words(repo: &Repo) -> String {
    let output = repo.run(&["analyze", "--cached", "--output=json"]);
    Report::of(&output).words()
}

/// The commit that an export told of.
fn commit(told: &str) -> String {
    told.trim_end().rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn what_one_exports_another_imports_and_an_increment_builds_on_it() {
    let (from, to) = (analyzed("a.rs"), source());
    let told = from.run(&["cache", "export", "../all"]).silent();
    assert!(told.starts_with("exported 1 entry: commit "), "{told}");
    let first = commit(&told);
    let all = from.path().join("../all");
    let place = all.to_str().unwrap();
    let told = to.run(&["cache", "import", place]).silent();
    assert_eq!(told, format!("imported 1 entry (1 new) to {IMPORTED}\n"));
    assert_eq!(words(&to), "1 cached, 1 missing");
    from.run(&["analyze", "--output=summary"]).silent();
    let part = from.path().join("../part");
    let part = part.to_str().unwrap();
    let told = from.run(&["cache", "export", part, "--since", &first]);
    assert!(told.silent().starts_with("exported 2 entries"));
    let stranger = source();
    let refused = stranger.run(&["cache", "import", part]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("import the earlier ones first"),
        "{refused:?}"
    );
    let told = to.run(&["cache", "import", part]).silent();
    assert_eq!(told, format!("imported 2 entries (1 new) to {IMPORTED}\n"));
    assert_eq!(words(&to), "2 cached");
    let again = from.run(&["cache", "export", "../again", "--basis", part]);
    assert!(again.silent().starts_with("nothing new since"));
    assert_eq!(to.run(&["push"]).code, Some(2), "there is no remote");
    to.git(&["update-ref", "-d", IMPORTED]);
    assert_eq!(words(&to), "2 missing");
}

#[test]
fn what_a_clone_knows_already_is_not_new_to_it() {
    let (from, to) = (analyzed("."), analyzed("a.rs"));
    from.run(&["cache", "export", "../all"]).silent();
    let all = from.path().join("../all");
    let import = ["cache", "import", all.to_str().unwrap()];
    for (repo, new) in [(&from, 0), (&to, 1), (&to, 0)] {
        assert_eq!(
            repo.run(&import).silent(),
            format!("imported 2 entries ({new} new) to {IMPORTED}\n")
        );
    }
}

#[test]
fn a_file_can_come_and_go_by_a_pipe() {
    let (from, to) = (analyzed("a.rs"), source());
    let mut export = from.program();
    let output = export.args(["cache", "export", "-"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let file = to.home().join("bundle");
    fs::write(&file, &output.stdout).unwrap();
    let mut import = to.program();
    import.args(["cache", "import", "-"]);
    import.stdin(fs::File::open(&file).unwrap());
    let told = to.finish(&mut import).silent();
    assert!(told.starts_with("imported 1 entry"), "{told}");
    assert_eq!(to.leftovers(), [""; 0]);
}

#[test]
fn a_file_can_be_taken_from_a_web_server() {
    let (from, to) = (analyzed("a.rs"), source());
    from.run(&["cache", "export", "../bundle"]).silent();
    let bundle = fs::read(from.path().join("../bundle")).unwrap();
    let server = Server::start(move |received| match received.path.as_str() {
        "/analyses.bundle" => Canned::new(200, bundle.clone()),
        "/half.bundle" => Canned::new(200, bundle.clone()).cut_after(100),
        _ => Canned::new(404, "nothing here"),
    });
    let import = |name: &str| {
        let address = server.url().replace("http://", "http://ana:secret@");
        to.run(&["cache", "import", &format!("{address}/{name}")])
    };
    for name in ["none.bundle", "half.bundle"] {
        let output = import(name);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(
            output.stderr.contains("cannot download http://ana@"),
            "{output:?}"
        );
        assert!(!output.stderr.contains("secret"), "{output:?}");
    }
    assert_eq!(to.git(&["for-each-ref", IMPORTED]), "");
    let told = import("analyses.bundle").silent();
    assert!(told.starts_with("imported 1 entry"), "{told}");
    assert_eq!(to.leftovers(), [""; 0]);
}

#[test]
fn what_is_no_export_is_refused_and_nothing_moves() {
    let to = source();
    to.write("junk", "no bundle\n");
    to.git(&["bundle", "create", "--quiet", "code", "main"]);
    for (file, said) in [
        ("junk", "cannot read"),
        ("code", "contains no analyses"),
        ("nowhere", "cannot read"),
        ("ftp://127.0.0.1/x", "expected http or https"),
    ] {
        let output = to.run(&["cache", "import", file]);
        assert_eq!(output.code, Some(2), "{file}: {output:?}");
        assert!(output.stderr.contains(said), "{file}: {output:?}");
    }
    let exported = "refs/rustassistant/exported/v1";
    to.git(&["update-ref", exported, "HEAD"]);
    to.git(&["bundle", "create", "--quiet", "forged", exported]);
    let output = to.run(&["cache", "import", "forged"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("not a store of analyses"),
        "{output:?}"
    );
    assert_eq!(to.git(&["for-each-ref", IMPORTED]), "");
    let output = to.run(&["cache", "export", "../x"]);
    assert!(output.stderr.contains("nothing to export"), "{output:?}");
}

/// Lays `text` over the only entry of the store.
fn forge(repo: &Repo, change: impl Fn(&str) -> String) {
    let path = repo.git(&["ls-tree", "-r", "--name-only", LOCAL, "entries/"]);
    let entry = repo.git(&["show", &format!("{LOCAL}:{path}")]);
    repo.write("../forged", change(&entry) + "\n");
    let blob = repo.git(&["hash-object", "-w", "--no-filters", "../forged"]);
    repo.git(&["read-tree", LOCAL]);
    let line = format!("100644,{blob},{path}");
    repo.git(&["update-index", "--add", "--cacheinfo", &line]);
    let tree = repo.git(&["write-tree"]);
    repo.git(&["read-tree", "HEAD"]);
    let commit = repo.git(&["commit-tree", "-m", "forged", &tree]);
    repo.git(&["update-ref", LOCAL, &commit]);
}

#[test]
fn verify_names_what_is_bad() {
    let repo = analyzed("a.rs");
    let told = repo.run(&["cache", "verify"]).silent();
    assert_eq!(told, "checked 1 entry and 1 recipe: 0 bad\n");
    forge(&repo, |entry| entry.replace("\"refactor\"", "\"docs\""));
    let output = repo.run(&["cache", "verify"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stdout.contains("its kind is not that of its path"));
    assert!(
        output.stdout.ends_with("and 1 recipe: 1 bad\n"),
        "{output:?}"
    );
}

#[test]
fn an_entry_that_is_well_formed_and_untrue_is_found_by_computing_it_again() {
    let repo = analyzed("a.rs");
    let recompute = ["cache", "verify", "--recompute", "--sample", "5"];
    let told = repo.run(&recompute).silent();
    assert!(
        told.ends_with("0 bad, 1 recomputed with the same result\n"),
        "{told}"
    );
    forge(&repo, |entry| {
        entry.replace("\"summary\": \"", "\"summary\": \"Trust me. ")
    });
    repo.run(&["cache", "verify"]).silent();
    let output = repo.run(&recompute);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stdout.contains("gives a different answer"),
        "{output:?}"
    );
}

#[test]
fn whoever_answered_is_named_on_one_line() {
    let repo = analyzed("a.rs");
    forge(&repo, |entry| entry.replace("local/1", "x\\nhit   b.rs"));
    let said = repo.run(&["analyze", "-v", "a.rs"]).stderr;
    assert!(
        said.contains("hit   a.rs  refactor  x hit   b.rs\n"),
        "{said}"
    );
}

#[test]
fn what_is_no_file_is_not_imported_and_nobody_waits_for_it() {
    let repo = Repo::new();
    let pipe = repo.home().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for file in [pipe.to_str().unwrap(), "/dev/zero"] {
        let refused = repo.run(&["cache", "import", file]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains("not a regular file"), "{refused:?}");
    }
}
