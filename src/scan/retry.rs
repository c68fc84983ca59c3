//! How often a request is sent again, and after how long. Not whether its failure is worth it:
//! the class of the failure says that.
//!
//! A library (backon) would know neither the pause that all requests share nor the budget that is
//! asked before each attempt, and these few lines would remain.

use std::time::Duration;

use crate::provider::Class;

/// How often one request is sent at most.
const ATTEMPTS: u32 = 5;

/// As [`ATTEMPTS`], where a provider says that it was too many at a time: so often that the window
/// of a minute, which most limits have, is waited out.
const PATIENT_ATTEMPTS: u32 = 7;

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

/// How often a request is sent that fails in this way.
pub const fn attempts(class: Class) -> u32 {
    match class {
        Class::RateLimit => PATIENT_ATTEMPTS,
        _ => ATTEMPTS,
    }
}

impl Backoff {
    /// How long to wait after `failed` attempts: "full jitter", anything from nothing to the
    /// longest (AWS Architecture Blog, "Exponential Backoff and Jitter"). `chance` is from 0 to 1.
    /// What the provider asks for counts, if it is not beyond patience; then `None`. Who was too
    /// many at a time and is not told how long to wait waits the longest: chance would come back
    /// before the minute is over.
    pub fn wait(
        self,
        class: Class,
        failed: u32,
        asked: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        match asked {
            Some(asked) if asked > PATIENCE => None,
            // A little more, so that not all come back in the same moment.
            Some(asked) => Some(asked + self.first.min(asked).mul_f64(chance / 4.0)),
            None => {
                let doubled = 2_u32.saturating_pow(failed.saturating_sub(1));
                let longest = self.first.saturating_mul(doubled).min(LONGEST);
                let chance = chance.clamp(0.0, 1.0);
                Some(match class {
                    Class::RateLimit => longest.mul_f64(1.0 + chance / 4.0),
                    _ => longest.mul_f64(chance),
                })
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
            .map(|failed| {
                backoff
                    .wait(Class::Overload, failed, None, 1.0)
                    .unwrap()
                    .as_secs()
            })
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(
            backoff.wait(Class::Overload, 3, None, 0.0),
            Some(Duration::ZERO)
        );
        assert_eq!(
            backoff.wait(Class::Overload, u32::MAX, None, 1.0),
            Some(LONGEST)
        );
    }

    #[test]
    fn what_the_provider_asks_for_counts_up_to_a_point() {
        let wait = |asked| {
            Backoff::default().wait(Class::RateLimit, 1, Some(Duration::from_secs(asked)), 1.0)
        };
        assert_eq!(wait(40), Some(Duration::from_millis(40_250)));
        assert_eq!(wait(0), Some(Duration::ZERO));
        assert_eq!(wait(3600), None);
    }
    #[test]
    fn the_window_of_a_minute_is_waited_out() {
        let class = Class::RateLimit;
        for chance in [0.0, 1.0] {
            let waits = (1..attempts(class)).map(|failed| {
                Backoff::default()
                    .wait(class, failed, None, chance)
                    .unwrap()
            });
            assert!(waits.sum::<Duration>() > Duration::from_secs(60));
        }
    }
}
