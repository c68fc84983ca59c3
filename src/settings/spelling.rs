//! Unknown names: suggests a similar name, and shortens names for messages.

/// The number of characters shown of a name.
const MOST_SHOWN: usize = 100;

/// Shortens a name for a message: a tracked file may contain a name of a megabyte.
pub fn short(name: &str) -> String {
    match name.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// The candidate most similar to `written`, ignoring case; `None` if none is similar.
pub fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    let letters = written.chars().count();
    let most = (letters / 3).max(1);
    candidates
        .into_iter()
        // So far apart are they at the least, and it takes long to tell how far.
        .filter(|name| name.chars().count().abs_diff(letters) <= most)
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
    fn a_slip_is_recognized_and_a_different_word_is_not() {
        let names = ["jobs", "kinds", "maxFileSize"];
        assert_eq!(closest("jbos", names), Some("jobs"));
        assert_eq!(closest("maxfilesizes", names), Some("maxFileSize"));
        assert_eq!(closest("colour", names), None);
        assert_eq!(closest("", names), None);
    }

    #[test]
    fn a_name_without_end_is_shown_in_part_and_like_no_other() {
        let long = "é".repeat(10_000_000);
        assert_eq!(short(&long), "é".repeat(MOST_SHOWN) + "…");
        assert_eq!(short(&long[..2 * MOST_SHOWN]), "é".repeat(MOST_SHOWN));
        assert_eq!(closest(&long, ["jobs"]), None);
    }
}
