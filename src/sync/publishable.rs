//! What of a store may be published: answers about files that the remote has or is being given,
//! that no attribute keeps here, and that quote no secret. Everything else stays pending. Not how
//! it is published.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use anyhow::{Context, Result};

use super::address::Known;
use super::seen::seen;
use crate::git::{BlobSearch, Place, Places, Repo, Terms};
use crate::model::{Entry, Oid, Origin, Publish, RepoPath};
use crate::store::Filter;

/// Files of which this is said stay here, and so do answers about them.
const ATTRIBUTE: &str = "rustassistant";
const KEPT: [&[u8]; 3] = [b"local", b"unset", b"false"];

/// Commits of a remote that are looked at: the latest.
const MOST_TIPS: usize = 500;

/// Does an answer, given the text that it is about, quote what looks like a secret?
pub type QuotesSecret = dyn Fn(&Entry, Option<&[u8]>) -> bool;

/// A remote could not be asked what it has.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot tell what {0} has")]
pub(super) struct CannotTell(String);

/// Judges what may be published to one remote. Each file is judged once.
pub struct Publishable<'a> {
    repo: &'a Repo,
    /// The remote whose files count.
    code: String,
    has: RefCell<Has>,
    /// The commits that it is being given.
    given: Vec<Oid>,
    /// On which it is asked what it has, where that is not on record.
    terms: Option<&'a Terms<'a>>,
    /// Is it the code of another remote that counts?
    is_for_another: bool,
    /// Does what others publish go as well, without a look at whose files it is about?
    with_others: bool,
    quotes_secret: &'a QuotesSecret,
    judged: RefCell<HashMap<Oid, bool>>,
}

/// The commits of a remote.
#[derive(Default)]
struct Has {
    /// Those that it is known to have.
    tips: Vec<Oid>,
    /// Those that it may have: they count once it has confirmed them.
    doubtful: Vec<Oid>,
    /// None where nobody is to be asked.
    known: Option<Known>,
}

impl Has {
    fn of(repo: &Repo, remote: &str) -> Result<Self> {
        let known = Known::of(repo, remote)?;
        let (mut tips, mut doubtful) = known.sort(repo.tips_of(remote)?);
        tips.truncate(MOST_TIPS);
        doubtful.truncate(MOST_TIPS);
        Ok(Self {
            tips,
            doubtful,
            known: Some(known),
        })
    }
}

impl fmt::Debug for Publishable<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tips = self.has.borrow().tips.len();
        write!(out, "Publishable({tips} tips of {})", self.code)
    }
}

impl<'a> Publishable<'a> {
    /// For `remote`, which is being given the commits `given`. `home` is the remote that this clone's
    /// code belongs to, where a person has said that `remote` holds analyses: if it has no code, that
    /// of `home` counts.
    ///
    /// # Errors
    /// If git cannot list refs.
    pub fn new(
        repo: &'a Repo,
        remote: &str,
        given: Vec<Oid>,
        home: Option<String>,
        quotes_secret: &'a QuotesSecret,
    ) -> Result<Self> {
        let home = home.filter(|home| home != remote && given.is_empty());
        let other = match home {
            Some(home) => Some(home).filter(|_| has_no_code(repo, remote)),
            None => None,
        };
        let is_for_another = other.is_some();
        let code = other.unwrap_or_else(|| remote.to_owned());
        let has = Has::of(repo, &code)?;
        Ok(Self {
            is_for_another,
            ..Self::of(repo, (code, has), given, quotes_secret)
        })
    }

    /// For a file that is handed out: what `home` is known to have, else what lies on a branch or at
    /// a tag of this clone. What others publish is in it.
    ///
    /// # Errors
    /// As [`Publishable::new`].
    pub fn in_file(
        repo: &'a Repo,
        home: Option<String>,
        quotes_secret: &'a QuotesSecret,
    ) -> Result<Self> {
        let (mut code, mut has) = (home.unwrap_or_default(), Has::default());
        if !code.is_empty() {
            has.tips = repo.tips_of(&code)?.all();
        }
        if has.tips.is_empty() {
            has.tips = repo.own_tips()?;
            code.clear();
        }
        has.tips.truncate(MOST_TIPS);
        Ok(Self {
            with_others: true,
            ..Self::of(repo, (code, has), Vec::new(), quotes_secret)
        })
    }

