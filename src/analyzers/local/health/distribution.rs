//! How a number is spread over the functions of a file. Whole numbers only: an entry must be the
//! same on every machine.

/// A number's spread: the smallest values that half, nine tenths and all of the functions do not
/// exceed (nearest-rank percentiles). All are 0 where there are no functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    pub median: i64,
    pub p90: i64,
    pub max: i64,
    pub total: i64,
}

impl Distribution {
    pub fn of(values: impl IntoIterator<Item = i64>) -> Self {
        let mut values: Vec<i64> = values.into_iter().collect();
        values.sort_unstable();
        Self {
            median: percentile(&values, 50),
            p90: percentile(&values, 90),
            max: percentile(&values, 100),
            total: values.iter().sum(),
        }
    }

    /// The metrics of this distribution: `<name>_median`, `_p90`, `_max`, `_total`.
    pub fn metrics(self, name: &str) -> [(String, i64); 4] {
        let Self {
            median,
            p90,
            max,
            total,
        } = self;
        let named = |which: &str, value| (format!("{name}_{which}"), value);
        [
            named("median", median),
            named("p90", p90),
            named("max", max),
            named("total", total),
        ]
    }
}

/// The nearest-rank percentile of sorted values: the value at rank ⌈percent · n / 100⌉.
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let at = rank.saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

/// How many of the largest values it takes to make at least half of the total.
pub fn half_of_it(values: impl IntoIterator<Item = i64>) -> usize {
    let mut values: Vec<i64> = values.into_iter().collect();
    values.sort_unstable_by_key(|&value| std::cmp::Reverse(value));
    let total: i64 = values.iter().sum();
    let mut sum = 0;
    let largest = values.iter().take_while(|&&value| {
        let more = sum * 2 < total;
        sum += value;
        more
    });
    largest.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur() {
        let spread = Distribution::of([9, 1, 5, 3]);
        assert_eq!((spread.median, spread.p90, spread.max), (3, 9, 9));
        assert_eq!(spread.metrics("lines")[3], ("lines_total".to_owned(), 18));
        let ten = Distribution::of(1..=10);
        assert_eq!((ten.median, ten.p90, ten.max), (5, 9, 10));
        assert_eq!(Distribution::of([]), Distribution::default());
    }

    #[test]
    fn a_few_functions_may_hold_half_of_the_complexity() {
        assert_eq!(half_of_it([10, 1, 1, 1]), 1);
        assert_eq!(half_of_it([1, 1, 1, 1]), 2);
        assert_eq!(half_of_it([]), 0);
    }
}
