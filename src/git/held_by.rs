//! Which blobs the commits of a remote are known to hold, and at which paths: by what this clone
//! keeps of the remote, without asking it. What may follow from that is decided in `sync`.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::config::Overrides;
use super::entrance::has_links;
use super::files::{self, Links};
use super::own_refs::OURS;
use super::repo::Repo;
use super::trees::Visit;
use crate::model::{ObjectType, Oid, RepoPath};

/// Commits between what was looked at before and now; where there are more, only the latest trees
/// are looked at.
const MOST_COMMITS: usize = 10_000;

/// Of a history where nobody has looked before, so many commits are looked through: what was edited
/// again before it was pushed lies there.
const MOST_LATEST: usize = 500;

/// Attributes are asked of so many tips: the latest.
const MOST_ASKED: usize = 32;

/// Of what the last fetch brought, so much is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Of what the last fetch brought, so many commits are looked at.
const MOST_FETCHED: usize = 500;

/// What is told of each ref.
const FORMAT: &str =
    "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname) %(symref)";

/// Refs of this clone's own, whatever a fetch does to them as well.
const NEVER_THEIRS: [&str; 8] = [
    "refs/heads/",
    "refs/tags/",
    "refs/stash",
    "refs/notes/",
    "refs/bisect/",
    "refs/worktree/",
    "refs/rewritten/",
    "refs/original/",
];

/// The commits that a remote may have, latest first.
#[derive(Clone, Debug, Default)]
pub struct Tips {
    /// Those at the refs in which this clone keeps its branches, by their names.
    pub kept: Vec<(Oid, String)>,
    /// Those that were fetched last, from wherever, and of a bare repository its own: not known to be
    /// there before the remote lists them.
    pub guessed: Vec<Oid>,
}

/// Where a blob lies: in the tree of this commit, at this path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub commit: Oid,
    pub path: RepoPath,
}

/// Blobs and where they were found.
pub type Places = HashMap<Oid, BTreeSet<Place>>;

/// Looks for blobs in trees, and into a folder that lies at the same path in several once.
#[derive(Debug)]
pub struct BlobSearch<'a> {
    repo: &'a Repo,
    entered: HashSet<(Oid, Vec<u8>)>,
    pub found: Places,
}

impl<'a> BlobSearch<'a> {
    pub fn new(repo: &'a Repo) -> Self {
        Self {
            repo,
            entered: HashSet::new(),
            found: Places::new(),
        }
    }

    /// Looks for `wanted` in the whole tree of a commit. Where it cannot be read, nothing is known.
    pub fn in_tree(&mut self, commit: Oid, wanted: &HashSet<Oid>) {
        let Ok(tree) = self.repo.tree_of(commit) else {
            return;
        };
        let Self {
            repo,
            entered,
            found,
        } = self;
        // What was found before a tree that cannot be read lies there all the same.
        let _ = repo.walk_trees(tree, &[RepoPath::default()], |visit| match visit {
            Visit::Enter(oid, path) => entered.insert((oid, path.to_vec())),
            Visit::File(path, mode, oid) => {
                if mode.is_file() && wanted.contains(&oid) {
                    note(found, oid, commit, path);
                }
                true
            }
            Visit::Leave | Visit::Above(..) => true,
        });
    }

    /// Looks for `wanted` in what the latest commits of `tips` changed.
    ///
    /// # Errors
    /// If git cannot list them.
    pub fn in_latest(&mut self, tips: &[Oid], wanted: &HashSet<Oid>) -> Result<()> {
        let listed = self.repo.commits_between(tips, &[], MOST_LATEST)?;
        self.in_commits(listed, wanted);
        Ok(())
    }

    /// Looks for `wanted` in what those commits changed that lead to `tips` and not to `known`; not
    /// if they are too many. Did so?
    ///
    /// # Errors
    /// If git cannot list them.
    pub fn in_changes(
        &mut self,
        tips: &[Oid],
        known: &[Oid],
        wanted: &HashSet<Oid>,
    ) -> Result<bool> {
        let listed = self.repo.commits_between(tips, known, MOST_COMMITS + 1)?;
        if listed.len() > MOST_COMMITS {
            return Ok(false);
        }
        self.in_commits(listed, wanted);
        Ok(true)
    }

