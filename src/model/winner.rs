//! Which of two entries under one key counts. A total order, so clones that see the same agree.

use jiff::Timestamp;

use super::Oid;
use super::freshness::is_from_the_future;

/// Does `a` win over `b`? The later `created` wins, on a tie the greater object id; an entry
/// without a time is older than any with one.
pub fn wins_over(a: (Option<Timestamp>, Oid), b: (Option<Timestamp>, Oid)) -> bool {
    a > b
}

/// As [`wins_over`], at the time `now`: one that was made more than a day from then loses against
/// any other, or a wrong clock, or a lie, would win for ever.
pub fn wins_at(now: Timestamp, a: (Option<Timestamp>, Oid), b: (Option<Timestamp>, Oid)) -> bool {
    let counts = |one: (Option<Timestamp>, Oid)| !is_from_the_future(one.0, now);
    match (counts(a), counts(b)) {
        (true, false) => true,
        (false, true) => false,
        _ => wins_over(a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectFormat;
    use proptest::prelude::*;

    fn candidate() -> impl Strategy<Value = (Option<Timestamp>, Oid)> {
        let time = proptest::option::of((0i64..4).prop_map(|s| Timestamp::new(s, 0).unwrap()));
        let oid = (0u8..4).prop_map(|n| Oid::of_blob(ObjectFormat::Sha1, &[n]));
        (time, oid)
    }

    #[test]
    fn what_is_dated_ahead_wins_over_nothing_that_is_not() {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        let at = |seconds| (Some(Timestamp::new(seconds, 0).unwrap()), oid);
        let now = at(1000).0.unwrap();
        let day = 24 * 3600;
        assert!(wins_at(now, at(1000), at(1001 + day)));
        assert!(!wins_at(now, at(1001 + day), at(1000)));
        assert!(!wins_at(now, at(1001 + day), (None, oid)));
        assert!(wins_at(now, at(1000 + day), at(1000)));
        assert!(wins_at(now, at(1002 + day), at(1001 + day)));
    }

    proptest! {
        #[test]
        fn of_two_different_entries_exactly_one_wins(a in candidate(), b in candidate()) {
            prop_assert_eq!(wins_over(a, b) as u8 + wins_over(b, a) as u8, (a != b) as u8);
        }

        #[test]
        fn winning_is_transitive(a in candidate(), b in candidate(), c in candidate()) {
            if wins_over(a, b) && wins_over(b, c) {
                prop_assert!(wins_over(a, c));
            }
        }
    }
}
