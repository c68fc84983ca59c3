//! How many requests may be under way, and when the next may start: slower when a provider pushes
//! back, faster while it answers well. Pure: the time is given. Not why a request is repeated.
//!
//! The first request goes alone: a wrong key or a wrong model costs one.
//!
//! The number grows and shrinks as a TCP window does (RFC 5681: one more for each round of good
//! answers, half after a loss), and does not grow while answers take much longer than they did.

use std::time::{Duration, Instant};

/// Answers that take so many times as long as the quickest did are a sign of a full provider.
const SLOW: u32 = 3;

/// So long all others wait for the first request. A key is refused much sooner.
const ALONE: Duration = Duration::from_secs(3);

/// People wonder about a pause of that length.
const LONG: Duration = Duration::from_secs(2);

/// What became of a request, as far as the pace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// An answer, after so long.
    Answered(Duration),
    /// Too many requests, a provider in trouble, no answer in time.
    PushedBack,
    /// Something that says nothing about how busy the provider is.
    Neither,
}

/// When a request may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Now,
    At(Instant),
    /// When one of those under way has ended.
    Later,
}

/// The pace of one run.
#[derive(Clone, Debug)]
pub struct Pace {
    most: usize,
    limit: usize,
    under_way: usize,
    /// Good answers since the limit was last changed.
    good: usize,
    /// When the limit was last lowered: what started before that says nothing new.
    lowered: Option<Instant>,
    /// Nothing starts before.
    pause: Option<Instant>,
    /// Of answers, smoothed: the latest and the least.
    latency: Option<(Duration, Duration)>,
    first: First,
}

/// What is known of the first request.
#[derive(Clone, Copy, Debug)]
enum First {
    NotSent,
    Sent(Instant),
    Ended,
}

