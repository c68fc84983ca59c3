//! Whether code may leave the machine: asked once for each provider, kind and prompt in a
//! repository, and kept in the repository's own folder, never in a file that can be tracked.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};

use super::context::Context;
use super::opened::Opened;
use super::provider::{Chosen, host};
use crate::model::{Hinted, Kind, Language, ObjectFormat, Oid};
use crate::report::clean_line;
use crate::scan::Outlook;
use crate::settings::Consent;

/// What is agreed to, one line for each kind.
#[derive(Debug)]
pub struct Question {
    file: PathBuf,
    /// By kind: what the line says, and the prompt's digest for people.
    lines: Vec<(Kind, String, String)>,
}

impl Question {
    /// What the settings would send, and to whom.
    ///
    /// A line is bound to this very folder: an archive that brings an agreement with it would have
    /// to know where it will be unpacked.
    ///
    /// # Errors
    /// If the repository's folder cannot be looked at.
    pub fn of(opened: &Opened, chosen: &Chosen) -> Result<Self> {
        let common = opened.repo.common_dir();
        let place = fs::metadata(common).context("cannot look at the repository's folder")?;
        let place = format!("{}:{}", place.dev(), place.ino());
        let host = host(&chosen.endpoint.url);
        let kinds = opened.questions.kinds.iter().enumerate();
        let line = |(number, kind): (usize, &Kind)| {
            let ask = |language| opened.questions.get(language, number);
            let prompt = Language::ALL
                .into_iter()
                .find_map(ask)?
                .recipe
                .prompt
                .clone()?;
            let prompt = digest(&prompt);
            let bound = digest(&format!("{host}\n{kind}\n{prompt}\n{place}\n"));
            Some((kind.clone(), bound.to_string(), prompt.short()))
        };
        Ok(Self {
            file: opened.repo.own_dir().join("consent"),
            lines: kinds.filter_map(line).collect(),
        })
    }

    /// Has all of it been agreed to?
    pub fn is_answered(&self) -> bool {
        let kept = fs::read_to_string(&self.file).unwrap_or_default();
        let kept: BTreeSet<&str> = kept.lines().collect();
        self.lines
            .iter()
            .all(|(_, line, _)| kept.contains(line.as_str()))
    }

    /// Remembers that it has.
    fn keep(&self) -> Result<()> {
        let folder = self
            .file
            .parent()
            .context("the file of agreements lies in a folder")?;
        fs::create_dir_all(folder)?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)?;
        let lines = self.lines.iter().map(|(_, line, _)| format!("{line}\n"));
        file.write_all(lines.collect::<String>().as_bytes())
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

/// Makes sure that the user agrees to what would be sent.
///
/// # Errors
/// With a hint, if the user does not, or there is nobody to ask.
pub fn obtain(
    context: &Context,
    opened: &Opened,
    chosen: &Chosen,
    outlook: impl FnOnce() -> Outlook,
) -> Result<()> {
    let question = Question::of(opened, chosen)?;
    if opened.settings.asking.consent == Consent::Given || question.is_answered() {
        return Ok(());
    }
    let host = clean_line(host(&chosen.endpoint.url));
    let refusal = |why: &str| {
        let hint = format!(
            "if the code of this repository may be sent to {host}, say so with --yes or \
             RUSTASSISTANT_YES=1; -n shows what would be sent"
        );
        Hinted::attach(anyhow!("nothing was sent to {host}: {why}"), hint)
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refusal("nobody has agreed to it in this repository yet"));
    }
    context
        .printer
        .question(&explanation(&question, chosen, &outlook(), &host));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => question.keep(),
        _ => Err(refusal("you did not agree")),
    }
}

fn explanation(question: &Question, chosen: &Chosen, outlook: &Outlook, host: &str) -> String {
    let kinds = question.lines.iter();
    let kinds: Vec<String> = kinds
        .map(|(kind, _, prompt)| format!("{kind} (prompt {prompt})"))
        .collect();
    format!(
        "This sends code to {host}, which has not been agreed to in this repository yet.\n\
         \x20 provider  {} with the model {}\n\
         \x20 files     {}, the whole text of each, without its path\n\
         \x20 kinds     {}\n\
         \x20 takes     {}\n\
         Not sent: files with anything that looks like a secret, files with the attribute\n\
         rustassistant=local, excluded files, names, history.\n\
         Send it? [y/N] ",
        chosen.endpoint.name,
        clean_line(&chosen.model),
        outlook.files,
        kinds.join(", "),
        super::outlook::words(outlook),
    )
}

fn digest(text: &str) -> Oid {
    Oid::of_blob(ObjectFormat::Sha256, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(file: &std::path::Path, lines: &[&str]) -> Question {
        let line = |line: &&str| (Kind::Docs, digest(line).to_string(), String::new());
        Question {
            file: file.to_owned(),
            lines: lines.iter().map(line).collect(),
        }
    }

    #[test]
    fn what_was_agreed_to_is_not_asked_again_and_anything_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rustassistant/consent");
        let both = question(&file, &["one", "two"]);
        assert!(!both.is_answered());
        both.keep().unwrap();
        assert!(both.is_answered());
        assert!(question(&file, &["two"]).is_answered());
        let more = question(&file, &["two", "three"]);
        assert!(!more.is_answered());
        more.keep().unwrap();
        assert!(both.is_answered() && more.is_answered());
    }
}
