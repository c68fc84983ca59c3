//! The secret that a provider knows its customer by. Not where it is looked up.

use std::fmt;

/// A key. There is no way to print it: it has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// White space around a key is a slip of whoever pasted it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the header it travels in, and for taking it out of what a server echoes.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_print_itself() {
        let key = Key::new(" sk-secret\n");
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert_eq!(key.secret(), "sk-secret");
    }
}
