//! Marks that a key is being worked on, so that nothing is paid for twice. One file a process,
//! locked while it lives: a dead process claims nothing.

use std::collections::HashSet;
use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::git::{Lock, Turn, own_folder};
use crate::model::EntryKey;

/// What this process is working on.
#[derive(Debug)]
pub struct Claims {
    folder: PathBuf,
    own: Lock,
    path: PathBuf,
}

impl Claims {
    /// Where claims lie, in this program's own folder.
    pub const FOLDER: &str = "claims";

    /// # Errors
    /// If the folder or the file cannot be made.
    pub fn start(folder: &Path) -> Result<Self> {
        own_folder(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for number in 0u32.. {
            let path = folder.join(format!("{}-{number}", std::process::id()));
            let taken = Lock::take(&path, Turn::Now);
            if let Some(own) = taken.with_context(|| format!("cannot write {}", path.display()))? {
                own.file().set_len(0)?;
                return Ok(Self {
                    folder: folder.to_owned(),
                    own,
                    path,
                });
            }
        }
        unreachable!("there are more numbers than files")
    }

    /// Claims those of `keys` that no living process has claimed; which of them it got.
    ///
    /// Look into the store again after this and before working: a key may have been answered, and
    /// its claim given back, since it was last looked up.
    ///
    /// # Errors
    /// If the files of claims cannot be read or written.
    pub fn take(&self, keys: &[EntryKey]) -> Result<Vec<bool>> {
        let gate = self.folder.join("gate");
        let _gate = Lock::take(&gate, Turn::Wait).context("cannot lock the claims")?;
        let lines: Vec<String> = keys.iter().map(line).collect();
        let theirs = self.of_others(&lines)?;
        let free: Vec<bool> = lines.iter().map(|line| !theirs.contains(line)).collect();
        let mut ours = String::new();
        for (line, _) in lines.iter().zip(&free).filter(|(_, free)| **free) {
            ours.push_str(line);
            ours.push('\n');
        }
        let mut file = self.own.file();
        file.write_all(ours.as_bytes())
            .context("cannot write a claim")?;
        Ok(free)
    }

    /// Gives all claims back but those of `keys`: the answers of the others are in the store, or
    /// nobody works on them any more.
    ///
    /// # Errors
    /// If the file cannot be changed.
    pub fn keep_only(&self, keys: &HashSet<EntryKey>) -> Result<()> {
        let gate = self.folder.join("gate");
        let _gate = Lock::take(&gate, Turn::Wait).context("cannot lock the claims")?;
        let text: String = keys.iter().map(|key| line(key) + "\n").collect();
        let mut file = self.own.file();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .context("cannot give claims back")
    }

    /// Removes what dead processes claimed. They claim nothing any more; it is only untidy.
    pub(super) fn remove_dead(folder: &Path) {
        let Ok(Some(_gate)) = Lock::take(&folder.join("gate"), Turn::Now) else {
            return;
        };
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = file.path();
            if !path.ends_with("gate")
                && let Ok(Some(_dead)) = Lock::take(&path, Turn::Now)
            {
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Which of `lines` others have claimed. They may have claimed very many more.
    fn of_others(&self, lines: &[String]) -> Result<HashSet<String>> {
        let asked: HashSet<&str> = lines.iter().map(String::as_str).collect();
        let mut claimed = HashSet::new();
        for file in fs::read_dir(&self.folder).context("cannot list the claims")? {
            let path = file?.path();
            if path == self.path || path.ends_with("gate") {
                continue;
            }
            match Lock::take(&path, Turn::Now) {
                // Nobody holds it: its process is dead, and whoever takes the gate tidies up.
                Ok(Some(_dead)) => drop(fs::remove_file(&path)),
                Ok(None) => {
                    let text = fs::read_to_string(&path).unwrap_or_default();
                    let theirs = text.lines().filter(|line| asked.contains(line));
                    claimed.extend(theirs.map(str::to_owned));
                }
                Err(_) => {}
            }
        }
        Ok(claimed)
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn line(key: &EntryKey) -> String {
    format!("{} {}", key.fingerprint, key.blob)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fingerprint, Kind, ObjectFormat, Oid};

    #[test]
    fn a_key_is_claimed_once_and_free_again_when_its_holder_is_done_or_dead() {
        let folder = tempfile::tempdir().unwrap();
        let key = |n: u8| EntryKey {
            kind: Kind::Docs,
            fingerprint: Fingerprint(Oid::of_blob(ObjectFormat::Sha1, b"")),
            blob: Oid::of_blob(ObjectFormat::Sha1, &[n]),
        };
        let one = Claims::start(folder.path()).unwrap();
        let two = Claims::start(folder.path()).unwrap();
        assert_eq!(one.take(&[key(1), key(2)]).unwrap(), [true, true]);
        assert_eq!(two.take(&[key(2), key(3)]).unwrap(), [false, true]);
        one.keep_only(&[key(1)].into()).unwrap();
        assert_eq!(two.take(&[key(1), key(2)]).unwrap(), [false, true]);
        assert_eq!(one.take(&[key(2)]).unwrap(), [false]);
        drop(two);
        assert_eq!(one.take(&[key(2)]).unwrap(), [true]);
    }
}
