//! Shows the progress of a run: a bar on a terminal, a line every few seconds elsewhere.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::Printer;
use crate::model::Usage;
use crate::report::{Verbosity, clean_line, count, money_of};
use crate::scan::Progress;

/// Delay before a run shows a bar.
const PATIENCE: Duration = Duration::from_millis(300);

/// Interval between lines without a bar.
const SILENCE: Duration = Duration::from_secs(5);

/// When to show progress: the values of `--progress`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// Unless -q is given
    #[default]
    Auto,
    /// Even with -q
    Always,
    /// Never
    Never,
}

/// The kind of standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A terminal that supports escape sequences.
    Terminal,
    /// A file, a pipe, or a terminal without escape sequences.
    Paper,
}

/// Chooses how to show progress.
pub fn choose<'a>(when: When, screen: Screen, printer: &'a Printer) -> Box<dyn Progress + 'a> {
    let quiet = printer.verbosity() == Verbosity::Quiet;
    match (when, screen) {
        (When::Never, _) => Box::new(Hidden { printer }),
        (When::Auto, _) if quiet => Box::new(Hidden { printer }),
        (_, Screen::Terminal) => Box::new(Bar::new(printer)),
        (_, Screen::Paper) => Box::new(Lines::new(printer)),
    }
}

/// Shows no progress, only problems.
struct Hidden<'a> {
    printer: &'a Printer,
}

impl Progress for Hidden<'_> {
    fn begin(&self, _total: u64) {}
    fn advance(&self, _done: u64, _label: &str) {}
    fn end(&self) {}

    fn say(&self, line: &str) {
        self.printer.note(line);
    }

    fn note(&self, line: &str) {
        self.printer.warning(line);
    }
}

/// A progress bar on the last line. A very short run does not show it.
struct Bar<'a> {
    bar: ProgressBar,
    begun: OnceLock<Instant>,
    spent: Mutex<String>,
    printer: &'a Printer,
}

impl<'a> Bar<'a> {
    fn new(printer: &'a Printer) -> Self {
        let template = "[{bar:24}] {human_pos}/{human_len} {eta:>4} {wide_msg}";
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let hidden = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self {
            bar: hidden.with_style(style),
            begun: OnceLock::new(),
            spent: Mutex::default(),
            printer,
        }
    }
}

impl Progress for Bar<'_> {
    fn begin(&self, total: u64) {
        self.begun.get_or_init(Instant::now);
        self.bar.set_length(total);
    }

    fn advance(&self, done: u64, label: &str) {
        let begun = self.begun.get_or_init(Instant::now);
        if self.bar.is_hidden() && begun.elapsed() >= PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let spent = lock(&self.spent);
        self.bar.set_message(clean_line(&[&*spent, label].concat()));
        self.bar.set_position(done);
    }

    fn spend(&self, so_far: &Usage) {
        *lock(&self.spent) = format!("{}  ", taken(so_far));
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| self.printer.note(line));
    }

    fn note(&self, line: &str) {
        self.bar.suspend(|| self.printer.warning(line));
    }
}

/// A line every few seconds.
struct Lines<'a> {
    printer: &'a Printer,
    state: Mutex<State>,
}

struct State {
    total: u64,
    /// Tokens and cost so far, as text.
    spent: Option<String>,
    last_line: Instant,
}

impl<'a> Lines<'a> {
    fn new(printer: &'a Printer) -> Self {
        let state = Mutex::new(State {
            total: 0,
            spent: None,
            last_line: Instant::now(),
        });
        Self { printer, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Progress for Lines<'_> {
    fn begin(&self, total: u64) {
        *self.state() = State {
            total,
            spent: None,
            last_line: Instant::now(),
        };
    }

    fn advance(&self, done: u64, label: &str) {
        let mut state = self.state();
        if let Some(line) = due(&mut state, done, label, Instant::now()) {
            self.printer.note(line);
        }
    }

    fn spend(&self, so_far: &Usage) {
        self.state().spent = Some(taken(so_far));
    }

    fn end(&self) {}

    fn say(&self, line: &str) {
        self.printer.note(line);
    }

    fn note(&self, line: &str) {
        self.printer.warning(line);
    }
}

/// The state stays valid if a thread panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `41,210 tokens, $0.0712`.
fn taken(so_far: &Usage) -> String {
    let cost = money_of(so_far.cost.part());
    match so_far.input_tokens.saturating_add(so_far.output_tokens) {
        0 if so_far.cost.usd.is_none() => format!("tokens not counted, {cost}"),
        tokens => format!("{}, {cost}", count(tokens, "token")),
    }
}

fn due(state: &mut State, done: u64, label: &str, now: Instant) -> Option<String> {
    if now.duration_since(state.last_line) < SILENCE {
        return None;
    }
    state.last_line = now;
    let (done, total) = (HumanCount(done), HumanCount(state.total));
    let spent = state.spent.as_ref();
    let spent = spent.map_or(String::new(), |spent| format!(", {spent}"));
    Some(format!("{done} of {total} done{spent}, last {label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_when_it_was_silent_for_a_while() {
        let start = Instant::now();
        let mut state = State {
            total: 3000,
            spent: None,
            last_line: start,
        };
        let mut at = |seconds, done| {
            let now = start + Duration::from_secs(seconds);
            due(&mut state, done, "src/a.rs", now)
        };
        assert_eq!(at(4, 900), None);
        assert_eq!(at(5, 1200).unwrap(), "1,200 of 3,000 done, last src/a.rs");
        assert_eq!(at(9, 1300), None);
        assert!(at(10, 1400).is_some());
    }
}
