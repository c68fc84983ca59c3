//! What a run may spend: asked before each request, told after it. Not what a request costs.
//!
//! A request sets aside the most that it can take. If that does not fit any more, it waits for
//! those under way to give back what they did not need; when none is under way, it goes alone if
//! what it will likely take fits, and its answer may be no longer than what is left pays for. So a
//! limit is passed by no more than the input of one request.

use crate::model::{Stop, Usd};
use crate::provider::Tokens;
use crate::provider::prices::Price;

/// The limits that the user set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub cost: Option<Usd>,
    /// Input and output together.
    pub tokens: Option<u64>,
    pub requests: Option<u64>,
}

/// What one request takes, or all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub tokens: u64,
    /// Nothing where no price is known; a limit of cost is not taken then.
    pub cost: Usd,
}

impl Amount {
    const fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            cost: self.cost.saturating_add(other.cost),
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(other.tokens),
            cost: Usd(self.cost.0.saturating_sub(other.cost.0)),
        }
    }
}

/// What a request will take, before it is sent: tokens, and what a token costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast<'a> {
    pub input: Guess,
    pub output: Guess,
    pub price: Option<&'a Price>,
}

/// A number of tokens that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    pub likely: u64,
    pub most: u64,
}

impl Forecast<'_> {
    fn most(&self) -> Amount {
        // Some providers charge more for input that they keep.
        let kept = self.amount(self.input.most, self.output.most, self.input.most);
        let plain = self.amount(self.input.most, self.output.most, 0);
        Amount {
            cost: kept.cost.max(plain.cost),
            ..plain
        }
    }

    fn likely(&self, output: u64) -> Amount {
        self.amount(self.input.likely, output, 0)
    }

    fn amount(&self, input: u64, output: u64, cache_write: u64) -> Amount {
        let tokens = Tokens {
            input,
            output,
            cache_write,
            ..Tokens::default()
        };
        Amount {
            tokens: input.saturating_add(output),
            cost: self.price.map_or(Usd(0), |price| price.cost(&tokens)),
        }
    }
}

/// What the budget says to one more request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So much is set aside for it, and its answer may have so many tokens.
    Granted {
        amount: Amount,
        output: u64,
    },
    /// Those under way may give something back.
    Wait,
    Over(Stop),
}

/// The spending of one run.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    limits: Limits,
    spent: Amount,
    requests: u64,
    set_aside: Amount,
    under_way: usize,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Sets aside what a request may take, and counts it as sent.
    pub fn ask(&mut self, forecast: Forecast<'_>) -> Verdict {
        if let Err(stop) = self.has_requests() {
            return Verdict::Over(stop);
        }
        let (amount, output) = match self.exceeded(forecast.most()) {
            None => (forecast.most(), forecast.output.most),
            Some(_) if self.under_way > 0 => return Verdict::Wait,
            Some(_) => {
                let Forecast { output, .. } = forecast;
                if let Some(why) = self.exceeded(forecast.likely(output.likely)) {
                    return Verdict::Over(Stop::Budget(why));
                }
                let longest = self.longest(&forecast);
                (forecast.likely(longest), longest)
            }
        };
        self.set_aside = self.set_aside.plus(amount);
        self.under_way += 1;
        self.requests += 1;
        Verdict::Granted { amount, output }
    }

    /// Counts a request that is sent once more in other words, because its server has refused to read
    /// it: what was set aside is still there.
    ///
    /// # Errors
    /// If no more requests are to be sent.
    pub fn ask_again(&mut self) -> Result<(), Stop> {
        self.has_requests()?;
        self.requests += 1;
        Ok(())
    }

    fn has_requests(&self) -> Result<(), Stop> {
        let Some(limit) = self.limits.requests.filter(|limit| self.requests >= *limit) else {
            return Ok(());
        };
        let limit = requests(limit);
        Err(Stop::Budget(format!("the budget of {limit} is used up")))
    }

    /// The tokens of the longest answer that what is left pays for: at least those of the likely
    /// one, which is known to fit.
    fn longest(&self, forecast: &Forecast<'_>) -> u64 {
        let (mut fits, mut too_many) = (forecast.output.likely, forecast.output.most + 1);
        while too_many - fits > 1 {
            let middle = fits + (too_many - fits) / 2;
            match self.exceeded(forecast.likely(middle)) {
                None => fits = middle,
                Some(_) => too_many = middle,
            }
        }
        fits
    }

    /// A request has ended: `granted` was set aside for it, `taken` is what it took. Where that is
    /// not known, as after a time-out, the provider may have counted all of it.
    pub fn settle(&mut self, granted: Amount, taken: Option<Amount>) {
        self.set_aside = self.set_aside.minus(granted);
        self.under_way = self.under_way.saturating_sub(1);
        self.spent = self.spent.plus(taken.unwrap_or(granted));
    }

    /// Requests that have not ended.
    pub const fn under_way(&self) -> usize {
        self.under_way
    }

    /// Requests that were sent so far.
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Which limit `more` would pass, in a sentence.
    fn exceeded(&self, more: Amount) -> Option<String> {
        let so_far = self.spent.plus(self.set_aside);
        let total = so_far.plus(more);
        if let Some(limit) = self.limits.cost.filter(|limit| total.cost > *limit) {
            let left = Usd(limit.0.saturating_sub(so_far.cost.0));
            let cost = more.cost;
            return Some(format!(
                "the next request may cost ${cost}, but only ${left} of the ${limit} budget is left"
            ));
        }
        let limit = self.limits.tokens.filter(|limit| total.tokens > *limit)?;
        let (left, tokens) = (limit.saturating_sub(so_far.tokens), more.tokens);
        Some(format!(
            "the next request may use {tokens} tokens, but only {left} of the budget of {limit} are left"
        ))
    }
}