    fn of(
        repo: &'a Repo,
        (code, has): (String, Has),
        given: Vec<Oid>,
        quotes_secret: &'a QuotesSecret,
    ) -> Self {
        Self {
            repo,
            code,
            has: RefCell::new(has),
            given,
            terms: None,
            is_for_another: false,
            with_others: false,
            quotes_secret,
            judged: RefCell::default(),
        }
    }

    /// The remote is asked, on these terms, where it is not on record what it has.
    #[must_use]
    pub fn asking(self, terms: &'a Terms<'a>) -> Self {
        Self {
            terms: Some(terms),
            ..self
        }
    }

    /// As a store asks while it lays entries, of those that are published at all.
    pub fn filter(&self, publish: Publish) -> Filter<'_> {
        let filter = Filter::new(
            |origin, blobs| match origin {
                // What the code's home publishes was judged by whoever published it there.
                Origin::Remote(name) if *name == self.code && self.has_judged() => Ok(blobs),
                Origin::Here => self.admitted(&blobs),
                _ if self.with_others => Ok(blobs),
                _ => self.admitted(&blobs),
            },
            |entry| self.admits(entry),
        );
        filter.of(publish)
    }

    /// Those of `blobs` about which something may be published.
    fn admitted(&self, blobs: &HashSet<Oid>) -> Result<HashSet<Oid>> {
        let mut judged = self.judged.borrow_mut();
        let new: HashSet<Oid> = blobs
            .iter()
            .filter(|blob| !judged.contains_key(blob))
            .copied()
            .collect();
        if !new.is_empty() {
            let mut places = self.in_given(&new)?;
            let left = lacking(&new, &places);
            places.extend(self.in_remote(&left)?);
            let kept = self.kept(places.values().flatten())?;
            judged.extend(new.into_iter().map(|blob| {
                let places = places.get(&blob);
                let is_kept =
                    |places: &BTreeSet<Place>| places.iter().any(|place| kept.contains(place));
                (blob, places.is_some_and(|places| !is_kept(places)))
            }));
        }
        let admitted = blobs.iter().filter(|blob| judged.get(blob) == Some(&true));
        Ok(admitted.copied().collect())
    }

    /// Was what the code's home publishes judged when it was published there?
    fn has_judged(&self) -> bool {
        let has = self.has.borrow();
        let known = has.known.as_ref();
        self.is_for_another && known.is_some_and(|known| known.has_published(self.repo))
    }

    /// Where blobs lie in what is being given. The remote may refuse it: nothing of this is
    /// remembered.
    fn in_given(&self, wanted: &HashSet<Oid>) -> Result<Places> {
        let mut search = BlobSearch::new(self.repo);
        if self.given.is_empty() {
            return Ok(search.found);
        }
        let has = self.has.borrow();
        let before = [&has.tips[..], &has.doubtful].concat();
        let looked = !before.is_empty() && search.in_changes(&self.given, &before, wanted)?;
        if !looked || !has.doubtful.is_empty() {
            let left = search.missing(wanted);
            self.given
                .iter()
                .for_each(|tip| search.in_tree(*tip, &left));
        }
        search.bring_up_to(&self.given);
        Ok(search.found)
    }

    /// Where blobs lie in what the remote has. It is asked only if that decides about any of them.
    fn in_remote(&self, wanted: &HashSet<Oid>) -> Result<Places> {
        let mut places = self.seen(wanted)?;
        let left = lacking(wanted, &places);
        let doubtful = std::mem::take(&mut self.has.borrow_mut().doubtful);
        if left.is_empty() || doubtful.is_empty() {
            self.has.borrow_mut().doubtful = doubtful;
            return Ok(places);
        }
        let is_on_record = {
            let has = self.has.borrow();
            has.known.as_ref().is_some_and(Known::is_on_record)
        };
        // A push is not held up, time after time, for what it does not bring.
        if is_on_record && (self.terms.is_none() || !self.given.is_empty()) {
            return Ok(places);
        }
        let all = [&self.has.borrow().tips[..], &doubtful].concat();
        let of_all = format!("{}, unconfirmed", self.code);
        let maybe = seen(self.repo, &of_all, &all, &left)?;
        let Some(terms) = self.terms.filter(|_| !maybe.is_empty()) else {
            self.has.borrow_mut().doubtful = doubtful;
            places.extend(maybe);
            return Ok(places);
        };
        let mut has = self.has.borrow_mut();
        if let Some(known) = &mut has.known {
            let asked = known.ask(self.repo, terms);
            has.tips = asked.with_context(|| CannotTell(self.code.clone()))?;
            has.tips.truncate(MOST_TIPS);
        }
        let is_all = all.iter().all(|tip| has.tips.contains(tip));
        drop(has);
        places.extend(if is_all { maybe } else { self.seen(&left)? });
        Ok(places)
    }

    /// Where blobs lie in what the remote is known to have.
    fn seen(&self, wanted: &HashSet<Oid>) -> Result<Places> {
        let has = self.has.borrow();
        if has.tips.is_empty() || wanted.is_empty() {
            Ok(Places::new())
        } else {
            seen(self.repo, &self.code, &has.tips, wanted)
        }
    }

    /// The places where an attribute keeps files here: one of the revision, or one that holds now.
    fn kept<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Result<HashSet<&'p Place>> {
        let outside = self.repo.outside_attributes()?;
        let (mut all, mut asked) = (Vec::new(), BTreeMap::<Oid, Vec<&Place>>::new());
        let mut mention: HashMap<Vec<Oid>, bool> = HashMap::new();
        for place in places {
            let files = self.repo.attribute_files(place);
            let mentions = match mention.get(&files) {
                Some(known) => *known,
                None => self.repo.any_mentions_ours(&files)?,
            };
            mention.insert(files, mentions);
            if outside || mentions {
                asked.entry(place.commit).or_default().push(place);
            }
            all.push(place);
        }
        let mut kept = HashSet::new();
        let mut ask = |places: &[&'p Place], tree: Option<Oid>| -> Result<()> {
            let paths: Vec<&RepoPath> = places.iter().map(|place| &place.path).collect();
            let attributes = self.repo.attributes(&paths, tree)?;
            kept.extend(places.iter().filter(|place| {
                let said = attributes.get(&place.path, ATTRIBUTE);
                said.is_some_and(|said| KEPT.contains(&said))
            }));
            Ok(())
        };
        for (commit, places) in &asked {
            ask(places, Some(self.repo.tree_of(*commit)?))?;
        }
        let folders: BTreeSet<&[u8]> = all.iter().flat_map(|place| place.path.folders()).collect();
        let here = self.repo.work_dir().is_some();
        if here && self.repo.may_have_attributes(folders.into_iter())? {
            ask(&all, None)?;
        }
        Ok(kept)
    }

    fn admits(&self, entry: &Entry) -> bool {
        // What is missing in a partial clone is not fetched for this: the answer is judged alone.
        let source = self.repo.blob(entry.blob, MOST_SOURCE).ok();
        !(self.quotes_secret)(entry, source.as_deref())
    }
}

/// Does this clone keep no branch of `remote`?
fn has_no_code(repo: &Repo, remote: &str) -> bool {
    repo.tips_of(remote).is_ok_and(|tips| tips.kept.is_empty())
}

fn lacking(wanted: &HashSet<Oid>, places: &Places) -> HashSet<Oid> {
    let lacking = wanted.iter().filter(|blob| !places.contains_key(blob));
    lacking.copied().collect()
}

/// Of a larger file no answer is made, in bytes.
const MOST_SOURCE: usize = 64 << 20;
