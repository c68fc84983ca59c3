//! Whose analyses count: `rustassistant.trust` and signed commits, with keys that a test makes.

use std::fs;

use crate::support::model::{analysis, answer};
use crate::support::server::Server;
use crate::support::{Repo, Report, SHARED, Team};

const LOCAL: &str = "refs/rustassistant/local/v1";

const MIRROR: &str = "refs/rustassistant/remotes/origin/v1";

/// A key for `clone`, in its home; the public half, as a list of allowed signers has it.
fn key(clone: &Repo) -> String {
    let file = clone.home().join("key");
    let mut command = clone.command("ssh-keygen".as_ref());
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]);
    let output = clone.finish(command.arg(&file));
    assert_eq!(output.code, Some(0), "{output:?}");
    let public = fs::read_to_string(clone.home().join("key.pub")).unwrap();
    format!("committer@example.com {public}")
}

/// From now on `clone` signs what it publishes.
fn sign(clone: &Repo) -> String {
    let public = key(clone);
    let file = clone.home().join("key");
    clone.git(&["config", "gpg.format", "ssh"]);
    clone.git(&["config", "user.signingKey", file.to_str().unwrap()]);
    clone.git(&["config", "rustassistant.sign", "true"]);
    public
}

/// From now on only what these keys sign counts for `clone`.
fn allow(clone: &Repo, keys: &str) {
    fs::write(clone.home().join("allowed"), keys).unwrap();
    let list = ["gpg.ssh.allowedSignersFile", "~/allowed"];
    clone.git(&[&["config", "--global"], &list[..]].concat());
    clone.git(&["config", "rustassistant.trust", "signed"]);
}

