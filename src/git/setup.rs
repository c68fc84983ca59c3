//! How a remote is set up: what plain fetches and pushes of it move, and where to. Talks to none.

use super::config::{Overrides, last_of, truth};
use super::repo::Repo;

/// Which way a remote mirrors every ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirroring {
    Push,
    Fetch,
}

impl Repo {
    /// Is `remote` set up to have every ref that is here, or this clone every ref that is there?
    pub fn mirroring(&self, remote: &str) -> Option<Mirroring> {
        // `git clone --mirror` sets both, and is there to be fetched to.
        if self.fetches(remote, |refspec| {
            refspec.trim_start_matches('+') == "refs/*:refs/*"
        }) {
            return Some(Mirroring::Fetch);
        }
        let config = self.config(Overrides::of_process()).ok()?;
        let mirror = last_of(&config, &format!("remote.{remote}.mirror"))?;
        (truth(&mirror) == Some(true)).then_some(Mirroring::Push)
    }

    /// Does plain `git fetch` of `remote` follow such a refspec?
    pub fn fetches(&self, remote: &str, is_such: impl Fn(&str) -> bool) -> bool {
        let config = self.config(Overrides::of_process()).unwrap_or_default();
        let key = format!("remote.{remote}.fetch");
        let mut values = config.iter().filter(|entry| entry.name == key);
        values.any(|entry| entry.value.as_deref().is_some_and(&is_such))
    }

    /// All that says where a push to `remote` goes, as configured.
    pub fn push_addresses(&self, remote: &str) -> Vec<String> {
        let config = self.config(Overrides::of_process()).unwrap_or_default();
        let keys = ["url", "pushurl"].map(|key| format!("remote.{remote}.{key}"));
        let entries = config
            .into_iter()
            .filter(|entry| keys.contains(&entry.name));
        entries.filter_map(|entry| entry.value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn a_remote_that_mirrors_is_known_by_what_is_configured() {
        let test = TestRepo::new();
        test.git(&["add", "origin", "/nowhere"], "remote");
        let mirrors = || test.open().mirroring("origin");
        assert_eq!(mirrors(), None);
        test.config("remote.origin.mirror", "true");
        assert_eq!(mirrors(), Some(Mirroring::Push));
        test.config("remote.origin.fetch", "+refs/*:refs/*");
        assert_eq!(mirrors(), Some(Mirroring::Fetch));
    }
}
