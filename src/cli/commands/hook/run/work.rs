//! The background process: analyzes the pushed files, gates new findings if asked to, and publishes to
//! the remote of the push. Its standard output goes to the process that git waits for, if that still
//! waits; its standard error goes to the log.

use std::collections::BTreeSet;
use std::fmt::Display;

use anyhow::Result;

use super::{PrePush, judge, published_to, selection};
use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::options::{Destination, NetworkOptions, OutputOptions};
use crate::cli::publish;
use crate::cli::sharing::{self, Sharing};
use crate::cli::status::Status;
use crate::git::Repo;
use crate::hook::{self, Leaving, Log};
use crate::model::Level;
use crate::report::{self, Format, Report, State, count};
use crate::scan::Reading;
use crate::session::{self, Against, Comparison, Extent, Gate, Request, Session};
use crate::settings::Settings;
use crate::store::Offer;

const HOW_TO_PASS: &str = "to push anyway: 'git push --no-verify', or RUSTASSISTANT_SKIP=1";

pub fn run(event: &PrePush, lines: &[u8], context: &Context) -> Result<Status> {
    hook::detach();
    let repo = Repo::open()?;
    // Tracked settings do not affect publishing.
    let settings = session::personal(context, &repo)?;
    // Held to the end, so that others know that a run is in progress.
    let _log = Log::make(&repo).and_then(|log| log.hold());
    let work = Work {
        context,
        repo,
        settings,
    };
    work.log(Log::beginning(&event.remote()));
    let done = work.run(event, lines);
    match &done {
        Err(error) => work.tell(error::sentence(error)),
        Ok(_) => work.log("done"),
    }
    // The error was reported, and no error stops a push.
    Ok(done.unwrap_or(Status::Done))
}

struct Work<'a> {
    context: &'a Context,
    repo: Repo,
    settings: Settings,
}

/// Totals of the analysis of all pushed commits.
#[derive(Default)]
struct Tally {
    analyzed: u64,
    failed: u64,
}

