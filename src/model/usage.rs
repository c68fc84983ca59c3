//! What an answer cost: tokens and money, in whole numbers. Not how a provider reports them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Money in units of 10⁻¹⁰ US dollars (xAI's tick, finer than any price per token). Never a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(pub u64);

impl Usd {
    const UNIT: u64 = 10_000_000_000;

    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Decimal, no rounding, no trailing zeros: `0.0012`.
impl fmt::Display for Usd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:010}", self.0 % Self::UNIT);
        match fraction.trim_end_matches('0') {
            "" => write!(out, "{}", self.0 / Self::UNIT),
            digits => write!(out, "{}.{digits}", self.0 / Self::UNIT),
        }
    }
}

impl FromStr for Usd {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not an amount of US dollars such as 0.0012";
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 10 {
            return Err(WRONG);
        }
        let ticks = format!("{fraction:0<10}")
            .parse::<u64>()
            .map_err(|_| WRONG)?;
        let whole = whole.parse::<u64>().map_err(|_| WRONG)?;
        let total = whole
            .checked_mul(Self::UNIT)
            .and_then(|w| w.checked_add(ticks));
        total.map(Self).ok_or(WRONG)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where a cost was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CostSource {
    /// The provider said so.
    Provider,
    /// Tokens times a table of prices.
    Table,
    /// Nobody knows: shown as `?`, never as nothing.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub usd: Option<Usd>,
    pub source: CostSource,
    /// Of a sum that is not known as a whole; never stored.
    #[serde(skip)]
    pub part: Part,
}

/// What is known of a sum, and of how many requests nobody knows what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub known: Usd,
    pub unpriced: u64,
}

impl Part {
    /// A cost that is known, or not.
    pub fn of(usd: Option<Usd>) -> Self {
        Self {
            known: usd.unwrap_or_default(),
            unpriced: u64::from(usd.is_none()),
        }
    }

    /// All of it, if all is known.
    pub fn whole(self) -> Option<Usd> {
        (self.unpriced == 0).then_some(self.known)
    }
}

impl std::ops::AddAssign for Part {
    fn add_assign(&mut self, more: Self) {
        self.known = self.known.saturating_add(more.known);
        self.unpriced = self.unpriced.saturating_add(more.unpriced);
    }
}

impl Cost {
    /// What is known of it.
    pub fn part(&self) -> Part {
        match self.usd {
            None if self.part.unpriced > 0 => self.part,
            usd => Part::of(usd),
        }
    }
}

/// The tokens of the requests that made one entry. Input includes cached input; output includes
/// reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub requests: u32,
    pub input_tokens: u64,
    pub cached_input_tokens: u64,
    pub output_tokens: u64,
    pub reasoning_tokens: u64,
    pub cost: Cost,
    /// As the provider reported it.
    pub raw: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact() {
        for text in ["0", "0.0012", "12.0000000001", "1844674407.3709551615"] {
            assert_eq!(text.parse::<Usd>().unwrap().to_string(), text);
        }
        for text in ["", ".1", "-1", "1e3", "0.00000000001", "99999999999"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
    }
}
