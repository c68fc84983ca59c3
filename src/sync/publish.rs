//! Lays what is pending over what a remote has, pushes it, and tries again when somebody was
//! faster: linear, without a merge, within the time that is given.

use std::time::{Duration, Instant};

use anyhow::{Error, Result, anyhow};

use super::address::{Known, leads_elsewhere};
use super::fetch::{Received, bring};
use super::publishable::CannotTell;
use super::refused::remember;
use super::{Remote, Role};
use crate::git::{CannotSign, Expected, Pushed, Repo, Stopped, Terms};
use crate::model::{Hinted, Oid, Trust};
use crate::store::{self, Base, Filter, Laid, Offer, Own};

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The longest wait grows up to this multiple of what an attempt takes: about as many clones can
/// take turns without getting in each other's way.
const MOST_TURNS: u32 = 16;

/// A remote that refuses so often, and does not move meanwhile, will go on refusing: nobody was
/// faster, it does not want the ref.
const MOST_REFUSALS: u32 = 3;

/// What publishing came to.
#[derive(Debug, Default)]
pub struct Published {
    /// Entries that the remote has taken.
    pub published: usize,
    /// What came from it meanwhile.
    pub received: Received,
    /// Entries that the remote could have and does not have yet.
    pub pending: usize,
    /// Entries that wait for the files they are about to be there, or stay here for good.
    pub withheld: usize,
    /// Has our own ref let go of what was published?
    pub released: bool,
    /// How often the remote was asked to take them.
    pub attempts: u32,
    /// Why some stay.
    pub trouble: Option<Error>,
}

/// Publishes to `remote` what it is offered and lacks, as far as the filter lets it go. Nothing of
/// that: no network. `seconds` is the time, where git knows no identity.
///
/// What the remote does not take is no error: it stays pending, and the next time heals it.
///
/// # Errors
/// If a store of this clone cannot be read or written.
pub fn publish(
    repo: &Repo,
    remote: &Remote,
    filter: &Filter<'_>,
    terms: &Terms<'_>,
    seconds: i64,
) -> Result<Published> {
    if let Some(trouble) = leads_elsewhere(repo, &remote.name) {
        let pending = store::pending(repo, None, remote.publish, seconds)?;
        return Ok(Published {
            pending,
            trouble: Some(trouble).filter(|_| pending > 0),
            ..Published::default()
        });
    }
    if store::mirror(repo, &remote.name).is_err() {
        // What cannot be read here may be sound there by now.
        if let Err(trouble) = bring(repo, remote, terms, seconds) {
            return Ok(Published {
                pending: store::pending(repo, None, remote.publish, seconds)?,
                trouble: Some(trouble),
                ..Published::default()
            });
        }
    }
    // What the mirror has is dropped from our own ref only as far as the mirror is believed.
    let own = match (remote.role, remote.trust) {
        (Role::Home, Trust::Any) => Own::Released,
        _ => Own::Kept,
    };
    let offer = (remote.offer, own, remote.trust);
    let (name, manner) = (&remote.name, &remote.manner);
    let lay = |base| store::lay(repo, name, base, offer, filter, manner, seconds);
    let mut told = push(repo, remote, terms, seconds, (Base::Mirror, &lay))?;
    if told.published > 0
        && told.trouble.is_none()
        && let Ok(mut known) = Known::of(repo, &remote.name)
    {
        known.took(repo);
    }
    if remote.role == Role::Home && !told.released {
        store::release(repo, &remote.name, remote.trust, seconds)?;
    }
    if remote.offer == Offer::Own || remote.role == Role::Home {
        // What another process has added meanwhile is among it.
        told.pending = store::pending(repo, Some(&remote.name), remote.publish, seconds)?;
    }
    told.withheld = filter.withheld();
    told.pending = told.pending.saturating_sub(told.withheld);
    Ok(told)
}

