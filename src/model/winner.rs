//! Which of two entries under one key counts. A total order, so clones that see the same agree.

use jiff::Timestamp;

use super::Oid;

/// Does `a` win over `b`? The later `created` wins, on a tie the greater object id; an entry
/// without a time is older than any with one.
pub fn wins_over(a: (Option<Timestamp>, Oid), b: (Option<Timestamp>, Oid)) -> bool {
    a > b
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
