//! What was agreed to be sent, and to whom: lines in the repository's own folder, never in a file
//! that can be tracked. Not the asking.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::git::{Repo, own_file};
use crate::model::{Kind, ObjectFormat, Oid};
use crate::report::clean_line;

const FILE: &str = "consent";

/// That the files of a repository may be sent to a host with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub host: String,
    pub kind: Kind,
    /// A digest of its words.
    pub prompt: Oid,
    /// When, as `2026-11-27`.
    pub day: String,
}

impl Agreement {
    /// A digest of all that it holds for. It is bound to a folder: an archive that brings an
    /// agreement with it would have to know where it will be unpacked.
    fn seal(&self, place: &str) -> String {
        let (host, kind, prompt) = (&self.host, &self.kind, self.prompt);
        digest(&format!("{host}\n{kind}\n{prompt}\n{place}\n")).to_string()
    }

    fn line(&self, place: &str) -> String {
        let seal = self.seal(place);
        let (host, kind, prompt, day) = (&self.host, &self.kind, self.prompt, &self.day);
        format!("{seal} {host} {kind} {prompt} {day}\n")
    }

    /// Only what was agreed to here.
    fn parse(line: &str, place: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [seal, host, kind, prompt, day] = words.as_slice() else {
            return None;
        };
        let agreement = Self {
            host: (*host).to_owned(),
            kind: kind.parse().ok()?,
            prompt: prompt.parse().ok()?,
            day: (*day).to_owned(),
        };
        (agreement.seal(place) == *seal).then_some(agreement)
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, day) = (clean_line(&self.host), clean_line(&self.day));
        let (kind, prompt) = (&self.kind, self.prompt.short());
        write!(out, "{host}  {kind}  prompt {prompt}  {day}")
    }
}

/// Those of one repository.
#[derive(Debug)]
pub struct Agreements {
    file: PathBuf,
    place: String,
}

impl Agreements {
    /// # Errors
    /// If the repository's folder cannot be looked at.
    pub fn of(repo: &Repo) -> Result<Self> {
        let place = fs::metadata(repo.common_dir());
        let place = place.context("cannot look at the repository's folder")?;
        Ok(Self {
            file: repo.own_dir().join(FILE),
            place: format!("{}:{}", place.dev(), place.ino()),
        })
    }

    /// In the order in which they were made.
    pub fn given(&self) -> Vec<Agreement> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        let lines = text.lines();
        lines
            .filter_map(|line| Agreement::parse(line, &self.place))
            .collect()
    }

    /// Have all of these been agreed to, whenever that was?
    pub fn hold(&self, wanted: &[Agreement]) -> bool {
        let seal = |one: &Agreement| one.seal(&self.place);
        let given: HashSet<String> = self.given().iter().map(seal).collect();
        wanted.iter().all(|one| given.contains(&seal(one)))
    }

    /// # Errors
    /// If they cannot be written.
    pub fn add<'a>(&self, more: impl Iterator<Item = &'a Agreement>) -> Result<()> {
        let folder = self.file.parent();
        fs::create_dir_all(folder.context("the file of agreements lies in a folder")?)?;
        let lines: String = more.map(|one| one.line(&self.place)).collect();
        let file = own_file().append(true).open(&self.file);
        file.and_then(|mut file| file.write_all(lines.as_bytes()))
            .with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Takes back those about a host, or all; which they were.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn forget(&self, host: Option<&str>) -> Result<Vec<Agreement>> {
        let about = |one: &Agreement| host.is_none_or(|host| one.host == host);
        let (gone, left): (Vec<_>, Vec<_>) = self.given().into_iter().partition(about);
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error)
                    .with_context(|| format!("cannot remove {}", self.file.display()));
            }
            _ => {}
        }
        if !left.is_empty() {
            self.add(left.iter())?;
        }
        Ok(gone)
    }
}

/// As agreements hold it.
pub fn digest(text: &str) -> Oid {
    Oid::of_blob(ObjectFormat::Sha256, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreements(folder: &std::path::Path, place: &str) -> Agreements {
        Agreements {
            file: folder.join("rustassistant/consent"),
            place: place.to_owned(),
        }
    }

    fn about(host: &str, prompt: &str) -> Agreement {
        Agreement {
            host: host.to_owned(),
            kind: Kind::Docs,
            prompt: digest(prompt),
            day: "2026-11-27".to_owned(),
        }
    }

    #[test]
    fn what_was_agreed_to_holds_on_another_day_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let here = agreements(folder.path(), "1:2");
        let (one, two) = (about("a.example", "one"), about("a.example", "two"));
        assert!(!here.hold(std::slice::from_ref(&one)));
        here.add([&one, &two].into_iter()).unwrap();
        let later = Agreement {
            day: "2027-01-01".to_owned(),
            ..one
        };
        assert!(here.hold(&[later, two]));
        assert!(!here.hold(&[about("a.example", "one"), about("a.example", "three")]));
        assert!(!here.hold(&[about("b.example", "one")]));
    }

    #[test]
    fn what_was_agreed_to_elsewhere_or_written_by_hand_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let here = agreements(folder.path(), "1:2");
        here.add([&about("a.example", "one")].into_iter()).unwrap();
        let elsewhere = agreements(folder.path(), "1:3");
        assert!(elsewhere.given().is_empty());
        for line in ["", "x", "a b c d e f", "0 a.example docs 00 2026-11-27"] {
            fs::write(&here.file, line).unwrap();
            assert!(here.given().is_empty(), "{line:?}");
        }
    }

    #[test]
    fn what_is_taken_back_is_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let here = agreements(folder.path(), "1:2");
        assert!(here.forget(None).unwrap().is_empty());
        let (one, two) = (about("a.example", "one"), about("b.example", "one"));
        here.add([&one, &two].into_iter()).unwrap();
        assert_eq!(here.forget(Some("a.example")).unwrap(), [one]);
        assert_eq!(here.given(), std::slice::from_ref(&two));
        assert_eq!(here.forget(None).unwrap(), [two]);
        assert!(here.given().is_empty());
    }
}
