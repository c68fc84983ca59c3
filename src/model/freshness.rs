//! When an entry still counts. Judged at read, from the entry alone and the time given.

use jiff::{SignedDuration, Timestamp};

use super::Entry;

/// How long an entry counts. Entries of the embedded analyzer never age: they would be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    Forever,
    For(SignedDuration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    /// Older than its TTL, by this much age.
    Expired(SignedDuration),
    /// Made more than a day from now: somebody's clock is wrong, so its age cannot be told.
    FromTheFuture,
}

const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// Was it made more than a day from `now`? A clock may be that wrong, and no more.
pub fn is_from_the_future(created: Option<Timestamp>, now: Timestamp) -> bool {
    created.is_some_and(|created| now.duration_since(created) < -CLOCK_SKEW)
}

/// Does `entry` count at `now` under `ttl`?
pub fn freshness(entry: &Entry, ttl: Ttl, now: Timestamp) -> Freshness {
    let Some(created) = entry.created else {
        return Freshness::Fresh;
    };
    let age = now.duration_since(created);
    match ttl {
        _ if is_from_the_future(entry.created, now) => Freshness::FromTheFuture,
        Ttl::For(limit) if age > limit => Freshness::Expired(age),
        _ => Freshness::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Analysis, Fingerprint, Kind, ObjectFormat};

    fn entry(created: Option<&str>) -> Entry {
        let zero = ObjectFormat::Sha1.zero();
        Entry {
            format: 1,
            blob: zero,
            fingerprint: Fingerprint(zero),
            kind: Kind::Docs,
            analyzer: "x/y".into(),
            created: created.map(|text| text.parse().unwrap()),
            duration_ms: None,
            usage: None,
            analysis: Analysis::default(),
        }
    }

    #[test]
    fn an_entry_expires_after_its_ttl_and_a_local_one_never() {
        let now: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let hour = Ttl::For(SignedDuration::from_hours(1));
        let at = |created| freshness(&entry(created), hour, now);
        assert_eq!(at(None), Freshness::Fresh);
        assert_eq!(at(Some("2026-11-22T05:00:00Z")), Freshness::Fresh);
        assert!(matches!(
            at(Some("2026-11-22T04:59:59Z")),
            Freshness::Expired(_)
        ));
        assert_eq!(at(Some("2026-11-23T05:00:00Z")), Freshness::Fresh);
        assert_eq!(at(Some("2026-11-23T06:00:01Z")), Freshness::FromTheFuture);
        let old = entry(Some("1999-01-01T00:00:00Z"));
        assert_eq!(freshness(&old, Ttl::Forever, now), Freshness::Fresh);
    }
}
