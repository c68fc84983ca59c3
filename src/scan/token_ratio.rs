//! How many tokens a request and its answer take, guessed from bytes and better with every answer. No
//! vocabulary of any model is known here: the provider's own counts are the measure, kept from run to run
//! in a small file for each model, derived and disposable.

use super::budget::{Forecast, Guess};
use super::service::Service;
use crate::analyzers::llm::Asked;
use crate::git::OwnFolder;
use crate::provider::{Request, Tokens};
use crate::store::Shelf;

/// The models that were asked last.
const SHELF: Shelf = Shelf {
    prefix: "tokens-",
    most: 32,
};

/// Beyond this, older answers count half: a provider may change how it counts.
const MOST_TOKENS: u64 = 1 << 22;

/// Fewer tokens say nothing yet.
const LEAST_TOKENS: u64 = 500;

/// Bytes of a thousand tokens, in any vocabulary of today: what lies outside is no measure.
const PLAUSIBLE: std::ops::RangeInclusive<u64> = 1_500..=8_000;

/// Bytes that were sent, and the tokens that their provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenRatio {
    pub bytes: u64,
    pub tokens: u64,
    /// Tokens of all answers, and how many those were.
    pub output: u64,
    pub answers: u64,
}

impl TokenRatio {
    /// What `folder` remembers of a model, named `provider/model`. Whatever cannot be read is
    /// nothing.
    pub fn open(folder: &OwnFolder, model: &str) -> Self {
        Self::read(folder, model).unwrap_or_default()
    }

    fn read(folder: &OwnFolder, model: &str) -> Option<Self> {
        let line = SHELF.recall(folder, model)?;
        let mut numbers = line.split_whitespace().map(str::parse);
        let mut number = || numbers.next()?.ok();
        Some(Self {
            bytes: number()?,
            tokens: number()?,
            output: number().unwrap_or(0),
            answers: number().unwrap_or(0),
        })
    }

    /// How many tokens an answer had, if there was any.
    pub fn answer_tokens(self) -> Option<u64> {
        self.output.checked_div(self.answers)
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
            output: before.output.saturating_add(self.output),
            answers: before.answers.saturating_add(self.answers),
        };
        while sum.tokens > MOST_TOKENS {
            sum.bytes /= 2;
            sum.tokens /= 2;
            sum.output /= 2;
            sum.answers /= 2;
        }
        let Self {
            bytes,
            tokens,
            output,
            answers,
        } = sum;
        let line = format!("{bytes} {tokens} {output} {answers}");
        SHELF.remember(folder, model, &line);
    }
}

/// No text of people or programs has fewer bytes a token, by far.
const LEAST_BYTES_PER_1000_TOKENS: u64 = 1_500;

/// What providers add to a question, in tokens: roles, and a schema in words of their own.
const OVERHEAD: u64 = 400;

/// Before there is an answer, one is taken to be this part of the most it may be.
const LIKELY_PART: u64 = 16;

/// The sizes of requests and answers so far.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    bytes_per_1000_tokens: u64,
    /// Of earlier runs.
    answer_tokens: Option<u64>,
    measured: TokenRatio,
}

impl Calibration {
    /// Starts from what is known of the model.
    pub fn new(asked: &Asked) -> Self {
        Self {
            bytes_per_1000_tokens: asked.bytes_per_1000_tokens,
            answer_tokens: asked.answer_tokens,
            measured: TokenRatio::default(),
        }
    }

    /// Takes in what an answer's provider counted.
    pub fn learn(&mut self, request: &Request, tokens: &Tokens) {
        if tokens.input == 0 {
            return;
        }
        let sum = &mut self.measured;
        sum.bytes = sum.bytes.saturating_add(bytes(request));
        sum.tokens = sum.tokens.saturating_add(tokens.input);
        sum.output = sum.output.saturating_add(tokens.output);
        sum.answers += 1;
    }

    /// What was measured so far.
    pub const fn measured(&self) -> TokenRatio {
        self.measured
    }

