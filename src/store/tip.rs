//! Moves our ref: one commit, one pack, one compare-and-swap, under a lock that serialises this
//! clone's own processes. What the new tree holds is the caller's affair.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::layout::{IMPORTED_REF, LOCAL_REF};
use super::own;
use super::source::Source;
use crate::git::{Expected, Identity, Lock, PackedObject, Repo, Turn, Update};
use crate::model::{Kind, Manner, ObjectType, Oid, Origin};

/// How long to try against others who move the ref.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does the new commit follow the old one?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    Continued,
    /// What was dropped is then held by the reflog alone.
    Anew,
}

/// What is to be committed, but for the tree.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    pub subject: String,
    pub history: History,
    /// Objects that the tree names and that are not stored yet.
    pub objects: &'a [&'a PackedObject],
    /// The time, where git knows no identity.
    pub seconds: i64,
}

/// Moves our ref to the tree that `make` builds over what the ref holds; the trees that are new
/// go to its second argument. Returns the tree before and the tree after.
///
/// # Errors
/// If it cannot be stored, or others hold the ref for too long.
pub fn advance(
    repo: &Repo,
    change: &Change<'_>,
    make: impl Fn(Option<&Source>, &mut Vec<PackedObject>) -> Result<Oid>,
) -> Result<(Option<Oid>, Oid)> {
    let _lock = gate(repo)?;
    repo.remove_dead_keeps();
    let who = format!("{} {}", std::process::id(), change.seconds);
    let started = Instant::now();
    let mut stored = None;
    loop {
        let there = Source::open(repo, LOCAL_REF, Origin::Here)?;
        let tip = there.as_ref().map(|there| there.commit);
        let base = there.filter(|there| own::is_own(repo, there.commit));
        let mut objects = Vec::new();
        let tree = make(base.as_ref(), &mut objects)?;
        let before = base.as_ref().map(|base| base.tree);
        if before == Some(tree) {
            restore(repo, change, &who)?;
            return Ok((before, tree));
        }
        let old = base.map(|base| base.commit);
        let parent = old.filter(|_| change.history == History::Continued);
        let foreign = tip.filter(|tip| Some(*tip) != old);
        let commit = commit(repo, tree, parent.as_slice(), change)?;
        objects.push(commit.clone());
        let mut pack: Vec<&PackedObject> = objects.iter().collect();
        if stored.is_none() {
            // Entries go out once, whatever happens to the ref.
            pack.extend(change.objects);
        }
        let kept = repo.store_pack(&pack, &who)?;
        let expected = tip.map_or(Expected::Absent, Expected::At);
        own::note(repo, commit.oid)?;
        let mut moves = vec![(LOCAL_REF, commit.oid, expected)];
        // What somebody else has put here is put where what comes from others lies.
        if let Some(foreign) = foreign.filter(|_| !is_there(repo, IMPORTED_REF)) {
            moves.push((IMPORTED_REF, foreign, Expected::Absent));
        }
        let update = repo.update_refs(&moves, &change.subject)?;
        if update == Update::Done {
            return Ok((before, tree));
        }
        stored.get_or_insert(kept);
        if started.elapsed() > PATIENCE {
            bail!("{LOCAL_REF} is held by another process");
        }
        std::thread::sleep(Duration::from_millis(
            20 + u64::from(std::process::id() % 30),
        ));
    }
}

fn is_there(repo: &Repo, name: &str) -> bool {
    repo.resolve_ref(name).is_ok_and(|tip| tip.is_some())
}

/// What serialises this clone's own processes, held while it lives.
///
/// # Errors
/// If it cannot be taken: our folder cannot be written.
pub fn gate(repo: &Repo) -> Result<Option<Lock>> {
    let folder = repo.own_folder();
    let lock = folder.and_then(|folder| Lock::take(&folder, "lock", Turn::Wait));
    lock.with_context(|| format!("cannot lock {}", repo.own_dir().join("lock").display()))
}

