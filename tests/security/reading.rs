//! Only what git has stored as a file is read, and only what its reader lets go is sent.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, Report};

const SECRET: &str = "the text of another folder";

fn asking(server: &Server) -> Repo {
    let mut repo = Repo::new();
    repo.ask(server, "openai-chat");
    repo
}

fn server() -> Server {
    Server::start(|_| answer("openai-chat", &analysis()))
}

#[track_caller]
fn nothing_was_sent_of(server: &Server, text: &str) {
    for received in server.received() {
        let body = String::from_utf8_lossy(&received.bytes);
        assert!(!body.contains(text), "{body}");
    }
}

#[test]
fn a_symbolic_link_leads_nowhere_however_it_is_laid() {
    let server = server();
    let repo = asking(&server);
    let outside = repo.home().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret.rs"), format!("// {SECRET}\n")).unwrap();
    let link = |from: &std::path::Path, name: &str| symlink(from, repo.path().join(name)).unwrap();
    repo.write("plain.rs", "fn plain() {}\n");
    repo.write("inner/secret.rs", "fn inner() {}\n");
    repo.write("inner/deep/secret.rs", "fn deep() {}\n");
    link(&outside.join("secret.rs"), "file.rs");
    link(&outside, "folder");
    link(std::path::Path::new("folder/secret.rs"), "chain.rs");
    link(std::path::Path::new("loop.rs"), "loop.rs");
    link(std::path::Path::new("/proc/self/environ"), "process.rs");
    repo.commit("links");
    // Folders that were folders when they were committed, and files that were files.
    fs::remove_dir_all(repo.path().join("inner/deep")).unwrap();
    symlink(&outside, repo.path().join("inner/deep")).unwrap();
    fs::remove_file(repo.path().join("inner/secret.rs")).unwrap();
    symlink(
        outside.join("secret.rs"),
        repo.path().join("inner/secret.rs"),
    )
    .unwrap();
    for place in [
        &[][..],
        &["--untracked"],
        &["--staged"],
        &["--rev", "HEAD"],
        &["folder"],
    ] {
        let arguments = [&["analyze", "--refresh", "--output", "json"], place].concat();
        let output = repo.run(&arguments);
        assert!(
            !output.stdout.contains(SECRET) && !output.stderr.contains(SECRET),
            "{output:?}"
        );
    }
    for path in [
        "file.rs",
        "folder/secret.rs",
        "chain.rs",
        "inner/deep/secret.rs",
    ] {
        let shown = repo.run(&["show", path]);
        assert!(!shown.stdout.contains(SECRET), "{shown:?}");
        let _ = repo.run(&["analyze", "--untracked", path]);
    }
    assert!(!server.received().is_empty());
    nothing_was_sent_of(&server, SECRET);
    nothing_was_sent_of(&server, "PATH=");
    for tracked in [".rustassistantconfig", "ask.md"] {
        symlink(outside.join("secret.rs"), repo.path().join(tracked)).unwrap();
        let output = repo.run(&["analyze"]);
        assert!(!output.stderr.contains(SECRET), "{output:?}");
        fs::remove_file(repo.path().join(tracked)).unwrap();
    }
}

#[test]
fn a_file_that_turns_into_a_link_while_it_is_looked_at_is_not_followed() {
    let server = server();
    let repo = asking(&server);
    let secret = repo.home().join("secret.rs");
    fs::write(&secret, format!("// {SECRET}\n")).unwrap();
    repo.write("a.rs", "fn a() {}\n");
    repo.commit("one");
    let (place, other) = (repo.path().join("a.rs"), repo.path().join(".other"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0_u32.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                match number % 2 {
                    0 => symlink(&secret, &other).unwrap(),
                    _ => fs::write(&other, format!("fn a() {{ b({number}); }}\n")).unwrap(),
                }
                fs::rename(&other, &place).unwrap();
            }
        });
        for _ in 0..15 {
            let output = repo.run(&["analyze", "--output", "json"]);
            assert!(matches!(output.code, Some(0 | 3)), "{output:?}");
        }
        done.store(true, Ordering::SeqCst);
    });
    nothing_was_sent_of(&server, SECRET);
}

#[test]
fn what_a_person_has_excluded_a_repository_cannot_take_back() {
    let server = server();
    let repo = asking(&server);
    repo.git(&[
        "config",
        "--global",
        "rustassistant.exclude",
        "private.rs keys",
    ]);
    repo.write("private.rs", "fn private() {}\n");
    repo.write("keys/a.rs", "fn keys() {}\n");
    repo.write("a.rs", "fn a() {}\n");
    for settings in [
        "exclude =",
        "exclude = !private.rs",
        "exclude = !*",
        "include = *.rs",
    ] {
        let text = format!("[rustassistant]\n\t{settings}\n\texclude = old\n");
        repo.write(".rustassistantconfig", text);
        repo.commit("settings");
        for place in [
            &[][..],
            &["--rev", "HEAD"],
            &["private.rs", "keys/a.rs", "a.rs"],
        ] {
            let output = repo.run(&[&["analyze", "--output", "json"], place].concat());
            let words = Report::of(&output).words();
            assert!(
                words.ends_with("2 skipped"),
                "{settings} {place:?}: {words}"
            );
        }
    }
    nothing_was_sent_of(&server, "fn private");
    nothing_was_sent_of(&server, "fn keys");
}