impl Work<'_> {
    fn run(&self, event: &PrePush, lines: &[u8]) -> Result<Status> {
        let remote = event.remote();
        let updates = hook::updates(lines);
        let leaving = hook::leaving(&self.repo, &remote, &updates)?;
        let mut done = Vec::new();
        if updates.len() > hook::MOST_TIPS {
            let more = count((updates.len() - hook::MOST_TIPS) as u64, "more ref");
            done.push(format!("{more} skipped"));
        }
        let mut tally = Tally::default();
        let mut failure = None;
        for one in &leaving {
            match self.look_at(one, &remote, &mut tally) {
                Ok(Status::Findings) => {
                    self.tell(HOW_TO_PASS);
                    return Ok(Status::Findings);
                }
                Ok(_) => {}
                // A failed analysis does not prevent publishing the rest.
                Err(error) => failure = failure.or(Some(error::sentence(&error))),
            }
        }
        done.extend(tally.told());
        done.extend(failure.map(|why| format!("analysis failed: {why}")));
        let mut trouble = None;
        let seconds = self.context.now().as_second();
        let of = (&self.repo, &self.settings);
        if let Some(to) = published_to(of, &remote, lines, seconds)? {
            let told = self.publish(to.name, &leaving)?;
            if told.published > 0 || told.pending > 0 {
                done.push(sharing::line(Some(&told), None));
            }
            trouble = told.trouble;
        }
        if let Some(trouble) = &trouble {
            let cures = error::hints(trouble)
                .into_iter()
                .map(|cure| format!("; {cure}"));
            done.push(error::sentence(trouble) + &cures.collect::<String>());
        }
        if !done.is_empty() {
            self.tell(done.join(", "));
        }
        Ok(Status::Done)
    }

    /// Gates the pushed commit if settings ask for that; otherwise only analyzes it.
    fn look_at(&self, one: &Leaving, remote: &str, tally: &mut Tally) -> Result<Status> {
        let against = |repo: &Repo| {
            let judge = judge(repo, remote, one);
            Ok(judge.map_or(Against::Nothing, Against::Compared))
        };
        let session = Session::gate(self.context, &[], Gate::Push, against)?;
        match session.settings.hook.fail_on {
            Some(level) => self.judge(&session, one, remote, level),
            None => self.analyze(&session, one, tally).map(|()| Status::Done),
        }
    }

    fn analyze(&self, session: &Session<'_>, one: &Leaving, tally: &mut Tally) -> Result<()> {
        let selection = selection(session, one)?;
        let request = Request {
            reading: Reading::Counts,
            ..Request::default()
        };
        let outcome = session.analyze(&selection, request)?;
        tally.analyzed += outcome.totals.analyzed;
        tally.failed += outcome.totals.failed;
        Ok(())
    }

    /// Are there new findings at `level` or above? If nothing is known about the remote, no finding
    /// counts as new.
    fn judge(
        &self,
        session: &Session<'_>,
        one: &Leaving,
        remote: &str,
        level: Level,
    ) -> Result<Status> {
        // What others pushed to another branch and was merged is not new.
        let mut bases = session.repo.known_to(remote, one.tip)?;
        bases.extend(
            one.base
                .filter(|base| one.is_update && !bases.contains(base)),
        );
        let mut looked = Vec::with_capacity(bases.len());
        for base in &bases {
            let selection = selection(session, one)?;
            let request = Request::default();
            let base = base.to_string();
            looked.push(session.compare(&base, selection, Extent::Changes, request)?);
        }
        let mut reports = looked.iter().map(|sides| new_ones(sides, level));
        let Some(mut report) = reports.next() else {
            self.analyze(session, one, &mut Tally::default())?;
            self.tell("nothing known about the remote: no findings count as new");
            return Ok(Status::Done);
        };
        for other in reports {
            report.keep_those_of(&other);
        }
        // What could be read everywhere before and cannot be read now may say anything.
        let lost = |sides: &Comparison| {
            let report = report::compare(&sides.before, &sides.after, publish::TOOL);
            let comparison = report.comparison.into_iter();
            let unknown = comparison.flat_map(|comparison| comparison.unknown);
            let lost = unknown.filter(|unknown| unknown.is_lost);
            lost.map(|unknown| unknown.path.clone())
                .collect::<BTreeSet<_>>()
        };
        let mut lost = looked.iter().map(lost);
        let lost = lost.next().map(|first| lost.fold(first, |a, b| &a & &b));
        if let Some(path) = lost.iter().flatten().next() {
            self.tell(format!(
                "{path} was readable before but cannot be read now (rustassistant.hook.failOn)"
            ));
            return Ok(Status::Findings);
        }
        let new = report.summary.findings.total();
        if new == 0 {
            return Ok(Status::Done);
        }
        let concise = OutputOptions {
            output: vec![Destination {
                format: Format::Concise,
                file: None,
            }],
            ..OutputOptions::default()
        };
        // Shown only if someone waits; the gate applies anyway.
        let folder = Vec::new();
        drop(publish::write(
            session,
            self.context,
            &report,
            &report,
            &concise,
            folder,
        ));
        self.tell(format!(
            "{} at level {level} or above (rustassistant.hook.failOn)",
            count(new, "new finding")
        ));
        Ok(Status::Findings)
    }

    fn publish(&self, name: String, leaving: &[Leaving]) -> Result<crate::sync::Published> {
        let options = NetworkOptions {
            remote: Some(name),
            ..NetworkOptions::default()
        };
        let mut sharing = Sharing::new(self.context, &self.repo, &self.settings, &options)?;
        // Pushing a branch to a fork should not copy all entries there.
        sharing.remote.offer = Offer::Own;
        sharing.given = leaving.iter().map(|one| one.tip).collect();
        sharing.publish()
    }

    /// Reports to the waiting process, and to the log.
    fn tell(&self, text: impl Display) {
        // If no one waits anymore, the log has it.
        let told = self.context.printer.data(|out| {
            writeln!(out, "rustassistant: {text}")?;
            Ok(())
        });
        drop(told);
        self.log(text);
    }

    fn log(&self, text: impl Display) {
        let now = self.context.now().round(jiff::Unit::Second);
        let now = now.unwrap_or_else(|_| self.context.now());
        self.context.printer.note(format!("{now} {text}"));
    }
}

impl Tally {
    /// A summary; `None` if nothing was done.
    fn told(&self) -> Option<String> {
        let failed = match self.failed {
            0 => String::new(),
            some => format!(" ({} failed)", report::grouped(some)),
        };
        let analyzed = format!("analyzed {}{failed}", report::grouped(self.analyzed));
        Some(analyzed).filter(|line| line != "analyzed 0")
    }
}

/// The new findings at `level` or above.
fn new_ones(sides: &Comparison, level: Level) -> Report<'_> {
    let mut report = report::compare(&sides.before, &sides.after, publish::TOOL);
    report.keep_states(&[State::New]);
    report.keep_level(level);
    report
}
