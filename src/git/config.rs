//! Git's configuration as a list of entries, with the scope each was written in. What they mean
//! is decided in settings.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::error::{git_error, harmless};
use super::hand::Hand;
use super::listing::records;
use super::process::{Git, failed};
use super::repo::Repo;

/// Who wrote an entry: how far it is to be trusted follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    System,
    Global,
    /// A tracked file of the repository: anyone who can commit.
    Tracked,
    Local,
    Worktree,
    /// `git -c` and its environment variables.
    Command,
}

impl Scope {
    /// As `git config --show-scope` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Global => "global",
            Self::Tracked => "tracked",
            Self::Local => "local",
            Self::Worktree => "worktree",
            Self::Command => "command",
        }
    }

    pub(super) fn named(name: &[u8]) -> Option<Self> {
        [
            Self::System,
            Self::Global,
            Self::Local,
            Self::Worktree,
            Self::Command,
        ]
        .into_iter()
        .find(|scope| scope.name().as_bytes() == name)
    }
}

/// One line of configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// `section.key` or `section.subsection.key`; git lower-cases section and key.
    pub name: String,
    /// None for a key written without `=`, which means true.
    pub value: Option<String>,
    pub scope: Scope,
    /// The file it was read from, where that is known.
    pub origin: Option<String>,
}

/// Whether the environment adds to the configuration files (`GIT_CONFIG_COUNT`, `git -c`), which
/// libgit2 does not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overrides {
    Absent,
    Present,
}

impl Overrides {
    /// The variables by which git and libgit2 read other files, or more than files.
    const VARIABLES: [&str; 6] = [
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG",
    ];

    /// As git will find it, which is given the same environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "git's own variables, which git reads for the same purpose"
    )]
    pub(super) fn of_process() -> Self {
        Self::told(|name| std::env::var_os(name).is_some())
    }

    /// Told by which variables are set.
    pub fn told(is_set: impl Fn(&str) -> bool) -> Self {
        if Self::VARIABLES.into_iter().any(is_set) {
            Self::Present
        } else {
            Self::Absent
        }
    }
}

/// The value that counts of a key, named as git lists it: section and variable in lower case.
pub(super) fn last_of(entries: &[ConfigEntry], name: &str) -> Option<String> {
    let mut entries = entries.iter().rev();
    entries.find(|entry| entry.name == name)?.value.clone()
}

/// A whole number as git's configuration writes it: decimal, with `k`, `m` or `g` for powers of
/// 1024. `None` if the text is none, or does not fit.
pub fn integer(text: &str) -> Option<i64> {
    let factor = match text.bytes().last()?.to_ascii_lowercase() {
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        b'g' => 1 << 30,
        _ => return git2::Config::parse_i64(text).ok(),
    };
    // libgit2 multiplies without a look at what comes out.
    let number = git2::Config::parse_i64(&text[..text.len() - 1]).ok()?;
    number.checked_mul(factor)
}

/// Yes or no as git's configuration writes it: `true`, `on`, `0`. `None` if the text is neither.
pub(super) fn truth(text: &str) -> Option<bool> {
    git2::Config::parse_bool(text).ok()
}

impl Repo {
    /// Every entry that git sees, in git's order: later ones win within and across scopes.
    ///
    /// Read through libgit2, which starts nothing, unless there is something it does not know.
    ///
    /// # Errors
    /// If a configuration file cannot be read or parsed.
    pub fn config(&self, overrides: Overrides) -> Result<Vec<ConfigEntry>> {
        let (Hand::Libgit2(repo), Overrides::Absent) = (&self.hand, overrides) else {
            return self.config_with_origins();
        };
        let entries = config_by_libgit2(repo).context("cannot read git's configuration")?;
        let unknown = |entry: &ConfigEntry| entry.name.starts_with("includeif.hasconfig:");
        if entries.iter().any(unknown) {
            self.config_with_origins()
        } else {
            Ok(entries)
        }
    }

    /// As [`Repo::config`], with the file that each entry stands in.
    ///
    /// # Errors
    /// As [`Repo::config`].
    pub fn config_with_origins(&self) -> Result<Vec<ConfigEntry>> {
        let output = self
            .git("config")
            .args(["-z", "--list", "--show-scope", "--show-origin"])
            .output()
            .context("cannot read git's configuration")?;
        let mut fields = output.split(|&b| b == 0);
        let mut entries = Vec::new();
        while let (Some(scope), Some(origin), Some(pair)) =
            (fields.next(), fields.next(), fields.next())
        {
            if let Some(scope) = Scope::named(scope) {
                let origin = String::from_utf8_lossy(origin);
                let origin = origin.strip_prefix("file:").unwrap_or(&origin).to_owned();
                entries.push(parse_pair(pair, scope, Some(origin)));
            }
        }
        Ok(entries)
    }

    /// The entries of a tracked file in git's config syntax, given its bytes.
    ///
    /// # Errors
    /// If git cannot parse it. Includes are never followed.
    pub fn config_of(&self, text: &[u8], origin: &str) -> Result<Vec<ConfigEntry>> {
        if text.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        let output = Git::new(self.start(), "config")
            .args(["-z", "--list", "--no-includes", "--file", "-"])
            .feed(text)
            .with_context(|| format!("cannot parse {origin}"))?;
        let origin = Some(origin.to_owned());
        Ok(records(&output)
            .map(|pair| parse_pair(pair, Scope::Tracked, origin.clone()))
            .collect())
    }

