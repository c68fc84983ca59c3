//! Numbers as people read them: `1 file`, `12,032`, `$0.07`. Machine formats never use these.

use crate::model::{Part, Usd};

/// A number and its noun, in the plural unless it is one: `1 file`, `2,000 entries`.
pub fn count(number: u64, noun: &str) -> String {
    let noun = match (number, noun.strip_suffix('y'), noun.strip_suffix("is")) {
        (1, ..) => noun.to_owned(),
        (_, Some(stem), _) => format!("{stem}ies"),
        (_, _, Some(stem)) => format!("{stem}es"),
        _ => format!("{noun}s"),
    };
    format!("{} {noun}", grouped(number))
}

/// Thousands set apart by commas.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// US dollars: cents from one dollar on, four places below, halves up; `$?` if nobody knows.
pub fn money(usd: Option<Usd>) -> String {
    const DOLLAR: u64 = 10_000_000_000;
    const CENT: u64 = DOLLAR / 100;
    let Some(Usd(ticks)) = usd else {
        return "$?".to_owned();
    };
    let hundredths = ticks.saturating_add(CENT / 200) / (CENT / 100);
    match ticks {
        0 => "$0.00".to_owned(),
        _ if hundredths == 0 => "< $0.0001".to_owned(),
        _ if ticks < DOLLAR => format!("${}.{:04}", hundredths / 10_000, hundredths % 10_000),
        _ => {
            let cents = ticks.saturating_add(CENT / 2) / CENT;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
    }
}

/// Money of which a part may be unknown: `$1.20 + 1 unpriced`; `$?` if nothing is known.
pub fn money_of(part: Part) -> String {
    match part {
        Part { unpriced: 0, known } => money(Some(known)),
        Part { known: Usd(0), .. } => money(None),
        Part { known, unpriced } => {
            format!("{} + {} unpriced", money(Some(known)), grouped(unpriced))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_worded_for_people() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(1_234_567, "file"), "1,234,567 files");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn money_is_rounded_but_never_to_nothing_and_the_unknown_is_no_zero() {
        let shown = |text: &str| money(Some(text.parse().unwrap()));
        assert_eq!(shown("0"), "$0.00");
        assert_eq!(shown("0.00004999"), "< $0.0001");
        assert_eq!(shown("0.0712340001"), "$0.0712");
        assert_eq!(shown("0.99999"), "$1.0000");
        assert_eq!(shown("1.935"), "$1.94");
        assert_eq!(shown("1234.5"), "$1,234.50");
        assert_eq!(money(Some(Usd(u64::MAX))), "$1,844,674,407.37");
        assert_eq!(money(None), "$?");
        let known = "1.2".parse().unwrap();
        for (unpriced, expected) in [(0, "$1.20"), (1, "$1.20 + 1 unpriced")] {
            assert_eq!(money_of(Part { known, unpriced }), expected);
        }
        assert_eq!(money_of(Part::of(None)), "$?");
    }
}
