//! Debug logs of each step, with `-vv` or `RUSTASSISTANT_LOG`. Not the messages of a run.

use std::io::{self, Write};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::report::clean_line;

/// A level (`debug`, `trace`), or levels by module: `rustassistant::git=trace,rustassistant::scan=debug`.
pub const VARIABLE: &str = "RUSTASSISTANT_LOG";

/// Log only modules of this program: logs of libraries may contain keys.
const OURS: &str = "rustassistant";

/// Starts logging to standard error, filtered by `filter`. Ignores an invalid filter: a variable must not
/// stop a push.
pub fn begin(filter: &str) {
    let asked: Targets = match filter.parse() {
        Ok(asked) => asked,
        Err(_) => return,
    };
    let level = asked.default_level();
    let ours = asked.iter().filter(|(target, _)| target.starts_with(OURS));
    let targets: Targets = ours
        .map(|(target, level)| (target.to_owned(), level))
        .collect();
    let targets = match level {
        Some(level) => targets.with_target(OURS, level),
        None => targets,
    };
    let lines = fmt::layer()
        .with_ansi(false)
        .with_writer(|| Lines)
        .with_timer(fmt::time::uptime());
    // A program that uses this as a library may have set up logging before.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init();
}

/// Standard error. Events may contain text of strangers, so each is escaped and on one line.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = clean_line(text.trim_end());
        writeln!(io::stderr().lock(), "{line}")?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
