//! How often a request is sent again, and after how long. Not whether its failure is worth it:
//! the class of the failure says that.
//!
//! A library (backon) would know neither the pause that all requests share nor the budget that is
//! asked before each attempt, and these few lines would remain.

use std::time::Duration;

/// How often one request is sent at most.
pub const ATTEMPTS: u32 = 5;

/// No wait is longer, unless the provider asks for it.
const LONGEST: Duration = Duration::from_secs(30);

/// A provider that asks for more has no answer for this run.
const PATIENCE: Duration = Duration::from_secs(300);

/// The wait before an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait before the second attempt; it doubles from one to the next.
    pub first: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
        }
    }
}

impl Backoff {
    /// How long to wait after `failed` attempts: "full jitter", anything from nothing to the
    /// longest (AWS Architecture Blog, "Exponential Backoff and Jitter"). `chance` is from 0 to 1.
    /// What the provider asks for counts, if it is not beyond patience; then `None`.
    pub fn wait(self, failed: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        match asked {
            Some(asked) if asked > PATIENCE => None,
            // A little more, so that not all come back in the same moment.
            Some(asked) => Some(asked + self.first.min(asked).mul_f64(chance / 4.0)),
            None => {
                let doubled = 2_u32.saturating_pow(failed.saturating_sub(1));
                let longest = self.first.saturating_mul(doubled).min(LONGEST);
                Some(longest.mul_f64(chance.clamp(0.0, 1.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let waits: Vec<u64> = (1..8)
            .map(|failed| backoff.wait(failed, None, 1.0).unwrap().as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.wait(3, None, 0.0), Some(Duration::ZERO));
        assert_eq!(backoff.wait(u32::MAX, None, 1.0), Some(LONGEST));
    }

    #[test]
    fn what_the_provider_asks_for_counts_up_to_a_point() {
        let wait = |asked| Backoff::default().wait(1, Some(Duration::from_secs(asked)), 1.0);
        assert_eq!(wait(40), Some(Duration::from_millis(40_250)));
        assert_eq!(wait(0), Some(Duration::ZERO));
        assert_eq!(wait(3600), None);
    }
}
