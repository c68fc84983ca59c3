//! Tells the user, once per clone, that analyses can be shared.

use anyhow::Result;

use super::context::Context;
use super::progress::Screen;
use super::sharing;
use crate::git::Repo;
use crate::session::Session;
use crate::store::{self, refspec};
use crate::sync::Remote;

/// The file in our folder that marks the advice as given.
const TOLD: &str = "told";

/// Gives the advice on a terminal if nothing has been shared so far.
pub fn tell_once(context: &Context, session: &Session<'_>) {
    if context.screen() == Screen::Paper {
        return;
    }
    let home = sharing::home(&session.repo, &session.settings);
    // Errors are fine: this is only advice.
    if let Some(remote) = home
        && let Ok(Some(advice)) = advice(&session.repo, &remote)
    {
        context.printer.note(advice);
    }
}

/// The advice, if not given before.
fn advice(repo: &Repo, remote: &Remote) -> Result<Option<String>> {
    let (_, mirror) = store::mirror_tip(repo, &remote.name)?;
    let wanted = refspec(&remote.name, &remote.shared_ref)?;
    let is_set = || -> Result<bool> {
        let key = format!("remote.{}.fetch", remote.name);
        Ok(repo.own_config(&key)?.contains(&wanted))
    };
    if mirror.is_some() || is_set()? {
        return Ok(None);
    }
    let is_new = repo.own_folder().and_then(|own| own.make_file(TOLD));
    Ok(is_new.is_ok().then(|| {
        format!(
            "hint: these analyses are only in this clone; to share them through {}, run 'git \
             rustassistant init', then 'git rustassistant sync'",
            remote.name
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn how_to_share_is_said_once_and_not_where_sharing_is_set_up() {
        let told = |test: &TestRepo| {
            let repo = test.open();
            repo.make_own_folder().unwrap();
            advice(&repo, &Remote::home("origin")).unwrap()
        };
        let fresh = TestRepo::new();
        assert!(told(&fresh).unwrap().contains("through origin"));
        assert_eq!(told(&fresh), None);
        let prepared = TestRepo::new();
        let spec = "+refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*";
        prepared.config("remote.origin.fetch", spec);
        assert_eq!(told(&prepared), None);
    }
}
