//! What a request will take, guessed from its bytes and better with every answer. No vocabulary
//! of any model is known here: the provider's own counts are the measure.

use super::budget::{Forecast, Guess};
use super::measured::Measured;
use super::service::Service;
use crate::analyzers::llm::Asked;
use crate::provider::{Request, Tokens};

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
    measured: Measured,
}

impl Calibration {
    /// Starts from what is known of the model.
    pub fn new(asked: &Asked) -> Self {
        Self {
            bytes_per_1000_tokens: asked.bytes_per_1000_tokens,
            answer_tokens: asked.answer_tokens,
            measured: Measured::default(),
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
    pub const fn measured(&self) -> Measured {
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
