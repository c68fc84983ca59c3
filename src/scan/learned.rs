//! What earlier runs found out about a model and its server: the limits that the server named, and how
//! it wants to be asked. A small file for each model, derived and disposable, for a month. How that is
//! found out is for `provider` and `inquiry`.

use jiff::Timestamp;

use crate::git::OwnFolder;
use crate::provider::{Endpoint, Manner, Stated};
use crate::store::Shelf;

/// The models that were asked last.
const LIMITS: Shelf = Shelf {
    prefix: "limits-",
    most: 32,
};

const MANNERS: Shelf = Shelf {
    prefix: "manner-",
    most: 32,
};

/// Less is a temporary want, or a lie, which would shorten all answers for a month.
const LEAST_WINDOW: u64 = 2048;
const LEAST_OUTPUT: u64 = 1024;

/// In tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Question and answer together.
    pub window: Option<u64>,
    /// The answer.
    pub output: Option<u64>,
    /// The model answers with more than a limit allows: whatever was remembered is none.
    pub is_outgrown: bool,
}

impl Learned {
    /// What `folder` remembers of a model, named `provider/model`. Whatever cannot be read, or is
    /// old, is nothing.
    pub fn open(folder: &OwnFolder, model: &str, now: Timestamp) -> Self {
        Self::read(folder, model, now).unwrap_or_default()
    }

    fn read(folder: &OwnFolder, model: &str, now: Timestamp) -> Option<Self> {
        // A server may be started anew with more memory.
        let line = LIMITS.recall_of_a_month(folder, model, now.as_second())?;
        let mut fields = line.split_whitespace();
        let mut number = || fields.next()?.parse().ok();
        Some(Self {
            window: number(),
            output: number(),
            is_outgrown: false,
        })
    }

    pub fn add(&mut self, stated: Stated) {
        match stated {
            Stated::Window(window) => self.window = Some(window),
            Stated::Output(most) => self.output = Some(most),
        }
    }

    /// Adds what this run has learned. A folder that cannot be written remembers nothing, which
    /// costs one refused request.
    pub fn remember(self, folder: &OwnFolder, model: &str, now: Timestamp) {
        let before = Self::open(folder, model, now);
        let kept = if self.is_outgrown {
            Self::default()
        } else {
            before
        };
        let window = self.window.filter(|window| *window >= LEAST_WINDOW);
        let output = self.output.filter(|most| *most >= LEAST_OUTPUT);
        let both = Self {
            window: window.or(kept.window),
            output: output.or(kept.output),
            is_outgrown: false,
        };
        if both == before {
            return;
        }
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
        let (window, output) = (number(both.window), number(both.output));
        let line = format!("{window} {output}");
        LIMITS.remember_for_a_month(folder, model, &line, now.as_second());
    }
}

/// How `model` is asked at `endpoint`, if `folder` remembers. Whatever cannot be read, or is old, is
/// nothing.
pub fn manner_of(
    folder: &OwnFolder,
    endpoint: &Endpoint,
    model: &str,
    now: Timestamp,
) -> Option<Manner> {
    let words = MANNERS.recall_of_a_month(folder, &key(endpoint, model), now.as_second())?;
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
    MANNERS.remember_for_a_month(folder, &key, &manner.words(), now.as_second());
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
    fn limits_are_remembered_for_a_month_by_model() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let remember = |stated, when| {
            let mut learned = Learned::default();
            learned.add(stated);
            learned.remember(&own, "p/m", at(when));
        };
        let open = |model, when| Learned::open(&own, model, at(when));
        assert_eq!(open("p/m", 0), Learned::default());
        remember(Stated::Window(8192), 0);
        remember(Stated::Output(4096), 1);
        let both = Learned {
            window: Some(8192),
            output: Some(4096),
            is_outgrown: false,
        };
        assert_eq!(open("p/m", 2), both);
        assert_eq!(open("p/other", 2), Learned::default());
        assert_eq!(open("p/m", MONTH + 2), Learned::default());
        std::fs::write(folder.path().join(LIMITS.name_of("p/m")), "noise").unwrap();
        assert_eq!(open("p/m", 2), Learned::default());
    }

    #[test]
    fn a_limit_that_no_model_has_is_not_remembered_and_one_that_is_outgrown_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let remember = |learned: Learned| {
            learned.remember(&own, "p/m", now);
            let known = Learned::open(&own, "p/m", now);
            (known.window, known.output)
        };
        let learned = |window, output| Learned {
            window,
            output,
            is_outgrown: false,
        };
        assert_eq!(remember(learned(Some(2047), Some(1023))), (None, None));
        let outgrown = Learned {
            is_outgrown: true,
            ..Learned::default()
        };
        assert_eq!(remember(outgrown), (None, None));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let least = learned(Some(2048), Some(1024));
        assert_eq!(remember(least), (Some(2048), Some(1024)));
        assert_eq!(remember(learned(None, Some(16))), (Some(2048), Some(1024)));
        assert_eq!(remember(outgrown), (None, None));
    }

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
            std::fs::write(
                folder.path().join(MANNERS.name_of(&key(&server, "m"))),
                text,
            )
            .unwrap();
            assert_eq!(known(&server, "m", 3), None);
        }
    }
}
