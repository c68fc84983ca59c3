//! Marks that a key is being worked on, so that nothing is paid for twice. One file a process,
//! locked while it lives: a dead process claims nothing.

use std::collections::HashSet;
use std::io::{Seek, Write};

use anyhow::{Context, Result};

use super::journal::{cannot, is_of_a_process, name_of};
use crate::git::{Lock, OwnFolder, Turn};
use crate::model::EntryKey;

/// Held by whoever looks at the claims of all.
const GATE: &str = "gate";

/// The most that is read of the claims of another process.
const MAX_CLAIMS: u64 = 1 << 28;

/// What this process is working on.
#[derive(Debug)]
pub struct Claims {
    folder: OwnFolder,
    own: Lock,
    name: String,
}

impl Claims {
    /// Where claims lie, in this program's own folder.
    pub const FOLDER: &str = "claims";

    /// In `folder`, which is made for claims.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn start(folder: OwnFolder) -> Result<Self> {
        for number in 0u32.. {
            let name = name_of(std::process::id(), number);
            let taken = Lock::take(&folder, &name, Turn::Now);
            if let Some(own) = taken.with_context(|| cannot("write", &folder, &name))? {
                own.file().set_len(0)?;
                return Ok(Self { folder, own, name });
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
        let _gate = Lock::take(&self.folder, GATE, Turn::Wait).context("cannot lock the claims")?;
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
        let _gate = Lock::take(&self.folder, GATE, Turn::Wait).context("cannot lock the claims")?;
        let text: String = keys.iter().map(|key| line(key) + "\n").collect();
        let mut file = self.own.file();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .context("cannot release claims")
    }

    /// Removes what dead processes claimed. They claim nothing any more; it is only untidy.
    pub(super) fn remove_dead(folder: &OwnFolder) {
        let Ok(Some(_gate)) = Lock::take(folder, GATE, Turn::Now) else {
            return;
        };
        let names = folder.names().unwrap_or_default().into_iter();
        for name in names.filter(|name| is_of_a_process(name)) {
            if let Ok(Some(_dead)) = Lock::take(folder, &name, Turn::Now) {
                let _ = folder.remove(&name);
            }
        }
    }

    /// Which of `lines` others have claimed. They may have claimed very many more.
    fn of_others(&self, lines: &[String]) -> Result<HashSet<String>> {
        let asked: HashSet<&str> = lines.iter().map(String::as_str).collect();
        let mut claimed = HashSet::new();
        let names = self.folder.names().context("cannot list the claims")?;
        let others = names.into_iter().filter(|name| *name != self.name);
        for name in others.filter(|name| is_of_a_process(name)) {
            match Lock::take(&self.folder, &name, Turn::Now) {
                // Nobody holds it: its process is dead, and whoever takes the gate tidies up.
                Ok(Some(_dead)) => drop(self.folder.remove(&name)),
                Ok(None) => {
                    let text = self.folder.text(&name, MAX_CLAIMS).unwrap_or_default();
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
        let _ = self.folder.remove(&self.name);
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
        let one = Claims::start(OwnFolder::around(folder.path()).unwrap()).unwrap();
        let two = Claims::start(OwnFolder::around(folder.path()).unwrap()).unwrap();
        assert_eq!(one.take(&[key(1), key(2)]).unwrap(), [true, true]);
        assert_eq!(two.take(&[key(2), key(3)]).unwrap(), [false, true]);
        one.keep_only(&[key(1)].into()).unwrap();
        assert_eq!(two.take(&[key(1), key(2)]).unwrap(), [false, true]);
        assert_eq!(one.take(&[key(2)]).unwrap(), [false]);
        drop(two);
        assert_eq!(one.take(&[key(2)]).unwrap(), [true]);
    }
}