    fn in_commits(&mut self, listed: Vec<(Oid, Option<Oid>)>, wanted: &HashSet<Oid>) {
        let nothing = Oid::of(self.repo.format(), ObjectType::Tree, b"");
        for (commit, parent) in listed {
            // Beyond the end of a shallow history nothing can be read: the whole tree is new here.
            let before = parent.and_then(|parent| self.repo.tree_of(parent).ok());
            let Ok(tree) = self.repo.tree_of(commit) else {
                continue;
            };
            let Self { repo, found, .. } = self;
            let starts = [RepoPath::default()];
            let _ = repo.walk_changes(before.unwrap_or(nothing), tree, &starts, |visit| {
                if let Visit::File(path, mode, oid) = visit
                    && mode.is_file()
                    && wanted.contains(&oid)
                {
                    note(found, oid, commit, path);
                }
            });
        }
    }

    /// Where a blob lies at the same path in any of `tips`, it was found there, too: what attributes
    /// say of it now is what counts. Its place in history is left where it is in none.
    pub fn bring_up_to(&mut self, tips: &[Oid]) {
        let trees = tips
            .iter()
            .take(MOST_ASKED)
            .map(|tip| Some((*tip, self.repo.tree_of(*tip).ok()?)));
        let trees: Vec<(Oid, Oid)> = trees.flatten().collect();
        for (blob, places) in &mut self.found {
            let in_tips = places.iter().flat_map(|place| {
                let lies_there = |tree: Oid| {
                    let found = self.repo.entry_at(tree, &place.path).ok().flatten();
                    found.is_some_and(|(_, oid)| oid == *blob)
                };
                let tips = trees.iter().filter(move |(_, tree)| lies_there(*tree));
                tips.map(|(commit, _)| Place {
                    commit: *commit,
                    path: place.path.clone(),
                })
            });
            let in_tips: Vec<Place> = in_tips.collect();
            places.extend(in_tips);
            if places.iter().any(|place| tips.contains(&place.commit)) {
                places.retain(|place| tips.contains(&place.commit));
            }
        }
    }

    /// Those of `wanted` that were not found.
    pub fn missing(&self, wanted: &HashSet<Oid>) -> HashSet<Oid> {
        let missing = wanted.iter().filter(|blob| !self.found.contains_key(blob));
        missing.copied().collect()
    }
}

fn note(found: &mut Places, blob: Oid, commit: Oid, path: &[u8]) {
    let path = RepoPath::new(path);
    found
        .entry(blob)
        .or_default()
        .insert(Place { commit, path });
}

impl Tips {
    /// All of them.
    pub fn all(&self) -> Vec<Oid> {
        let kept = self.kept.iter().map(|(tip, _)| *tip);
        kept.chain(self.guessed.iter().copied()).collect()
    }
}

impl Repo {
    /// The commits that this clone takes `remote` to have, asking nobody.
    ///
    /// # Errors
    /// If git cannot list refs.
    pub fn tips_of(&self, remote: &str) -> Result<Tips> {
        let kept = self.kept_refs_of(remote)?;
        // A remote whose name goes on where this one's ends keeps its branches below.
        let others = self.remotes().into_iter().filter(|other| other != remote);
        let others: Vec<String> = others
            .filter_map(|other| self.kept_refs_of(&other).ok())
            .flatten()
            .collect();
        // Where two remotes keep their branches at one place, nobody can tell whose they are.
        let (shared, kept): (Vec<String>, Vec<String>) =
            kept.into_iter().partition(|kept| others.contains(kept));
        let below = |mine: &[String]| -> Vec<String> {
            let others = others.iter().filter(|other| {
                mine.iter().any(|mine| other.starts_with(mine.as_str())) && !mine.contains(other)
            });
            let never = NEVER_THEIRS.map(str::to_owned);
            others.cloned().chain(never).collect()
        };
        let (but_kept, but_shared) = (below(&kept), below(&shared));
        let kept = self.commits_at(&kept, &but_kept)?;
        let mut guessed = self.fetched_last_from(remote);
        let shared = self.commits_at(&shared, &but_shared)?;
        guessed.extend(shared.into_iter().map(|(tip, _)| tip));
        if self.work_dir().is_none() {
            // It may be a copy of the remote, or what others push to.
            guessed.extend(self.own_tips()?);
        }
        let mut seen: HashSet<Oid> = kept.iter().map(|(tip, _)| *tip).collect();
        guessed.retain(|tip| seen.insert(*tip));
        Ok(Tips { kept, guessed })
    }

