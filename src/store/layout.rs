//! The names of our refs and of everything in their trees. The only place that spells them.

use anyhow::{Result, bail};

use crate::model::{ObjectFormat, Oid};

/// What this clone knows and has not published. Never pushed.
pub const LOCAL_REF: &str = "refs/rustassistant/local/v1";

/// What a repository publishes.
pub const SHARED_REF: &str = "refs/rustassistant/shared/v1";

/// Where our copies of what remotes publish are.
pub const MIRRORS: &str = "refs/rustassistant/remotes/";

/// What was imported last from a file. Never pushed.
pub const IMPORTED_REF: &str = "refs/rustassistant/imported/v1";

/// What was exported last to a file: what an increment is told from. Not read by lookups.
pub const EXPORTED_REF: &str = "refs/rustassistant/exported/v1";

/// The content of the file `format` at the root of every store's tree.
pub const FORMAT_TEXT: &[u8] = b"1\n";

/// The three names at the root of a store's tree.
pub const FORMAT: &str = "format";
pub const RECIPES: &str = "recipes";
pub const ENTRIES: &str = "entries";

/// Our copy of what `remote` publishes.
///
/// # Errors
/// If the remote's name cannot be part of a ref name.
pub fn mirror_ref(remote: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    let fits = !remote.is_empty()
        && remote.chars().all(plain)
        && remote
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with(['.', '-']))
        && !remote.contains("..")
        && !remote.ends_with(".lock")
        && !remote.ends_with('.');
    if fits {
        Ok(format!("{MIRRORS}{remote}/v1"))
    } else {
        bail!(
            "unsupported remote name '{}': allowed are letters, digits, '.', '_', '-' and '/'",
            remote.escape_debug()
        )
    }
}

/// By which plain `git fetch` keeps our copy of what `remote` publishes at `shared` up to date. A
/// pattern, because git refuses a whole fetch if a ref that is named outright is not there.
///
/// # Errors
/// As [`mirror_ref`].
pub fn refspec(remote: &str, shared: &str) -> Result<String> {
    let mirror = mirror_ref(remote)?;
    let folder = |name: &str| {
        name.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned()
    };
    Ok(format!("+{}/*:{}/*", folder(shared), folder(&mirror)))
}

/// What plain `git fetch` leaves out of what [`refspec`] brings: refs below the shared one, where
/// nobody publishes. One of them there, and no fetch could store it beside our copy.
pub fn left_out(shared: &str) -> String {
    format!("^{shared}/*")
}

/// The blob id that a path below a folder stands for: its hexadecimal digits, slashes removed.
pub fn blob_of(path: &[u8], format: ObjectFormat) -> Option<Oid> {
    let digits: Vec<u8> = path.iter().copied().filter(|&b| b != b'/').collect();
    Oid::from_hex(&digits).filter(|oid| oid.format() == format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_has_a_mirror_unless_its_name_could_leave_the_namespace() {
        assert_eq!(
            mirror_ref("origin").unwrap(),
            "refs/rustassistant/remotes/origin/v1"
        );
        assert!(mirror_ref("team/fork").is_ok());
        for name in [
            "",
            "..",
            "a..b",
            "a b",
            "-x",
            "a//b",
            "a/.b",
            "x.lock",
            "https://h/p",
            "a:b",
        ] {
            assert!(mirror_ref(name).is_err(), "{name}");
        }
    }

    #[test]
    fn plain_git_fetch_is_told_a_pattern() {
        assert_eq!(
            refspec("origin", SHARED_REF).unwrap(),
            "+refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*"
        );
    }

    #[test]
    fn slashes_in_an_entrys_path_mean_nothing() {
        let oid = Oid::of_blob(ObjectFormat::Sha1, b"");
        let text = oid.to_string();
        let split = format!("{}/{}/{}", &text[..1], &text[1..2], &text[2..]);
        assert_eq!(blob_of(split.as_bytes(), ObjectFormat::Sha1), Some(oid));
        assert_eq!(blob_of(b"e6/9d", ObjectFormat::Sha1), None);
        assert_eq!(blob_of(text.as_bytes(), ObjectFormat::Sha256), None);
    }
}
