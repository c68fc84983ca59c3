//! What the program does step by step, for whoever looks for a fault or for time: under `-vv`, or as
//! `RUSTASSISTANT_LOG` says. Not what users are told of their run.

use std::io::{self, Write};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::report::clean_line;

/// A level (`debug`, `trace`), or levels by module: `rustassistant::git=trace,rustassistant::scan=debug`.
pub const VARIABLE: &str = "RUSTASSISTANT_LOG";

/// The modules of this program. What others write may hold a key.
const OURS: &str = "rustassistant";

/// From now on each step is told on standard error that `filter` asks for. A filter that is none is
/// ignored: a variable must not keep a push from going through.
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
    // Whoever runs this as a library may have begun before.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init();
}

/// Standard error. Names and messages of others are in what is told: each event is one clean line.
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