    /// The commits of all branches of this clone.
    ///
    /// # Errors
    /// As [`Repo::tips_of`].
    pub fn own_tips(&self) -> Result<Vec<Oid>> {
        let tips = self.commits_at(&["refs/heads/".to_owned(), "refs/tags/".to_owned()], &[])?;
        Ok(tips.into_iter().map(|(tip, _)| tip).collect())
    }

    /// Patterns of the refs of this clone that a fetch from `remote` sets.
    fn kept_refs_of(&self, remote: &str) -> Result<Vec<String>> {
        let key = format!("remote.{remote}.fetch");
        let entries = self.config(Overrides::Absent)?.into_iter();
        let specs = entries.filter(|entry| entry.name == key);
        let to = specs.filter_map(|entry| {
            let spec = entry.value?;
            let (_, to) = spec.trim_start_matches('+').split_once(':')?;
            // Of what lies anywhere below `refs`, nobody can tell whose it is.
            let fixed = to.split('*').next()?.strip_prefix("refs/")?;
            let is_none = spec.starts_with('^') || !fixed.contains('/');
            let pattern = match to.strip_suffix('*') {
                Some(folder) if folder.ends_with('/') => folder.to_owned(),
                _ => to.replace('*', "**"),
            };
            (!is_none && !self.has_links_at(&pattern)).then_some(pattern)
        });
        Ok(to.collect())
    }

    /// Are any of the refs that a pattern names, or folders on the way there, symbolic links? What they
    /// lead to is a branch of anybody's. Where refs are no files, there are none.
    fn has_links_at(&self, pattern: &str) -> bool {
        let fixed = pattern.split_once('*').map_or(pattern, |(fixed, _)| fixed);
        let mut place = self.common_dir().to_owned();
        for part in fixed.split('/').filter(|part| !part.is_empty()) {
            if place.is_symlink() && place != self.common_dir() {
                return true;
            }
            place.push(part);
        }
        if !fixed.ends_with('/') && !pattern.ends_with(fixed) {
            place.pop();
        }
        has_links(&place)
    }

    /// The commits at refs that match a pattern, and none of those to be left out.
    fn commits_at(&self, patterns: &[String], but: &[String]) -> Result<Vec<(Oid, String)>> {
        if patterns.is_empty() {
            return Ok(Vec::new());
        }
        let listed = self
            .git("for-each-ref")
            .arg(FORMAT)
            .arg("--sort=-committerdate")
            .args(patterns)
            .output()?;
        let commits = listed.split(|&b| b == b'\n').filter_map(|line| {
            let words: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
            let (symref, words) = words.split_last()?;
            let (name, words) = words.split_last()?;
            let is_left_out = |but: &String| name.starts_with(but.as_bytes());
            // What a symbolic ref leads to counts where it lies itself.
            if !symref.is_empty()
                || name.starts_with(OURS.as_bytes())
                || but.iter().any(is_left_out)
            {
                return None;
            }
            let mut pairs = words.chunks_exact(2);
            let commit = pairs.find(|pair| pair[0] == b"commit")?;
            let name = String::from_utf8_lossy(name).into_owned();
            Some((Oid::from_hex(commit[1])?, name))
        });
        Ok(commits.collect())
    }