/// Gives a remote that has no shared ref what our mirror of it has: it is a new server, or has lost
/// the ref. Where the mirror may be of another place, only as far as the filter lets it go. What the
/// remote does not take is told.
///
/// # Errors
/// If the mirror cannot be read.
pub fn refill(
    repo: &Repo,
    remote: &Remote,
    filter: &Filter<'_>,
    terms: &Terms<'_>,
    seconds: i64,
) -> Result<Published> {
    let Some(source) = store::mirror(repo, &remote.name)? else {
        return Ok(Published::default());
    };
    if let Some(trouble) = leads_elsewhere(repo, &remote.name) {
        return Ok(Published {
            trouble: Some(trouble),
            ..Published::default()
        });
    }
    if !has_published(repo, &remote.name) {
        let (name, manner) = (&remote.name, &remote.manner);
        let offer = (Offer::Known(remote.trust), Own::Kept, remote.trust);
        let lay = |base| store::lay(repo, name, base, offer, filter, manner, seconds);
        return push(repo, remote, terms, seconds, (Base::Nothing, &lay));
    }
    let entries = store::difference(repo, &source, None, seconds)?
        .pending
        .count();
    let mirror = store::mirror_ref(&remote.name)?;
    let to = (remote.shared_ref.as_str(), mirror.as_str());
    let pushed = repo.push_ref(&remote.name, source.commit, to, Expected::Absent, terms);
    let name = &remote.name;
    let trouble = match pushed {
        Ok(Pushed::Accepted) => {
            return Ok(Published {
                published: entries,
                ..Published::default()
            });
        }
        Ok(Pushed::Rejected(why)) => match in_the_way(repo, remote, terms) {
            Some(why) => {
                let trouble = unwanted(remote, &why);
                remember(repo, remote, Some(&format!("{trouble:#}")), seconds);
                trouble
            }
            None => anyhow!("{name} rejects analyses: {why}"),
        },
        Ok(Pushed::Refused(why)) => unwanted(remote, &why),
        Err(error) => error.context(format!("cannot publish to {name}")),
    };
    Ok(Published {
        trouble: Some(trouble),
        ..Published::default()
    })
}

/// A remote does not want the ref, with what helps.
fn unwanted(remote: &Remote, why: &str) -> Error {
    let error = anyhow!("{} rejects analyses: {why}", remote.name);
    Hinted::attach(error, CURES)
}

/// Which refs of the remote lie below the one that is to be made, and leave no room for it.
fn in_the_way(repo: &Repo, remote: &Remote, terms: &Terms<'_>) -> Option<String> {
    let (name, place) = (&remote.name, &remote.shared_ref);
    let below = repo.remote_refs_below(name, place, terms).ok()?;
    let first = below.first()?;
    let more = match below.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    // Others have named it: what a shell would read otherwise is no part of a command.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let cure = if first.chars().all(is_plain) && !first.contains("/-") {
        format!("to delete it: git push {name} :{first}")
    } else {
        "someone who can push there must delete it".to_owned()
    };
    Some(format!("{first}{more} conflicts with {place}; {cure}"))
}

/// What helps where a remote does not want the ref.
pub const CURES: &str = "if the host accepts only branches: 'git config rustassistant.sharedRef \
    refs/heads/rustassistant/v1', in every clone; to share through another repository: 'git \
    rustassistant init --remote NAME'; to disable the hook: 'git config rustassistant.hook.enabled false'";

/// Pushes what `lay` lays over our mirror, anew for each attempt, until the remote has taken it or
/// there is nothing to lay. `seconds` is the time.
pub(super) fn push(
    repo: &Repo,
    remote: &Remote,
    terms: &Terms<'_>,
    seconds: i64,
    (base, lay): (Base, &Lay<'_>),
) -> Result<Published> {
    let mut publishing = Publishing {
        repo,
        remote,
        terms,
        seconds,
        lay,
        base,
        expected: None,
        refusals: 0,
        failures: 0,
        unwelcome: false,
        told: Published::default(),
    };
    publishing.run()?;
    let Publishing {
        told, unwelcome, ..
    } = publishing;
    match &told.trouble {
        Some(trouble) if unwelcome => {
            remember(repo, remote, Some(&format!("{trouble:#}")), seconds);
        }
        None if told.attempts > 0 => remember(repo, remote, None, seconds),
        _ => {}
    }
    Ok(told)
}

/// Makes the commit that the remote is to have.
pub(super) type Lay<'a> = dyn Fn(Base) -> Result<Option<Laid>> + 'a;

/// Was our copy of what a remote publishes fetched from where it leads now?
fn has_published(repo: &Repo, remote: &str) -> bool {
    Known::of(repo, remote).is_ok_and(|known| known.has_published(repo))
}

struct Publishing<'a> {
    repo: &'a Repo,
    remote: &'a Remote,
    terms: &'a Terms<'a>,
    seconds: i64,
    lay: &'a Lay<'a>,
    /// What is laid over.
    base: Base,
    /// What the remote is known to have, where that is not what our mirror says.
    expected: Option<Expected>,
    /// Rejections in a row during which the remote did not move.
    refusals: u32,
    /// Conversations in a row that failed.
    failures: u32,
    /// Is the remote better left alone for a while?
    unwelcome: bool,
    told: Published,
}

enum Next {
    Done,
    Again,
    GiveUp(Error),
}

