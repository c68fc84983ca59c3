//! Opens a session: resolves settings, scope, answerers and recipes. `run` and `compare` use them.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::answerers::{self, ModelConfig, Party};
use super::host::Host;
use super::prompts::{self, Prompt};
use super::settle::{self, Against, Base, Gate, Origins, Weighed};

use super::tracked::{self, Place};
use crate::analyzers::Analyzer;
use crate::git::{Pathspecs, Repo};
use crate::model::{Kind, Oid, RepoPath, ResultExt};
use crate::report::count;
use crate::scan::{self, Learned, Questions, Scope, Selected, TokenRatio};
use crate::settings::{Flag, Settings};

/// Limit of jobs.
const MOST_JOBS: NonZeroUsize = NonZeroUsize::new(1024).expect("it is not zero");

/// An opened repository. Can be sent to another thread, but not shared between threads.
pub struct Session<'h> {
    pub host: &'h dyn Host,
    pub repo: Repo,
    pub settings: Settings,
    pub scope: Scope,
    /// The answerers; questions refer to them by index.
    pub parties: Vec<Party>,
    /// Prompts of custom kinds.
    pub prompts: BTreeMap<Kind, Prompt>,
    pub questions: Questions,
    /// The revision whose settings apply, if not the local ones.
    pub base: Option<Base>,
    /// Has the user been told about that?
    told: Cell<bool>,
    pub started: Instant,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Session({:?})", self.repo)
    }
}

impl<'h> Session<'h> {
    /// Opens the repository of the current directory; `flags` override its settings.
    ///
    /// # Errors
    /// If there is no repository, or a setting is invalid.
    pub fn open(host: &'h dyn Host, flags: Vec<Flag>) -> Result<Self> {
        Self::of_repo(host, Repo::open()?, flags)
    }

    /// Same as [`Session::open`], for the repository that contains `folder`. For servers.
    pub fn open_at(host: &'h dyn Host, folder: &Path, flags: Vec<Flag>) -> Result<Self> {
        Self::of_repo(host, Repo::open_at(folder)?, flags)
    }

    fn of_repo(host: &'h dyn Host, repo: Repo, flags: Vec<Flag>) -> Result<Self> {
        let started = Instant::now();
        let text = tracked::text(&repo, Place::Here)?;
        let entries = tracked::entries(&repo, text.as_deref())?;
        let resolution = settle::resolve(host, &repo, entries, flags, Origins::Unwanted)?;
        settle::tell_ignored(host, &resolution);
        let weighed = Weighed {
            settings: resolution.settings,
            base: None,
            here: None,
        };
        Self::settled(host, repo, weighed, started)
    }

    /// Same as [`Session::open`], for a run that can fail: uses the settings, attributes and prompts of
    /// its base, if any.
    ///
    /// # Errors
    /// Those of [`Session::open`], and if the base does not exist.
    pub fn gate(
        host: &'h dyn Host,
        flags: &[Flag],
        gate: Gate,
        against: impl FnOnce(&Repo) -> Result<Against>,
    ) -> Result<Self> {
        let started = Instant::now();
        let repo = Repo::open()?;
        let against = against(&repo)?;
        let weighed = settle::weigh(host, &repo, flags, gate, against)?;
        Self::settled(host, repo, weighed, started)
    }

