//! How many tokens a text is, as far as bytes tell: no vocabulary of any model is built in. Not
//! what they cost.

use std::ops::Range;

use super::Asked;

/// Texts differ from the average by so much, in percent: names and numbers take more tokens than
/// prose.
const TOLERANCE: u64 = 25;

/// What providers add to every request: roles, the schema in their own words.
const OVERHEAD: u64 = 400;

/// Bytes as tokens and back, for one model.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    bytes_per_1000_tokens: u64,
    window: Option<u64>,
    max_output: u64,
}

impl Budget {
    pub fn of(asked: &Asked) -> Self {
        Self {
            bytes_per_1000_tokens: asked.bytes_per_1000_tokens.max(1),
            window: asked.context_window,
            max_output: u64::from(asked.max_output_tokens),
        }
    }

    /// The tokens that an answer may have: a third of a window that is small.
    pub fn output(&self) -> u32 {
        let share = self.window.map_or(u64::MAX, |window| (window / 3).max(1));
        u32::try_from(self.max_output.min(share)).unwrap_or(u32::MAX)
    }

    /// The tokens that a request of so many bytes takes: from a few to many.
    pub fn input(&self, bytes: u64) -> Range<u64> {
        let tokens = self.tokens(bytes);
        let less = tokens * 100 / (100 + TOLERANCE);
        let more = tokens * (100 + TOLERANCE) / 100 + OVERHEAD;
        less..more
    }

    /// The bytes of text that fit the window beside a prompt of so many bytes, with the answer;
    /// `None` if the window is unknown.
    pub fn room(&self, prompt_bytes: u64) -> Option<u64> {
        let taken = self.input(prompt_bytes).end + u64::from(self.output());
        let tokens = self.window?.saturating_sub(taken) * 100 / (100 + TOLERANCE);
        Some(tokens.saturating_mul(self.bytes_per_1000_tokens) / 1000)
    }

    fn tokens(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(1000) / self.bytes_per_1000_tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(window: Option<u64>) -> Budget {
        Budget::of(&Asked {
            context_window: window,
            bytes_per_1000_tokens: 4000,
            ..Asked::new("p", "m")
        })
    }

    #[test]
    fn tokens_are_a_range_and_a_window_leaves_room_for_the_answer() {
        assert_eq!(budget(None).input(4000), 800..1650);
        assert_eq!(budget(None).room(4000), None);
        // 128 000 less 1650 and 16 384, four fifths of it, at four bytes.
        assert_eq!(budget(Some(128_000)).room(4000), Some(351_888));
        assert_eq!(budget(Some(128_000)).output(), 16_384);
    }

    #[test]
    fn a_small_window_shortens_the_answer_and_may_leave_nothing() {
        assert_eq!(budget(Some(9000)).output(), 3000);
        assert_eq!(budget(Some(1000)).room(4000), Some(0));
    }
}
