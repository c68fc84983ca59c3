//! Hands a report to whoever asked for it: standard output, files, several at once. Not what it
//! looks like.

use std::fs::Permissions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::context::Context;
use super::options::OutputOptions;
use crate::analyzers::local::RULES;
use crate::git::{Repo, destination};
use crate::model::{Kind, Oid, Outcome};
use crate::report::{self, Colour, Format, Report, Tool};

/// Source files larger than this are shown without their lines.
const MAX_SOURCE: usize = 16 << 20;

/// This program, as reports name it.
pub const TOOL: Tool = Tool {
    name: "git-rustassistant",
    version: env!("CARGO_PKG_VERSION"),
};

/// How a report came about, for advice on what is missing in it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The options that chose who answers.
    pub answerer: String,
    /// The option that kept from analysing.
    pub held_by: Option<&'static str>,
}

/// Renders `outcome` wherever `output` says. `folder` is where the user stands.
///
/// # Errors
/// If a file cannot be written, or standard output takes no more.
pub fn report(
    repo: &Repo,
    context: &Context,
    outcome: &Outcome,
    output: &OutputOptions,
    asked: Asked,
    folder: Vec<u8>,
) -> Result<()> {
    let report = report::build(outcome, TOOL);
    render(repo, context, [&report; 2], output, asked, folder)
}

/// As [`report`], of a comparison that is built already, and gives no advice on what is missing.
/// `whole` tells what the report left out as well, for who takes that for fixed.
///
/// # Errors
/// As [`report`].
pub fn write(
    repo: &Repo,
    context: &Context,
    report: &Report<'_>,
    whole: &Report<'_>,
    output: &OutputOptions,
    folder: Vec<u8>,
) -> Result<()> {
    let reports = [report, whole];
    render(repo, context, reports, output, Asked::default(), folder)
}

fn render(
    repo: &Repo,
    context: &Context,
    [report, whole]: [&Report<'_>; 2],
    output: &OutputOptions,
    asked: Asked,
    folder: Vec<u8>,
) -> Result<()> {
    let sources = |oid: &Oid| repo.blob(*oid, MAX_SOURCE).ok().map(Arc::from);
    let mut look = report::Context {
        colour: Colour::Never,
        width: context.printer.width(),
        folder,
        answerer: asked.answerer,
        held_by: asked.held_by,
        category: output.sarif_category.as_deref(),
        about: &about,
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
                look.colour = Colour::Never;
                look.top = output.top(false);
                to_file(file, |out| {
                    report::render(destination.format, report, &look, out)
                })?;
            }
            None => {
                look.colour = context.printer.colour_of_data();
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

/// What a rule reports and why. Models are asked for the rules of the catalogue, too.
fn about(kind: &Kind, rule: &str) -> Option<String> {
    let known = RULES
        .iter()
        .find(|known| known.id == rule && known.kind == *kind)?;
    Some(format!("{}. {}", known.help, known.details))
}

/// Whole or not at all: whoever reads the file never sees half of it. A pipe or a device is
/// written to, never replaced.
///
/// # Errors
/// If the file cannot be written, or a repository has laid the link that leads there.
#[expect(
    clippy::disallowed_methods,
    reason = "a pipe or a device that the user names; its way was looked at"
)]
pub fn to_file(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let what = || format!("cannot write {}", file.display());
    // A link of the user's stays one, and what it leads to gets the text.
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
        // A temporary file is private; a report is as readable as the user's mask makes files.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder);
    // The cause alone: the name of the temporary file says nothing to anyone.
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
