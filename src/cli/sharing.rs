//! What all commands that share begin and end with: which remote is meant, on which terms it is
//! talked to, and how what came of it is told. Not sharing itself: that is the room `sync`.

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
use crate::model::{Hinted, Manner, Oid, ResultExt, Signing};
use crate::report::{count, grouped};
use crate::settings::Settings;
use crate::store::{Chosen, Filter, Offer, Search};
use crate::sync::{
    self, Compacted, Dropped, Publishable, Published, Purged, Received, Remote, Role,
};

/// How long all may take, where the user says nothing.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long a remote may be silent.
const SILENCE: Duration = Duration::from_secs(60);

const NOTHING_IS_LOST: &str = "nothing is lost: what is pending stays in this clone, and the next sync publishes it; \
     'git ls-remote' shows whether git itself gets through";

/// A remote, ready to be talked to.
pub struct Sharing<'a> {
    pub repo: &'a Repo,
    pub remote: Remote,
    /// The commits that the remote is being given meanwhile.
    pub given: Vec<Oid>,
    settings: &'a Settings,
    context: &'a Context,
    patience: Duration,
}

/// The remote through which this clone shares, if there is one.
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

/// The remote that is meant by `named`, or by its absence.
///
/// # Errors
/// If there is none of that name, or none at all.
pub fn remote(repo: &Repo, settings: &Settings, named: Option<&str>) -> Result<Remote> {
    let home = home(repo, settings);
    let remotes = repo.remotes();
    let remote = match named {
        None => home
            .context("there is no remote to share analyses through")
            .hint(
                "add one with 'git remote add', or name one in the setting rustassistant.remote",
            )?,
        Some(name) => {
            let role = if home.is_none_or(|home| home.name == name) {
                Role::Home
            } else {
                Role::Other
            };
            // Who names one means it to have what there is, wherever that was shared before.
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
        let error = anyhow!("there is no remote '{}'", remote.name.escape_debug());
        let known = if remotes.is_empty() {
            "this clone has no remotes; 'git remote add' adds one".to_owned()
        } else {
            format!("there are: {}", remotes.join(", "))
        };
        let known = if settings.remote.as_ref() == Some(&remote.name) {
            format!("the setting rustassistant.remote names it; {known}")
        } else {
            known
        };
        Err(Hinted::attach(error, known))
    }
}

/// How commits that publish are made. Signed as the user says, else as they sign their own.
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
    /// Prepares to share as `options` and settings say.
    ///
    /// # Errors
    /// If the remote that is meant does not exist.
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

    /// Brings what the remote publishes.
    ///
    /// # Errors
    /// If it cannot be brought.
    pub fn fetch(&self) -> Result<Received> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::fetch(self.repo, &self.remote, terms, seconds))
            .with_context(|| format!("cannot fetch analyses from {}", self.remote.name))
    }

    /// As [`Sharing::fetch`], for a person who has named the remote or means the usual one.
    ///
    /// # Errors
    /// As [`Sharing::fetch`].
    pub fn fetch_by_name(&self) -> Result<Received> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::fetch_by_name(self.repo, &self.remote, terms, seconds))
            .with_context(|| format!("cannot fetch analyses from {}", self.remote.name))
    }

    /// Gives a remote that has nothing any more what it had.
    ///
    /// # Errors
    /// If our copy of that cannot be read.
    pub fn refill(&self) -> Result<Published> {
        let seconds = self.context.now().as_second();
        self.filtered(|filter, terms| sync::refill(self.repo, &self.remote, filter, terms, seconds))
    }

    /// Publishes what is pending and may be published.
    ///
    /// # Errors
    /// If a store of this clone cannot be read or written.
    pub fn publish(&self) -> Result<Published> {
        let seconds = self.context.now().as_second();
        self.filtered(|filter, terms| {
            sync::publish(self.repo, &self.remote, filter, terms, seconds)
        })
    }

    /// Talks to the remote with what lets pass what may be published to it.
    fn filtered<T>(&self, act: impl FnOnce(&Filter<'_>, &Terms<'_>) -> Result<T>) -> Result<T> {
        let given = self.given.clone();
        let publishable = publishable(self.repo, self.settings, &self.remote.name, given)?;
        self.on_terms(|terms| {
            let publishable = publishable.asking(terms);
            act(&publishable.filter(self.remote.publish), terms)
        })
    }

    /// Drops the chosen entries from what the remote publishes, and here.
    ///
    /// # Errors
    /// If the remote cannot be asked, or a store of this clone cannot be read or written.
    pub fn evict(&self, chosen: &Chosen<'_>, why: &str) -> Result<Dropped> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::evict(self.repo, &self.remote, terms, chosen, why, seconds))
    }

    /// Lets what the remote publishes begin anew without what must go.
    ///
    /// # Errors
    /// As [`Sharing::evict`]; if the remote does not take it.
    pub fn purge(&self, search: &Search<'_>) -> Result<Purged> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::purge(self.repo, &self.remote, terms, search, seconds))
    }

    /// Takes the next step towards a short history; a bridge must be older than `patience` seconds.
    ///
    /// # Errors
    /// As [`Sharing::evict`].
    pub fn compact(&self, patience: i64) -> Result<Compacted> {
        let seconds = self.context.now().as_second();
        self.on_terms(|terms| sync::compact(self.repo, &self.remote, terms, patience, seconds))
    }

    fn on_terms<T>(&self, act: impl FnOnce(&Terms<'_>) -> T) -> T {
        on_terms(self.context, self.patience, act)
    }
}