#[test]
fn a_revision_is_sent_as_its_own_attributes_say_and_not_those_of_the_work_tree() {
    let server = server();
    let repo = asking(&server);
    repo.write("private.rs", "fn private() {}\n");
    repo.write("here.rs", "fn here() {}\n");
    repo.write(
        ".gitattributes",
        "private.rs -rustassistant\nhere.rs rustassistant=local\n",
    );
    repo.commit("kept back");
    fs::remove_file(repo.path().join(".gitattributes")).unwrap();
    assert_eq!(repo.analyze(&["--rev", "HEAD"]).words(), "2 skipped");
    assert!(server.received().is_empty());
    // And the other way round: what a person says beside the repository holds for every revision.
    repo.commit("let go");
    fs::create_dir_all(repo.path().join(".git/info")).unwrap();
    fs::write(
        repo.path().join(".git/info/attributes"),
        "*.rs -rustassistant\n",
    )
    .unwrap();
    for place in [&[][..], &["--rev", "HEAD"], &["--staged"]] {
        assert_eq!(repo.analyze(place).words(), "2 skipped", "{place:?}");
    }
    assert!(server.received().is_empty());
}

/// One part of a made-up key, so that no text of ours looks like one.
fn made_up(number: usize) -> String {
    let signs = b"x7Qp2LmZ9vRt4KcW8sYb3NfH6jDg1TaE5uXo";
    (0..36)
        .map(|at| char::from(signs[(at * 7 + number * 11) % signs.len()]))
        .collect()
}

#[test]
fn a_value_that_looks_like_a_secret_is_in_no_request_no_message_and_no_file_of_ours() {
    let server = server();
    let repo = asking(&server);
    let keys: Vec<String> = (0..20)
        .map(|number| format!("ghp_{}", made_up(number)))
        .collect();
    for (number, key) in keys.iter().enumerate() {
        repo.write(
            &format!("k{number}.rs"),
            format!("fn f() {{}}\nconst K: &str = \"{key}\";\n"),
        );
    }
    repo.write("plain.rs", "fn plain() {}\n");
    repo.commit("keys");
    let mut said = String::new();
    for arguments in [
        &["-v", "analyze", "-k", "all", "--output", "json"][..],
        &["-v", "analyze", "-k", "all", "-n"],
        &["-v", "analyze", "--refresh"],
        &["status"],
        &["cache", "explain", "k1.rs"],
    ] {
        let output = repo.run(arguments);
        said += &(output.stdout + &output.stderr);
    }
    assert!(said.contains("looks like a secret"), "{said}");
    let own = repo.path().join(".git/rustassistant");
    let mut found = repo.command("grep".as_ref());
    let found = found.args(["-rF", "-e", "ghp_"]).arg(own).output().unwrap();
    said += &String::from_utf8_lossy(&found.stdout);
    said += &repo.git(&["log", "-p", "--format=%B", "refs/rustassistant/local/v1"]);
    for key in &keys {
        assert!(!said.contains(key), "{key}");
        nothing_was_sent_of(&server, key);
    }
    assert!(!server.received().is_empty());
}

#[test]
fn a_secret_that_only_its_surroundings_tell_is_in_no_request_either() {
    let server = server();
    let repo = asking(&server);
    let around = [
        ("py", "# DATABASE_PASSWORD=@"),
        ("py", "# aws_secret_access_key = @"),
        ("py", "auth = HTTPBasicAuth('admin','@')"),
        ("py", "signing_key = bytes.fromhex(\"@\")"),
        ("py", "\"\"\"\npassword: @\n\"\"\""),
        ("py", "# db.internal.net:5432:shop:app:@"),
        ("js", "// curl -u robot:@ https://x.y"),
        ("js", "const key = {kty: 'EC', d: '@@'}"),
        ("js", "// //registry.service.io/:_authToken=@"),
        (
            "js",
            "const config = `{\"auths\": {\"x.y\": {\"auth\": \"@\"}}}`",
        ),
        ("java", "// <password>@</password>"),
        ("java", "// machine x.y login me password @"),
        ("go", "// export X_TOKEN=@"),
        ("go", "var dbPassword string = \"@\""),
        (
            "rs",
            "// PuTTY-User-Key-File-2: ssh-rsa\n// Priv\u{61}te-Lines: 1\n// @@",
        ),
        (
            "rs",
            "// client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFU\u{52}SBLRVktLS0tLQo@@",
        ),
    ];
    let values: Vec<String> = (0..around.len()).map(|at| made_up(at + 40)).collect();
    for (at, ((ending, code), value)) in around.iter().zip(&values).enumerate() {
        let code = if code.contains("fromhex") {
            code.replace('@', &hexadecimal(value))
        } else {
            code.replace('@', value)
        };
        repo.write(&format!("k{at}.{ending}"), format!("\n{code}\n"));
    }
    repo.write("plain.rs", "fn plain() {}\n");
    repo.commit("secrets");
    let report = repo.analyze(&[]);
    let skipped = format!("1 analyzed, {} skipped", around.len());
    assert_eq!(report.words(), skipped, "{:#?}", report.lines());
    for value in &values {
        nothing_was_sent_of(&server, value);
        nothing_was_sent_of(&server, &hexadecimal(value));
    }
    assert_eq!(server.received().len(), 1);
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Text that makes every search begin anew: nothing in it is secret, and it is looked through to
/// its end, so that it is asked about.
#[test]
fn a_text_that_is_made_to_stall_the_search_for_secrets_is_looked_through() {
    let server = server();
    let repo = asking(&server);
    let line = format!("// A: -----BEGIN PRIVATE KEY-----{}: y\n", "x".repeat(40));
    repo.write("stall.rs", line.repeat(12_000));
    repo.write(
        "key.rs",
        format!("{}\n// password: {}\n", line.repeat(100), made_up(3)),
    );
    repo.commit("stall");
    let output = repo.run(&["analyze", "-n", "--output", "json"]);
    let lines = Report::of(&output).lines();
    assert_eq!(lines[0], "key.rs: skipped: line 102 looks like a secret");
    assert!(!lines[1].contains("secret"), "{lines:?}");
}
