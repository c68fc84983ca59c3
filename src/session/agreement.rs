//! Stores agreements to send code to a provider, as lines in our folder of the git directory, which
//! cannot be tracked. `consent` asks the user; `sealing` has the secret that signs the lines.

use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context as _, Result};

use super::environment::Environment;
use super::sealing::{Keeper, Secret};
use crate::git::Repo;
use crate::model::{Kind, ObjectFormat, Oid};
use crate::report::clean_line;

const FILE: &str = "consent";

/// Size limit of the file.
const MOST_BYTES: u64 = 64 << 10;

/// Number of agreements to keep, the latest ones.
const MOST: usize = 128;

/// An agreement to send files of a repository to a host with a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub host: String,
    pub kind: Kind,
    /// A digest of the prompt.
    pub prompt: Oid,
    /// The date, such as `2026-11-27`.
    pub day: String,
}

impl Agreement {
    /// Proves that this user made the agreement here: it depends on a secret of the user and on the
    /// directory. An archive that contains agreements knows neither.
    fn seal(&self, here: &Here) -> String {
        let (host, kind, prompt) = (&self.host, &self.kind, self.prompt);
        let text = format!("{host}\n{kind}\n{prompt}\n{}\n", here.place);
        here.secret.seal(text.as_bytes())
    }

    fn line(&self, here: &Here) -> String {
        let seal = self.seal(here);
        let (host, kind, prompt, day) = (&self.host, &self.kind, self.prompt, &self.day);
        format!("{seal} {host} {kind} {prompt} {day}")
    }

    /// Parses a line; `None` for agreements made elsewhere.
    fn parse(line: &str, here: &Here) -> Option<Self> {
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
        (agreement.seal(here) == *seal).then_some(agreement)
    }
}

impl Agreement {
    fn is_to_the_same(&self, other: &Self) -> bool {
        (&self.host, &self.kind, self.prompt) == (&other.host, &other.kind, other.prompt)
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, day) = (clean_line(&self.host), clean_line(&self.day));
        let (kind, prompt) = (&self.kind, self.prompt.short());
        write!(out, "{host}  {kind}  prompt {prompt}  {day}")
    }
}

/// The user and directory that agreements belong to.
struct Here {
    secret: Secret,
    /// Device and inode number of the repository's directory.
    place: String,
}

/// The agreements of one repository.
#[derive(Debug)]
pub struct Agreements<'r> {
    repo: &'r Repo,
    keeper: Keeper,
    place: String,
}

impl<'r> Agreements<'r> {
    /// # Errors
    /// If the repository's directory cannot be read.
    pub fn of(environment: &Environment, repo: &'r Repo) -> Result<Self> {
        Self::kept_by(Keeper::of(environment), repo)
    }

    fn kept_by(keeper: Keeper, repo: &'r Repo) -> Result<Self> {
        let place = repo.common_dir().metadata();
        let place = place.context("cannot read the repository's directory")?;
        Ok(Self {
            repo,
            keeper,
            place: format!("{}:{}", place.dev(), place.ino()),
        })
    }

    fn here(&self, secret: Secret) -> Here {
        let place = self.place.clone();
        Here { secret, place }
    }

    /// All lines of the file, including invalid ones.
    fn lines(&self) -> Vec<String> {
        let own = self.repo.own_folder();
        let text = own.and_then(|own| own.text(FILE, MOST_BYTES));
        let text = text.unwrap_or_default();
        text.lines().take(MOST).map(str::to_owned).collect()
    }

    /// The valid agreements, oldest first.
    pub fn given(&self) -> Vec<Agreement> {
        let Some(secret) = self.keeper.secret() else {
            return Vec::new();
        };
        let here = self.here(secret);
        let lines = self.lines().into_iter();
        lines
            .filter_map(|line| Agreement::parse(&line, &here))
            .collect()
    }

    /// Is there an agreement for each of these, of any date?
    pub fn hold(&self, wanted: &[Agreement]) -> bool {
        let given = self.given();
        let is_given = |wanted: &Agreement| {
            let mut given = given.iter();
            given.any(|given| given.is_to_the_same(wanted))
        };
        wanted.iter().all(is_given)
    }