fn requests(number: u64) -> String {
    match number {
        1 => "1 request".to_owned(),
        number => format!("{number} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::prices::Rates;
    use proptest::prelude::*;

    fn price() -> Price {
        let usd = |text: &str| text.parse().unwrap();
        Price {
            provider: "p".to_owned(),
            model: "m".to_owned(),
            as_of: String::new(),
            source: String::new(),
            rates: Rates::new(usd("2"), usd("6")),
            tiers: Vec::new(),
            context_window: None,
        }
    }

    fn forecast(input: (u64, u64), output: (u64, u64)) -> Forecast<'static> {
        let guess = |(likely, most)| Guess { likely, most };
        Forecast {
            input: guess(input),
            output: guess(output),
            price: None,
        }
    }

    fn of_tokens(tokens: u64) -> Budget {
        Budget::new(Limits {
            tokens: Some(tokens),
            ..Limits::default()
        })
    }

    fn said(verdict: &Verdict) -> &str {
        match verdict {
            Verdict::Over(Stop::Budget(why)) => why,
            _ => "",
        }
    }

    fn tokens(tokens: u64) -> Amount {
        Amount {
            tokens,
            ..Amount::default()
        }
    }

    #[test]
    fn without_a_limit_everything_is_granted() {
        let mut budget = Budget::default();
        for _ in 0..100 {
            let verdict = budget.ask(forecast((1, u64::MAX / 10), (1, u64::MAX / 10)));
            assert!(matches!(verdict, Verdict::Granted { .. }));
        }
        assert_eq!(budget.requests(), 100);
    }

    #[test]
    fn a_number_of_requests_is_never_passed() {
        let mut budget = Budget::new(Limits {
            requests: Some(1),
            ..Limits::default()
        });
        let one = forecast((1, 1), (1, 1));
        assert!(matches!(budget.ask(one), Verdict::Granted { .. }));
        assert_eq!(said(&budget.ask(one)), "the budget of 1 request is used up");
    }

    #[test]
    fn what_may_not_fit_waits_for_those_under_way_and_then_goes_alone_and_shorter() {
        let mut budget = of_tokens(100);
        let first = forecast((10, 20), (10, 60));
        let granted = |amount, output| Verdict::Granted {
            amount: tokens(amount),
            output,
        };
        assert_eq!(budget.ask(first), granted(80, 60));
        assert_eq!(budget.ask(first), Verdict::Wait);
        budget.settle(tokens(80), Some(tokens(30)));
        // 70 are left: 10 for the question.
        assert_eq!(budget.ask(forecast((10, 20), (10, 900))), granted(70, 60));
        assert_eq!(budget.ask(forecast((10, 20), (10, 900))), Verdict::Wait);
        budget.settle(tokens(70), Some(tokens(20)));
        let over = budget.ask(forecast((10, 20), (50, 900)));
        assert_eq!(
            said(&over),
            "the next request may use 60 tokens, but only 50 of the budget of 100 are left"
        );
    }

    #[test]
    fn a_limit_of_cost_is_named_in_dollars() {
        let mut budget = Budget::new(Limits {
            cost: Some("0.5".parse().unwrap()),
            ..Limits::default()
        });
        let price = price();
        let dear = Forecast {
            price: Some(&price),
            ..forecast((375_000, 1_000_000), (0, 9))
        };
        assert_eq!(
            said(&budget.ask(dear)),
            "the next request may cost $0.75, but only $0.5 of the $0.5 budget is left"
        );
    }

    proptest! {
        /// Answers are as long as they may be at the most, questions as long as they can be; up to
        /// eight are under way.
        #[test]
        fn a_limit_is_passed_by_no_more_than_the_input_of_one_request(
            limit in 1_u64..5_000_000,
            requests in proptest::collection::vec(
                (1_u64..10_000, 0.0..=1.0_f64, 1_u64..20_000, 0.0..=1.0_f64), 1..60),
        ) {
            let price = price();
            let limit = Usd(limit * 1000);
            let mut budget = Budget::new(Limits { cost: Some(limit), ..Limits::default() });
            let mut under_way: Vec<(Amount, Usd)> = Vec::new();
            let (mut spent, mut largest) = (Usd(0), Usd(0));
            let part = |most: u64, fraction: f64| (most as f64 * fraction) as u64;
            for (input, asked, output, answered) in requests {
                let forecast = Forecast {
                    price: Some(&price),
                    ..forecast((input.div_ceil(2), input), (output / 16, output))
                };
                let mut end = |budget: &mut Budget, under_way: &mut Vec<(Amount, Usd)>| {
                    let (amount, cost) = under_way.remove(0);
                    budget.settle(amount, Some(Amount { tokens: 0, cost }));
                    spent = spent.saturating_add(cost);
                };
                if under_way.len() == 8 {
                    end(&mut budget, &mut under_way);
                }
                loop {
                    match budget.ask(forecast) {
                        Verdict::Granted { amount, output: most } => {
                            prop_assert!(most <= output);
                            let input = part(input, asked);
                            let cost = forecast.amount(input, part(most, answered), 0).cost;
                            largest = largest.max(forecast.amount(input, 0, 0).cost);
                            under_way.push((amount, cost));
                            break;
                        }
                        Verdict::Wait => end(&mut budget, &mut under_way),
                        Verdict::Over(_) => break,
                    }
                }
            }
            let total = under_way.iter().fold(spent, |sum, (_, cost)| sum.saturating_add(*cost));
            prop_assert!(total <= limit.saturating_add(largest), "{total} of {limit}");
        }
    }
}
