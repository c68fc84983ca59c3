//! How servers were found to be asked in earlier runs: a small file for each model at an address,
//! derived and disposable, for a month. How that is found out is for `provider`.

use jiff::Timestamp;

use crate::git::OwnFolder;
use crate::provider::{Endpoint, Manner};
use crate::store::Shelf;

/// The models that were asked last.
const SHELF: Shelf = Shelf {
    prefix: "manner-",
    most: 32,
};

/// How `model` is asked at `endpoint`, if `folder` remembers. Whatever cannot be read, or is old, is
/// nothing.
pub fn manner_of(
    folder: &OwnFolder,
    endpoint: &Endpoint,
    model: &str,
    now: Timestamp,
) -> Option<Manner> {
    let words = SHELF.recall_of_a_month(folder, &key(endpoint, model), now.as_second())?;
    Manner::of_words(&words)
}

/// Remembers in which manner `model` has answered. A folder that cannot be written remembers nothing,
/// which costs one refused request.
pub fn remember_manner(
    folder: &OwnFolder,
    endpoint: &Endpoint,
    model: &str,
    manner: Manner,
    now: Timestamp,
) {
    let known = manner_of(folder, endpoint, model, now);
    if known.unwrap_or(endpoint.dialect.into()) == manner {
        return;
    }
    let key = key(endpoint, model);
    SHELF.remember_for_a_month(folder, &key, &manner.words(), now.as_second());
}

/// Another address may be another server.
fn key(endpoint: &Endpoint, model: &str) -> String {
    let protocol = endpoint.protocol.name();
    [&endpoint.name, model, protocol, &endpoint.url].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Protocol;

    const MONTH: i64 = 30 * 24 * 60 * 60;

    #[test]
    fn a_manner_is_remembered_for_a_month_by_model_and_address() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let server = Endpoint::new("own", "https://llm.example/v1", Protocol::Chat);
        let other = Endpoint::new("own", "https://llm.example/v2", Protocol::Chat);
        let usual = Manner::from(server.dialect);
        let found = Manner {
            is_folded: true,
            ..usual
        };
        remember_manner(&own, &server, "m", usual, at(0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        remember_manner(&own, &server, "m", found, at(0));
        let known = |endpoint, model, when| manner_of(&own, endpoint, model, at(when));
        assert_eq!(known(&server, "m", 1), Some(found));
        // Seen again, it is as old as it was.
        remember_manner(&own, &server, "m", found, at(MONTH));
        assert_eq!(known(&server, "m", MONTH + 1), None);
        assert_eq!(known(&server, "n", 1), None);
        assert_eq!(known(&other, "m", 1), None);
        remember_manner(&own, &server, "m", usual, at(2));
        assert_eq!(known(&server, "m", 3), Some(usual));
        for text in ["", "noise", "rustassistant manner 1\n"] {
            std::fs::write(folder.path().join(SHELF.name_of(&key(&server, "m"))), text).unwrap();
            assert_eq!(known(&server, "m", 3), None);
        }
    }
}
