//! Finds the commits that a push sends, and what the remote is known to have of each, so that later
//! steps look only at changes. Uses no network.

use anyhow::Result;

use super::updates::Update;
use crate::git::Repo;
use crate::model::Oid;

/// Limit of tips to check, branches first: a push of all tags must not take forever.
pub const MOST_TIPS: usize = 64;

/// A pushed commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    pub tip: Oid,
    /// The commit that the remote is known to have; `None` if unknown.
    pub base: Option<Oid>,
    /// Did the ref at the remote point there before the push?
    pub is_update: bool,
}

/// The commits that `updates` send to `remote`, each once. Omits refs without files, and commits that
/// the remote already has.
///
/// # Errors
/// If git cannot tell what the remote has.
pub fn leaving(repo: &Repo, remote: &str, updates: &[Update]) -> Result<Vec<Leaving>> {
    let mut leaving: Vec<Leaving> = Vec::new();
    let (branches, others): (Vec<_>, Vec<_>) = updates.iter().partition(|u| u.is_branch());
    for update in branches.into_iter().chain(others).take(MOST_TIPS) {
        let Some(tip) = commit(repo, update.to) else {
            continue;
        };
        if leaving.iter().any(|one| one.tip == tip) {
            continue;
        }
        // Commits that others pushed are unknown here: use the last known position.
        let from = update.from.and_then(|from| commit(repo, from));
        let base = match from {
            None => repo.last_known_to(remote, tip)?,
            known => known,
        };
        let is_same = |base: Oid| {
            let trees = [base, tip].map(|commit| repo.tree_named(&commit.to_string()).ok());
            trees[0].is_some() && trees[0] == trees[1]
        };
        if !base.is_some_and(is_same) {
            leaving.push(Leaving {
                tip,
                base,
                is_update: from.is_some(),
            });
        }
    }
    Ok(leaving)
}

/// The commit that `oid` is or names, if it is here.
fn commit(repo: &Repo, oid: Oid) -> Option<Oid> {
    repo.commit_named(&oid.to_string()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use crate::hook::updates::updates;

    #[test]
    fn the_base_is_what_the_remote_says_else_what_was_last_seen_of_it() {
        let test = TestRepo::new();
        let commit = |name: &str| {
            test.write(name, name);
            test.commit(name);
            test.open().commit_named("HEAD").unwrap().unwrap()
        };
        let (first, second, third) = (commit("a"), commit("b"), commit("c"));
        test.git(&["add", "origin", "/nowhere"], "remote");
        test.git(
            &["refs/remotes/origin/main", &first.to_string()],
            "update-ref",
        );
        test.git(&["-a", "-m", "v1", "v1"], "tag");
        test.git(&["empty", &format!("{third}:a")], "tag");
        let tag = test.git(&["v1"], "rev-parse");
        let blob = test.git(&["empty"], "rev-parse");
        let repo = test.open();
        let zero = repo.format().zero();
        let unknown = Oid::of_blob(repo.format(), b"of somebody else");
        let of = |lines: &[String]| {
            let updates = updates(lines.join("\n").as_bytes());
            leaving(&repo, "origin", &updates).unwrap()
        };
        let line = |to: &str, name: &str, from: Oid| format!("x {to} refs/{name} {from}");
        let third_text = third.to_string();
        let since = |base, is_update| {
            [Leaving {
                tip: third,
                base: Some(base),
                is_update,
            }]
        };
        assert_eq!(
            of(&[line(&third_text, "heads/main", second)]),
            since(second, true)
        );
        for from in [zero, unknown] {
            let said = of(&[line(&third_text, "heads/main", from)]);
            assert_eq!(said, since(first, false));
        }
        let both = [
            line(&tag, "tags/v1", zero),
            line(&third_text, "heads/main", second),
            line(&blob, "tags/empty", zero),
        ];
        assert_eq!(
            of(&both),
            since(second, true),
            "branches go first, each tip once"
        );
        assert_eq!(of(&[line(&third_text, "heads/main", third)]), []);
        assert_eq!(of(&[line(&first.to_string(), "heads/old", zero)]), []);
    }
}
