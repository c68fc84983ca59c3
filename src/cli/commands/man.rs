//! `man`: manual pages, made from the same arguments. Not shown here: that is man(1).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use clap_mangen::Man;

use crate::cli::context::Context;
use crate::cli::definition;
use crate::cli::status::Status;

const INSTALLING: &str = "\
Installing, so that 'git rustassistant --help' and 'git help rustassistant' open them:
  git rustassistant man ~/.local/share/man/man1";

/// Write the manual pages
///
/// Without DIR, the page of git-rustassistant itself goes to standard output; with it, every page
/// to a file there: git-rustassistant.1, git-rustassistant-analyze.1 and so on.
#[derive(Debug, Args)]
#[command(after_long_help = INSTALLING)]
pub struct Arguments {
    /// The folder to write the pages to; made if it does not exist
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Status> {
    let mut command = definition("git rustassistant").disable_help_subcommand(true);
    command.build();
    match &arguments.folder {
        Some(folder) => {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder '{}'", folder.display()))?;
            write_pages(&command, folder)?;
        }
        None => {
            let mut page = Vec::new();
            titled(&command).render(&mut page)?;
            context.printer.data(|out| Ok(out.write_all(&page)?))?;
        }
    }
    Ok(Status::Done)
}

fn write_pages(command: &clap::Command, folder: &Path) -> Result<()> {
    let page = titled(command);
    page.generate_to(folder).with_context(|| {
        let path = folder.join(page.get_filename());
        format!("cannot write '{}'", path.display())
    })?;
    for subcommand in command.get_subcommands() {
        write_pages(subcommand, folder)?;
    }
    Ok(())
}

fn titled(command: &clap::Command) -> Man {
    Man::new(command.clone())
        .source(concat!("git-rustassistant ", env!("CARGO_PKG_VERSION")))
        .manual("Git RustAssistant Manual")
}
