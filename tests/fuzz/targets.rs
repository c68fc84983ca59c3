//! What strangers can put before this program, and what must hold for any bytes: one function for
//! each reader. Driven by tests/hostile_bytes.rs a little in every run of the suite, and by
//! `cargo fuzz` for hours (docs/contributing.md). A function that returns has held.

#[path = "asked.rs"]
mod asked;
#[path = "stored.rs"]
mod stored;
#[path = "told.rs"]
mod told;

/// A reader and its name.
pub type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 15] = [
    ("entry", stored::entry),
    ("recipe", stored::recipe),
    ("tree", stored::tree),
    ("store", stored::store),
    ("journal", stored::journal),
    ("text", told::text),
    ("config", told::config),
    ("names", told::names),
    ("patterns", told::patterns),
    ("push", told::push),
    ("git", told::git),
    ("reply", asked::reply),
    ("answer", asked::answer),
    ("secret", asked::secret),
    ("analyzer", asked::analyzer),
];
