//! Every reader of what strangers wrote, on samples that are bent at random: a little of what
//! `cargo fuzz` does for hours. `FUZZ=1000000 cargo test --release hostile_bytes` takes longer, and
//! `FUZZ_TARGET=entry` keeps to one reader.

#[path = "fuzz/targets.rs"]
mod targets;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use targets::TARGETS;

/// Sound and unsound samples, from which the bent ones grow.
const SAMPLES: [&[u8]; 22] = [
    br#"{"format":1,"blob":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391","fingerprint":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391","kind":"docs","analyzer":"local/1","created":"2026-01-01T00:00:00Z","usage":{"requests":1,"input_tokens":1,"cached_input_tokens":0,"output_tokens":1,"reasoning_tokens":0,"cost":{"usd":"0.0012","source":"table"},"raw":{}},"analysis":{"summary":"","metrics":{"lines":1},"findings":[{"start_line":1,"start_column":1,"end_line":1,"end_column":2,"rule":"other","level":"note","title":"t","message":"m","anchor":"a"}],"suggestions":[],"document":null}}"#,
    br#"{"format":1,"kind":"refactor","analyzer":"xai","revision":1,"language":"rust","prompt":"p","schema":1,"model":"m","parameters":{"a":1,"b":"c"}}"#,
    b"100644 a.rs\0aaaaaaaaaaaaaaaaaaaa40000 d\0bbbbbbbbbbbbbbbbbbbb",
    b"120000 link\0aaaaaaaaaaaaaaaaaaaa160000 sub\0bbbbbbbbbbbbbbbbbbbb",
    b"title\r\n::error file=a::x\n ##[group]\x1b[31m \xe2\x80\xae\xc2\x9b",
    b"rustassistant.kinds=docs\nrustassistant.provider=xai\nrustassistant.maxfilesize=1g\nrustassistant.jobs",
    b"\0//! Module.\n/// Doc.\n#[derive(Debug)]\npub struct A<'a> { b: &'a str }\nimpl A<'_> {\n    pub fn c(&self) -> u8 { if self.b.is_empty() { 1 } else { todo!() } }\n}\n",
    b"\x01def f(a, b=1):\n    # TODO(x): y\n    if a:\n        for i in b:\n            pass\n",
    b"\x02function f(a) { // FIXME\n return a ? () => { x(`${a}`) } : null }\n",
    b"\x05package p\nfunc F() error { /* HACK */ if err := g(); err != nil { return err }; return nil }\n",
    b"\x07#include <a.h>\nint main(void) { for (;;) { if (a && b) break; } /* XXX */ return 0; }\n",
    b"\x08template <class T> struct S { T t; ~S() noexcept; }; // TODO\n",
    // What a hook is told, what git lists, and names.
    b"refs/heads/a e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 refs/heads/b 0000000000000000000000000000000000000000\n",
    b"100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\ta.rs\0:100644 100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0000000000000000000000000000000000000000 M\0a.rs\0",
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 blob 12",
    b"refs/heads/team/cache/v1",
    b"src/*.rs\nsrc/a.rs",
    b"entry e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\n\nrecipe e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\n\n",
    // A store as its target reads it: a node, its question, its kind, the root.
    b"\x01\x09\x01\xff\0\x0a\0\xff\0\x03\0\xff\0\0\0\x01\x02\x04",
    // What models answer, and what a model writes.
    br#" {"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"t","refusal":null}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"error":null}"#,
    br#"{"summary":"s","findings":[{"rule":"other","level":"warning","quote":"g(a).unwrap()","line":2,"item":null,"title":"t","message":"m","suggestion":null,"confidence":"high"}],"suggestions":[{"title":"t","detail":"d","effort_minutes":5}],"document":"d"}"#,
    b"const API_KEY: &str = \"x7Qp2LmZ9vRt4KcW8sYb3NfH6jDg\";\npassword = 'hunter2hunter2'\n",
];

/// How one sample is bent.
#[derive(Clone, Debug)]
enum Bend {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, u8),
    Repeat(prop::sample::Index, u8, u8),
    Splice(prop::sample::Index, prop::sample::Index),
}

fn bend() -> impl Strategy<Value = Bend> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Bend::Replace(at, byte)),
        (at(), prop::collection::vec(any::<u8>(), 1..6))
            .prop_map(|(at, text)| Bend::Insert(at, text)),
        (at(), 1..40u8).prop_map(|(at, count)| Bend::Remove(at, count)),
        (at(), 1..20u8, 1..80u8).prop_map(|(at, length, times)| Bend::Repeat(at, length, times)),
        (at(), at()).prop_map(|(at, sample)| Bend::Splice(at, sample)),
    ]
}

fn bent() -> impl Strategy<Value = Vec<u8>> {
    let sample = any::<prop::sample::Index>();
    (sample, prop::collection::vec(bend(), 0..8)).prop_map(|(sample, bends)| {
        let mut text = SAMPLES[sample.index(SAMPLES.len())].to_vec();
        for one in bends {
            let place = |at: prop::sample::Index, text: &Vec<u8>| at.index(text.len() + 1);
            match one {
                Bend::Replace(at, byte) => {
                    let at = place(at, &text);
                    text.get_mut(at).into_iter().for_each(|old| *old = byte);
                }
                Bend::Insert(at, new) => {
                    let at = place(at, &text);
                    drop(text.splice(at..at, new));
                }
                Bend::Remove(at, count) => {
                    let at = place(at, &text);
                    drop(text.drain(at..(at + usize::from(count)).min(text.len())));
                }
                Bend::Repeat(at, length, times) => {
                    let at = place(at, &text);
                    let piece = text[at..(at + usize::from(length)).min(text.len())].to_vec();
                    drop(text.splice(at..at, piece.repeat(usize::from(times))));
                }
                Bend::Splice(at, sample) => {
                    let at = place(at, &text);
                    text.truncate(at);
                    text.extend_from_slice(SAMPLES[sample.index(SAMPLES.len())]);
                }
            }
        }
        text
    })
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long is for who runs it to say"
)]
fn no_bytes_break_a_reader() {
    let set = |name| std::env::var(name).ok();
    let asked = set("FUZZ").and_then(|count| count.parse().ok());
    let only = set("FUZZ_TARGET");
    let config = Config {
        cases: asked.unwrap_or(300),
        failure_persistence: None,
        ..Config::default()
    };
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    for (name, target) in TARGETS.into_iter().filter(|(name, _)| wanted(name)) {
        let mut runner = TestRunner::new(config.clone());
        let ran = runner.run(&bent(), |bytes| {
            let held = std::panic::catch_unwind(|| target(&bytes));
            held.map_err(|_| TestCaseError::fail(format!("{:?}", bytes.escape_ascii().to_string())))
        });
        assert!(ran.is_ok(), "{name}: {ran:?}");
    }
}
