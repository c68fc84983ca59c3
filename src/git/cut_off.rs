//! What to do where a revision may lie beyond the end of a shallow history. Deepens nothing itself.

use anyhow::{Error, anyhow};

use super::repo::Repo;
use crate::model::{Hinted, ObjectType, Oid};

/// How much of a revision's history is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The commit alone.
    Commit,
    /// Enough to find where two have parted.
    History,
}

impl Repo {
    /// The same error, with advice where the clone is shallow: its history may lack what `rev` names.
    pub(super) fn if_cut_off(&self, error: Error, rev: &str, need: Need) -> Error {
        // What lies behind `@{` is told by logs and settings, which no fetch brings.
        if !self.is_shallow() || rev.contains("@{") {
            return error;
        }
        let end = rev.find(['^', '~', ':']).unwrap_or(rev.len());
        let (name, rest) = rev.split_at(end);
        let is_here = name.is_empty() || self.hand.peeled(name, ObjectType::Commit).is_ok();
        if is_here && (rest.is_empty() || (!name.is_empty() && rest.contains(':'))) {
            // It is the file that is missing, or an object of another type.
            return error;
        }
        let missing = (!is_here).then_some(name);
        let why = anyhow!("{error}; this clone is shallow");
        Hinted::attach(why, self.how_to_fetch(missing, !rest.is_empty(), need))
    }

    /// How to fetch the history that is cut off.
    pub(super) fn how_to_deepen(&self) -> String {
        self.how_to_fetch(None, true, Need::History)
    }

    /// How to fetch the branch, tag or commit `missing`, if one is, with its history if that is
    /// needed.
    fn how_to_fetch(&self, missing: Option<&str>, has_steps: bool, need: Need) -> String {
        let is_plain = |name: &&str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
            !name.starts_with('-') && name.bytes().all(plain)
        };
        let remote = self.usual_remote().filter(|name| is_plain(&name.as_str()));
        let depth = if has_steps || need == Need::History {
            "--unshallow"
        } else {
            "--depth=1"
        };
        let remotes = self.remotes();
        let wanted = missing.filter(is_plain).zip(remote).map(|(name, remote)| {
            let of = |remote: &String| {
                let branch = name.strip_prefix(remote.as_str())?.strip_prefix('/')?;
                Some(format!("{remote} {branch}:refs/remotes/{remote}/{branch}"))
            };
            match Oid::from_hex(name.as_bytes()) {
                Some(oid) => format!("{remote} {oid}"),
                None => remotes
                    .iter()
                    .filter(|remote| is_plain(&remote.as_str()))
                    .find_map(of)
                    .unwrap_or_else(|| format!("{remote} {name}:{name}")),
            }
        });
        let command = match wanted {
            Some(wanted) => format!("git fetch {depth} {wanted}"),
            None => "git fetch --unshallow".to_owned(),
        };
        format!(
            "fetch the missing history; in CI, check out with 'fetch-depth: 0' (GitHub) or \
             'GIT_DEPTH: 0' (GitLab); here: {command}"
        )
    }
}
