//! How many bytes a token of a model was in earlier runs: a small file for each model, derived and
//! disposable. What is measured within a run is for `calibration`.

use crate::git::OwnFolder;
use crate::model::ObjectFormat;
use crate::store::Shelf;

/// The models that were asked last.
const SHELF: Shelf = Shelf {
    prefix: "tokens-",
    most: 32,
};

const MAGIC: &str = "rustassistant tokens 1";

/// No such file is larger.
const MAX_BYTES: u64 = 4096;

/// Beyond this, older answers count half: a provider may change how it counts.
const MOST_TOKENS: u64 = 1 << 22;

/// Fewer tokens say nothing yet.
const LEAST_TOKENS: u64 = 500;

/// Bytes of a thousand tokens, in any vocabulary of today: what lies outside is no measure.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 1_500..=8_000;

/// Bytes that were sent, and the tokens that their provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    pub bytes: u64,
    pub tokens: u64,
}

impl Measured {
    /// What `folder` remembers of a model, named `provider/model`. Whatever cannot be read is
    /// nothing.
    pub fn open(folder: &OwnFolder, model: &str) -> Self {
        Self::read(folder, model).unwrap_or_default()
    }

    fn read(folder: &OwnFolder, model: &str) -> Option<Self> {
        let text = folder.text(&name(model), MAX_BYTES).ok()?;
        let numbers = text.strip_prefix(&head(model))?.trim_end();
        let (bytes, tokens) = numbers.split_once(' ')?;
        Some(Self {
            bytes: bytes.parse().ok()?,
            tokens: tokens.parse().ok()?,
        })
    }

    /// The bytes of a thousand tokens, if enough was measured to say so.
    pub fn bytes_per_1000_tokens(self) -> Option<u64> {
        let enough = self.tokens >= LEAST_TOKENS;
        let factor = enough.then(|| self.bytes.saturating_mul(1000) / self.tokens)?;
        PLAUSIBLE.contains(&factor).then_some(factor)
    }

    /// Adds what this run measured to what is remembered. A folder that cannot be written
    /// remembers nothing, which costs nothing but a guess.
    pub fn remember(self, folder: &OwnFolder, model: &str) {
        if self.bytes_per_1000_tokens().is_none() {
            return;
        }
        let before = Self::open(folder, model);
        let mut sum = Self {
            bytes: before.bytes.saturating_add(self.bytes),
            tokens: before.tokens.saturating_add(self.tokens),
        };
        while sum.tokens > MOST_TOKENS {
            sum.bytes /= 2;
            sum.tokens /= 2;
        }
        let text = format!("{}{} {}\n", head(model), sum.bytes, sum.tokens);
        let _ = SHELF.write(folder, &name(model), &[text.as_bytes()]);
    }
}

fn name(model: &str) -> String {
    SHELF.name(&ObjectFormat::Sha256.hash(&[model.as_bytes()]).short())
}

fn head(model: &str) -> String {
    format!("{MAGIC}\n{}\n", model.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "xai/grok-4.7";

    #[test]
    fn what_was_measured_adds_up_from_run_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        assert_eq!(Measured::open(&own, MODEL), Measured::default());
        let run = Measured {
            bytes: 4_000,
            tokens: 1_000,
        };
        run.remember(&own, MODEL);
        let other = Measured {
            bytes: 6_000,
            tokens: 1_000,
        };
        other.remember(&own, MODEL);
        let both = Measured::open(&own, MODEL);
        assert_eq!(both.bytes_per_1000_tokens(), Some(5_000));
        assert_eq!(Measured::open(&own, "xai/other"), Measured::default());
    }

    #[test]
    fn the_newer_outweighs_the_old_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let run = |bytes| Measured {
            bytes,
            tokens: 1_000_000,
        };
        for _ in 0..100 {
            run(3_000_000).remember(&own, MODEL);
        }
        for _ in 0..20 {
            run(5_000_000).remember(&own, MODEL);
        }
        let now = Measured::open(&own, MODEL);
        assert!(now.tokens <= MOST_TOKENS);
        assert!(now.bytes_per_1000_tokens() > Some(4_900), "{now:?}");
    }

    #[test]
    fn garbage_and_what_cannot_be_are_no_measure() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let absurd = Measured {
            bytes: 1,
            tokens: 1_000_000,
        };
        absurd.remember(&own, MODEL);
        assert_eq!(Measured::open(&own, MODEL), Measured::default());
        let head = head(MODEL);
        for text in [
            "",
            "x",
            &head,
            &format!("{head}1"),
            &format!("{head}a b\n"),
            "\u{0}",
        ] {
            std::fs::write(folder.path().join(name(MODEL)), text).unwrap();
            assert_eq!(Measured::open(&own, MODEL), Measured::default(), "{text:?}");
        }
        std::fs::write(folder.path().join(name(MODEL)), [0xff; 9000]).unwrap();
        assert_eq!(Measured::open(&own, MODEL), Measured::default());
        let most = format!("{head}{} {}\n", u64::MAX, u64::MAX);
        std::fs::write(folder.path().join(name(MODEL)), most).unwrap();
        Measured {
            bytes: 4_000,
            tokens: 1_000,
        }
        .remember(&own, MODEL);
        assert!(Measured::open(&own, MODEL).tokens <= MOST_TOKENS);
    }
}
