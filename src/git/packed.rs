//! Whether git's list of refs can be read at all. A ref that is not found in a list with a damaged
//! line may be in it: taking it for absent would begin anew, beside all that is known. Not what the
//! list says.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use super::files::{self, Links};

/// No list of refs is longer.
const MOST_BYTES: u64 = 4 << 30;

/// Which file, and which writing of it: git writes a new one and renames it.
type Identity = [i128; 5];

/// The list that was found sound last: several refs are looked up in a run, and a large repository
/// has hundreds of thousands of lines.
static SOUND: Mutex<Option<Identity>> = Mutex::new(None);

fn identity(file: &Metadata) -> Identity {
    [
        file.dev().into(),
        file.ino().into(),
        file.size().into(),
        file.mtime().into(),
        file.mtime_nsec().into(),
    ]
}

/// # Errors
/// If `list`, a file of the form of gitrepository-layout(5), has a line that means nothing.
pub fn check(list: &Path) -> Result<()> {
    let file = match fs::metadata(list) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.with_context(|| format!("cannot read {}", list.display()))?,
    };
    let identity = Some(identity(&file));
    let mut sound = SOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if *sound != identity {
        read(list)?;
        *sound = identity;
    }
    Ok(())
}

fn read(list: &Path) -> Result<()> {
    let text = match files::read(list, Links::Followed, MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| format!("cannot read {}", list.display()))?,
    };
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]);
        let line = &text[start..end.map_or(text.len(), |length| start + length)];
        if end.is_none() || !is_sound(line) {
            let line = String::from_utf8_lossy(&line[..line.len().min(200)]);
            bail!(
                "{} has an invalid line: {}",
                list.display(),
                line.escape_debug()
            );
        }
        start += line.len() + 1;
    }
    Ok(())
}

/// A comment, a ref behind an id, or what a tag points at.
fn is_sound(line: &[u8]) -> bool {
    let is_id =
        |text: &[u8]| [40, 64].contains(&text.len()) && text.iter().all(u8::is_ascii_hexdigit);
    match line {
        [b'#', ..] => true,
        [b'^', id @ ..] => is_id(id),
        _ => {
            let space = memchr::memchr(b' ', line);
            space.is_some_and(|space| is_id(&line[..space]) && line.len() > space + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;

    #[test]
    fn what_git_writes_is_sound_and_what_is_cut_or_bent_is_not() {
        let test = TestRepo::new();
        test.write("a", "a");
        test.commit("a");
        test.git(&["-a", "-m", "a tag", "v1"], "tag");
        test.git(&["--all"], "pack-refs");
        let list = test.path.join(".git/packed-refs");
        check(&list).unwrap();
        check(&test.path.join("absent")).unwrap();
        let Ok(text) = fs::read_to_string(&list) else {
            return;
        };
        for bent in [
            text.replacen(" refs", "XXrefs", 1),
            text.replacen('^', "^ ", 1),
            format!("{text}nonsense\n"),
            text.trim_end().to_owned(),
        ] {
            fs::write(&list, &bent).unwrap();
            let error = read(&list).unwrap_err().to_string();
            assert!(error.contains("packed-refs has an invalid line"), "{error}");
        }
        fs::write(&list, text).unwrap();
    }

    #[test]
    fn a_list_that_was_sound_is_looked_at_again_once_it_is_another() {
        let test = TestRepo::new();
        let list = test.path.join(".git/packed-refs");
        fs::write(&list, "# pack-refs with: peeled \n").unwrap();
        check(&list).unwrap();
        fs::write(&list, "# pack-refs with: peeled \nnonsense\n").unwrap();
        assert!(check(&list).is_err());
        // Nor is what was bad taken for sound the second time.
        assert!(check(&list).is_err());
    }
}
