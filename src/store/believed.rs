//! What of another's store counts, by the signatures of the commits that made it: the store as it
//! was before the first commit that nobody vouches for. decisions/0024 says what that promises.

use anyhow::{Result, anyhow};

use super::layout::mirror_ref;
use super::source::Source;
use crate::git::{Repo, Signers};
use crate::model::{Oid, Origin, ResultExt, Trust};

/// Commits that are checked by one process of git.
const AT_ONCE: usize = 32;

/// The most commits that are followed back.
const MOST_COMMITS: usize = 20_000;

/// Verdicts that are remembered.
const MOST_VERDICTS: usize = 64;

/// A source, as far as it is believed.
#[derive(Clone, Debug, Default)]
pub struct Believed {
    pub source: Option<Source>,
    pub rest: Option<Rest>,
}

/// What is there and does not count.
#[derive(Clone, Debug)]
pub struct Rest {
    /// All of it, what counts included.
    pub source: Source,
    /// Why, without a period.
    pub why: String,
}

/// What a ref's history is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Whole,
    /// Only up to this commit, because of that.
    Until(Option<Oid>, String),
}

/// Opens the source at `ref_name` as far as `trust` goes. What this clone made is always believed.
///
/// # Errors
/// As [`Source::open`].
pub fn open(repo: &Repo, ref_name: &str, origin: Origin, trust: Trust) -> Result<Believed> {
    if trust == Trust::Nobody && origin != Origin::Here {
        return Ok(Believed::default());
    }
    let Some(source) = Source::open(repo, ref_name, origin.clone())? else {
        return Ok(Believed::default());
    };
    if trust == Trust::Any || origin == Origin::Here {
        let source = Some(source);
        return Ok(Believed { source, rest: None });
    }
    let verdict = match repo.signers() {
        Ok(signers) => judge(repo, ref_name, source.commit, &signers)?,
        Err(error) => Verdict::Until(None, format!("{error:#}")),
    };
    Ok(match verdict {
        Verdict::Whole => Believed {
            source: Some(source),
            rest: None,
        },
        Verdict::Until(commit, why) => Believed {
            source: match commit {
                Some(commit) => Some(Source::at(repo, ref_name, commit, origin)?),
                None => None,
            },
            rest: Some(Rest { source, why }),
        },
    })
}

/// Our copy of what `remote` publishes, as far as `trust` goes.
///
/// # Errors
/// As [`Source::open`].
pub fn mirror(repo: &Repo, remote: &str, trust: Trust) -> Result<Option<Source>> {
    let origin = Origin::Remote(remote.to_owned());
    Ok(open(repo, &mirror_ref(remote)?, origin, trust)?.source)
}

/// As [`mirror`], for a history that begins anew: it can hold nothing but what counts, because whoever
/// begins it vouches for all of it.
///
/// # Errors
/// With a hint, if nothing of it counts; as [`mirror`].
pub fn to_begin_with(repo: &Repo, remote: &str, trust: Trust) -> Result<Option<Source>> {
    let (name, origin) = (mirror_ref(remote)?, Origin::Remote(remote.to_owned()));
    let Believed { source, rest } = open(repo, &name, origin, trust)?;
    let why = match (&source, rest, trust) {
        (None, Some(rest), _) => rest.why,
        (None, None, Trust::Nobody) if repo.resolve_ref(&name)?.is_some() => {
            "rustassistant.trust is none".to_owned()
        }
        _ => return Ok(source),
    };
    let nothing = Err(anyhow!("no analyses of {remote} are trusted: {why}"));
    nothing.hint("if you vouch for all of them: git config rustassistant.trust any")
}

