//! What a run may spend: asked before each request, told after it. Not what a request costs.
//!
//! A request sets aside the most that it can take. If that does not fit any more, it waits for
//! those under way to give back what they did not need; when none is under way, what it will
//! likely take decides. So a limit is passed by no more than one request's error.

use crate::model::{Stop, Usd};

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

/// What a request will take, before it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    pub most: Amount,
    pub likely: Amount,
}

/// What the budget says to one more request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So much is set aside for it.
    Granted(Amount),
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
    pub fn ask(&mut self, forecast: Forecast) -> Verdict {
        if let Some(limit) = self.limits.requests.filter(|limit| self.requests >= *limit) {
            let limit = requests(limit);
            return Verdict::Over(Stop::Budget(format!("the budget of {limit} is used up")));
        }
        let granted = match self.exceeded(forecast.most) {
            None => forecast.most,
            Some(_) if self.under_way > 0 => return Verdict::Wait,
            Some(_) => match self.exceeded(forecast.likely) {
                None => forecast.likely,
                Some(why) => return Verdict::Over(Stop::Budget(why)),
            },
        };
        self.set_aside = self.set_aside.plus(granted);
        self.under_way += 1;
        self.requests += 1;
        Verdict::Granted(granted)
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
                "the next request may cost ${cost}, and ${left} is left of the budget of ${limit}"
            ));
        }
        let limit = self.limits.tokens.filter(|limit| total.tokens > *limit)?;
        let (left, tokens) = (limit.saturating_sub(so_far.tokens), more.tokens);
        Some(format!(
            "the next request may take {tokens} tokens, and {left} are left of the budget of {limit}"
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
    use proptest::prelude::*;

    fn amount(tokens: u64) -> Amount {
        Amount {
            tokens,
            cost: Usd(tokens * 10),
        }
    }

    fn forecast(most: u64, likely: u64) -> Forecast {
        Forecast {
            most: amount(most),
            likely: amount(likely),
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

    #[test]
    fn without_a_limit_everything_is_granted() {
        let mut budget = Budget::default();
        for _ in 0..100 {
            assert!(matches!(
                budget.ask(forecast(u64::MAX / 10, 1)),
                Verdict::Granted(_)
            ));
        }
        assert_eq!(budget.requests(), 100);
    }

    #[test]
    fn a_number_of_requests_is_never_passed() {
        let mut budget = Budget::new(Limits {
            requests: Some(1),
            ..Limits::default()
        });
        assert!(matches!(budget.ask(forecast(1, 1)), Verdict::Granted(_)));
        let over = budget.ask(forecast(1, 1));
        assert_eq!(said(&over), "the budget of 1 request is used up");
    }

    #[test]
    fn what_may_not_fit_waits_for_those_under_way_and_then_goes_alone() {
        let mut budget = of_tokens(100);
        let first = forecast(80, 20);
        assert_eq!(budget.ask(first), Verdict::Granted(first.most));
        assert_eq!(budget.ask(first), Verdict::Wait);
        budget.settle(first.most, Some(amount(30)));
        assert_eq!(budget.ask(first), Verdict::Granted(first.likely));
        assert_eq!(budget.ask(forecast(1000, 1)), Verdict::Wait);
        budget.settle(first.likely, None);
        let over = budget.ask(forecast(1000, 60));
        assert_eq!(
            said(&over),
            "the next request may take 60 tokens, and 50 are left of the budget of 100"
        );
    }

    #[test]
    fn a_limit_of_cost_is_named_in_dollars() {
        let mut budget = Budget::new(Limits {
            cost: Some("0.5".parse().unwrap()),
            ..Limits::default()
        });
        let dear = Forecast {
            most: Amount {
                tokens: 1,
                cost: "2".parse().unwrap(),
            },
            likely: Amount {
                tokens: 1,
                cost: "0.75".parse().unwrap(),
            },
        };
        assert_eq!(
            said(&budget.ask(dear)),
            "the next request may cost $0.75, and $0.5 is left of the budget of $0.5"
        );
    }

    proptest! {
        /// Requests take anything up to the most they can; up to eight are under way.
        #[test]
        fn a_limit_is_passed_by_no_more_than_one_requests_error(
            limit in 1_u64..500,
            requests in proptest::collection::vec((1_u64..100, 0.0..1.0_f64), 1..60),
        ) {
            let mut budget = of_tokens(limit);
            let mut under_way = Vec::new();
            let mut spent = 0;
            let mut largest = 0;
            for (most, fraction) in requests {
                let taken = most - (most as f64 * fraction) as u64;
                let likely = most.div_ceil(4);
                let mut end = |budget: &mut Budget, under_way: &mut Vec<(Amount, u64)>| {
                    let (granted, taken) = under_way.remove(0);
                    budget.settle(granted, Some(amount(taken)));
                    spent += taken;
                };
                if under_way.len() == 8 {
                    end(&mut budget, &mut under_way);
                }
                loop {
                    match budget.ask(forecast(most, likely)) {
                        Verdict::Granted(granted) => {
                            largest = largest.max(taken.saturating_sub(granted.tokens));
                            under_way.push((granted, taken));
                            break;
                        }
                        Verdict::Wait => end(&mut budget, &mut under_way),
                        Verdict::Over(_) => break,
                    }
                }
            }
            let spent = spent + under_way.iter().map(|(_, taken)| taken).sum::<u64>();
            prop_assert!(spent <= limit + largest, "{spent} of {limit}, error {largest}");
        }
    }
}