    /// # Errors
    /// With a hint, if they cannot be stored.
    pub fn add<'a>(&self, more: impl Iterator<Item = &'a Agreement>) -> Result<()> {
        let here = self.here(self.keeper.make()?);
        let lines = self.lines().into_iter();
        self.write(lines.chain(more.map(|one| one.line(&here))).collect())
    }

    fn write(&self, lines: Vec<String>) -> Result<()> {
        let latest = &lines[lines.len().saturating_sub(MOST)..];
        let text = latest.join("\n") + "\n";
        let own = self.repo.make_own_folder();
        let written = own.and_then(|own| own.replace(FILE, "new-consent-", &[text.as_bytes()]));
        written.with_context(|| format!("cannot write {}", self.shown()))
    }

    /// Revokes the agreements for a host, or all. Returns the revoked ones.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn forget(&self, host: Option<&str>) -> Result<Vec<Agreement>> {
        let about = |one: &Agreement| host.is_none_or(|host| one.host == host);
        let gone: Vec<Agreement> = self.given().into_iter().filter(about).collect();
        let left = self.lines().into_iter();
        let left: Vec<String> = left
            .filter(|line| host.is_some_and(|host| line.split(' ').nth(1) != Some(host)))
            .collect();
        if !left.is_empty() {
            self.write(left)?;
            return Ok(gone);
        }
        match self.repo.own_folder().and_then(|own| own.remove(FILE)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.shown()))
            }
            _ => Ok(gone),
        }
    }

    fn shown(&self) -> String {
        self.repo.own_dir().join(FILE).display().to_string()
    }
}

/// As agreements hold it.
pub fn digest(text: &str) -> Oid {
    Oid::of_blob(ObjectFormat::Sha256, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use std::path::Path;

    fn agreements<'r>(home: &Path, repo: &'r Repo) -> Agreements<'r> {
        Agreements::kept_by(Keeper::at(home), repo).unwrap()
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
        let (home, test) = (tempfile::tempdir().unwrap(), TestRepo::new());
        let repo = test.open();
        let here = agreements(home.path(), &repo);
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
    fn what_was_agreed_to_elsewhere_by_others_or_written_by_hand_does_not_count() {
        let (home, test) = (tempfile::tempdir().unwrap(), TestRepo::new());
        let repo = test.open();
        let here = agreements(home.path(), &repo);
        here.add([&about("a.example", "one")].into_iter()).unwrap();
        assert_eq!(here.given().len(), 1);
        let mut elsewhere = agreements(home.path(), &repo);
        elsewhere.place = "1:3".to_owned();
        assert!(elsewhere.given().is_empty());
        let of_another = tempfile::tempdir().unwrap();
        let another = agreements(of_another.path(), &repo);
        another
            .add([&about("b.example", "one")].into_iter())
            .unwrap();
        let hosts = |of: &Agreements<'_>| {
            of.given()
                .into_iter()
                .map(|one| one.host)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (hosts(&here), hosts(&another)),
            (vec!["a.example".to_owned()], vec!["b.example".to_owned()])
        );
        // As it was sealed before there was a secret: anybody can do that.
        let (one, place) = (about("a.example", "one"), &here.place);
        let open = digest(&format!(
            "{}\n{}\n{}\n{place}\n",
            one.host, one.kind, one.prompt
        ));
        let forged = format!("{open} a.example docs {} 2026-11-27", one.prompt);
        for line in [
            "",
            "x",
            "a b c d e f",
            "0 a.example docs 00 2026-11-27",
            &forged,
        ] {
            std::fs::write(repo.own_dir().join(FILE), line).unwrap();
            assert!(here.given().is_empty(), "{line:?}");
        }
    }

    #[test]
    fn what_is_taken_back_is_asked_again() {
        let (home, test) = (tempfile::tempdir().unwrap(), TestRepo::new());
        let repo = test.open();
        let here = agreements(home.path(), &repo);
        assert!(here.forget(None).unwrap().is_empty());
        let (one, two) = (about("a.example", "one"), about("b.example", "one"));
        here.add([&one, &two].into_iter()).unwrap();
        assert_eq!(here.forget(Some("a.example")).unwrap(), [one]);
        assert_eq!(here.given(), std::slice::from_ref(&two));
        assert_eq!(here.forget(None).unwrap(), [two]);
        assert!(here.given().is_empty());
    }

    #[test]
    fn a_file_without_end_is_not_read_and_the_next_agreement_counts_all_the_same() {
        let (home, test) = (tempfile::tempdir().unwrap(), TestRepo::new());
        let repo = test.open();
        let here = agreements(home.path(), &repo);
        let (one, two) = (about("a.example", "one"), about("b.example", "one"));
        here.add([&one].into_iter()).unwrap();
        let file = repo.own_dir().join(FILE);
        let line = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, "x\n".repeat(1 << 20) + &line).unwrap();
        assert!(here.given().is_empty());
        here.add([&two].into_iter()).unwrap();
        assert_eq!(here.given(), [two]);
    }
}