/// Follows the first parents of `tip` back to what is known to be signed, or to the root, and checks
/// from there on.
fn judge(repo: &Repo, ref_name: &str, tip: Oid, signers: &Signers) -> Result<Verdict> {
    let mut memory = Memory::open(repo, ref_name, signers);
    if let Some(verdict) = memory.of(tip) {
        return Ok(verdict);
    }
    let known = memory.signed;
    let mut commits = Vec::new();
    let mut next = Some(tip);
    while let Some(commit) = next.filter(|commit| Some(*commit) != known) {
        let too_long = commits.len() == MOST_COMMITS;
        let Some(bytes) = repo.commit(commit).ok().filter(|_| !too_long) else {
            let why = "its history is cut off or too long to be checked back to its beginning";
            return Ok(Verdict::Until(None, why.to_owned()));
        };
        next = first_parent(&bytes);
        commits.push(commit);
    }
    let mut signed = next;
    commits.reverse();
    for some in commits.chunks(AT_ONCE) {
        if repo.are_signed_by(some, signers)? {
            signed = some.last().copied();
            memory.remember(tip, signed, None);
            continue;
        }
        for commit in some {
            if !repo.are_signed_by(&[*commit], signers)? {
                memory.remember(tip, signed, Some(*commit));
                return Ok(Verdict::Until(signed, unsigned(*commit)));
            }
            signed = Some(*commit);
        }
    }
    Ok(Verdict::Whole)
}

fn unsigned(commit: Oid) -> String {
    format!(
        "commit {} is not signed by a key that gpg.ssh.allowedSignersFile allows",
        commit.short()
    )
}

fn first_parent(commit: &[u8]) -> Option<Oid> {
    let mut lines = commit
        .split(|&b| b == b'\n')
        .take_while(|line| !line.is_empty());
    lines.find_map(|line| Oid::from_hex(line.strip_prefix(b"parent ")?))
}

/// In our own folder.
const MEMORY: &str = "signed";

/// So many verdicts are shorter, whatever the refs are called.
const MAX_MEMORY: u64 = 1 << 20;

/// What was found out before, for these signers: a file of lines `<ref> <digest> <tip> <signed>
/// <unsigned>`, with `-` for none. Derived and disposable.
struct Memory<'r> {
    repo: &'r Repo,
    others: Vec<String>,
    subject: String,
    tip: Option<Oid>,
    /// The last commit that is signed, and all before it.
    signed: Option<Oid>,
    unsigned: Option<Oid>,
}

impl<'r> Memory<'r> {
    fn open(repo: &'r Repo, ref_name: &str, signers: &Signers) -> Self {
        let folder = repo.own_folder();
        let text = folder.and_then(|folder| folder.text(MEMORY, MAX_MEMORY));
        let text = text.unwrap_or_default();
        let subject = format!("{ref_name} {} ", signers.digest);
        let (own, others): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with(&subject));
        let last = own.last().and_then(|line| line.strip_prefix(&subject));
        let mut oids = last.into_iter().flat_map(|rest| rest.split(' '));
        let mut next = || Oid::from_hex(oids.next()?.as_bytes());
        let (tip, signed, unsigned) = (next(), next(), next());
        Self {
            others: others.into_iter().map(str::to_owned).collect(),
            repo,
            subject,
            tip,
            signed,
            unsigned,
        }
    }

    fn of(&self, tip: Oid) -> Option<Verdict> {
        if self.signed == Some(tip) {
            return Some(Verdict::Whole);
        }
        let commit = self.unsigned.filter(|_| self.tip == Some(tip))?;
        Some(Verdict::Until(self.signed, unsigned(commit)))
    }

    fn remember(&mut self, tip: Oid, signed: Option<Oid>, unsigned: Option<Oid>) {
        (self.tip, self.signed, self.unsigned) = (Some(tip), signed, unsigned);
        let word = |oid: Option<Oid>| oid.map_or_else(|| "-".to_owned(), |oid| oid.to_string());
        let line = [Some(tip), signed, unsigned].map(word).join(" ");
        let old = self.others.len().saturating_sub(MOST_VERDICTS - 1);
        let mut text = self.others[old..].join("\n");
        text.push_str(&format!("\n{}{line}\n", self.subject));
        if let Ok(folder) = self.repo.make_own_folder() {
            let text = text.trim_start().as_bytes();
            // Where nothing can be written, it is found out again.
            let _ = folder.replace(MEMORY, "new-signed-", &[text]);
        }
    }
}
