//! Writes reports to standard output and files. `report::render` formats them.

use std::fs::Permissions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::context::Context;
use super::explained;
use super::options::OutputOptions;
use crate::analyzers::Thresholds;
use crate::analyzers::local::RULES;
use crate::git::destination;
use crate::model::{Kind, Oid, Outcome};
use crate::report::{self, Color, Explanation, Format, Report, Tool};
use crate::session::Session;

/// Source files larger than this are shown without their lines.
const MAX_SOURCE: usize = 16 << 20;

/// This program, as reports name it.
pub const TOOL: Tool = Tool {
    name: "git-rustassistant",
    version: env!("CARGO_PKG_VERSION"),
};

/// Options of the run, for hints on missing answers.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The options that chose the provider and model.
    pub answerer: String,
    /// The option that prevented analyzing.
    pub held_by: Option<&'static str>,
}

/// Renders `outcome` to every destination in `output`. `folder` is the current directory.
///
/// # Errors
/// If a file or standard output cannot be written.
pub fn report(
    session: &Session<'_>,
    context: &Context,
    outcome: &Outcome,
    output: &OutputOptions,
    asked: Asked,
    folder: Vec<u8>,
) -> Result<()> {
    let report = report::build(outcome, TOOL);
    render(session, context, [&report; 2], output, asked, folder)
}

/// Same as [`report`], for a comparison, and without hints. `whole` also contains unchanged findings,
/// for formats whose readers treat missing findings as fixed.
pub fn write(
    session: &Session<'_>,
    context: &Context,
    report: &Report<'_>,
    whole: &Report<'_>,
    output: &OutputOptions,
    folder: Vec<u8>,
) -> Result<()> {
    let reports = [report, whole];
    render(session, context, reports, output, Asked::default(), folder)
}

fn render(
    session: &Session<'_>,
    context: &Context,
    [report, whole]: [&Report<'_>; 2],
    output: &OutputOptions,
    asked: Asked,
    folder: Vec<u8>,
) -> Result<()> {
    let sources = |oid: &Oid| session.repo.blob(*oid, MAX_SOURCE).ok().map(Arc::from);
    let mut look = report::Context {
        color: Color::Never,
        width: context.printer.width(),
        folder,
        answerer: asked.answerer,
        held_by: asked.held_by,
        category: output.sarif_category.as_deref(),
        about: &|kind, rule| about(kind, rule, &session.settings.thresholds),
        verbosity: context.printer.verbosity(),
        top: None,
        sources: &sources,
    };
    for destination in &output.output {
        let report = match destination.format {
            Format::Sarif => whole,
            _ => report,
        };
        match &destination.file {
            Some(file) => {
                look.color = Color::Never;
                look.top = output.top(false);
                to_file(file, |out| {
                    report::render(destination.format, report, &look, out)
                })?;
            }
            None => {
                look.color = context.printer.color_of_data();
                look.top = output.top(io::stdout().is_terminal());
                context.printer.data(|out| {
                    report::render(destination.format, report, &look, out)
                        .context("cannot write to standard output")
                })?;
            }
        }
    }
    Ok(())
}

/// Explains a rule. Models use the rules of the catalogue, too.
fn about(kind: &Kind, rule: &str, thresholds: &Thresholds) -> Option<Explanation> {
    let known = RULES
        .iter()
        .find(|known| known.id == rule && known.kind == *kind)?;
    Some(Explanation {
        summary: known.help.to_owned(),
        whole: format!("{}. {}", known.help, known.details),
        text: explained::text(known, thresholds),
        markdown: explained::markdown(known, thresholds),
    })
}

/// Writes a file atomically. Writes to a pipe or device in place.
///
/// # Errors
/// If the file cannot be written, or the path leads through a link that a repository contains.
#[expect(
    clippy::disallowed_methods,
    reason = "the user names the pipe or device; `destination` has checked its path"
)]
pub fn to_file(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let what = || format!("cannot write {}", file.display());
    // Keep a symbolic link of the user, and write to its target.
    let place = &destination(file)?;
    if file.exists() && !file.is_file() {
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .open(file)
            .with_context(what)?;
        return write(&mut out).with_context(what);
    }
    let folder = place.parent().unwrap_or(place);
    let new = tempfile::Builder::new()
        .prefix(".rustassistant-")
        // Temporary files are private by default, but reports should follow the umask.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder);
    // Omit the name of the temporary file from the error.
    let mut new = new
        .map_err(|error| io::Error::from(error.kind()))
        .with_context(what)?;
    let mut out = io::BufWriter::new(new.as_file_mut());
    write(&mut out)
        .and_then(|()| out.flush())
        .with_context(what)?;
    drop(out);
    if let Ok(before) = std::fs::metadata(place) {
        let kept = new.as_file().set_permissions(before.permissions());
        kept.with_context(what)?;
    }
    new.persist(place).with_context(what)?;
    Ok(())
}
