//! One run: select, look up, plan, answer, outcome. `compare` does two of them.

use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::adopt::adopt;
use super::answerers::Party;
use super::host::Event;
use super::open::Session;
use super::usage_log::Past;
use super::{lookup, service};
use crate::analyzers::Analyzer;
use crate::model::{Hinted, Kind, Outcome, RepoPath, Revision, Status, Stop, Ttl};
use crate::provider::host as host_of;
use crate::report::count;
use crate::scan::{self, Answerer, Memo, Place, Plan, Policy, Ran, Reading, Run, Selection};
use crate::store::{Batch, Store};
use crate::sync;

/// What to do in a run, apart from the selection.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub policy: Policy,
    /// How much of the answers to read.
    pub reading: Reading,
    /// Only plan.
    pub dry_run: bool,
    /// Do not read or write the store.
    pub no_cache: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            policy: Policy::Analyze,
            reading: Reading::Entries,
            dry_run: false,
            no_cache: false,
        }
    }
}

impl Request {
    const fn refreshes(self) -> bool {
        matches!(self.policy, Policy::Refresh)
    }
}

impl Session<'_> {
    /// Answers a selection, and logs its usage.
    ///
    /// # Errors
    /// If a named file does not exist, the store cannot be read, or no answerer is ready and the store
    /// has no answers.
    pub fn analyze(&self, selection: &Selection, request: Request) -> Result<Outcome> {
        let outcome = self.outcome(selection, request)?;
        self.remember(&[&outcome], request);
        Ok(outcome)
    }

    /// Same as [`Session::analyze`], for a text that is not in a file, as if it were at `path`, such as an
    /// unsaved editor buffer.
    pub fn analyze_text(
        &self,
        path: &RepoPath,
        text: Arc<[u8]>,
        request: Request,
    ) -> Result<Outcome> {
        let oid = self.repo.lend(text);
        let selection = Selection {
            place: Place::Text(path.clone(), oid),
            pathspecs: self.pathspecs(Vec::new()),
            files: Some(vec![path.clone()]),
            differs_from: None,
        };
        let outcome = self.analyze(&selection, request);
        self.repo.take_back(oid);
        outcome
    }

    /// Logs the usage of a run, for `cache stats`.
    pub(super) fn remember(&self, outcomes: &[&Outcome], request: Request) {
        if !request.no_cache
            && !request.dry_run
            && let Ok(own) = self.repo.own_folder()
        {
            Past::of(outcomes, self.host.now()).remember(&own);
        }
    }

    /// Same as [`Session::analyze`], but the caller logs the usage.
    pub(super) fn outcome(&self, selection: &Selection, request: Request) -> Result<Outcome> {
        let Request {
            dry_run, no_cache, ..
        } = request;
        if !no_cache && !dry_run {
            adopt(&self.repo, self.host, self.settings.trust);
        }
        let store = if no_cache {
            Store::empty(&self.repo)
        } else {
            self.store()
        };
        let memo = self.memo(&store, request);
        let selected = self.select(selection, memo.as_ref())?;
        self.tell_withheld(&selected);
        // A document is shown for itself, or for a single file.
        let shows_documents = selected.targets.len() == 1 || self.questions.kinds == [Kind::Docs];
        let reading = match request.reading {
            Reading::Findings if shows_documents => Reading::Entries,
            reading => reading,
        };
        tracing::debug!(targets = selected.targets.len(), "selected");
        let mut plan = self.plan(&store, selected, reading, request.policy)?;
        tracing::debug!(units = plan.units.len(), "planned");
        if !request.refreshes() && !no_cache {
            if dry_run {
                let orphans = Batch::orphaned(&self.repo);
                scan::foresee(&mut plan, &self.questions, orphans, self.wanted(reading));
            }
            self.pass_over_failures(&mut plan, selection)?;
        }
        if dry_run || request.policy == Policy::CachedOnly {
            self.examine(&mut plan)?;
        }
        self.explain(&plan);
        let ran = if dry_run {
            self.foresee(&plan);
            Ran::nothing(scan::preview(&plan, reading))
        } else {
            self.run(request, &plan, &store, reading)?
        };
        if let (Some(memo), Some(tree)) = (memo, ran.local_tree) {
            // Derived and disposable: a run is none the worse without it.
            let _ = memo.save(&ran.complete, &self.digest(), &store.state(Some(tree)));
        }
        let mut outcome = ran.outcome;
        if outcome.totals.analyzed > 0
            && !no_cache
            && let Revision::Commit {
                commit: Some(commit),
                ..
            } = outcome.revision
        {
            // Its files may lie on no branch any more when they are published. At worst some stay
            // pending.
            let _ = sync::note_revision(&self.repo, commit);
        }
        if self.host.wants_details() {
            lookup::name_publishers(&self.repo, &store, &mut outcome)?;
        }
        tracing::debug!(totals = ?outcome.totals, "done");
        outcome.elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(outcome)
    }

    /// Everything that the answers for a blob depend on, apart from the blob.
    fn digest(&self) -> String {
        format!("{} {}", self.scope.max_file_size, self.questions.digest())
    }

    /// Trees that need no check, for runs that only count.
    fn memo(&self, store: &Store<'_>, request: Request) -> Option<Memo> {
        let remembers = request.reading <= Reading::Counts
            && !self.host.wants_details()
            && !request.no_cache
            && !request.refreshes()
            && self.settings.ttl == Ttl::Forever
            && !self.scope.depends_on_place();
        remembers.then(|| {
            Memo::open(
                self.repo.own_folder().ok(),
                self.repo.format(),
                &self.digest(),
                &store.state_now(),
            )
        })
    }

    /// Answers the questions of the plan.
    fn run(
        &self,
        request: Request,
        plan: &Plan,
        store: &Store<'_>,
        reading: Reading,
    ) -> Result<Ran> {
        let progress = self.host.progress();
        let is_local = |party: &Party| matches!(party.analyzer, Analyzer::Local(_));
        let (services, unready) = match service::open_all(self, plan) {
            Ok(services) => (services, None),
            // What costs nothing and leaves nothing is answered all the same, and what is known told.
            Err(error) if plan.knows_something() || self.parties.iter().any(is_local) => {
                let why = format!("{error:#}");
                self.host.tell(Event::Error(error));
                (self.parties.iter().map(|_| None).collect(), Some(why))
            }
            Err(error) => return Err(error),
        };
        let parties = self.parties.iter().zip(&services);
        let answerers: Vec<Answerer<'_>> = parties
            .map(
                |(party, service)| match (&party.analyzer, service, &unready) {
                    (Analyzer::Local(local), ..) => Answerer::Local(local),
                    (Analyzer::Llm(llm), Some((service, _)), _) => Answerer::Model(llm, service),
                    (Analyzer::Llm(_), None, Some(why)) => Answerer::Unready(why),
                    // Everything is known already: no key, no connection.
                    (Analyzer::Llm(_), None, None) => Answerer::Nobody,
                },
            )
            .collect();
        // Not before: who is asked for agreement may leave. Nor where there is nothing to wait for.
        let interrupt = if plan.units.is_empty() {
            Default::default()
        } else {
            self.host.interrupt()
        };
        let run = Run {
            repo: &self.repo,
            questions: &self.questions,
            answerers: &answerers,
            limits: service::limits(self),
            progress: progress.as_ref(),
            jobs: self.jobs(),
            wanted: self.wanted(reading),
            keep: !request.no_cache,
            reuse: !request.refreshes(),
            interrupt: &interrupt,
            store,
        };
        let ran = scan::run(&run, plan)?;
        self.learn(&services, &ran, request);
        for (party, stop) in &ran.stops {
            match (stop, &self.parties[*party].chosen) {
                // Why a provider is not ready was said before.
                (Stop::Provider(why), Some(chosen)) if services[*party].is_some() => {
                    let error = anyhow!("{}: {why}", chosen.endpoint.name);
                    let error = Hinted::attach(error, TRY_IT);
                    self.host.tell(Event::Error(error));
                }
                (Stop::Store(why), _) => {
                    let hint = "to ask anyway, without storing answers: --no-cache";
                    let error = Hinted::attach(anyhow!("{why}"), hint);
                    self.host.tell(Event::Error(error));
                }
                _ => {}
            }
        }
        Ok(ran)
    }

    /// Stores what was learned about the models, and tells credential helpers about their keys.
    fn learn(&self, services: &[Option<service::Ready>], ran: &Ran, request: Request) {
        let parties = self.parties.iter().zip(services);
        for ((party, service), closing) in parties.zip(&ran.closings) {
            let (Some(chosen), Some((service, key)), Some(closing)) =
                (&party.chosen, service, closing)
            else {
                continue;
            };
            key.judge(closing.key);
            if !request.no_cache
                && let Ok(folder) = self.repo.own_folder()
            {
                let now = self.host.now();
                closing.measured.remember(&folder, &chosen.full_name());
                closing.learned.remember(&folder, &chosen.full_name(), now);
                if let Some(manner) = service.client.proven() {
                    let (endpoint, model) = (&chosen.endpoint, &chosen.model);
                    scan::remember_manner(&folder, endpoint, model, manner, now);
                }
            }
        }
    }

    /// Reports what a dry run would send to models.
    fn foresee(&self, plan: &Plan) {
        for (number, party) in self.parties.iter().enumerate() {
            let Some(chosen) = &party.chosen else {
                continue;
            };
            let outlook = service::outlook(self, number, plan);
            if outlook.requests > 0
                && let Err(error) = service::expect_price(self, chosen)
            {
                // The run would refuse, too.
                self.host.tell(Event::Error(error));
            }
            for (kind, prompt) in self.prompts_of(party) {
                let path = &prompt.path;
                self.host
                    .note(format!("would use the prompt {path} for '{kind}'"));
                if let Err(error) = prompt.expect_no_secret(kind) {
                    self.host.tell(Event::Error(error));
                }
            }
            self.host.note(format!(
                "would send {} to {} for {}: {}",
                count(outlook.files, "file"),
                host_of(&chosen.endpoint.url),
                chosen.model,
                service::words(&outlook)
            ));
        }
    }

    /// Reports the plan for every path and kind as details.
    fn explain(&self, plan: &Plan) {
        if !self.host.wants_details() {
            return;
        }
        for (target, kind, state) in plan.each() {
            let path = &target.path;
            let word = match state.status {
                Status::Cached(_) => "hit ",
                Status::Missing(_) | Status::Analyzed(_) => "miss",
                Status::Skipped(_) => "skip",
                Status::Failed(_) => "fail",
            };
            let answer = state.answer.as_ref();
            let entry = answer.and_then(|answer| answer.in_role(target.role).entry.as_ref());
            let by = entry.map(|held| held.entry().analyzer.clone());
            let rest = by.or_else(|| state.status.reason());
            let rest = rest.map_or(String::new(), |rest| format!("  {rest}"));
            self.host.detail(format!("{word}  {path}  {kind}{rest}"));
        }
    }
}

/// The hint when a provider ends a run.
const TRY_IT: &str = "to check the setup with a test request: git rustassistant doctor --ask";
