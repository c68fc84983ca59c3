//! Shared by commands that talk to remotes: the remote, timeouts, and messages about the result. The
//! room `sync` does the sharing.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, Result, anyhow};

use super::context::Context;
use super::error;
use super::options::NetworkOptions;
use super::status::Status;
use super::transfer::Transfer;
use crate::analyzers::quotes_secret;
use crate::git::{Mirroring, Prompt, Repo, Terms};
use crate::model::{Hinted, Manner, Oid, ResultExt, Signing, Trust};
use crate::report::{count, grouped};
use crate::settings::Settings;
use crate::store::{self, Chosen, Filter, Offer, Search, Store};
use crate::sync::{
    self, Compacted, Dropped, Publishable, Published, Purged, Received, Remote, Role,
};

/// Default timeout.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long a remote may be silent before this gives up.
const SILENCE: Duration = Duration::from_secs(60);

const NOTHING_IS_LOST: &str = "nothing is lost: pending analyses stay in this clone until the next sync; \
     to test the connection: git ls-remote";

/// A remote and how to talk to it.
pub struct Sharing<'a> {
    pub repo: &'a Repo,
    pub remote: Remote,
    /// The commits that git is pushing to the remote meanwhile.
    pub given: Vec<Oid>,
    settings: &'a Settings,
    context: &'a Context,
    patience: Duration,
}

/// The remote this clone shares through, if any.
pub fn home(repo: &Repo, settings: &Settings) -> Option<Remote> {
    let name = settings.remote.clone().or_else(|| repo.usual_remote())?;
    Some(Remote {
        name,
        shared_ref: settings.shared_ref.clone(),
        role: Role::Home,
        offer: Offer::Own,
        publish: settings.publish,
        trust: settings.trust,
        manner: manner(repo, settings),
    })
}

/// The remote called `named`, or the usual one.
///
/// # Errors
/// If there is no such remote.
pub fn remote(repo: &Repo, settings: &Settings, named: Option<&str>) -> Result<Remote> {
    let home = home(repo, settings);
    let remotes = repo.remotes();
    let remote = match named {
        None => home
            .context("no remote to share analyses through")
            .hint("add one with 'git remote add', or set rustassistant.remote")?,
        Some(name) => {
            let role = if home.is_none_or(|home| home.name == name) {
                Role::Home
            } else {
                Role::Other
            };
            // An explicit name means to offer everything, even what was shared elsewhere before.
            let offer = Offer::Known(settings.trust);
            Remote {
                name: name.to_owned(),
                shared_ref: settings.shared_ref.clone(),
                role,
                offer,
                publish: settings.publish,
                trust: settings.trust,
                manner: manner(repo, settings),
            }
        }
    };
    if remotes.contains(&remote.name) {
        Ok(remote)
    } else {
        let error = anyhow!("unknown remote '{}'", remote.name.escape_debug());
        let known = if remotes.is_empty() {
            "this clone has no remotes; to add one: git remote add".to_owned()
        } else {
            format!("known remotes: {}", remotes.join(", "))
        };
        let known = if settings.remote.as_ref() == Some(&remote.name) {
            format!("rustassistant.remote names it; {known}")
        } else {
            known
        };
        Err(Hinted::attach(error, known))
    }
}

/// How to make publishing commits. Signed as rustassistant.sign says, else like the user's own commits.
pub fn manner(repo: &Repo, settings: &Settings) -> Manner {
    let signing = settings.signing.unwrap_or_else(|| {
        if repo.signs_commits() {
            Signing::Signed
        } else {
            Signing::Unsigned
        }
    });
    Manner {
        signing,
        author: settings.publish_author.clone(),
        message: settings.publish_message.clone(),
    }
}

impl<'a> Sharing<'a> {
    /// Resolves the remote and timeout from `options` and settings.
    ///
    /// # Errors
    /// If the remote does not exist.
    pub fn new(
        context: &'a Context,
        repo: &'a Repo,
        settings: &'a Settings,
        options: &NetworkOptions,
    ) -> Result<Self> {
        let remote = remote(repo, settings, options.remote.as_deref())?;
        Ok(Self {
            repo,
            remote,
            given: Vec::new(),
            settings,
            context,
            patience: options.timeout.map_or(PATIENCE, Duration::from_secs),
        })
    }