/// What may be published to `remote`, which is being given these commits.
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
        .with_context(|| format!("cannot tell what {remote} has"))
}

/// What may be put into a file that is handed out.
///
/// # Errors
/// As [`publishable`].
pub fn exportable<'a>(repo: &'a Repo, settings: &Settings) -> Result<Publishable<'a>> {
    let home = settings.remote.clone().or_else(|| repo.usual_remote());
    Publishable::in_file(repo, home, &quotes_secret).context("cannot tell what may be exported")
}

/// Downloads what a web server has at `url` to `file`.
///
/// # Errors
/// If it cannot be downloaded.
pub fn download(context: &Context, repo: &Repo, url: &str, file: &Path) -> Result<()> {
    on_terms(context, PATIENCE, |terms| repo.download(url, file, terms))
}

/// Talks to a remote that has so long for all of it.
fn on_terms<T>(context: &Context, patience: Duration, act: impl FnOnce(&Terms<'_>) -> T) -> T {
    let transfer = Transfer::new(context.progress, context.screen(), &context.printer);
    act(&Terms {
        until: Instant::now() + patience,
        silence: SILENCE.min(patience),
        prompt: Prompt::of_process(),
        say: &|line| transfer.say(line),
    })
}

/// Brings what others have published, before a run. What goes wrong is told; the run goes on.
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

/// Publishes what is pending, after a run. What goes wrong is told.
///
/// # Errors
/// If there is no remote to share through, or a store of this clone cannot be read or written.
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

/// What git does to our refs at a remote that is set up to mirror all of them, in one line.
pub fn mirroring(repo: &Repo, remote: &str) -> Option<String> {
    let does = match repo.mirroring(remote)? {
        Mirroring::Push => format!(
            "'git push {remote}' mirrors every ref (remote.{remote}.mirror), so it removes the analyses \
             that are shared there"
        ),
        Mirroring::Fetch => format!(
            "'git fetch {remote}' mirrors every ref (remote.{remote}.fetch), so with --prune it removes \
             the analyses of this clone"
        ),
    };
    Some(format!(
        "{does}; paid ones are kept and pending again then: share through another remote, with \
         'git rustassistant init --remote'"
    ))
}

/// Says it, where it was not said before.
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

/// Says, to somebody who has asked for it to be published, why some of it is not.
pub fn explain_withheld(context: &Context, told: &Published, remote: &str) {
    if told.withheld > 0 {
        context.printer.note(format_args!(
            "withheld: analyses of files that {remote} does not have or that an attribute keeps \
             here, and analyses that quote a secret\n\
             hint: analyses are published once their files are; to push those: git push {remote}"
        ));
    }
}

/// Tells what went wrong with a remote. The command has not failed: it is not complete.
pub fn tell_trouble(context: &Context, trouble: Error) -> Status {
    let trouble = Hinted::attach(trouble, NOTHING_IS_LOST);
    context.printer.error(&trouble);
    Status::Incomplete
}

/// `published 12, received 340 (4 authors), 3 still pending`: what moved, as far as it was asked
/// for.
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
