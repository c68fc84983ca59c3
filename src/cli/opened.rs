//! A repository opened for questions: its settings, what is in scope, who answers, by which
//! recipes. Not what is done with them: that is each command's affair.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::context::{Context, Origins};
use super::judging::{self, Against, Base, Gate, Weighed};
use super::options::SelectionOptions;
use super::prompts::{self, Prompt};
use super::provider::{self, Chosen, Party};
use super::tracked::{self, Place};
use crate::analyzers::Analyzer;
use crate::git::{Pathspecs, Repo};
use crate::model::{Kind, Miss, Oid, RepoPath, ResultExt};
use crate::report::count;
use crate::scan::{
    self, Failures, Known, Learned, Lookup, Measured, Other, Plan, Questions, Reading, Scope,
    Selected, Selection, Wanted,
};
use crate::settings::{Flag, Settings};
use crate::store::Store;

/// More at a time than any machine, or provider, has use for.
const MOST_JOBS: NonZeroUsize = NonZeroUsize::new(1024).expect("it is not zero");

/// What every command that asks about files begins with.
#[derive(Debug)]
pub struct Opened {
    pub repo: Repo,
    pub settings: Settings,
    pub scope: Scope,
    /// Who answers; the questions have their numbers.
    pub parties: Vec<Party>,
    /// What the kinds of the team's own ask of models.
    pub prompts: BTreeMap<Kind, Prompt>,
    pub questions: Questions,
    /// Who judges, if not what is looked at.
    pub base: Option<Base>,
    /// Has it been said what that means?
    told: bool,
    pub started: Instant,
}

impl Opened {
    /// Opens the repository where the user stands, with `flags` over its settings.
    ///
    /// # Errors
    /// If there is no repository, or a setting is wrong.
    pub fn new(context: &Context, flags: Vec<Flag>) -> Result<Self> {
        let started = Instant::now();
        let repo = Repo::open()?;
        let text = tracked::text(&repo, Place::Here)?;
        let entries = tracked::entries(&repo, text.as_deref())?;
        let resolution = context.resolve(&repo, entries, flags, Origins::Unwanted)?;
        context.say_ignored(&resolution);
        let weighed = Weighed {
            settings: resolution.settings,
            base: None,
            here: None,
        };
        Self::of(context, repo, weighed, started)
    }

    /// As [`Opened::new`], for a run that can fail: the settings, attributes and prompts of its
    /// base count, if it has one.
    ///
    /// # Errors
    /// As [`Opened::new`], or if there is no such base.
    pub fn gate(
        context: &Context,
        flags: &[Flag],
        gate: Gate,
        against: impl FnOnce(&Repo) -> Result<Against>,
    ) -> Result<Self> {
        let started = Instant::now();
        let repo = Repo::open()?;
        let against = against(&repo)?;
        let weighed = judging::weigh(context, &repo, flags, gate, against)?;
        Self::of(context, repo, weighed, started)
    }

