//! What of a store may be published: answers about files that the remote has or is being given,
//! that no attribute keeps here, and that quote no secret. Everything else stays pending. Not how
//! it is published.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use anyhow::Result;

use super::seen::seen;
use crate::git::{BlobSearch, Place, Places, Repo};
use crate::model::{Entry, Oid, Origin, Publish, RepoPath};
use crate::store::Filter;

/// Files of which this is said stay here, and so do answers about them.
const ATTRIBUTE: &str = "rustassistant";
const KEPT: [&[u8]; 3] = [b"local", b"unset", b"false"];

/// Does an answer, given the text that it is about, quote what looks like a secret?
pub type QuotesSecret = dyn Fn(&Entry, Option<&[u8]>) -> bool;

/// Judges what may be published to one remote. Each file is judged once.
pub struct Publishable<'a> {
    repo: &'a Repo,
    /// The remote whose files count.
    code: String,
    /// The commits that it is known to have.
    tips: Vec<Oid>,
    /// The commits that it is being given.
    given: Vec<Oid>,
    /// Is it the code of another remote that counts?
    is_for_another: bool,
    /// Does what others publish go as well, without a look at whose files it is about?
    with_others: bool,
    quotes_secret: &'a QuotesSecret,
    judged: RefCell<HashMap<Oid, bool>>,
}

impl fmt::Debug for Publishable<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Publishable({} tips of {})",
            self.tips.len(),
            self.code
        )
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
        let tips = repo.tips_of(remote)?;
        let other = home.filter(|home| home != remote && tips.is_empty() && given.is_empty());
        let is_for_another = other.is_some();
        let (code, tips) = match other {
            Some(home) => {
                let tips = repo.tips_of(&home)?;
                (home, tips)
            }
            None => (remote.to_owned(), tips),
        };
        Ok(Self {
            is_for_another,
            ..Self::of(repo, (code, tips), given, quotes_secret)
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
        let (mut code, mut tips) = (home.unwrap_or_default(), Vec::new());
        if !code.is_empty() {
            tips = repo.tips_of(&code)?;
        }
        if tips.is_empty() {
            tips = repo.own_tips()?;
            code.clear();
        }
        Ok(Self {
            with_others: true,
            ..Self::of(repo, (code, tips), Vec::new(), quotes_secret)
        })
    }

    fn of(
        repo: &'a Repo,
        (code, tips): (String, Vec<Oid>),
        given: Vec<Oid>,
        quotes_secret: &'a QuotesSecret,
    ) -> Self {
        Self {
            repo,
            code,
            tips,
            given,
            is_for_another: false,
            with_others: false,
            quotes_secret,
            judged: RefCell::default(),
        }
    }

    /// As a store asks while it lays entries, of those that are published at all.
    pub fn filter(&self, publish: Publish) -> Filter<'_> {
        let filter = Filter::new(
            |origin, blobs| match origin {
                // What the code's home publishes was judged by whoever published it there.
                Origin::Remote(name) if *name == self.code && self.is_for_another => Ok(blobs),
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
            let mut places = seen(self.repo, &self.code, &self.tips, &new)?;
            places.extend(self.in_given(&new)?);
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

    /// Where blobs lie in what is being given. The remote may refuse it: nothing of this is
    /// remembered.
    fn in_given(&self, wanted: &HashSet<Oid>) -> Result<Places> {
        let mut search = BlobSearch::new(self.repo);
        if self.given.is_empty() {
            return Ok(search.found);
        }
        let looked = !self.tips.is_empty() && search.in_changes(&self.given, &self.tips, wanted)?;
        if !looked {
            self.given
                .iter()
                .for_each(|tip| search.in_tree(*tip, wanted));
        }
        search.bring_up_to(&self.given);
        Ok(search.found)
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

/// Of a larger file no answer is made, in bytes.
const MOST_SOURCE: usize = 64 << 20;