impl Pace {
    /// At most `most` at a time, which is also where it starts.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            limit: most.max(1),
            under_way: 0,
            good: 0,
            lowered: None,
            pause: None,
            latency: None,
            first: First::NotSent,
        }
    }

    /// May one more request start at `now`?
    pub fn may_start(&self, now: Instant) -> Start {
        match (self.pause, self.first) {
            (Some(pause), _) if now < pause => Start::At(pause),
            (_, First::Sent(at)) if now < at + ALONE => Start::At(at + ALONE),
            _ if self.under_way < self.limit => Start::Now,
            _ => Start::Later,
        }
    }

    /// A request has started.
    pub const fn started(&mut self, now: Instant) {
        self.under_way += 1;
        if matches!(self.first, First::NotSent) {
            self.first = First::Sent(now);
        }
    }

    /// A request that started at `began` has ended.
    pub fn ended(&mut self, began: Instant, now: Instant, signal: Signal) {
        self.under_way = self.under_way.saturating_sub(1);
        self.first = First::Ended;
        match signal {
            Signal::Answered(latency) => self.answered(latency),
            Signal::PushedBack => self.pushed_back(began, now),
            Signal::Neither => {}
        }
    }

    /// Nobody starts before `until`: the provider told one of us to wait.
    ///
    /// Does that prolong a pause by so much that people should hear of it?
    pub fn pause(&mut self, now: Instant, until: Instant) -> bool {
        let before = self.pause.map_or(now, |pause| pause.max(now));
        self.pause = Some(before.max(until));
        until.saturating_duration_since(before) >= LONG
    }

    fn answered(&mut self, latency: Duration) {
        let (smooth, least) = match self.latency {
            // The weights of RFC 6298 for a round trip.
            Some((smooth, least)) => ((smooth * 7 + latency) / 8, least),
            None => (latency, latency),
        };
        let least = least.min(smooth);
        self.latency = Some((smooth, least));
        self.good += 1;
        if self.good >= self.limit {
            self.good = 0;
            if smooth <= least * SLOW {
                self.limit = (self.limit + 1).min(self.most);
            }
        }
    }

    fn pushed_back(&mut self, began: Instant, now: Instant) {
        if self.lowered.is_none_or(|lowered| began >= lowered) {
            self.limit = (self.limit / 2).max(1);
            self.lowered = Some(now);
            self.good = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// At most so many at a time, and the first has been answered.
    fn begun(most: usize, now: Instant) -> Pace {
        let mut pace = Pace::new(most);
        pace.started(now);
        pace.ended(now, now, Signal::Neither);
        pace
    }

    fn answer(pace: &mut Pace, now: Instant, latency: Duration) {
        pace.started(now);
        pace.ended(now, now + latency, Signal::Answered(latency));
    }

    #[test]
    fn it_starts_at_the_most_and_holds_there() {
        let (mut pace, now) = (begun(3, Instant::now()), Instant::now());
        for _ in 0..3 {
            assert_eq!(pace.may_start(now), Start::Now);
            pace.started(now);
        }
        assert_eq!(pace.may_start(now), Start::Later);
        pace.ended(now, now, Signal::Neither);
        assert_eq!(pace.may_start(now), Start::Now);
        for _ in 0..20 {
            answer(&mut pace, now, SECOND);
        }
        assert_eq!(pace.limit, 3);
    }

    #[test]
    fn one_round_of_push_back_halves_it_once_and_good_answers_bring_it_back() {
        let (mut pace, now) = (begun(8, Instant::now()), Instant::now());
        for _ in 0..8 {
            pace.started(now);
        }
        for _ in 0..8 {
            pace.ended(now, now + SECOND, Signal::PushedBack);
        }
        assert_eq!(pace.limit, 4);
        for _ in 0..3 {
            pace.started(now);
            pace.ended(now + SECOND, now + 2 * SECOND, Signal::PushedBack);
        }
        assert_eq!(pace.limit, 2, "of three that began together one counts");
        for _ in 0..2 {
            answer(&mut pace, now, SECOND);
        }
        assert_eq!(pace.limit, 3);
        for _ in 0..100 {
            answer(&mut pace, now, SECOND);
        }
        assert_eq!(pace.limit, 8);
    }

    #[test]
    fn the_first_goes_alone_but_is_not_waited_for_for_ever() {
        let (mut pace, now) = (Pace::new(8), Instant::now());
        assert_eq!(pace.may_start(now), Start::Now);
        pace.started(now);
        assert_eq!(pace.may_start(now), Start::At(now + ALONE));
        assert_eq!(pace.may_start(now + ALONE), Start::Now);
        pace.ended(now, now + SECOND, Signal::Neither);
        assert_eq!(pace.may_start(now + SECOND), Start::Now);
    }

    #[test]
    fn it_never_stops_altogether() {
        let (mut pace, mut now) = (begun(2, Instant::now()), Instant::now());
        for _ in 0..10 {
            pace.started(now);
            pace.ended(now, now, Signal::PushedBack);
            now += SECOND;
        }
        assert_eq!(pace.may_start(now), Start::Now);
    }

    #[test]
    fn it_does_not_grow_while_answers_take_much_longer_than_they_did() {
        let (mut pace, now) = (begun(8, Instant::now()), Instant::now());
        answer(&mut pace, now, SECOND);
        pace.started(now);
        pace.ended(now, now, Signal::PushedBack);
        for _ in 0..100 {
            answer(&mut pace, now, 20 * SECOND);
        }
        assert_eq!(pace.limit, 4);
    }

    #[test]
    fn all_wait_when_one_is_told_to_and_for_the_longest() {
        let (mut pace, now) = (begun(2, Instant::now()), Instant::now());
        assert!(pace.pause(now, now + 5 * SECOND));
        assert!(!pace.pause(now, now + 2 * SECOND));
        assert!(!pace.pause(now, now + 6 * SECOND));
        assert!(pace.pause(now, now + 9 * SECOND));
        assert_eq!(pace.may_start(now), Start::At(now + 9 * SECOND));
        assert_eq!(pace.may_start(now + 9 * SECOND), Start::Now);
    }
}
