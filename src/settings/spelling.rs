//! What somebody may have meant who wrote a name that does not exist.

/// The candidate nearest to `written` in letters, in any case; `None` if none is near.
pub fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    let most = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&written, &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_different_word_is_not() {
        let names = ["jobs", "kinds", "maxFileSize"];
        assert_eq!(closest("jbos", names), Some("jobs"));
        assert_eq!(closest("maxfilesizes", names), Some("maxFileSize"));
        assert_eq!(closest("colour", names), None);
        assert_eq!(closest("", names), None);
    }
}