    /// The path that git has for `key`, `~` resolved.
    pub(super) fn configured_path(&self, key: &str) -> Option<PathBuf> {
        let asked = self.git("config").args(["--type=path", "--get", key]);
        let path = asked.output().ok()?;
        Some(PathBuf::from(OsStr::from_bytes(path.trim_ascii_end())))
    }

    /// Adds a value to the repository's own configuration.
    ///
    /// # Errors
    /// If git cannot write it.
    pub fn add_config(&self, key: &str, value: &str) -> Result<()> {
        self.write_config(&["--add", key, value])
            .with_context(|| format!("cannot set {key}"))
    }

    /// Has git write to the repository's own configuration.
    pub(super) fn write_config(&self, arguments: &[&str]) -> Result<()> {
        let moving = self.writing_config();
        let git = self.git("config").arg("--local").args(arguments);
        let output = git.printing_to(moving.held_by_child()).finish(b"")?;
        moving.ended(output.status);
        if output.status.success() {
            Ok(())
        } else {
            Err(failed("config".to_owned(), &output).into())
        }
    }

    /// The values of a key in the repository's own configuration, in order.
    ///
    /// # Errors
    /// If the configuration cannot be read.
    pub fn own_config(&self, key: &str) -> Result<Vec<String>> {
        let output = self
            .git("config")
            .args(["--local", "-z", "--get-all", key])
            .finish(b"")?;
        match output.status.code() {
            Some(0) => Ok(output
                .stdout
                .split(|&b| b == 0)
                .filter(|value| !value.is_empty())
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .collect()),
            Some(1) => Ok(Vec::new()),
            _ => bail!("cannot read {key}: {}", harmless(&output.stderr)),
        }
    }

    /// Removes every value that the repository's own configuration has for this program, and what else
    /// of the repository's own says which files are looked at: its attributes.
    ///
    /// # Errors
    /// If git cannot write it, or one stands in a file that it includes.
    pub fn forget_own_settings(&self) -> Result<()> {
        let ours = |entries: Vec<ConfigEntry>| {
            let is_own = |scope| matches!(scope, Scope::Local | Scope::Worktree);
            let entries = entries.into_iter().filter(move |entry| is_own(entry.scope));
            entries.filter(|entry| {
                let section = entry.name.split('.').next().unwrap_or_default();
                section == "rustassistant"
                    || section.starts_with("rustassistant-")
                    || entry.name == "core.attributesfile"
            })
        };
        let mut seen = BTreeSet::new();
        for entry in ours(self.config_with_origins()?) {
            if seen.insert((entry.scope, entry.name.clone())) {
                let file = if entry.scope == Scope::Worktree {
                    "--worktree"
                } else {
                    "--local"
                };
                // One that an included file holds is found below.
                let _ = self
                    .git("config")
                    .args([file, "--unset-all", &entry.name])
                    .output();
            }
        }
        match self
            .way("info/attributes")
            .and_then(|(info, name)| info.remove(&name))
        {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context("cannot remove info/attributes");
            }
            _ => {}
        }
        match ours(self.config_with_origins()?).next() {
            None => Ok(()),
            Some(left) => bail!(
                "{} is still set by {}",
                left.name,
                left.origin.as_deref().unwrap_or("an included file")
            ),
        }
    }

    /// Removes exactly this value of a key from the repository's own configuration.
    ///
    /// # Errors
    /// If git cannot write it.
    pub fn remove_config(&self, key: &str, value: &str) -> Result<()> {
        self.write_config(&["--fixed-value", "--unset-all", key, value])
            .with_context(|| format!("cannot unset {key}"))
    }
}

fn config_by_libgit2(repo: &git2::Repository) -> Result<Vec<ConfigEntry>> {
    let mut config = repo.config().map_err(|e| git_error(&e))?;
    let snapshot = config.snapshot().map_err(|e| git_error(&e))?;
    let iterator = snapshot.entries(None).map_err(|e| git_error(&e))?;
    let mut entries = Vec::new();
    iterator
        .for_each(|entry| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            entries.push(ConfigEntry {
                name: text(entry.name_bytes()),
                value: entry.has_value().then(|| text(entry.value_bytes())),
                scope: scope(entry.level()),
                origin: None,
            });
        })
        .map_err(|e| git_error(&e))?;
    // libgit2 goes from the file that counts most to the one that counts least.
    entries.sort_by_key(|entry| entry.scope);
    Ok(entries)
}

fn scope(level: git2::ConfigLevel) -> Scope {
    use git2::ConfigLevel as Level;
    match level {
        Level::ProgramData | Level::System => Scope::System,
        Level::XDG | Level::Global => Scope::Global,
        Level::Worktree => Scope::Worktree,
        _ => Scope::Local,
    }
}

fn parse_pair(pair: &[u8], scope: Scope, origin: Option<String>) -> ConfigEntry {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let newline = pair.iter().position(|&b| b == b'\n');
    let (name, value) = match newline {
        Some(at) => (&pair[..at], Some(text(&pair[at + 1..]))),
        None => (pair, None),
    };
    ConfigEntry {
        name: text(name),
        value,
        scope,
        origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_does_not_fit_is_none() {
        assert_eq!(integer("2k"), Some(2048));
        assert_eq!(integer("-1G"), Some(-(1 << 30)));
        let most = "9223372036854775808";
        for none in ["", "k", "x", "9007199254740993k", "17179869185g", most] {
            assert_eq!(integer(none), None, "{none}");
        }
    }
}
