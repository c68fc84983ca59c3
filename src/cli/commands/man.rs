//! `man`: writes manual pages, generated from the command definitions. man(1) displays them.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::context::Context;
use crate::cli::definition;
use crate::cli::publish;
use crate::cli::status::Status;
use crate::git::destination;

const INSTALLING: &str = "\
Installing:
  git rustassistant man ~/.local/share/man/man1";

/// Write the manual pages
///
/// With DIR, writes every page to a file there: git-rustassistant.1, git-rustassistant-analyze.1 and
/// so on. Without DIR, prints the main page. If DIR is in the search path of man(1),
/// 'git rustassistant --help' opens the pages.
#[derive(Debug, Args)]
#[command(after_long_help = INSTALLING)]
pub struct Arguments {
    /// The directory to write to; created if needed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user names the directory; `destination` has checked its path"
)]
pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let mut command = definition("git rustassistant").disable_help_subcommand(true);
    command.build();
    match &arguments.folder {
        Some(folder) => {
            destination(folder)?;
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create directory '{}'", folder.display()))?;
            write_pages(&command, folder)?;
        }
        None => {
            let page = page(&command)?;
            context.printer.data(|out| Ok(out.write_all(&page)?))?;
        }
    }
    Ok(Status::Done)
}

fn write_pages(command: &Command, folder: &Path) -> Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let path = folder.join(format!("{name}.1"));
    let page = page(command)?;
    publish::to_file(&path, |out| out.write_all(&page))?;
    for subcommand in command.get_subcommands() {
        write_pages(subcommand, folder)?;
    }
    Ok(())
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let closing = command.get_after_long_help().map(ToString::to_string);
    let man = Man::new(command.clone())
        .source(concat!("git-rustassistant ", env!("CARGO_PKG_VERSION")))
        .manual("Git RustAssistant Manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&closing.unwrap_or_default()).to_writer(&mut page)?;
    Ok(page)
}

/// The text after the options: one section per block that starts with a title and a colon. Keeps line
/// breaks, as the blocks are examples and tables.
fn sections(closing: &str) -> Roff {
    let mut roff = Roff::new();
    for block in closing.split("\n\n") {
        match block.split_once(":\n") {
            Some((title, lines)) => {
                roff.control("SH", [title.to_uppercase().as_str()]);
                roff.control("nf", []);
                for line in lines.lines() {
                    roff.text([roman(line)]);
                }
                roff.control("fi", []);
            }
            None => {
                roff.control("PP", []);
                roff.text([roman(block)]);
            }
        }
    }
    roff
}
