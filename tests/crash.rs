//! Runs that end too early: killed at any moment, what was answered is kept, the repository stays
//! sound, and the next run goes on from there.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Repo, rust_source};

const REF: &str = "refs/rustassistant/local/v1";

/// The keys of the entries that the ref holds.
fn stored(repo: &Repo) -> BTreeSet<String> {
    if repo.git(&["for-each-ref", REF]).is_empty() {
        return BTreeSet::new();
    }
    let listed = repo.git(&["ls-tree", "-r", "--name-only", REF, "entries/"]);
    let key = |path: &str| path.trim_start_matches("entries/").replace('/', "");
    listed.lines().map(key).collect()
}

/// The keys of the entries that stand whole in journals.
fn journaled(repo: &Repo) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in fs::read_dir(repo.path().join(".git/rustassistant/journal"))
        .into_iter()
        .flatten()
    {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let mut rest = bytes.as_slice();
        while let Some((key, after)) = record(rest) {
            keys.extend(key);
            rest = after;
        }
    }
    keys
}

/// The first record of a journal, `<tag> <oid> <length>`, a line feed, so many bytes and another;
/// the key, if it is that of an entry.
fn record(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let length: usize = head.rsplit(' ').next()?.parse().ok()?;
    let body = bytes.get(end + 1..end + 1 + length)?;
    let after = bytes.get(end + 2 + length..)?;
    let entry: Value = serde_json::from_slice(body).ok()?;
    let part = |name: &str| entry[name].as_str();
    let key = || Some([part("kind")?, part("fingerprint")?, part("blob")?].concat());
    Some((key().filter(|_| head.starts_with("entry ")), after))
}

/// A sequence of numbers below one, the same for the same seed.
fn fractions(mut seed: u64) -> impl Iterator<Item = f64> {
    std::iter::repeat_with(move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % 10_000) as f64 / 10_000.0
    })
}

fn killed_again_and_again(kills: usize, files: usize) {
    let repo = Repo::new();
    for seed in 0..files {
        repo.write(&format!("src/m{seed}.rs"), rust_source(seed, 6));
    }
    repo.commit("files");
    // One that is dirty needs scratch objects.
    repo.write("src/m0.rs", rust_source(files, 6));
    let arguments = ["analyze", "-k", "all", "--output", "summary"];
    let started = Instant::now();
    assert_eq!(repo.run(&arguments).code, Some(0));
    let whole = started.elapsed();
    let total = 4 * files;
    assert_eq!(stored(&repo).len(), total);

    let mut fractions = fractions(0x9e37_79b9);
    let mut known = BTreeSet::new();
    for kill in 0..kills {
        if kill % 4 == 0 {
            assert_eq!(repo.run(&["cache", "clear"]).code, Some(0));
            known.clear();
        }
        let mut program = repo.program();
        program
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = program.spawn().unwrap();
        sleep(whole.mul_f64(fractions.next().unwrap()));
        process.kill().unwrap();
        process.wait().unwrap();
        // What the process had started itself is not killed with it.
        sleep(Duration::from_millis(20));
        repo.git(&["fsck", "--full", "--strict"]);
        let now = &stored(&repo) | &journaled(&repo);
        assert!(known.is_subset(&now), "kill {kill}: an answer was lost");
        known = now;
    }
    let report = repo.analyze(&["-k", "all"]);
    assert_eq!(report.count("cached"), known.len() as u64);
    assert_eq!(report.count("analyzed"), (total - known.len()) as u64);
    assert_eq!(stored(&repo).len(), total);
    // Where nothing was left to be stored, the mark of a move that was killed goes with the next one.
    repo.write("last.rs", rust_source(files + 1, 2));
    repo.git(&["add", "last.rs"]);
    assert_eq!(repo.run(&["analyze", "last.rs"]).code, Some(0));
    assert_eq!(repo.leftovers(), Vec::<String>::new());
    repo.git(&["fsck", "--full", "--strict"]);
}

#[test]
fn a_killed_run_loses_nothing_and_the_next_goes_on_from_there() {
    killed_again_and_again(8, 60);
}

#[test]
#[ignore = "takes minutes: two hundred kills of a large run"]
fn many_kills_of_a_large_run_lose_nothing() {
    killed_again_and_again(200, 200);
}

#[test]
fn a_lock_of_our_ref_that_somebody_alive_may_hold_is_waited_for_and_told() {
    let repo = Repo::new();
    repo.write("a.rs", rust_source(1, 2));
    repo.commit("file");
    if !repo.has_refs_in_files() {
        return;
    }
    let lock = repo.path().join(format!(".git/{REF}.lock"));
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(&lock, "").unwrap();
    let output = repo.run(&["analyze", "--output", "summary"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let told = "refs/rustassistant/local/v1 is held by another process; the next run will store the \
                answers\n";
    assert!(output.stderr.ends_with(told), "{output:?}");
    assert!(lock.exists());
    fs::remove_file(&lock).unwrap();
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(repo.leftovers(), Vec::<String>::new());
}

#[test]
fn a_record_that_was_torn_and_a_journal_of_nonsense_cost_their_own_answers_only() {
    let repo = Repo::new();
    repo.write("a.rs", rust_source(1, 2));
    repo.commit("file");
    let journal = repo.path().join(".git/rustassistant/journal");
    fs::create_dir_all(&journal).unwrap();
    fs::write(journal.join("1-0"), "entry 0123 99999999999999999999\n{").unwrap();
    fs::write(journal.join("2-0"), b"\xff\0\n\n\n").unwrap();
    fs::write(journal.join("3-0"), "").unwrap();
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(repo.leftovers(), Vec::<String>::new());
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
}

#[test]
fn a_keep_file_of_a_run_that_was_killed_does_not_keep_its_pack_forever() {
    let repo = Repo::new();
    repo.write("a.rs", rust_source(1, 2));
    repo.commit("file");
    repo.git(&["repack", "-q", "-d"]);
    let packs = repo.path().join(".git/objects/pack");
    // A number that no system gives out.
    let dead = format!("rustassistant {} 1767268800\n", i32::MAX);
    fs::write(packs.join("pack-dead.keep"), dead).unwrap();
    fs::write(packs.join("pack-users.keep"), "").unwrap();
    assert_eq!(repo.analyze(&[]).words(), "1 analyzed");
    assert_eq!(repo.leftovers(), ["pack-users.keep"]);
}

#[test]
fn a_lock_of_our_ref_that_a_dead_process_left_heals() {
    let repo = Repo::new();
    repo.write("a.rs", rust_source(1, 2));
    repo.commit("file");
    assert_eq!(repo.analyze(&["-k", "docs"]).words(), "1 analyzed");
    if !repo.has_refs_in_files() {
        return;
    }
    let lock = repo.path().join(format!(".git/{REF}.lock"));
    fs::write(&lock, "").unwrap();
    repo.command("touch".as_ref())
        .args(["-d", "20 minutes ago"])
        .arg(&lock)
        .status()
        .unwrap();
    let output = repo.run(&["analyze"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let removed = output.stderr.strip_prefix("removed ").unwrap();
    let end = format!("{REF}.lock, left by a killed git process\n");
    assert!(removed.ends_with(&end), "{output:?}");
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    assert_eq!(repo.analyze(&[]).words(), "1 cached");
    assert_eq!(repo.leftovers(), Vec::<String>::new());
}