impl Publishing<'_> {
    fn run(&mut self) -> Result<()> {
        loop {
            let begun = Instant::now();
            match self.attempt()? {
                Next::Done => return Ok(()),
                Next::GiveUp(trouble) => {
                    self.told.trouble = Some(trouble);
                    return Ok(());
                }
                Next::Again if !self.terms.last() => {
                    let name = &self.remote.name;
                    let attempts = self.told.attempts;
                    let trouble = anyhow!(
                        "cannot publish to {name}: others pushed first, {attempts} times in a row"
                    );
                    self.told.trouble = Some(trouble);
                    return Ok(());
                }
                Next::Again => self.wait(begun.elapsed()),
            }
        }
    }

    fn attempt(&mut self) -> Result<Next> {
        let name = &self.remote.name;
        let laid = match (self.lay)(self.base) {
            Ok(laid) => laid,
            Err(error) if error.is::<CannotSign>() => return Ok(Next::GiveUp(error)),
            Err(error) if error.is::<CannotTell>() => {
                self.unwelcome = error.is::<Stopped>();
                return Ok(Next::GiveUp(error));
            }
            Err(error) => return Err(error),
        };
        let Some(laid) = laid else {
            return Ok(Next::Done);
        };
        self.told.attempts += 1;
        self.told.pending = laid.entries;
        let over = laid.over.map_or(Expected::Absent, Expected::At);
        let expected = self.expected.take().unwrap_or(over);
        let believed = match expected {
            Expected::Absent => None,
            Expected::At(tip) => Some(tip),
        };
        let mirror = store::mirror_ref(name)?;
        let to = (self.remote.shared_ref.as_str(), mirror.as_str());
        let pushed = self
            .repo
            .push_ref(name, laid.commit, to, expected, self.terms);
        match pushed {
            Ok(Pushed::Accepted) => {
                self.told.published += laid.entries;
                self.told.pending = 0;
                self.told.released = store::taken(self.repo, name, &laid)?;
                Ok(Next::Done)
            }
            Ok(Pushed::Rejected(why)) => {
                self.failures = 0;
                Ok(self.after_rejection(believed, &why))
            }
            Ok(Pushed::Refused(why)) => {
                self.unwelcome = true;
                Ok(Next::GiveUp(unwanted(self.remote, &why)))
            }
            Err(error) => {
                self.unwelcome = error.is::<Stopped>();
                Ok(self.after_failure(error))
            }
        }
    }

    /// Looks at what the remote has by now: was somebody faster, or is the ref refused?
    fn after_rejection(&mut self, believed: Option<Oid>, why: &str) -> Next {
        let brought = match bring(self.repo, self.remote, self.terms, self.seconds) {
            Ok(brought) => brought,
            Err(error) => return self.after_failure(error),
        };
        self.told.received.entries += brought.received.entries;
        self.told.received.restored += brought.received.restored;
        self.told.received.authors = self.told.received.authors.max(brought.received.authors);
        self.base = Base::Mirror;
        if brought.tip.is_none() {
            // A new server, or a ref that was deleted: it gets what our mirror has, if that was there.
            self.expected = Some(Expected::Absent);
            if !has_published(self.repo, &self.remote.name) {
                self.base = Base::Nothing;
            }
        }
        if brought.tip == believed {
            self.refusals += 1
        } else {
            self.refusals = 0
        }
        if self.refusals >= MOST_REFUSALS {
            self.unwelcome = true;
            let in_the_way = match brought.tip {
                None => in_the_way(self.repo, self.remote, self.terms),
                Some(_) => None,
            };
            let why = in_the_way.as_deref().unwrap_or(why);
            Next::GiveUp(unwanted(self.remote, why))
        } else {
            Next::Again
        }
    }

    /// A server that is overrun by others may answer a moment later; one that never answered, or
    /// wants a password, will not.
    fn after_failure(&mut self, error: Error) -> Next {
        self.failures += 1;
        let heard = self.told.attempts > self.failures;
        if heard && self.failures < MOST_REFUSALS && self.terms.last() {
            Next::Again
        } else {
            Next::GiveUp(error.context(format!("cannot publish to {}", self.remote.name)))
        }
    }

    /// Waits for any time up to a bound that grows: clones that collided once do not again. An
    /// attempt `took` so long, on this network and with this many others.
    fn wait(&self, took: Duration) {
        let turns = 2u32
            .saturating_pow(self.told.attempts.saturating_sub(1))
            .min(MOST_TURNS);
        let bound = (took / 2).saturating_mul(turns).min(LONGEST_WAIT);
        let most = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..=most)));
    }
}
