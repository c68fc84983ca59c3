//! Hands a report to whoever asked for it: standard output, files, several at once. Not what it
//! looks like.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::context::Context;
use super::options::OutputOptions;
use super::printer::Verbosity;
use crate::git::Repo;
use crate::model::{Oid, Outcome};
use crate::report::{self, Colour, Format, Report, Tool};

/// Source files larger than this are shown without their lines.
const MAX_SOURCE: usize = 16 << 20;

/// This program, as reports name it.
const TOOL: Tool = Tool {
    name: "git-rustassistant",
    version: env!("CARGO_PKG_VERSION"),
};

/// Renders `outcome` wherever `output` says. `folder` is where the user stands.
///
/// # Errors
/// If a file cannot be written, or standard output takes no more.
pub fn report(
    repo: &Repo,
    context: &Context,
    outcome: &Outcome,
    output: &OutputOptions,
    folder: Vec<u8>,
) -> Result<()> {
    let report = report::build(outcome, TOOL);
    let sources = |oid: &Oid| repo.blob(*oid, MAX_SOURCE).ok().map(Arc::from);
    let mut look = report::Context {
        colour: Colour::Never,
        width: context.printer.width(),
        folder,
        verbosity: verbosity(context),
        sources: &sources,
    };
    for destination in &output.output {
        match &destination.file {
            Some(file) => {
                look.colour = Colour::Never;
                to_file(file, destination.format, &report, &look)?;
            }
            None => {
                look.colour = match context.printer.colours_data() {
                    true => Colour::Always,
                    false => Colour::Never,
                };
                context.printer.data(|out| {
                    report::render(destination.format, &report, &look, out)
                        .context("cannot write to standard output")
                })?;
            }
        }
    }
    Ok(())
}

fn verbosity(context: &Context) -> report::Verbosity {
    match context.printer.verbosity() {
        Verbosity::Quiet => report::Verbosity::Quiet,
        Verbosity::Normal => report::Verbosity::Normal,
        Verbosity::Verbose => report::Verbosity::Verbose,
    }
}

/// Whole or not at all: whoever reads the file never sees half a report.
fn to_file(
    file: &Path,
    format: Format,
    report: &Report<'_>,
    look: &report::Context<'_>,
) -> Result<()> {
    let what = || format!("cannot write {}", file.display());
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if file.exists() && !file.is_file() {
        // A pipe or a device is written to, never replaced.
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .open(file)
            .with_context(what)?;
        return report::render(format, report, look, &mut out).with_context(what);
    }
    let new = tempfile::Builder::new()
        .prefix(".rustassistant-")
        .tempfile_in(folder);
    let mut new = new.with_context(what)?;
    let mut out = std::io::BufWriter::new(new.as_file_mut());
    report::render(format, report, look, &mut out)
        .and_then(|()| out.flush())
        .with_context(what)?;
    drop(out);
    readable(new.path()).with_context(what)?;
    new.persist(file).with_context(what)?;
    Ok(())
}

/// A temporary file is private; a report is made to be read.
fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}
