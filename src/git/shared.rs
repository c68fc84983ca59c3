//! Files and folders of this program in a repository that several users write
//! (`core.sharedRepository`): with the permissions that git gives its own there. Not git's own files,
//! and nothing outside of this program's folder.

use std::io;

use super::config::{Overrides, Scope, truth};
use super::own_folder::OwnFolder;
use super::repo::Repo;

/// A folder with this bit hands its group on. Git sets it where a group shares.
pub(super) const HANDS_ON_GROUP: u32 = 0o2000;

/// Whom a repository is shared with, beyond its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shared {
    /// Each file as its writer's mask has it.
    Nobody,
    /// At least these may do so much.
    AtLeast(u32),
    /// Exactly these may do so much.
    Exactly(u32),
}

impl Repo {
    /// This program's own folder, made if need be, with the permissions of a shared repository.
    ///
    /// # Errors
    /// If it is not there and cannot be made, or something else is in its place.
    pub fn make_own_folder(&self) -> io::Result<OwnFolder> {
        let folder = OwnFolder::make(self.common_dir(), Self::OWN_FOLDER)?;
        let mode = folder.mode()?;
        let wanted = self.shared().of_folder(mode);
        if wanted != mode {
            // It may be another user's, who has set it up already.
            let _ = folder.set_mode(wanted);
        }
        self.holds_own_folder(&folder);
        Ok(folder)
    }

    fn shared(&self) -> Shared {
        let entries = self.config(Overrides::Absent).unwrap_or_default();
        let mut own = entries.iter().rev();
        // Git itself asks the repository's own file alone.
        own.find(|entry| entry.scope == Scope::Local && entry.name == "core.sharedrepository")
            .map_or(Shared::Nobody, |entry| {
                Shared::parse(entry.value.as_deref().unwrap_or("true"))
            })
    }
}

impl Shared {
    /// As git-config(1) has it. What git would refuse shares with nobody.
    fn parse(value: &str) -> Self {
        match value {
            "umask" | "0" => Self::Nobody,
            "group" | "1" => Self::AtLeast(0o660),
            "all" | "world" | "everybody" | "2" => Self::AtLeast(0o664),
            _ => match u32::from_str_radix(value, 8) {
                Ok(mode) if mode & 0o600 == 0o600 => Self::Exactly(mode & 0o666),
                Ok(_) => Self::Nobody,
                Err(_) if truth(value) == Some(true) => Self::AtLeast(0o660),
                Err(_) => Self::Nobody,
            },
        }
    }

    /// The mode of a folder that has this one.
    fn of_folder(self, mode: u32) -> u32 {
        let shared = match self {
            Self::Nobody => return mode,
            Self::AtLeast(more) => mode | more,
            Self::Exactly(all) => mode & !0o777 | all,
        };
        // Who may list it may enter it.
        let shared = shared | (shared & 0o444) >> 2;
        match shared & 0o060 {
            0 => shared,
            _ => shared | HANDS_ON_GROUP,
        }
    }
}

/// The mode of a folder, if it is shared within a group: then of what lies in it, too.
pub(super) fn group_mode(mode: u32) -> Option<u32> {
    Some(mode).filter(|mode| mode & HANDS_ON_GROUP != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    /// The folders that git itself makes beside ours are the reference.
    #[test]
    fn our_folder_has_the_permissions_that_git_gives_its_own() {
        for value in [
            "umask", "group", "all", "0660", "0640", "0664", "true", "false",
        ] {
            let test = TestRepo::new();
            test.config("core.sharedRepository", value);
            let file = test.path.join("content");
            fs::write(&file, value).unwrap();
            let oid = test.git(&["-w", "content"], "hash-object");
            let gits = test.path.join(".git/objects").join(&oid[..2]);
            assert_eq!(
                mode(test.open().make_own_folder().unwrap().path()),
                mode(&gits),
                "{value}"
            );
        }
    }

    #[test]
    fn what_lies_in_a_shared_folder_is_shared_as_it_is_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for (around, inside, file) in [
            (0o2770, Some(0o2770), 0o660),
            (0o2775, Some(0o2775), 0o664),
            (0o2750, Some(0o2750), 0o640),
            (0o755, None, 0o600),
        ] {
            let own = folder.path().join(format!("{around:o}"));
            fs::create_dir(&own).unwrap();
            fs::set_permissions(&own, Permissions::from_mode(around)).unwrap();
            let shared = OwnFolder::around(&own).unwrap();
            shared.make_folder("claims").unwrap();
            if let Some(inside) = inside {
                assert_eq!(mode(&own.join("claims")), inside);
            }
            shared.replace("memo-1", "new-memo-", &[b"1"]).unwrap();
            assert_eq!(mode(&own.join("memo-1")), file, "{around:o}");
        }
    }
}
