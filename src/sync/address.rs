//! What is on record of the place that a remote leads to: what this clone knows of a remote is known
//! of the place that it was learnt from, and of no other. Not what is known.

use std::collections::{BTreeSet, HashSet};

use anyhow::{Error, Result, anyhow};

use crate::git::{Addresses, Asked, Repo, Terms, Tips};
use crate::model::{Hinted, Oid};
use crate::store::{self, Shelf};

const SHELF: Shelf = Shelf {
    prefix: "address-",
    most: 32,
};

/// A longer record is none, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// Of so many branches of a remote that has moved on, the history is fetched.
const MOST_FURTHER: usize = 50;

/// Stands there where the remote has taken something, or a person has fetched from it by name.
const TAKEN: &str = "taken";

/// How lines begin: an address, what lies here and was not learnt there, and what was guessed and is
/// there.
const AT: &str = "at ";
const NOT: &str = "not ";
const HAS: &str = "has ";

/// Where a remote leads, and what is on record of that place.
#[derive(Debug)]
pub(super) struct Known {
    remote: String,
    addresses: Addresses,
    standing: Standing,
    /// Has it taken something, or has a person fetched from it by name?
    is_taken: bool,
    /// What lies here as that of the remote, and was learnt elsewhere.
    strange: BTreeSet<Oid>,
    /// What was guessed, and found there.
    there: BTreeSet<Oid>,
}

/// How a remote's address stands to what is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unknown,
    Same,
    Moved,
}

impl Known {
    /// Of `remote`.
    ///
    /// # Errors
    /// If git cannot tell where it leads.
    pub fn of(repo: &Repo, remote: &str) -> Result<Self> {
        let addresses = repo.addresses(remote)?;
        let folder = repo.own_folder().ok();
        let text = folder.and_then(|folder| folder.text(&SHELF.name_of(remote), MOST_BYTES).ok());
        let text = text.unwrap_or_default();
        let all = |begin: &'static str| {
            let lines = text.lines();
            lines.filter_map(move |line| line.strip_prefix(begin))
        };
        let oids = |begin| all(begin).filter_map(|hex| Oid::from_hex(hex.as_bytes()));
        let before: Vec<&str> = all(AT).collect();
        let is_taken = text.lines().any(|line| line == TAKEN);
        let standing = match before == addresses.lines() {
            true => Standing::Same,
            false if is_taken => Standing::Moved,
            false => Standing::Unknown,
        };
        let is_same = standing == Standing::Same;
        Ok(Self {
            remote: remote.to_owned(),
            standing,
            is_taken: is_taken && is_same,
            strange: oids(NOT).filter(|_| is_same).collect(),
            there: oids(HAS).filter(|_| is_same).collect(),
            addresses,
        })
    }

    pub fn is_on_record(&self) -> bool {
        self.standing == Standing::Same
    }

    /// Those of `tips` that the remote has, and those that it would have to confirm.
    pub fn sort(&self, tips: Tips) -> (Vec<Oid>, Vec<Oid>) {
        let is_known = |tip: &Oid, is_kept: bool| {
            self.is_on_record()
                && (self.there.contains(tip) || is_kept && !self.strange.contains(tip))
        };
        let kept = tips.kept.into_iter().map(|(tip, _)| (tip, true));
        let all = kept.chain(tips.guessed.into_iter().map(|tip| (tip, false)));
        let (known, doubtful): (Vec<_>, Vec<_>) =
            all.partition(|(tip, is_kept)| is_known(tip, *is_kept));
        let oids = |pairs: Vec<(Oid, bool)>| pairs.into_iter().map(|(tip, _)| tip).collect();
        (oids(known), oids(doubtful))
    }

    /// Asks the remote which of the commits that it may have it has, and remembers that, unless it
    /// leads elsewhere than before: that is for a person to take over. Those that it has.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn ask(&mut self, repo: &Repo, terms: &Terms<'_>) -> Result<Vec<Oid>> {
        let tips = repo.tips_of(&self.remote)?;
        let (mut known, doubtful) = self.sort(tips.clone());
        // What is on no branch, such as a change that is proposed, stands nowhere but in what was
        // fetched last.
        let is_guessed = |tip: &&Oid| tips.guessed.contains(tip);
        let guessed: Vec<Oid> = doubtful.iter().filter(is_guessed).copied().collect();
        let kept = tips.kept.iter().map(|(tip, _)| *tip).collect();
        let asked = if repo.confirmed(&guessed, &kept)?.len() == guessed.len() {
            Asked::BranchesAndTags
        } else {
            Asked::All
        };
        if !doubtful.is_empty() {
            let listed = repo.listed_by(&self.remote, asked, terms)?;
            let oids: HashSet<Oid> = listed.iter().map(|(oid, _)| *oid).collect();
            let mut confirmed = repo.confirmed(&doubtful, &oids)?;
            let further = further(repo, &tips, &confirmed, &listed);
            if !further.is_empty() {
                repo.bring_history(&self.remote, &further, terms)?;
                confirmed = repo.confirmed(&doubtful, &oids)?;
            }
            known.extend(doubtful.into_iter().filter(|tip| confirmed.contains(tip)));
        }
        if self.standing == Standing::Unknown {
            // Where our copy of what it publishes came from, nobody can tell, either.
            let mirror = store::mirror_tip(repo, &self.remote).ok();
            self.strange.extend(mirror.and_then(|(_, tip)| tip));
        }
        if self.standing != Standing::Moved {
            let is_known = |tip: &Oid| known.contains(tip);
            self.strange.retain(|tip| !is_known(tip));
            let kept = tips.kept.iter().map(|(tip, _)| *tip);
            self.strange.extend(kept.filter(|tip| !is_known(tip)));
            self.there = tips.guessed.into_iter().filter(is_known).collect();
            self.write(repo);
        }
        Ok(known)
    }

    /// Was our copy of what the remote publishes fetched from there?
    pub fn has_published(&self, repo: &Repo) -> bool {
        let tip_of = |remote: &str| {
            store::mirror_tip(repo, remote)
                .ok()
                .and_then(|(_, tip)| tip)
        };
        let Some(tip) = tip_of(&self.remote) else {
            return false;
        };
        // A remote that lies names a commit of another one, and git, which has it, fetches nothing.
        let others = repo
            .remotes()
            .into_iter()
            .filter(|other| *other != self.remote);
        let is_anothers = others
            .filter_map(|other| tip_of(&other))
            .any(|theirs| store::leads(repo, theirs, tip));
        self.is_on_record() && !self.strange.contains(&tip) && !is_anothers
    }

    /// Our copy was fetched from there just now, and is at `tip`.
    pub fn fetched(&mut self, repo: &Repo, tip: Oid) {
        if self.strange.remove(&tip) && self.is_on_record() {
            self.write(repo);
        }
    }

    /// From now on a person has a say in what it is given where it leads elsewhere.
    pub fn took(&mut self, repo: &Repo) {
        if self.is_on_record() && !self.is_taken {
            self.is_taken = true;
            self.write(repo);
        }
    }

    fn write(&mut self, repo: &Repo) {
        let at = self.addresses.lines().into_iter();
        let mut text: String = at.map(|url| format!("{AT}{url}\n")).collect();
        if self.is_taken {
            text += TAKEN;
            text.push('\n');
        }
        for (begin, oids) in [(NOT, &self.strange), (HAS, &self.there)] {
            text.extend(oids.iter().map(|oid| format!("{begin}{oid}\n")));
        }
        self.standing = Standing::Same;
        // At worst the remote is asked once more.
        let folder = repo.make_own_folder();
        let written =
            folder.map(|own| SHELF.write(&own, &SHELF.name_of(&self.remote), &[text.as_bytes()]));
        drop(written);
    }
}

