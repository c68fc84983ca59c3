//! Where git looks for hooks, who said so, and which git it is. Not what hooks hold.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::config::Scope;
use super::error::GitFailed;
use super::process::Git;
use super::repo::Repo;

/// The folder in which git looks for hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksFolder {
    pub path: PathBuf,
    /// Who set `core.hooksPath`; none if nobody did.
    pub set_by: Option<Scope>,
}

/// A version of git: `2.47.3` is (2, 47).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// The oldest that is good enough (docs/reliability.md).
    pub const OLDEST: Self = Self(2, 39);

    /// The first that runs hooks named in the configuration (its release notes).
    pub const CONFIG_HOOKS: Self = Self(2, 54);

    /// From what `git version` prints.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().nth(2)?.split('.');
        Some(Self(
            numbers.next()?.parse().ok()?,
            numbers.next()?.parse().ok()?,
        ))
    }
}

/// Which git there is, and as it says it: `2.43.0`.
///
/// # Errors
/// If it does not run, or says something unexpected.
pub fn version() -> Result<(Version, String)> {
    let said = Git::new(Path::new("."), "version").output()?;
    let said = String::from_utf8_lossy(&said);
    let said = said.trim();
    let version = Version::parse(said);
    let version =
        version.with_context(|| format!("unexpected git version '{}'", said.escape_debug()))?;
    Ok((version, said.trim_start_matches("git version ").to_owned()))
}

impl Repo {
    /// Where git looks for hooks, as the user has configured it.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn hooks_folder(&self) -> Result<HooksFolder> {
        let what = || "cannot find the folder of hooks";
        // What is relative is relative to where hooks run: the root of the work tree.
        let root = self.work_dir().unwrap_or(self.common_dir());
        let asked = self
            .git_with_hooks("rev-parse")
            .args(["--git-path", "hooks"]);
        let said = asked.output().with_context(what)?;
        let path = OsStr::from_bytes(said.strip_suffix(b"\n").unwrap_or(&said));
        Ok(HooksFolder {
            path: root.join(path),
            set_by: self.hooks_set_by().with_context(what)?,
        })
    }

    fn hooks_set_by(&self) -> Result<Option<Scope>> {
        let asked = self
            .git_with_hooks("config")
            .args(["--show-scope", "-z", "--get", "core.hooksPath"])
            .output();
        let Some(said) = none_if_unset(asked)? else {
            return Ok(None);
        };
        let scope = said.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(Some(Scope::named(scope).unwrap_or(Scope::Command)))
    }

    /// Does git track any file in this folder of the work tree?
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn tracks_any_in(&self, folder: &Path) -> Result<bool> {
        let Some(inside) = self.from_root(&folder.join("any")) else {
            return Ok(false);
        };
        let mut spec = b":(top,literal)".to_vec();
        spec.extend(inside.folder());
        let asked = self.git("ls-files").args(["-z", "--"]);
        let listed = asked.arg(OsStr::from_bytes(&spec)).output();
        Ok(!listed.context("cannot list the files")?.is_empty())
    }

    /// Sets a value of the repository's own configuration, whatever it was.
    ///
    /// # Errors
    /// If git cannot write it.
    pub fn set_config(&self, key: &str, value: &str) -> Result<()> {
        self.write_config(&["--replace-all", key, value])
            .with_context(|| format!("cannot set {key}"))
    }

    /// Removes every value of a key from the repository's own configuration, and nothing beside
    /// it: neither a comment nor what the user has set in the same section.
    ///
    /// # Errors
    /// If git cannot write.
    pub fn unset_config(&self, key: &str) -> Result<()> {
        self.write_config(&["--unset-all", key])
            .with_context(|| format!("cannot unset {key}"))
    }

    /// What keeps git from running the hook `name` of the configuration on `event`, in git's words
    /// (`disabled`, `event-disabled`): no word if nothing does; `None` if git knows no such hook.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn config_hook(&self, name: &str, event: &str) -> Result<Option<String>> {
        let listed = self.git("hook").args(["list", "-z", event]).finish(b"")?;
        let text = String::from_utf8_lossy(&listed.stdout);
        let known = |line: &str| {
            let rest = line.strip_suffix(name)?;
            (rest.is_empty() || rest.ends_with('\t')).then(|| rest.trim().to_owned())
        };
        Ok(text.split('\0').find_map(known))
    }
}

/// `git config` ends with 1 for a key that is not set.
fn none_if_unset(asked: Result<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    match asked {
        Err(error) => match error.downcast_ref::<GitFailed>() {
            Some(failed) if failed.code == Some(1) => Ok(None),
            _ => Err(error),
        },
        said => said.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn versions_are_read_however_they_are_adorned() {
        let version = |text| Version::parse(text).unwrap();
        assert_eq!(version("git version 2.47.3\n"), Version(2, 47));
        assert_eq!(
            version("git version 2.39.5 (Apple Git-154)"),
            Version(2, 39)
        );
        assert_eq!(version("git version 2.54.0.windows.1"), Version(2, 54));
        assert!(Version::parse("git version unknown").is_none());
        assert!(Version(3, 0) > Version::CONFIG_HOOKS && Version(2, 53) < Version::CONFIG_HOOKS);
    }

    #[test]
    fn hooks_are_where_git_looks_for_them() {
        let test = TestRepo::new();
        let folder = test.open().hooks_folder().unwrap();
        assert_eq!(folder.path, test.path.join(".git/hooks"));
        assert_eq!(folder.set_by, None);
        test.config("core.hooksPath", "tools/hooks");
        test.write("src/a.rs", "");
        let from_below = Repo::open_at(&test.path.join("src")).unwrap();
        let folder = from_below.hooks_folder().unwrap();
        assert_eq!(folder.path, test.path.join("tools/hooks"));
        assert_eq!(folder.set_by, Some(Scope::Local));
        assert!(!from_below.tracks_any_in(&folder.path).unwrap());
        test.write("tools/hooks/pre-push", "");
        test.commit("hooks");
        assert!(from_below.tracks_any_in(&folder.path).unwrap());
    }
}
