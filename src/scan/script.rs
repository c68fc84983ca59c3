//! In which language a file is: by its name, or by its first line where it is a script without an
//! ending. Not which language a first line names: that is `model::Language`.

use crate::git::{Listed, Mode, Repo};
use crate::model::Language;

/// No script that people write is longer, in bytes.
const LONGEST: usize = 256 << 10;

/// Could the first line tell it? Only of what git calls executable, so that few files are read.
pub fn may_be_script(name: &[u8], mode: Mode) -> bool {
    mode.is_executable() && !name.contains(&b'.')
}

/// The language of a file; `None` if neither tells one, or it cannot be read now.
pub fn language(repo: &Repo, file: &Listed) -> Option<Language> {
    let by_name = Language::of(&file.path);
    if by_name.is_some() || !may_be_script(file.path.file_name(), file.mode) {
        return by_name;
    }
    let text = match file.oid {
        Some(oid) => repo.blob(oid, LONGEST).ok(),
        None => repo.work_file(&file.path, LONGEST as u64).ok().flatten(),
    };
    Language::of_script(&text?)
}
