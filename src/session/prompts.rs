//! Prompts of custom kinds: reads them from git, shows them before sending, and rejects them if they
//! contain something that looks like a secret.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, bail};

use super::host::Host;
use super::tracked::{self, Place};
use crate::analyzers::line_of_secret;
use crate::git::Repo;
use crate::model::{Hinted, Kind, Oid, RepoPath, ResultExt};
use crate::report::{clean, count};

/// Size limit of a prompt.
const MOST_BYTES: u64 = 64 << 10;

/// How much of a prompt to show when asking for agreement.
const MOST_LINES: usize = 5;
const MOST_COLUMNS: usize = 70;

/// The prompt of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub path: RepoPath,
    pub text: String,
}

/// The prompts of the custom kinds among `kinds`. `named` are their paths.
///
/// # Errors
/// With a hint, if a prompt does not exist in git, is empty or is not UTF-8.
pub fn read<'a>(
    repo: &Repo,
    place: Place,
    named: &BTreeMap<Kind, String>,
    kinds: impl Iterator<Item = &'a Kind>,
) -> Result<BTreeMap<Kind, Prompt>> {
    let mut prompts = BTreeMap::new();
    for kind in kinds {
        if let Some(path) = named.get(kind) {
            let prompt = one(repo, place, path);
            let prompt = prompt.with_context(|| format!("cannot run kind '{kind}'"));
            let setting =
                format!("rustassistant-kind.{kind}.prompt must name a tracked file, from the root");
            prompts.insert(kind.clone(), prompt.hint(setting)?);
        }
    }
    Ok(prompts)
}

fn one(repo: &Repo, place: Place, written: &str) -> Result<Prompt> {
    let path = RepoPath::from(written);
    if path.as_bytes().is_empty() || path.within(b"").as_ref() != Some(&path) {
        bail!("{path} is not a path in the repository");
    }
    let found = tracked::stored_at(repo, place, &path)?;
    let oid = found.ok_or_else(|| {
        let (where_not, what_to_do) = match place {
            Place::Tree(tree) => (
                format!("in {}", tree.short()),
                format!("git log --all -- {path}"),
            ),
            Place::Here => ("that git tracks".to_owned(), format!("git add {path}")),
        };
        Hinted::attach(anyhow!("no file {path} {where_not}"), what_to_do)
    })?;
    let text = tracked::stored(repo, oid, &path, MOST_BYTES)?;
    let text = String::from_utf8(text).with_context(|| format!("{path} is not UTF-8"))?;
    if text.trim().is_empty() {
        // So it is, too, where only its name was added.
        return Err(anyhow!("{path} is empty")).hint(format!("git add {path}"));
    }
    Ok(Prompt { path, text })
}

/// Warns about unstaged changes to prompts: only staged text is used.
pub fn tell_unstaged(host: &dyn Host, repo: &Repo, prompts: &BTreeMap<Kind, Prompt>) {
    for Prompt { path, text } in prompts.values() {
        let Ok(Some(here)) = repo.work_file(path, 2 * MOST_BYTES) else {
            continue;
        };
        let oid = |text: &[u8]| Oid::of_blob(repo.format(), text);
        if oid(&without_returns(&here)) != oid(&without_returns(text.as_bytes())) {
            host.warning(format!(
                "{path} has unstaged changes; the staged version is used"
            ));
            host.note(format!("hint: git add {path}"));
        }
    }
}

/// Git may have converted line endings.
fn without_returns(text: &[u8]) -> Vec<u8> {
    let kept = text.iter().copied().filter(|&byte| byte != b'\r');
    kept.collect()
}

impl Prompt {
    /// # Errors
    /// With the line number, if something in the prompt looks like a secret.
    pub fn expect_no_secret(&self, kind: &Kind) -> Result<()> {
        let path = &self.path;
        match line_of_secret(self.text.as_bytes()) {
            None => Ok(()),
            Some(line) => Err(anyhow!("line {line} of {path} looks like a secret"))
                .with_context(|| format!("not sending the prompt of kind '{kind}'"))
                .hint(format!(
                    "remove it, then: git add {path}; a prompt is published with the answers"
                )),
        }
    }

    /// The first lines, each prefixed with `mark`, truncated and escaped.
    pub fn beginning(&self, mark: &str) -> String {
        let text = clean(self.text.trim());
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let mut shown = String::new();
        for line in lines.iter().take(MOST_LINES) {
            let mut columns = 0;
            let fits = |c: &char| {
                columns += textwrap::core::display_width(c.encode_utf8(&mut [0; 4]));
                columns <= MOST_COLUMNS
            };
            let short: String = line.chars().take_while(fits).collect();
            let end = if short.len() < line.len() { "…" } else { "" };
            shown += &format!("{mark}{short}{end}\n");
        }
        if let Some(more @ 1..) = lines.len().checked_sub(MOST_LINES) {
            shown += &format!("{mark}… and {}\n", count(more as u64, "more line"));
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_prompt_is_short_narrow_and_steers_no_terminal() {
        let long = "é".repeat(10_000);
        let prompt = Prompt {
            path: RepoPath::from("ask.md"),
            text: format!("\n\none\x1b[2J\n{long}\n3\n\n4\n5\n6\n7\n"),
        };
        let shown = prompt.beginning("  | ");
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "  | one\\u{1b}[2J");
        assert_eq!(lines[1].chars().count(), 4 + MOST_COLUMNS + 1);
        assert_eq!(
            lines[2..],
            ["  | 3", "  | 4", "  | 5", "  | … and 2 more lines"]
        );
    }
}