    /// What the last `git fetch` brought, where the address may be that of `remote`, of which git writes
    /// less than there is: checkouts of builds often keep no other trace of it.
    fn fetched_last_from(&self, remote: &str) -> Vec<Oid> {
        let Some(url) = self.remote_url(remote) else {
            return Vec::new();
        };
        let url = plain(&url);
        let place = self.hand.git_dir().join("FETCH_HEAD");
        let text = files::read(&place, Links::Followed, MOST_BYTES).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines = text.lines().filter_map(|line| {
            let (oid, rest) = line.split_once('\t')?;
            let (_, from) = rest
                .rsplit_once(" of ")
                .or_else(|| rest.rsplit_once('\t'))?;
            (plain(from) == url).then(|| Oid::from_hex(oid.as_bytes()))?
        });
        let commit = |oid: Oid| self.commit_named(&oid.to_string()).ok().flatten();
        lines.take(MOST_FETCHED).filter_map(commit).collect()
    }

    /// Those of `tips` that the history of what a remote has `listed` holds, as far as it is here.
    ///
    /// # Errors
    /// If git cannot walk it.
    pub fn confirmed(&self, tips: &[Oid], listed: &HashSet<Oid>) -> Result<HashSet<Oid>> {
        let (mut confirmed, left): (HashSet<Oid>, HashSet<Oid>) =
            tips.iter().copied().partition(|tip| listed.contains(tip));
        if left.is_empty() {
            return Ok(confirmed);
        }
        let (left, listed) = (Vec::from_iter(left), Vec::from_iter(listed.iter().copied()));
        let beyond = self.commits_between(&left, &listed, MOST_COMMITS + 1)?;
        if beyond.len() <= MOST_COMMITS {
            let beyond: HashSet<Oid> = beyond.into_iter().map(|(commit, _)| commit).collect();
            confirmed.extend(left.into_iter().filter(|tip| !beyond.contains(tip)));
        }
        Ok(confirmed)
    }

    /// Commits that lead to `tips` and not to `known`, at most so many, each with its first parent.
    fn commits_between(
        &self,
        tips: &[Oid],
        known: &[Oid],
        most: usize,
    ) -> Result<Vec<(Oid, Option<Oid>)>> {
        let lines = tips.iter().map(|tip| format!("{tip}\n"));
        let known = known.iter().map(|known| format!("^{known}\n"));
        let input: String = lines.chain(known).collect();
        let listed = self
            .git("rev-list")
            .args(["--ignore-missing", "--parents"])
            .args([&format!("--max-count={most}"), "--stdin"])
            .feed(input.as_bytes())?;
        let commits = listed.split(|&b| b == b'\n').filter_map(|line| {
            let mut oids = line.split(|&b| b == b' ').map(Oid::from_hex);
            Some((oids.next()??, oids.next().flatten()))
        });
        Ok(commits.collect())
    }

    /// The files of attributes in `commit` that say something of `path`, from its own folder up.
    pub fn attribute_files(&self, place: &Place) -> Vec<Oid> {
        let Ok(tree) = self.tree_of(place.commit) else {
            return Vec::new();
        };
        let file = |folder: &[u8]| {
            let path = RepoPath::new([folder, b"/.gitattributes"].concat());
            let (mode, oid) = self.entry_at(tree, &path).ok()??;
            mode.is_file().then_some(oid)
        };
        place.path.folders().filter_map(file).collect()
    }

    /// Does the history of any of `tips` hold all of `commits`?
    ///
    /// # Errors
    /// If git cannot walk it.
    pub fn lead_to(&self, tips: &[Oid], commits: &[Oid]) -> Result<bool> {
        let here = |oid: &&Oid| matches!(self.header(**oid), Ok(Some(_)));
        if commits.iter().filter(here).count() < commits.len() {
            return Ok(false);
        }
        Ok(self.commits_between(commits, tips, 1)?.is_empty())
    }
}

/// An address as `FETCH_HEAD` writes it: without a password, `.git`, and a slash at the end.
fn plain(url: &str) -> String {
    let url = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    };
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git")
        .unwrap_or(url)
        .trim_end_matches('/')
        .to_owned()
}