/// Stores what the ref names and what is missing all the same: objects that were lost.
fn restore(repo: &Repo, change: &Change<'_>, who: &str) -> Result<()> {
    let mut missing: Vec<&PackedObject> = Vec::new();
    for object in change.objects {
        if repo.header(object.oid)?.is_none() {
            missing.push(object);
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        repo.store_pack(&missing, who).map(drop)
    }
}

/// The subject of a commit: `37 analyses (refactor, local/1)`.
pub fn subject<'k>(
    count: usize,
    answerers: impl IntoIterator<Item = (&'k Kind, String)>,
) -> String {
    let word = if count == 1 { "analysis" } else { "analyses" };
    let by: Vec<String> = answerers
        .into_iter()
        .map(|(kind, answerer)| format!("{kind}, {answerer}"))
        .collect();
    format!("{count} {word} ({})", by.join("; "))
}

/// A commit of `tree` over `parents`, for `change`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn commit(
    repo: &Repo,
    tree: Oid,
    parents: &[Oid],
    change: &Change<'_>,
) -> Result<PackedObject> {
    let by = By::new(repo, &Manner::default(), change.seconds);
    commit_by(&by, repo, tree, parents, change)
}

/// The author of our commits: no person has written what they hold, and `git shortlog` counts authors.
const AUTHOR: &str = "git-rustassistant <git-rustassistant@localhost>";

/// The trailer that names whoever published.
pub const PUBLISHED_BY: &str = "Published-by: ";

/// The trailer that names this program.
const TOOL: &str = "Tool: ";

/// By whom commits are made, and how: to ask git takes a process.
#[derive(Debug)]
pub struct By {
    committer: Identity,
    pub manner: Manner,
}

impl By {
    pub fn new(repo: &Repo, manner: &Manner, seconds: i64) -> Self {
        Self {
            committer: repo.identity(seconds),
            manner: manner.clone(),
        }
    }

    pub fn author(&self) -> &str {
        self.manner.author.as_deref().unwrap_or(AUTHOR)
    }

    /// Who commits, and the time as git writes it.
    fn person_and_time(&self) -> (&[u8], &[u8]) {
        let end = memchr::memrchr(b'>', &self.committer.0).map_or(0, |at| at + 1);
        self.committer.0.split_at(end)
    }

    /// The message of a commit with this subject of ours.
    pub fn message(&self, subject: &str) -> String {
        let (person, _) = self.person_and_time();
        let person = String::from_utf8_lossy(person);
        let tool = concat!("git-rustassistant/", env!("CARGO_PKG_VERSION"));
        let head = match &self.manner.message {
            Some(message) => format!("{message}\n\n{subject}"),
            None => subject.to_owned(),
        };
        let shortened = if subject == BEGINNING {
            format!("{SHORTENED}\n")
        } else {
            String::new()
        };
        format!("{head}\n\n{TOOL}{tool}\n{PUBLISHED_BY}{person}\n{shortened}")
    }
}

/// As [`commit`], by somebody who is known.
///
/// # Errors
/// As [`commit`].
pub fn commit_by(
    by: &By,
    repo: &Repo,
    tree: Oid,
    parents: &[Oid],
    change: &Change<'_>,
) -> Result<PackedObject> {
    let mut text = format!("tree {tree}\n").into_bytes();
    for parent in parents {
        text.extend_from_slice(format!("parent {parent}\n").as_bytes());
    }
    text.extend_from_slice(b"author ");
    text.extend_from_slice(by.author().as_bytes());
    text.extend_from_slice(by.person_and_time().1);
    text.extend_from_slice(b"\ncommitter ");
    text.extend_from_slice(&by.committer.0);
    text.extend_from_slice(b"\n\n");
    text.extend_from_slice(by.message(&change.subject).as_bytes());
    PackedObject::new(repo.format(), ObjectType::Commit, &text)
}

/// The subject of the commit with which a shortened history begins.
pub const BEGINNING: &str = "history begins here";

/// The trailer by which it is known, whatever its subject.
const SHORTENED: &str = "History: shortened";

/// The lines of a commit's message that a beginning has not, but for what its author was told to say.
pub fn told_beside_ours(commit: &[u8]) -> impl Iterator<Item = &[u8]> {
    let message = memchr::memmem::find(commit, b"\n\n").map(|at| &commit[at + 2..]);
    let lines = message.unwrap_or_default().split(|&b| b == b'\n');
    let ours = [BEGINNING, SHORTENED, TOOL, PUBLISHED_BY];
    lines.filter(move |line| !ours.iter().any(|it| line.starts_with(it.as_bytes())))
}

/// Does history begin with this commit because somebody has shortened it?
pub fn shortens_history(repo: &Repo, commit: Oid) -> bool {
    let text = repo.commit(commit).unwrap_or_default();
    let message = memchr::memmem::find(&text, b"\n\n").map(|at| &text[at + 2..]);
    let mut lines = message.unwrap_or_default().split(|&b| b == b'\n');
    lines.any(|line| line == SHORTENED.as_bytes() || line == BEGINNING.as_bytes())
}
