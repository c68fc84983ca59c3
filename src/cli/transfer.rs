//! Shows the progress of a transfer in git's words, after the first second.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::Printer;
use super::progress::{Screen, When};
use crate::report::{Verbosity, clean_line};

/// Delay before a transfer is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Interval between lines without a bar.
const SILENCE: Duration = Duration::from_secs(5);

/// One transfer, or several in a row.
#[derive(Debug)]
pub struct Transfer<'a> {
    printer: &'a Printer,
    look: Look,
    begun: Instant,
    last_line: Cell<Instant>,
}

#[derive(Debug)]
enum Look {
    Hidden,
    Bar(ProgressBar),
    Lines,
}

impl<'a> Transfer<'a> {
    /// Chooses how to show the transfer.
    pub fn new(when: When, screen: Screen, printer: &'a Printer) -> Self {
        let quiet = printer.verbosity() == Verbosity::Quiet;
        let look = match (when, screen) {
            (When::Never, _) => Look::Hidden,
            (When::Auto, _) if quiet => Look::Hidden,
            (_, Screen::Terminal) => Look::Bar(bar()),
            (_, Screen::Paper) => Look::Lines,
        };
        let now = Instant::now();
        Self {
            printer,
            look,
            begun: now,
            last_line: Cell::new(now),
        }
    }

    /// Shows a progress line of git, if it is due.
    pub fn say(&self, line: &str) {
        if self.begun.elapsed() < PATIENCE {
            return;
        }
        match &self.look {
            Look::Hidden => {}
            Look::Bar(bar) => {
                if bar.is_hidden() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_message(clean_line(line));
            }
            Look::Lines if self.last_line.get().elapsed() >= SILENCE => {
                self.last_line.set(Instant::now());
                self.printer.note(clean_line(line));
            }
            Look::Lines => {}
        }
    }
}

impl Drop for Transfer<'_> {
    fn drop(&mut self) {
        if let Look::Bar(bar) = &self.look {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style)
}
