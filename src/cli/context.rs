//! What every command is given: the printer, the environment, the clock, and the way to the
//! settings. Not a place for what one command alone needs.

use std::io::IsTerminal;

use anyhow::Result;
use jiff::Timestamp;

use super::environment::Environment;
use super::printer::Printer;
use super::progress::{self, Screen, When};
use crate::git::{ConfigEntry, Foreign, Repo, withhold};
use crate::report::{Colour, count};
use crate::scan::Progress;
use crate::settings::{self, Flag, Resolution, Settings, Sources};

/// So many settings that are ignored are named.
const MOST_IGNORED: usize = 20;

/// The world as the commands see it.
#[derive(Debug)]
pub struct Context {
    pub printer: Printer,
    pub environment: Environment,
    pub progress: When,
    /// The name the user called: `git rustassistant` or `rustassistant`.
    pub program: String,
}

/// Must it be known which file each value of the configuration stands in? Asking costs a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    Wanted,
    Unwanted,
}

impl Context {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the clock enters"
    )]
    pub fn now(&self) -> Timestamp {
        // A clock may stand beyond the last year that can be written.
        Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::MAX)
    }

    /// The settings of the user alone, for commands in whose settings a tracked file has no say:
    /// whatever stands there, they do what they are told. What was ignored is said.
    ///
    /// # Errors
    /// If the configuration cannot be read, or a value is not allowed.
    pub fn personal(&self, repo: &Repo) -> Result<Settings> {
        let resolution = self.resolve(repo, Vec::new(), Vec::new(), Origins::Unwanted)?;
        self.say_ignored(&resolution);
        self.say_foreign(repo);
        Ok(resolution.settings)
    }

    /// Says which settings were ignored: of many the first, since a tracked file may hold any number.
    pub fn say_ignored(&self, resolution: &Resolution) {
        let warnings = &resolution.warnings;
        for warning in warnings.iter().take(MOST_IGNORED) {
            self.printer.warning(warning);
        }
        if let Some(rest @ 1..) = warnings.len().checked_sub(MOST_IGNORED) {
            let rest = count(rest as u64, "more setting");
            self.printer.warning(format_args!("ignoring {rest}"));
        }
    }

    /// Says what is in the place of a folder of ours, if it is none: nothing is read or written there.
    fn say_foreign(&self, repo: &Repo) {
        let Err(error) = repo.check_own_folder() else {
            return;
        };
        self.printer
            .warning(format_args!("nothing is remembered here: {error}"));
        if let Some(foreign) = Foreign::of(&error) {
            self.printer.note(format_args!("hint: {}", foreign.hint()));
        }
    }

    /// The settings in force in `repo` where these are the entries of the tracked file, with where
    /// everything came from; says nothing.
    ///
    /// # Errors
    /// As [`Context::personal`].
    pub fn resolve(
        &self,
        repo: &Repo,
        tracked: Vec<ConfigEntry>,
        flags: Vec<Flag>,
        origins: Origins,
    ) -> Result<Resolution> {
        let mut config = match origins {
            Origins::Wanted => repo.config_with_origins()?,
            Origins::Unwanted => repo.config(self.environment.overrides())?,
        };
        // Before anything else is started.
        let variables = settings::key_variables(&config);
        variables.iter().for_each(|name| withhold(name));
        config.extend(tracked);
        settings::resolve(&Sources {
            config,
            environment: self.environment.settings(),
            flags,
        })
    }

    /// How a long run is shown.
    pub fn progress(&self) -> Box<dyn Progress + '_> {
        progress::choose(self.progress, self.screen(), &self.printer)
    }

    /// Where the talk goes.
    pub fn screen(&self) -> Screen {
        let escapes =
            self.printer.colour_of_talk() == Colour::Always || self.progress == When::Always;
        let terminal = std::io::stderr().is_terminal() && !self.environment.is_dumb();
        if terminal && escapes {
            Screen::Terminal
        } else {
            Screen::Paper
        }
    }
}