    /// Fetches the shared entries.
    ///
    /// # Errors
    /// If they cannot be fetched.
    pub fn fetch(&self) -> Result<Received> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::fetch(self.repo, &self.remote, terms, seconds))
            .with_context(|| format!("cannot fetch analyses from {}", self.remote.name))
    }

    /// Same as [`Sharing::fetch`], for a user who explicitly fetches from this remote.
    pub fn fetch_by_name(&self) -> Result<Received> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::fetch_by_name(self.repo, &self.remote, terms, seconds))
            .with_context(|| format!("cannot fetch analyses from {}", self.remote.name))
    }

    /// Publishes the mirrored entries again to a remote that has lost them.
    ///
    /// # Errors
    /// If the mirror cannot be read.
    pub fn refill(&self) -> Result<Published> {
        let seconds = self.context.now().as_second();
        self.filtered(|filter, terms| sync::refill(self.repo, &self.remote, filter, terms, seconds))
    }

    /// Publishes pending entries that may be published.
    ///
    /// # Errors
    /// If a local store cannot be read or written.
    pub fn publish(&self) -> Result<Published> {
        let seconds = self.context.now().as_second();
        self.filtered(|filter, terms| {
            sync::publish(self.repo, &self.remote, filter, terms, seconds)
        })
    }

    /// Talks to the remote with a filter for what may be published.
    fn filtered<T>(&self, act: impl FnOnce(&Filter<'_>, &Terms<'_>) -> Result<T>) -> Result<T> {
        let given = self.given.clone();
        let publishable = publishable(self.repo, self.settings, &self.remote.name, given)?;
        self.on_terms(|terms| {
            let publishable = publishable.asking(terms);
            act(&publishable.filter(self.remote.publish), terms)
        })
    }

    /// Removes the chosen entries at the remote and here.
    ///
    /// # Errors
    /// If the remote cannot be reached, or a local store cannot be read or written.
    pub fn evict(&self, chosen: &Chosen<'_>, why: &str) -> Result<Dropped> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::evict(self.repo, &self.remote, terms, chosen, why, seconds))
    }

    /// Rewrites the shared entries without history and without what matches `search`.
    ///
    /// # Errors
    /// Like [`Sharing::evict`], and if the remote rejects the push.
    pub fn purge(&self, search: &Search<'_>) -> Result<Purged> {
        self.tell_left_out()?;
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::purge(self.repo, &self.remote, terms, search, seconds))
    }

    /// Takes the next step to shorten the history. A bridge must be older than `patience` seconds.
    pub fn compact(&self, patience: i64) -> Result<Compacted> {
        self.tell_left_out()?;
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::compact(self.repo, &self.remote, terms, patience, seconds))
    }

    /// Says what a history that begins anew leaves out, because it is not trusted.
    fn tell_left_out(&self) -> Result<()> {
        if self.remote.trust == Trust::Any {
            return Ok(());
        }
        self.fetch()?;
        let mirror = store::mirror_ref(&self.remote.name)?;
        let remotes = [self.remote.name.clone()];
        let reasons = Store::trusting(self.repo, &remotes, self.remote.trust).distrust();
        for reason in reasons.iter().filter(|it| it.starts_with(&mirror)) {
            self.context.printer.warning(format_args!(
                "the new history leaves out what is not trusted: {reason}"
            ));
        }
        Ok(())
    }

    fn on_terms<T>(&self, act: impl FnOnce(&Terms<'_>) -> T) -> T {
        on_terms(self.context, self.patience, act)
    }
}

/// Decides what may be published to `remote`, to which git is pushing the commits `given`.
///
/// # Errors
/// If git cannot tell what the remote has.
pub fn publishable<'a>(
    repo: &'a Repo,
    settings: &Settings,
    remote: &str,
    given: Vec<Oid>,
) -> Result<Publishable<'a>> {
    let is_for_analyses = settings.remote.as_deref() == Some(remote);
    let home = repo.usual_remote().filter(|_| is_for_analyses);
    Publishable::new(repo, remote, given, home, &quotes_secret)
        .with_context(|| format!("cannot determine what {remote} has"))
}

/// Decides what may be exported to a file.
pub fn exportable<'a>(repo: &'a Repo, settings: &Settings) -> Result<Publishable<'a>> {
    let home = settings.remote.clone().or_else(|| repo.usual_remote());
    Publishable::in_file(repo, home, &quotes_secret)
        .context("cannot determine what may be exported")
}

/// Downloads `url` to `file`.
///
/// # Errors
/// If the download fails.
pub fn download(context: &Context, repo: &Repo, url: &str, file: &Path) -> Result<()> {
    on_terms(context, PATIENCE, |terms| repo.download(url, file, terms))
}