    fn of(context: &Context, repo: Repo, weighed: Weighed, started: Instant) -> Result<Self> {
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
            prompts::tell_unstaged(context, &repo, &prompts);
        }
        let measured = |chosen: &Chosen| {
            let model = chosen.full_name();
            repo.own_folder().map_or_else(
                |_| Default::default(),
                |own| {
                    let learned = Learned::open(&own, &model, context.now());
                    (Measured::open(&own, &model), learned)
                },
            )
        };
        let parties = provider::parties(&settings, &settings.kinds, &prompts, measured)?;
        let analyzers: Vec<&Analyzer> = parties.iter().map(|party| &party.analyzer).collect();
        let numbered = parties.iter().enumerate();
        let numbers: HashMap<&Kind, usize> = numbered
            .flat_map(|(number, party)| party.kinds.iter().map(move |kind| (kind, number)))
            .collect();
        let party = |kind: &Kind| (kind.clone(), numbers.get(kind).copied().unwrap_or_default());
        let kinds: Vec<_> = settings.kinds.iter().map(party).collect();
        let questions = Questions::parted(&analyzers, &kinds, repo.format());
        Ok(Self {
            repo,
            settings,
            scope,
            parties,
            prompts,
            questions,
            base,
            told: false,
            started,
        })
    }

    /// The prompts of the team's own kinds that somebody is asked.
    pub fn prompts_of<'a>(
        &'a self,
        party: &'a Party,
    ) -> impl Iterator<Item = (&'a Kind, &'a Prompt)> {
        let prompt = |kind| Some((kind, self.prompts.get(kind)?));
        party.kinds.iter().filter_map(prompt)
    }

    /// What the selection options mean here.
    ///
    /// # Errors
    /// If a list of files cannot be read, or what to compare with does not exist.
    pub fn selection(&self, options: &SelectionOptions) -> Result<Selection> {
        let place = match (&options.rev, options.staged, options.untracked) {
            (Some(rev), ..) => scan::Place::Rev(rev.clone()),
            (_, true, _) => scan::Place::Index,
            (_, _, true) => scan::Place::WithUntracked,
            _ => scan::Place::WorkTree,
        };
        let base = options.changed.as_ref();
        let base = base.map(|base| changed_since(&self.repo, base.as_deref()));
        let base = base.transpose()?;
        let files = match options.listed()? {
            Some(files) => Some(self.listed_here(files)?),
            None => None,
        };
        Ok(Selection {
            place,
            pathspecs: self.pathspecs(options.pathspecs.clone()),
            files,
            differs_from: base.map(Other::Tree),
        })
    }

    /// Says of how many files nobody would hear if what is looked at had its way.
    pub fn tell_withheld(&mut self, context: &Context, selected: &Selected) {
        let withheld = selected.withheld();
        if let Some(base) = self.base.as_ref().filter(|_| withheld > 0 && !self.told) {
            let (files, name) = (count(withheld, "file"), &base.name);
            context.printer.warning(format_args!(
                "{files} judged as {name} has it: the settings or attributes that are looked at \
                 would leave them out"
            ));
            self.told = true;
        }
    }

    /// Paths as the user wrote them, where the user stands.
    pub fn pathspecs(&self, written: Vec<OsString>) -> Pathspecs {
        pathspecs(&self.repo, written)
    }

    /// Leaves out of `plan` what only a file's content speaks against.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn examine(&self, plan: &mut Plan) -> Result<()> {
        let analyzers: Vec<&Analyzer> = self.parties.iter().map(|party| &party.analyzer).collect();
        let limit = self.scope.max_file_size;
        scan::examine(&self.repo, plan, &self.questions, &analyzers, limit)
    }

    /// Leaves out of `plan` what a model has failed to answer twice in the same way.
    ///
    /// # Errors
    /// If a path climbs out of the repository.
    pub fn pass_over_failures(
        &self,
        context: &Context,
        plan: &mut Plan,
        selection: &Selection,
    ) -> Result<()> {
        let asks = self.parties.iter().any(|party| party.chosen.is_some());
        if plan.units.is_empty() || !asks {
            return Ok(());
        }
        let analyzers: Vec<&Analyzer> = self.parties.iter().map(|party| &party.analyzer).collect();
        let Ok(own) = self.repo.own_folder() else {
            return Ok(());
        };
        let failures = Failures::open(&own, context.now());
        scan::pass_over(plan, &self.questions, &analyzers, &failures, selection)
    }

    /// The store as it is now. What cannot be read is told.
    pub fn store(&self, context: &Context) -> Store<'_> {
        let trust = self.settings.trust;
        let store = Store::trusting(&self.repo, &self.repo.remotes(), trust).at(context.now());
        for reason in &store.unreadable {
            context.printer.warning(reason);
        }
        store
    }

    /// As [`Opened::store`], where all counts that is there, trusted or not.
    pub fn store_of_all(&self, context: &Context) -> Store<'_> {
        Store::open(&self.repo, &self.repo.remotes()).at(context.now())
    }

    /// What the store says of the selected files. Entries that are not believed are told: the
    /// first by name, the others by number.
    ///
    /// # Errors
    /// If the store's trees cannot be read.
    pub fn look_up(
        &self,
        context: &Context,
        store: &Store<'_>,
        selected: &Selected,
        reading: Reading,
    ) -> Result<Lookup> {
        let wanted = self.wanted(context, reading);
        let lookup = scan::look_up(store, &selected.targets, &self.questions, wanted)?;
        let untrusted = |known: &&Known| matches!(known, Known::Miss(Miss::Untrusted));
        let untrusted = lookup.known.iter().filter(untrusted).count();
        for reason in store.distrust().iter().filter(|_| untrusted > 0) {
            let answers = count(untrusted as u64, "answer");
            let printer = &context.printer;
            printer.warning(format_args!("{answers} of others not trusted: {reason}"));
        }
        for reason in store.damaged() {
            context.printer.warning(reason);
        }
        if let Some(first) = lookup.unreadable.first() {
            let others = match lookup.unreadable.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            context.printer.warning(format!(
                "an entry of the store does not count: {first}{others}"
            ));
        }
        Ok(lookup)
    }

    /// What is wanted of entries, for somebody who reads this much of them.
    pub fn wanted(&self, context: &Context, reading: Reading) -> Wanted {
        Wanted {
            reading,
            ttl: self.settings.ttl,
            now: context.now(),
            max_file_size: self.scope.max_file_size,
        }
    }

    /// How many files are analysed at a time, and requests made.
    pub fn jobs(&self) -> NonZeroUsize {
        let all = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.settings.jobs.unwrap_or_else(all).min(MOST_JOBS)
    }

    /// A list of paths, as written where the user stands, from the root.
    fn listed_here(&self, files: Vec<OsString>) -> Result<Vec<RepoPath>> {
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
            .context("a path of the list lies outside of the repository")
            .hint("paths of a list are relative to the current folder")
    }
}

/// The commit that `--changed`, or `--changed=BASE`, compares with.
///
/// # Errors
/// With a hint, if there is none.
pub fn changed_since(repo: &Repo, base: Option<&str>) -> Result<Oid> {
    let found = scan::base_of(repo, base);
    match base {
        Some(_) => found.hint("a path that follows --changed belongs after '--'"),
        None => found,
    }
}

/// Paths as the user wrote them, where the user stands.
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

/// What these settings bound.
fn scope(settings: &Settings) -> Result<Scope> {
    let exclude = [&*settings.exclude, &settings.exclude_tracked];
    Scope::new(&settings.include, &exclude, settings.max_file_size)
}
