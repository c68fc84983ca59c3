//! How servers were found to be asked in earlier runs: a small file for each model at an address,
//! derived and disposable, for a month. How that is found out is for `provider`.

use jiff::Timestamp;

use crate::git::OwnFolder;
use crate::model::ObjectFormat;
use crate::provider::{Endpoint, Manner};
use crate::store::Shelf;

/// The models that were asked last.
const SHELF: Shelf = Shelf {
    prefix: "manner-",
    most: 32,
};

const MAGIC: &str = "rustassistant manner 1";

/// No such file is larger.
const MAX_BYTES: u64 = 4096;

/// In seconds. A server may learn more.
const MONTH: i64 = 30 * 24 * 60 * 60;

/// How `model` is asked at `endpoint`, if `folder` remembers. Whatever cannot be read, or is old, is
/// nothing.
pub fn manner_of(
    folder: &OwnFolder,
    endpoint: &Endpoint,
    model: &str,
    now: Timestamp,
) -> Option<Manner> {
    let name = name(endpoint, model);
    let text = folder.text(&name, MAX_BYTES).ok()?;
    let rest = text.strip_prefix(&head(&name))?.trim_end();
    let (at, words) = rest.split_once(' ')?;
    let is_recent = (now.as_second() - MONTH..=now.as_second()).contains(&at.parse().ok()?);
    Manner::of_words(words).filter(|_| is_recent)
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
    let name = name(endpoint, model);
    let text = format!("{}{} {}\n", head(&name), now.as_second(), manner.words());
    let _ = SHELF.write(folder, &name, &[text.as_bytes()]);
}

/// Another address may be another server. What stands in it is nobody's affair.
fn name(endpoint: &Endpoint, model: &str) -> String {
    let protocol = endpoint.protocol.name();
    let of = [&endpoint.name, model, protocol, &endpoint.url].join("\n");
    SHELF.name(&ObjectFormat::Sha256.hash(&[of.as_bytes()]).short())
}

fn head(name: &str) -> String {
    format!("{MAGIC}\n{name}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Protocol;

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
            std::fs::write(folder.path().join(name(&server, "m")), text).unwrap();
            assert_eq!(known(&server, "m", 3), None);
        }
    }
}