/// Does what may take as long as a remote usually may.
pub fn on_usual_terms<T>(context: &Context, act: impl FnOnce(&Terms<'_>) -> T) -> T {
    on_terms(context, PATIENCE, act)
}

/// Talks to a remote within a time limit.
fn on_terms<T>(context: &Context, patience: Duration, act: impl FnOnce(&Terms<'_>) -> T) -> T {
    let transfer = Transfer::new(context.progress, context.screen(), &context.printer);
    act(&Terms {
        until: Instant::now() + patience,
        silence: SILENCE.min(patience),
        prompt: Prompt::of_process(),
        say: &|line| transfer.say(line),
    })
}

/// Fetches shared entries before a run. Errors are warnings.
///
/// # Errors
/// If there is no remote to share through.
pub fn fetch_before(context: &Context, repo: &Repo, settings: &Settings) -> Result<()> {
    let sharing = Sharing::new(context, repo, settings, &NetworkOptions::default())?;
    match sharing.fetch() {
        Ok(received) => context.printer.detail(line(None, Some(received))),
        Err(trouble) => context.printer.warning(error::sentence(&trouble)),
    }
    Ok(())
}

/// Publishes pending entries after a run. Errors of the remote are warnings.
///
/// # Errors
/// If there is no remote to share through, or a local store cannot be read or written.
pub fn publish_after(context: &Context, repo: &Repo, settings: &Settings) -> Result<()> {
    let sharing = Sharing::new(context, repo, settings, &NetworkOptions::default())?;
    let told = sharing.publish()?;
    if told.published > 0 || told.pending > 0 {
        context.printer.note(line(Some(&told), None));
    }
    if let Some(trouble) = told.trouble {
        context.printer.warning(error::sentence(&trouble));
    }
    Ok(())
}

/// A one-line warning about what git does to our refs if the remote is configured as a mirror.
pub fn mirroring(repo: &Repo, remote: &str) -> Option<String> {
    let does = match repo.mirroring(remote)? {
        Mirroring::Push => format!(
            "'git push {remote}' mirrors every ref (remote.{remote}.mirror), which removes the shared \
             analyses there"
        ),
        Mirroring::Fetch => format!(
            "'git fetch {remote}' mirrors every ref (remote.{remote}.fetch), so --prune removes the \
             analyses of this clone"
        ),
    };
    Some(format!(
        "{does}; paid ones are kept as pending; to share through another remote: git rustassistant \
         init --remote"
    ))
}

/// Prints that warning, once per clone.
pub fn tell_mirroring_once(context: &Context, repo: &Repo, remote: &str) {
    if let Some(note) = mirroring(repo, remote) {
        let mark = repo
            .own_folder()
            .and_then(|own| own.make_file("told-mirroring"));
        if mark.is_ok() {
            context.printer.note(note);
        }
    }
}

/// Explains why some entries were not published.
pub fn explain_withheld(context: &Context, told: &Published, remote: &str) {
    if told.withheld > 0 {
        context.printer.note(format_args!(
            "withheld: analyses of files that are not on {remote} or that an attribute excludes, and \
             analyses that quote a secret\n\
             hint: analyses are published once their files are pushed: git push {remote}"
        ));
    }
}

/// Reports an error of a remote. The command is incomplete, not failed.
pub fn tell_trouble(context: &Context, trouble: Error) -> Status {
    let trouble = Hinted::attach(trouble, NOTHING_IS_LOST);
    context.printer.error(&trouble);
    Status::Incomplete
}

/// A summary: `published 12, received 340 (4 authors), 3 still pending`.
pub fn line(published: Option<&Published>, received: Option<Received>) -> String {
    let mut parts = Vec::new();
    if let Some(told) = published.filter(|told| told.published > 0) {
        parts.push(format!("published {}", grouped(told.published as u64)));
    }
    if let Some(Received {
        entries, authors, ..
    }) = received.filter(|told| told.entries > 0)
    {
        let by = count(authors as u64, "author");
        parts.push(format!("received {} ({by})", grouped(entries as u64)));
    }
    if let Some(told) = published.filter(|told| told.pending > 0) {
        parts.push(format!("{} still pending", grouped(told.pending as u64)));
    }
    if let Some(told) = published.filter(|told| told.withheld > 0) {
        parts.push(format!("{} withheld", grouped(told.withheld as u64)));
    }
    match (parts.is_empty(), published, received) {
        (false, ..) => parts.join(", "),
        (_, Some(_), Some(_)) => "nothing to publish, nothing to receive".to_owned(),
        (_, Some(_), None) => "nothing to publish".to_owned(),
        _ => "nothing to receive".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_told_in_one_line() {
        let mut published = Published {
            published: 1200,
            pending: 3,
            ..Published::default()
        };
        let received = Some(Received {
            entries: 340,
            authors: 4,
            ..Received::default()
        });
        assert_eq!(
            line(Some(&published), received),
            "published 1,200, received 340 (4 authors), 3 still pending"
        );
        published = Published::default();
        assert_eq!(line(Some(&published), None), "nothing to publish");
        let nothing = Some(Received::default());
        assert_eq!(line(None, nothing), "nothing to receive");
        assert_eq!(
            line(Some(&published), nothing),
            "nothing to publish, nothing to receive"
        );
    }
}