/// Branches of a remote that has moved on, as far as is known here: what this clone keeps of them may
/// lie in their history.
fn further<'l>(
    repo: &Repo,
    tips: &Tips,
    confirmed: &HashSet<Oid>,
    listed: &'l [(Oid, String)],
) -> Vec<&'l str> {
    let left = tips.kept.iter().filter(|(tip, _)| !confirmed.contains(tip));
    let left: Vec<&str> = left.map(|(_, name)| name.as_str()).collect();
    let is_further = |(oid, name): &&(Oid, String)| {
        let branch = name.strip_prefix("refs/heads");
        branch.is_some_and(|branch| left.iter().any(|kept| kept.ends_with(branch)))
            && repo.commit_named(&oid.to_string()).ok().flatten().is_none()
    };
    let further = listed.iter().filter(is_further).take(MOST_FURTHER);
    further.map(|(_, name)| name.as_str()).collect()
}

/// Why nothing may be published to `remote`: pushes lead elsewhere than what this clone knows of it.
pub(super) fn leads_elsewhere(repo: &Repo, remote: &str) -> Option<Error> {
    let known = match Known::of(repo, remote) {
        Ok(known) => known,
        Err(error) => return Some(error),
    };
    let (why, hint) = if known.addresses.push_elsewhere() {
        let why = format!(
            "nothing published: {remote} fetches from and pushes to different repositories"
        );
        let hint = "add the other one as a remote, fetch from it, and share through it: git config \
                    rustassistant.remote NAME";
        (why, hint.to_owned())
    } else if known.standing == Standing::Moved {
        let why = format!("nothing published: the URL of {remote} has changed");
        let hint = format!(
            "to publish to the new URL: git fetch --prune {remote} && \
             git rustassistant fetch {remote}"
        );
        (why, hint)
    } else {
        return None;
    };
    Some(Hinted::attach(anyhow!(why), hint))
}

/// A person has fetched from `remote` by name: from now on it is the place where it leads. Asks it
/// which of the commits that it may have it has, where that is not on record. `is_gone` says that it
/// publishes nothing, although our copy has something.
///
/// # Errors
/// If it cannot be asked.
pub(super) fn take_over(repo: &Repo, remote: &str, is_gone: bool, terms: &Terms<'_>) -> Result<()> {
    let mut known = Known::of(repo, remote)?;
    if known.is_on_record() {
        known.took(repo);
        return Ok(());
    }
    known.standing = Standing::Unknown;
    known.is_taken = true;
    known.ask(repo, terms)?;
    let mirror = store::mirror_tip(repo, remote)?.1;
    mirror
        .filter(|_| !is_gone)
        .into_iter()
        .for_each(|tip| known.fetched(repo, tip));
    Ok(())
}
