//! Entries and trees of others are checked before they are used: whatever is wrong with them is a
//! miss, and neither a crash nor more than a little memory.

use rustassistant::model::{Entry, MAX_ENTRY_BYTES};
use rustassistant::store::{decode, encode};
use serde_json::{Value, json};

use crate::support::forged::MIRROR;
use crate::support::{Report, Team};

/// A sound entry with a finding, as text.
fn sound() -> String {
    let oid = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let finding = json!({
        "start_line": 1, "start_column": 1, "end_line": 2, "end_column": 3, "rule": "todo",
        "level": "note", "title": "t", "message": "m", "anchor": "a",
    });
    let entry = json!({
        "format": 1, "blob": oid, "fingerprint": oid, "kind": "todos", "analyzer": "local/1",
        "analysis": {"summary": "s", "metrics": {"notes": 1}, "findings": [finding],
            "suggestions": [], "document": null},
    });
    let entry: Entry = serde_json::from_value(entry).unwrap();
    encode(&entry).unwrap()
}

/// Ways to bend it, each with a name.
fn bent() -> Vec<(&'static str, Vec<u8>)> {
    let sound = sound();
    let with = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        sound.replacen(from, to, 1).into_bytes()
    };
    let oid = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let set = |pointer: &str, value: Value| {
        let mut entry: Value = serde_json::from_str(&sound).unwrap();
        *entry.pointer_mut(pointer).unwrap() = value;
        entry.to_string().into_bytes()
    };
    let finding = |field: &str, value: Value| set(&format!("/analysis/findings/0/{field}"), value);
    let other = oid.replace('e', "f");
    let many = vec![
        serde_json::from_str::<Value>(&sound).unwrap()["analysis"]["findings"][0]
            .clone();
        20_000
    ];
    vec![
        ("empty", Vec::new()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("no fields", b"{}".to_vec()),
        ("half of it", sound.as_bytes()[..sound.len() / 2].to_vec()),
        (
            "not UTF-8",
            [
                &sound.as_bytes()[..40],
                b"\xff\xfe",
                &sound.as_bytes()[40..],
            ]
            .concat(),
        ),
        (
            "UTF-16",
            sound.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("something behind it", [sound.as_bytes(), b"x"].concat()),
        ("twice", [sound.as_bytes(), sound.as_bytes()].concat()),
        (
            "a key twice",
            with(
                "\"kind\": \"todos\"",
                "\"kind\": \"todos\", \"kind\": \"todos\"",
            ),
        ),
        ("a newer format", with("\"format\": 1", "\"format\": 2")),
        ("a negative format", with("\"format\": 1", "\"format\": -1")),
        (
            "a format beyond numbers",
            with("\"format\": 1", "\"format\": 1e400"),
        ),
        (
            "a format in words",
            with("\"format\": 1", "\"format\": \"1\""),
        ),
        ("another blob", set("/blob", json!(other))),
        (
            "a blob that is none",
            set("/blob", json!("../../etc/passwd")),
        ),
        (
            "a blob in capitals",
            set("/blob", json!(oid.to_uppercase())),
        ),
        ("another recipe", set("/fingerprint", json!(other))),
        ("another kind", set("/kind", json!("docs"))),
        ("a kind that is a path", set("/kind", json!("../docs"))),
        ("no line", finding("start_line", json!(0))),
        ("a negative line", finding("start_line", json!(-1))),
        ("a line after its end", finding("start_line", json!(3))),
        ("a line beyond numbers", finding("end_line", json!(1e300))),
        ("half a line", finding("end_line", json!(2.5))),
        ("no column", finding("start_column", json!(0))),
        ("an unknown level", finding("level", json!("critical"))),
        ("a long title", finding("title", json!("x".repeat(70_000)))),
        ("a long rule", finding("rule", json!("x".repeat(70_000)))),
        ("a number for a text", finding("message", json!(7))),
        (
            "a long summary",
            set("/analysis/summary", json!("x".repeat(70_000))),
        ),
        (
            "a metric that is no number",
            set("/analysis/metrics/notes", json!("NaN")),
        ),
        (
            "very many findings",
            set("/analysis/findings", Value::Array(many)),
        ),
        (
            "very long",
            with("\"s\"", &format!("\"{}\"", "x".repeat(MAX_ENTRY_BYTES))),
        ),
        (
            "very deep",
            format!("{{\"format\":1,\"x\":{}", "[".repeat(100_000)).into_bytes(),
        ),
        (
            "deep where nobody looks",
            with(
                "\"format\": 1",
                &format!(
                    "\"format\": 1, \"x\": {}{}",
                    "[".repeat(1000),
                    "]".repeat(1000)
                ),
            ),
        ),
    ]
}

#[test]
fn an_entry_that_is_bent_in_any_of_many_ways_is_not_believed() {
    let text = sound();
    let entry: Entry = serde_json::from_str(&text).unwrap();
    assert_eq!(decode(text.as_bytes(), &entry.key()), Ok(entry.clone()));
    let bent = bent();
    assert!(bent.len() >= 30);
    for (name, bytes) in bent {
        assert!(decode(&bytes, &entry.key()).is_err(), "{name}");
    }
}

/// The lines of a tree that are no tree of ours, as raw bytes around the id of a blob.
fn trees(blob: &str, tree: &str) -> Vec<(&'static str, Vec<u8>)> {
    let raw = |hex: &str| -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    };
    let line = |mode: &str, name: &str, oid: &str| {
        [format!("{mode} {name}\0").as_bytes(), &raw(oid)].concat()
    };
    let rest = "0".repeat(blob.len() - 1);
    let file = |name: &str| line("100644", name, blob);
    let zero = "0".repeat(blob.len());
    vec![
        ("nothing", Vec::new()),
        ("half a line", file(&rest)[..20].to_vec()),
        ("noise", (0..=255).collect()),
        ("a name that climbs", line("40000", "..", tree)),
        ("a name of git's", line("40000", ".git", tree)),
        ("no name", line("100644", "", blob)),
        (
            "a path for a name",
            line("100644", &format!("0/{rest}"), blob),
        ),
        ("a name twice", [file("0"), file("0")].concat()),
        ("names out of order", [file("b"), file("a")].concat()),
        ("a mode that is none", line("999999", "0", blob)),
        ("a mode beyond numbers", line(&"7".repeat(40), "0", blob)),
        ("a folder that is a file", line("40000", "0", blob)),
        ("a file that is a folder", line("100644", "0", tree)),
        ("an object that is not there", line("40000", "0", &zero)),
        ("a symbolic link", line("120000", "0", blob)),
        ("a submodule", line("160000", "0", blob)),
        ("letters that are no digits", line("40000", "g", tree)),
        (
            "more digits than an id has",
            line("100644", &"0".repeat(200), blob),
        ),
    ]
}