    fn settled(host: &'h dyn Host, repo: Repo, weighed: Weighed, started: Instant) -> Result<Self> {
        let Weighed {
            settings,
            base,
            here,
        } = weighed;
        let mut scope = scope(&settings)?;
        if let Some(base) = &base {
            let here = here.as_ref().map(self::scope).transpose()?;
            scope = scope.judged_by(base.tree, here);
        }
        let place = match &base {
            Some(base) => Place::Tree(base.tree),
            None => Place::Here,
        };
        let asked = settings.kinds.iter();
        let asked = asked.filter(|kind| settings.asks_a_model(kind));
        let prompts = prompts::read(&repo, place, &settings.own.prompts, asked)?;
        if base.is_none() {
            prompts::tell_unstaged(host, &repo, &prompts);
        }
        let measured = |chosen: &ModelConfig| {
            let model = chosen.full_name();
            repo.own_folder().map_or_else(
                |_| Default::default(),
                |own| {
                    let learned = Learned::open(&own, &model, host.now());
                    (TokenRatio::open(&own, &model), learned)
                },
            )
        };
        let parties = answerers::parties(
            &settings,
            &settings.kinds,
            &prompts,
            measured,
            &host.parser(),
        )?;
        let analyzers: Vec<&Analyzer> = parties.iter().map(|party| &party.analyzer).collect();
        let numbered = parties.iter().enumerate();
        let numbers: HashMap<&Kind, usize> = numbered
            .flat_map(|(number, party)| party.kinds.iter().map(move |kind| (kind, number)))
            .collect();
        let party = |kind: &Kind| (kind.clone(), numbers.get(kind).copied().unwrap_or_default());
        let kinds: Vec<_> = settings.kinds.iter().map(party).collect();
        let questions = Questions::parted(&analyzers, &kinds, repo.format());
        Ok(Self {
            host,
            repo,
            settings,
            scope,
            parties,
            prompts,
            questions,
            base,
            told: Cell::new(false),
            started,
        })
    }

    /// The prompts of the custom kinds in use.
    pub fn prompts_of<'a>(
        &'a self,
        party: &'a Party,
    ) -> impl Iterator<Item = (&'a Kind, &'a Prompt)> {
        let prompt = |kind| Some((kind, self.prompts.get(kind)?));
        party.kinds.iter().filter_map(prompt)
    }

    /// Warns about files that the change itself would exclude.
    pub(super) fn tell_withheld(&self, selected: &Selected) {
        let withheld = selected.withheld();
        if let Some(base) = self.base.as_ref().filter(|_| withheld > 0)
            && !self.told.replace(true)
        {
            let (files, name) = (count(withheld, "file"), &base.name);
            self.host.warning(format!(
                "checking {files} by the settings of {name}: the local settings or attributes would \
                 exclude them"
            ));
        }
    }

    /// Pathspecs from the user, relative to the current directory.
    pub fn pathspecs(&self, written: Vec<OsString>) -> Pathspecs {
        pathspecs(&self.repo, written)
    }

    /// Converts paths relative to the current directory to paths from the root.
    ///
    /// # Errors
    /// With a hint, if a path is outside the repository.
    pub fn listed_here(&self, files: &[OsString]) -> Result<Vec<RepoPath>> {
        let plain = |file: &OsString| {
            // A list holds names, not patterns: no byte in it is magic.
            let path = Path::new(file);
            if path.is_absolute() {
                self.repo.from_root(path)
            } else {
                RepoPath::new(file.as_bytes()).within(&self.repo.folder())
            }
        };
        let paths: Option<Vec<RepoPath>> = files.iter().map(plain).collect();
        paths
            .context("a path in the list is outside the repository")
            .hint("paths in a list are relative to the current directory")
    }

    /// Number of files to analyze in parallel.
    pub fn jobs(&self) -> NonZeroUsize {
        let all = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.settings.jobs.unwrap_or_else(all).min(MOST_JOBS)
    }
}

/// The commit that `--changed`, or `--changed=BASE`, compares with.
///
/// # Errors
/// With a hint, if there is none.
pub fn base_of(repo: &Repo, base: Option<&str>) -> Result<Oid> {
    let found = scan::base_of(repo, base);
    match base {
        Some(_) => found.hint("put a path that follows --changed after '--'"),
        None => found,
    }
}

/// Pathspecs from the user, relative to the current directory.
pub fn pathspecs(repo: &Repo, written: Vec<OsString>) -> Pathspecs {
    let from_root = |written: OsString| {
        let path = Path::new(&written);
        let path = path.is_absolute().then(|| repo.from_root(path));
        match path.flatten() {
            Some(path) => OsString::from_vec([b":/", path.as_bytes()].concat()),
            None => written,
        }
    };
    Pathspecs {
        written: written.into_iter().map(from_root).collect(),
        folder: repo.folder(),
    }
}

/// The scope these settings define.
fn scope(settings: &Settings) -> Result<Scope> {
    let exclude = [&*settings.exclude, &settings.exclude_tracked];
    Scope::new(&settings.include, &exclude, settings.max_file_size)
}