    /// What `request` will take, most and likely.
    pub fn forecast<'a>(&self, request: &Request, service: &'a Service) -> Forecast<'a> {
        let bytes = bytes(request);
        let most_output = u64::from(request.max_output_tokens);
        let factor = match self.measured.tokens {
            0 => self.bytes_per_1000_tokens.max(1),
            tokens => (self.measured.bytes.saturating_mul(1000) / tokens).max(1),
        };
        let output = self.measured.answer_tokens().or(self.answer_tokens);
        let output = output.unwrap_or(most_output / LIKELY_PART).min(most_output);
        let least = LEAST_BYTES_PER_1000_TOKENS.min(factor);
        Forecast {
            input: Guess {
                likely: bytes.saturating_mul(1000) / factor,
                most: (bytes.saturating_mul(1000) / least).saturating_add(OVERHEAD),
            },
            output: Guess {
                likely: output,
                most: most_output,
            },
            price: service.price.as_ref(),
        }
    }
}

fn bytes(request: &Request) -> u64 {
    let repair = request.repair.as_ref();
    let repair = repair.map_or(0, |repair| repair.answer.len() + repair.complaint.len());
    let schema = request.schema.to_string().len();
    (request.system.len() + request.user.len() + schema + repair) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "xai/grok-4.7";

    #[test]
    fn what_was_measured_adds_up_from_run_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        assert_eq!(TokenRatio::open(&own, MODEL), TokenRatio::default());
        let run = TokenRatio {
            bytes: 4_000,
            tokens: 1_000,
            ..TokenRatio::default()
        };
        run.remember(&own, MODEL);
        let other = TokenRatio {
            bytes: 6_000,
            tokens: 1_000,
            ..TokenRatio::default()
        };
        other.remember(&own, MODEL);
        let both = TokenRatio::open(&own, MODEL);
        assert_eq!(both.bytes_per_1000_tokens(), Some(5_000));
        assert_eq!(TokenRatio::open(&own, "xai/other"), TokenRatio::default());
    }

    #[test]
    fn how_long_answers_were_is_remembered_too() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        assert_eq!(TokenRatio::default().answer_tokens(), None);
        for output in [100, 500] {
            let run = TokenRatio {
                bytes: 4_000,
                tokens: 1_000,
                output,
                answers: 1,
            };
            run.remember(&own, MODEL);
        }
        let both = TokenRatio::open(&own, MODEL);
        assert_eq!(both.answer_tokens(), Some(300));
        // As it was written before answers were counted.
        SHELF.remember(&own, MODEL, "4000 1000");
        let old = TokenRatio::open(&own, MODEL);
        assert_eq!((old.bytes, old.answer_tokens()), (4_000, None));
    }

    #[test]
    fn the_newer_outweighs_the_old_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let run = |bytes| TokenRatio {
            bytes,
            tokens: 1_000_000,
            ..TokenRatio::default()
        };
        for _ in 0..100 {
            run(3_000_000).remember(&own, MODEL);
        }
        for _ in 0..20 {
            run(5_000_000).remember(&own, MODEL);
        }
        let now = TokenRatio::open(&own, MODEL);
        assert!(now.tokens <= MOST_TOKENS);
        assert!(now.bytes_per_1000_tokens() > Some(4_900), "{now:?}");
    }

    #[test]
    fn garbage_and_what_cannot_be_are_no_measure() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnFolder::around(folder.path()).unwrap();
        let absurd = TokenRatio {
            bytes: 1,
            tokens: 1_000_000,
            ..TokenRatio::default()
        };
        absurd.remember(&own, MODEL);
        assert_eq!(TokenRatio::open(&own, MODEL), TokenRatio::default());
        for line in ["", "1", "a b"] {
            SHELF.remember(&own, MODEL, line);
            assert_eq!(
                TokenRatio::open(&own, MODEL),
                TokenRatio::default(),
                "{line:?}"
            );
        }
        let file = folder.path().join(SHELF.name_of(MODEL));
        for bytes in [&b""[..], b"x", b"\0", &[0xff; 9000]] {
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(
                TokenRatio::open(&own, MODEL),
                TokenRatio::default(),
                "{bytes:?}"
            );
        }
        SHELF.remember(&own, MODEL, &format!("{} {}", u64::MAX, u64::MAX));
        TokenRatio {
            bytes: 4_000,
            tokens: 1_000,
            ..TokenRatio::default()
        }
        .remember(&own, MODEL);
        assert!(TokenRatio::open(&own, MODEL).tokens <= MOST_TOKENS);
    }
}
