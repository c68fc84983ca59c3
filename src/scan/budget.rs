//! What a run may spend: asked before each request, told after it. Not what a request costs.
//!
//! A request sets aside the most that it can take. If that does not fit any more, it waits for
//! those under way to give back what they did not need; when none is under way, it goes alone if
//! what it will likely take fits, and its answer may be no longer than what is left pays for. So a
//! limit is passed by no more than the input of one request.

use serde_json::Value;

use crate::model::{Cost, CostSource, Part, Stop, Usage, Usd};
use crate::provider::prices::Price;
use crate::provider::{Reply, Tokens};

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

/// What one reply took. The word of a provider that `bills` counts first, and anybody's where nobody
/// has named a price; else the price does. What the provider did not count has none.
pub fn usage(reply: &Reply, price: Option<&Price>, bills: bool) -> Usage {
    let tokens = &reply.tokens;
    let said = reply.cost.filter(|_| bills || price.is_none());
    let (usd, source) = match (said, by_price(reply, price)) {
        (Some(cost), _) => (Some(cost), CostSource::Provider),
        (None, Some(cost)) => (Some(cost), CostSource::Table),
        (None, None) => (None, CostSource::Unknown),
    };
    Usage {
        requests: 1,
        input_tokens: tokens.input,
        cached_input_tokens: tokens.cached_input,
        output_tokens: tokens.output,
        reasoning_tokens: tokens.reasoning,
        cost: Cost {
            usd,
            source,
            part: Part::of(usd),
        },
        raw: reply.raw.clone(),
    }
}

/// What a run has taken that has sent nothing yet.
pub const fn nothing() -> Usage {
    Usage {
        requests: 0,
        input_tokens: 0,
        cached_input_tokens: 0,
        output_tokens: 0,
        reasoning_tokens: 0,
        cost: Cost {
            usd: Some(Usd(0)),
            source: CostSource::Provider,
            part: Part {
                known: Usd(0),
                unpriced: 0,
            },
        },
        raw: Value::Null,
    }
}

/// What a request has taken that was cut off while it was answered: nobody knows.
pub fn unknown() -> Usage {
    Usage {
        cost: Cost {
            usd: None,
            source: CostSource::Unknown,
            part: Part::of(None),
        },
        ..nothing()
    }
}

/// What providers report of all requests of an entry, in bytes.
const LONGEST_LIST: usize = 16 << 10;

/// Both together. An unknown cost makes the whole unknown; the reports of several requests
/// become a list, as far as an entry has room for it.
pub fn add(sum: &mut Usage, more: &Usage) {
    sum.raw = match (sum.raw.take(), &more.raw) {
        (Value::Null, raw) => raw.clone(),
        (sum, raw) if sum.to_string().len() + raw.to_string().len() > LONGEST_LIST => sum,
        (Value::Array(mut list), raw) => {
            list.push(raw.clone());
            Value::Array(list)
        }
        (first, raw) => Value::Array(vec![first, raw.clone()]),
    };
    count(sum, more);
}

/// As [`add`], without what the providers reported: a run's sum would grow without end.
pub fn count(sum: &mut Usage, more: &Usage) {
    sum.requests = sum.requests.saturating_add(more.requests);
    for (sum, more) in [
        (&mut sum.input_tokens, more.input_tokens),
        (&mut sum.cached_input_tokens, more.cached_input_tokens),
        (&mut sum.output_tokens, more.output_tokens),
        (&mut sum.reasoning_tokens, more.reasoning_tokens),
    ] {
        *sum = sum.saturating_add(more);
    }
    let mut part = sum.cost.part();
    part += more.cost.part();
    sum.cost = Cost {
        usd: part.whole(),
        source: weaker(sum.cost.source, more.cost.source),
        part,
    };
}

fn weaker(one: CostSource, other: CostSource) -> CostSource {
    let weakness = [CostSource::Unknown, CostSource::Table, CostSource::Provider];
    let is_one = |source: &CostSource| *source == one || *source == other;
    weakness.into_iter().find(is_one).unwrap_or(one)
}

fn by_price(reply: &Reply, price: Option<&Price>) -> Option<Usd> {
    let price = price.filter(|_| reply.tokens.are_counted())?;
    Some(price.cost(&reply.tokens))
}

/// What a budget counts of a reply: the larger of what its provider says and what its price says.
pub fn amount(reply: &Reply, price: Option<&Price>) -> Amount {
    let tokens = &reply.tokens;
    Amount {
        tokens: tokens.input.saturating_add(tokens.output),
        cost: reply.cost.max(by_price(reply, price)).unwrap_or(Usd(0)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::provider::Tokens;
    use crate::provider::prices::{Prices, Rates};

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

    fn reply(cost: Option<&str>) -> Reply {
        Reply {
            text: String::new(),
            tokens: Tokens {
                input: 100,
                cached_input: 40,
                output: 10,
                reasoning: 3,
                ..Tokens::default()
            },
            cost: cost.map(|cost| cost.parse().unwrap()),
            raw: json!({"total": 110}),
            request_id: None,
            odd_end: None,
        }
    }

    #[test]
    fn what_is_reported_of_many_requests_is_bounded() {
        let mut sum = nothing();
        for _ in 0..134 {
            let raw = json!({"x": "y".repeat(4_000)});
            let reply = Reply { raw, ..reply(None) };
            add(&mut sum, &usage(&reply, None, false));
        }
        assert!(sum.raw.to_string().len() <= LONGEST_LIST);
        assert_eq!((sum.raw.as_array().unwrap().len(), sum.requests), (4, 134));
    }

    #[test]
    fn the_providers_word_counts_and_the_unknown_stays_unknown() {
        let mut sum = nothing();
        add(&mut sum, &usage(&reply(Some("0.25")), None, false));
        assert_eq!(sum.cost.source, CostSource::Provider);
        assert_eq!(sum.raw, json!({"total": 110}));
        add(&mut sum, &usage(&reply(Some("0.5")), None, false));
        assert_eq!(sum.cost.usd, Some("0.75".parse().unwrap()));
        assert_eq!(
            (sum.requests, sum.input_tokens, sum.reasoning_tokens),
            (2, 200, 6)
        );
        assert_eq!(sum.raw, json!([{"total": 110}, {"total": 110}]));
        add(&mut sum, &usage(&reply(None), None, false));
        assert_eq!((sum.cost.usd, sum.cost.source), (None, CostSource::Unknown));
        assert_eq!(sum.input_tokens + sum.output_tokens, 330);
    }

    #[test]
    fn a_price_counts_for_more_than_what_any_server_says_and_a_budget_takes_the_larger() {
        let prices = Prices::built_in();
        let price = prices.find("xai", "grok-4.7");
        let by_price = price.unwrap().cost(&reply(None).tokens);
        let taken = |cost, bills| {
            let reply = reply(Some(cost));
            let usage = usage(&reply, price, bills);
            (
                usage.cost.usd,
                usage.cost.source,
                amount(&reply, price).cost,
            )
        };
        let (table, own) = (CostSource::Table, CostSource::Provider);
        assert_eq!(taken("0", false), (Some(by_price), table, by_price));
        assert_eq!(taken("0", true), (Some(Usd(0)), own, by_price));
        let (much, dear) = ("3", "3".parse().unwrap());
        assert_eq!(taken(much, false), (Some(by_price), table, dear));
        assert_eq!(taken(much, true), (Some(dear), own, dear));
        // What a server does not count has no price, whatever it says.
        let mut uncounted = reply(Some("0"));
        uncounted.tokens.input = 0;
        assert_eq!(usage(&uncounted, price, false).cost.usd, None);
    }
}
