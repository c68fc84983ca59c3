//! One program for every target: the first byte chooses the reader, so that one corpus and one
//! build serve all. `FUZZ_TARGET=entry` keeps to one of them.
#![no_main]

mod targets;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let only = std::env::var("FUZZ_TARGET").ok();
    let chosen = match only {
        Some(name) => targets::TARGETS.iter().find(|(known, _)| *known == name),
        None => bytes.first().and_then(|byte| {
            targets::TARGETS.get(usize::from(*byte) % targets::TARGETS.len())
        }),
    };
    if let Some((_, target)) = chosen {
        target(bytes.get(1..).unwrap_or_default());
    }
});