#[test]
fn a_tree_that_is_none_of_ours_is_a_miss_wherever_it_lies() {
    let (team, path) = Team::with_one_entry();
    let clone = &team.clones[1];
    let blob = team.on_server(&["rev-parse", &format!("{}:{path}", crate::support::SHARED)]);
    let tree = team.on_server(&["rev-parse", "main^{tree}"]);
    let trees = trees(&blob, &tree);
    assert!(trees.len() >= 11);
    for (number, (name, bytes)) in trees.into_iter().enumerate() {
        let node = team.object("tree", &bytes);
        // What is no tree at all is none anywhere; the others are tried where entries lie.
        for depth in if number < 3 { 1 } else { 3 }..=3 {
            team.publish(&path, depth, ("40000", &node));
            // Where git itself takes it in, since nobody has it check.
            let url = format!("file://{}", team.server().display());
            let forced = format!("+{}:{MIRROR}", crate::support::SHARED);
            let mut plain = clone.command("git".as_ref());
            let plain = plain.args([
                "-c",
                "transfer.fsckObjects=false",
                "fetch",
                "-q",
                &url,
                &forced,
            ]);
            let fetched = clone.finish(plain);
            let output = team.looked_up();
            let words = Report::of(&output).words();
            assert_eq!(
                (output.code, words.as_str()),
                (Some(3), "1 missing"),
                "{name} {depth}: {output:?}"
            );
            let ours = clone.run(&["fetch"]);
            assert!(
                matches!(ours.code, Some(0 | 3)),
                "{name} {depth}: {ours:?} {fetched:?}"
            );
        }
    }
    let analyzed = clone.run(&["analyze", "src/b.rs", "-k", "todos", "--output", "json"]);
    assert_eq!(Report::of(&analyzed).words(), "1 analyzed", "{analyzed:?}");
    team.forget();
}
