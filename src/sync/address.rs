//! The address of a remote when its analyses were last fetched by name, or published: what is known of
//! a remote is known of that place. Not what is known.

use anyhow::{Error, anyhow};

use crate::git::Repo;
use crate::model::{Hinted, ObjectFormat};
use crate::store::Shelf;

const SHELF: Shelf = Shelf {
    prefix: "address-",
    most: 32,
};

/// A longer address is none, in bytes.
const MOST_BYTES: u64 = 64 << 10;

/// Why nothing may be published to `remote`: what this clone knows of it is known of another place.
pub(super) fn leads_elsewhere(repo: &Repo, remote: &str) -> Option<Error> {
    match repo.pushes_elsewhere(remote) {
        Ok(false) => has_moved(repo, remote),
        Ok(true) => Some(Hinted::attach(
            anyhow!(
                "{remote} fetches from another repository than it pushes to: nothing was published to it"
            ),
            "give the other one a name of its own, fetch from it, and share through it: \
             git config rustassistant.remote NAME",
        )),
        Err(error) => Some(error),
    }
}

/// It leads elsewhere than before, and nobody has looked what is there.
fn has_moved(repo: &Repo, remote: &str) -> Option<Error> {
    let before = repo
        .own_folder()
        .ok()?
        .text(&name(remote), MOST_BYTES)
        .ok()?;
    let now = repo.remote_url(remote)?;
    (before != now).then(|| {
        let why =
            anyhow!("{remote} leads to another address than before: nothing was published to it");
        let hint = format!(
            "if the same people read it, take it over: git fetch --prune {remote} && \
             git rustassistant fetch {remote}"
        );
        Hinted::attach(why, hint)
    })
}

/// Remembers where `remote` leads: a person has fetched from it, or it has taken what was published.
pub fn note_address(repo: &Repo, remote: &str) {
    let (Some(url), Ok(folder)) = (repo.remote_url(remote), repo.own_folder()) else {
        return;
    };
    let known = folder.text(&name(remote), MOST_BYTES);
    if known.is_ok_and(|known| known == url) {
        return;
    }
    // At worst a later change of address is not noticed.
    let _ = SHELF.write(&folder, &name(remote), &[url.as_bytes()]);
}

fn name(remote: &str) -> String {
    SHELF.name(&ObjectFormat::Sha256.hash(&[remote.as_bytes()]).short())
}