fn publish(clone: &Repo, file: &str) {
    clone
        .run(&["analyze", file, "-k", "todos", "--output=summary"])
        .silent();
    let output = clone.run(&["sync"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("published 1"), "{output:?}");
}

/// What `clone` has of a file, and what it was told.
fn looked_up(clone: &Repo, file: &str) -> (String, String) {
    let asked = ["analyze", file, "-k", "todos", "--cached", "--output=json"];
    let output = clone.run(&asked);
    (Report::of(&output).words(), output.stderr)
}

#[test]
fn what_an_allowed_key_signed_counts_and_what_came_after_an_unsigned_commit_does_not() {
    let team = Team::new(3);
    let [signer, reader, stranger] = &team.clones[..] else {
        panic!("three clones");
    };
    allow(reader, &sign(signer));
    publish(signer, "src/a.rs");
    let signature = team.on_server(&["cat-file", "commit", SHARED]);
    assert!(signature.contains("BEGIN SSH SIGNATURE"), "{signature}");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached");
    publish(stranger, "src/b.rs");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    assert_eq!(
        looked_up(reader, "src/a.rs"),
        ("1 cached".into(), String::new())
    );
    let commit = &team.on_server(&["rev-parse", SHARED])[..7];
    for _ in 0..2 {
        let (words, said) = looked_up(reader, "src/b.rs");
        assert_eq!(words, "1 missing");
        assert!(said.contains("1 answer of others, not trusted"), "{said}");
        assert!(
            said.contains(commit) && said.contains("not signed"),
            "{said}"
        );
    }
    let told = reader.run(&["analyze", "src/b.rs", "-k", "todos", "--cached"]);
    assert!(told.stdout.contains("untrusted"), "{told:?}");
    // Whoever signs on top does not vouch for what lies below.
    signer.write("src/c.rs", "// TODO: c\n");
    signer.commit("c");
    signer.git(&["push", "-q"]);
    reader.git(&["pull", "-q"]);
    publish(signer, "src/c.rs");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    assert_eq!(looked_up(reader, "src/c.rs").0, "1 missing");
    // What this clone makes itself counts, wherever it has been published to.
    publish_again(reader);
    assert_eq!(looked_up(reader, "src/b.rs").0, "1 cached");
    assert_eq!(looked_up(reader, "src/c.rs").0, "1 cached");
}

fn publish_again(reader: &Repo) {
    for file in ["src/b.rs", "src/c.rs"] {
        let analyzed = reader.run(&["analyze", file, "-k", "todos", "--output=json"]);
        assert_eq!(Report::of(&analyzed).words(), "1 analyzed");
    }
    for _ in 0..2 {
        assert_eq!(reader.run(&["sync"]).code, Some(0));
    }
}

#[test]
fn a_key_that_is_not_allowed_does_not_count_and_neither_does_one_the_repository_allows() {
    let team = Team::new(2);
    let [signer, reader] = &team.clones[..] else {
        panic!("two clones");
    };
    let signers = sign(signer);
    publish(signer, "src/a.rs");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    allow(reader, &key(reader));
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 missing");
    // A key that is allowed later counts from then on.
    allow(reader, &signers);
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached");
    fs::write(reader.path().join("signers"), &signers).unwrap();
    reader.git(&[
        "config",
        "--global",
        "--unset",
        "gpg.ssh.allowedSignersFile",
    ]);
    let tracked = reader.path().join("signers");
    let list = ["gpg.ssh.allowedSignersFile", tracked.to_str().unwrap()];
    reader.git(&[&["config", "--local"], &list[..]].concat());
    let (words, said) = looked_up(reader, "src/a.rs");
    assert_eq!(words, "1 missing");
    assert!(
        said.contains("gpg.ssh.allowedSignersFile is not set"),
        "{said}"
    );
    reader.git(&[
        "config",
        "--global",
        "gpg.ssh.allowedSignersFile",
        "signers",
    ]);
    let (words, said) = looked_up(reader, "src/a.rs");
    assert_eq!(words, "1 missing");
    assert!(said.contains("must start with '/' or '~'"), "{said}");
}

#[test]
fn a_key_that_is_out_of_date_or_meant_for_something_else_does_not_count() {
    let team = Team::new(2);
    let [signer, reader] = &team.clones[..] else {
        panic!("two clones");
    };
    let signers = sign(signer);
    publish(signer, "src/a.rs");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    for option in [
        "valid-before=\"20200101\"",
        "valid-after=\"20990101\"",
        "namespaces=\"file\"",
    ] {
        allow(reader, &signers.replacen(' ', &format!(" {option} "), 1));
        assert_eq!(looked_up(reader, "src/a.rs").0, "1 missing", "{option}");
    }
    allow(reader, &signers);
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached");
}

#[test]
fn a_commit_that_was_rewritten_and_a_merge_that_nobody_signed_end_what_is_believed() {
    let team = Team::new(3);
    let [signer, reader, stranger] = &team.clones[..] else {
        panic!("three clones");
    };
    allow(reader, &sign(signer));
    publish(signer, "src/a.rs");
    let first = team.on_server(&["rev-parse", SHARED]);
    publish(signer, "src/b.rs");
    let second = team.on_server(&["rev-parse", SHARED]);
    // The same tree under another time: the signature is of another text.
    let text = team.on_server(&["cat-file", "commit", &second]);
    let text = text.replace("+0000", "+0100");
    let rewritten = team.object("commit", format!("{text}\n").as_bytes());
    // What a stranger made over the first commit, and a merge of both sides.
    team.on_server(&["update-ref", SHARED, &first]);
    publish(stranger, "src/b.rs");
    let side = team.on_server(&["rev-parse", SHARED]);
    let tree = format!("{side}^{{tree}}");
    let merge = ["commit-tree", "-m", "m", "-p", &first, "-p", &side, &tree];
    let merge = team.on_server(&merge);
    for forged in [rewritten, side, merge] {
        team.on_server(&["update-ref", SHARED, &forged]);
        assert_eq!(reader.run(&["fetch"]).code, Some(0), "{forged}");
        assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached", "{forged}");
        assert_eq!(looked_up(reader, "src/b.rs").0, "1 missing", "{forged}");
    }
    team.on_server(&["update-ref", SHARED, &second]);
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    assert_eq!(looked_up(reader, "src/b.rs").0, "1 cached");
}

#[test]
fn history_that_is_cut_off_is_not_believed() {
    let team = Team::new(2);
    let [signer, reader] = &team.clones[..] else {
        panic!("two clones");
    };
    allow(reader, &sign(signer));
    publish(signer, "src/a.rs");
    publish(signer, "src/b.rs");
    let url = format!("file://{}", team.server().display());
    let brought = format!("+{SHARED}:{MIRROR}");
    reader.git(&["fetch", "-q", "--depth=1", &url, &brought]);
    let (words, said) = looked_up(reader, "src/a.rs");
    assert_eq!(words, "1 missing");
    assert!(said.contains("cut off"), "{said}");
    reader.git(&["fetch", "-q", "--unshallow", &url, &brought]);
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached");
}

#[test]
fn without_trust_only_ones_own_analyses_count_and_a_tracked_file_cannot_change_that() {
    let team = Team::new(2);
    let [first, second] = &team.clones[..] else {
        panic!("two clones");
    };
    publish(first, "src/a.rs");
    assert_eq!(second.run(&["fetch"]).code, Some(0));
    second.git(&["config", "--global", "rustassistant.trust", "none"]);
    assert_eq!(
        looked_up(second, "src/a.rs"),
        ("1 missing".into(), String::new())
    );
    second.write(".rustassistantconfig", "[rustassistant]\n\ttrust = any\n");
    let (words, said) = looked_up(second, "src/a.rs");
    assert_eq!(words, "1 missing");
    assert!(said.contains("a tracked file may not set it"), "{said}");
    fs::remove_file(second.path().join(".rustassistantconfig")).unwrap();
    publish(second, "src/b.rs");
    assert_eq!(looked_up(second, "src/b.rs").0, "1 cached");
}

#[test]
fn what_cannot_be_signed_is_not_published_and_stays_pending() {
    let team = Team::new(1);
    let clone = &team.clones[0];
    clone.git(&["config", "gpg.format", "ssh"]);
    clone.git(&["config", "user.signingKey", "/nowhere/at/all"]);
    clone.git(&["config", "commit.gpgSign", "true"]);
    clone
        .run(&["analyze", "src/a.rs", "--output=summary"])
        .silent();
    let output = clone.run(&["sync"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("cannot sign"), "{output:?}");
    clone.git(&["config", "rustassistant.sign", "false"]);
    let output = clone.run(&["sync"]);
    assert!(output.stdout.contains("published 1"), "{output:?}");
}

#[test]
fn a_signed_compaction_vouches_for_all_that_it_keeps() {
    let team = Team::new(3);
    let [signer, reader, stranger] = &team.clones[..] else {
        panic!("three clones");
    };
    allow(reader, &sign(signer));
    publish(stranger, "src/a.rs");
    publish(signer, "src/b.rs");
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    assert_eq!(looked_up(reader, "src/b.rs").0, "1 missing");
    for _ in 0..2 {
        let output = signer.run(&["cache", "compact", "--now"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
    assert_eq!(reader.run(&["fetch"]).code, Some(0));
    for file in ["src/a.rs", "src/b.rs"] {
        assert_eq!(looked_up(reader, file).0, "1 cached");
    }
}

#[test]
fn what_somebody_pushes_into_our_own_ref_counts_as_theirs() {
    let team = Team::new(2);
    let [reader, stranger] = &team.clones[..] else {
        panic!("two clones");
    };
    let own = ["analyze", "src/b.rs", "-k", "todos"];
    let bare = reader.home().join("bare.git");
    let bare = bare.to_str().unwrap();
    let place = reader.path().to_path_buf();
    let place = place.to_str().unwrap();
    reader.git(&["clone", "-q", "--mirror", ".", bare]);
    allow(reader, &key(reader));
    reader.git(&["-C", bare, "config", "rustassistant.trust", "signed"]);
    reader.run(&own).silent();
    let mine = reader.git(&["rev-parse", LOCAL]);
    stranger
        .run(&["analyze", "src/a.rs", "-k", "todos"])
        .silent();
    let theirs = format!("+{LOCAL}:{LOCAL}");
    for to in [bare, place] {
        stranger.git(&["push", "-q", to, &theirs]);
    }
    let in_bare = [
        "analyze", "--rev", "HEAD", "src/a.rs", "-k", "todos", "--cached",
    ];
    let in_bare = reader.run_in(bare, &in_bare);
    assert_eq!(in_bare.code, Some(3), "{in_bare:?}");
    let (words, said) = looked_up(reader, "src/a.rs");
    assert_eq!(words, "1 missing");
    assert!(said.contains("was set by a push or a fetch"), "{said}");
    let status = reader.run(&["status"]).stdout;
    assert!(!status.contains("to publish"), "{status}");
    // Who trusts anybody uses them, and publishes them no more than what came in a file.
    reader.git(&["config", "rustassistant.trust", "any"]);
    assert_eq!(looked_up(reader, "src/a.rs").0, "1 cached");
    assert_eq!(reader.run(&own).code, Some(0));
    assert_eq!(reader.run(&["sync"]).stdout, "published 1\n");
    assert_eq!(
        looked_up(reader, "src/a.rs"),
        ("1 cached".into(), String::new())
    );
    let names = team.on_server(&["ls-tree", "-r", "--name-only", SHARED, "entries"]);
    assert_eq!(names.lines().count(), 1, "{names}");
    // The user's own git takes back what the user's own git did.
    reader.git(&["update-ref", LOCAL, &mine]);
    assert_eq!(
        looked_up(reader, "src/b.rs"),
        ("1 cached".into(), String::new())
    );
}

#[test]
fn a_history_that_begins_anew_holds_what_is_trusted_and_says_what_is_left_out() {
    for begin in [
        &["cache", "purge", "--publish", "--yes", "src/a.rs"][..],
        &["cache", "compact", "--now"],
    ] {
        let team = Team::new(2);
        let [signer, stranger] = &team.clones[..] else {
            panic!("two clones");
        };
        allow(signer, &sign(signer));
        publish(signer, "src/a.rs");
        signer.write("src/c.rs", "// TODO: c\n");
        signer.commit("c");
        signer.git(&["push", "-q"]);
        publish(signer, "src/c.rs");
        publish(stranger, "src/b.rs");
        for _ in 0..2 {
            let told = signer.run(begin);
            assert_eq!(told.code, Some(0), "{told:?}");
            if begin[1] == "purge" {
                assert!(
                    told.stderr.contains("leaves out what is not trusted"),
                    "{told:?}"
                );
                break;
            }
        }
        assert_eq!(signer.run(&["fetch"]).code, Some(0));
        assert_eq!(looked_up(signer, "src/b.rs").0, "1 missing", "{begin:?}");
        assert_eq!(looked_up(signer, "src/c.rs").0, "1 cached", "{begin:?}");
        let told = signer.run(&["doctor"]).stdout;
        assert!(!told.contains("not signed"), "{told}");
    }
}

#[test]
fn what_nobody_signed_drops_no_paid_answer_of_a_clone_that_wants_signatures() {
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut team = Team::new(2);
    for clone in &mut team.clones {
        clone.ask(&server, "openai-chat");
        clone.git(&["config", "rustassistant.kinds", "refactor"]);
    }
    let [signer, stranger] = &team.clones[..] else {
        panic!("two clones");
    };
    allow(signer, &sign(signer));
    assert_eq!(signer.run(&["analyze"]).code, Some(0));
    assert_eq!(signer.run(&["sync"]).stdout, "published 2\n");
    assert_eq!(stranger.run(&["fetch"]).code, Some(0));
    let cleared = stranger.run(&["cache", "clear", "--publish", "--yes"]);
    assert_eq!(cleared.code, Some(0), "{cleared:?}");
    let is_known = |asked| {
        let told = signer.run(&["sync"]);
        assert_eq!(told.code, Some(0), "{told:?}");
        let analyzed = signer.run(&["analyze", "--output=json"]);
        assert_eq!(Report::of(&analyzed).words(), "2 cached", "{analyzed:?}");
        assert_eq!(server.received().len(), asked);
    };
    is_known(2);
    // Nor does it when it takes the place of all that was signed.
    team.on_server(&["update-ref", "-d", SHARED]);
    stranger.git(&["update-ref", "-d", MIRROR]);
    assert_eq!(
        stranger.run(&["analyze", "src/b.rs", "-k", "todos"]).code,
        Some(0)
    );
    assert_eq!(stranger.run(&["sync"]).code, Some(0));
    is_known(3);
}
