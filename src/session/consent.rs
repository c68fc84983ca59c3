//! Asks whether code may be sent: once per provider, kind and prompt in a repository. Agreements are lines
//! in our folder of the git directory, which cannot be tracked, signed with a secret of the user that lies
//! outside every repository, so that an archive cannot bring its own.

use std::collections::HashSet;
use std::fmt;
use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::answerers::ModelConfig;
use super::environment::Environment;
use super::open::Session;
use crate::git::{OwnFolder, Repo, whole};
use crate::model::{Hinted, Kind, Language, ObjectFormat, Oid, ResultExt};
use crate::provider::host as host_of;
use crate::report::clean_line;
use crate::scan::CostEstimate;
use crate::settings::Consent;

/// The agreements needed for these kinds.
fn needed(session: &Session<'_>, chosen: &ModelConfig, kinds: &[Kind]) -> Vec<Agreement> {
    let day = session.host.now().strftime("%Y-%m-%d").to_string();
    let all = session.questions.kinds.iter().enumerate();
    let agreement = |(number, kind): (usize, &Kind)| {
        let ask = |language| session.questions.get(language, number);
        let question = Language::ALL.into_iter().find_map(ask)?;
        Some(Agreement {
            host: host_of(&chosen.endpoint.url),
            kind: kind.clone(),
            prompt: digest(question.recipe.prompt.as_ref()?),
            day: day.clone(),
        })
    };
    let wanted: HashSet<&Kind> = kinds.iter().collect();
    let kinds = all.filter(|(_, kind)| wanted.contains(kind));
    kinds.filter_map(agreement).collect()
}

/// Makes sure that the user agrees.
///
/// # Errors
/// With a hint, if the user declines, or there is no terminal.
pub fn obtain(
    session: &Session<'_>,
    chosen: &ModelConfig,
    kinds: &[Kind],
    outlook: impl FnOnce() -> CostEstimate,
) -> Result<()> {
    if session.settings.asking.consent == Consent::Given {
        return Ok(());
    }
    let needed = needed(session, chosen, kinds);
    let given = Agreements::of(session.host.environment(), &session.repo)?;
    if given.hold(&needed) {
        return Ok(());
    }
    let host = clean_line(&host_of(&chosen.endpoint.url));
    let refusal = |why: &str| {
        let hint = format!(
            "to allow sending code of this repository to {host}, use 'analyze --yes' or \
             RUSTASSISTANT_YES=1; to see what would be sent: git rustassistant analyze -n"
        );
        Hinted::attach(anyhow!("nothing sent to {host}: {why}"), hint)
    };
    if !session.host.can_ask() {
        let own = needed
            .iter()
            .filter(|one| session.prompts.contains_key(&one.kind));
        let own: Vec<String> = own.map(|one| told(one, session)).collect();
        let own = if own.is_empty() {
            String::new()
        } else {
            format!(", or to the prompts of {}", own.join(", "))
        };
        let why = format!("you have not agreed to that in this repository{own}");
        return Err(refusal(&why));
    }
    let question = explanation(&needed, session, chosen, &outlook(), &host);
    if session.host.ask(&question)? {
        given.add(needed.iter())
    } else {
        Err(refusal("you declined"))
    }
}

/// A kind with the digest of its prompt, and the path of a custom one.
fn told(one: &Agreement, session: &Session<'_>) -> String {
    let digest = one.prompt.short();
    match session.prompts.get(&one.kind) {
        Some(prompt) => format!("{} ({}, prompt {digest})", one.kind, prompt.path),
        None => format!("{} (prompt {digest})", one.kind),
    }
}

fn explanation(
    needed: &[Agreement],
    session: &Session<'_>,
    chosen: &ModelConfig,
    outlook: &CostEstimate,
    host: &str,
) -> String {
    let kinds: Vec<String> = needed.iter().map(|one| told(one, session)).collect();
    let prompts = needed
        .iter()
        .filter_map(|one| session.prompts.get(&one.kind));
    let prompts: String = prompts
        .map(|prompt| {
            let path = &prompt.path;
            format!("  {path} starts with:\n{}", prompt.beginning("    | "))
        })
        .collect();
    format!(
        "This sends code to {host}, which you have not agreed to in this repository yet.\n\
         \x20 provider  {} with model {}\n\
         \x20 files     {}, the whole text of each, without its path\n\
         \x20 kinds     {}\n\
         \x20 takes     {}\n\
         {prompts}\
         Not sent: files and prompts in which something looks like a secret (a net, not a proof),\n\
         files with the attribute rustassistant=local, excluded files, names, history.\n\
         Send it? [y/N] ",
        chosen.endpoint.name,
        clean_line(&chosen.model),
        outlook.files,
        kinds.join(", "),
        super::service::words(outlook),
    )
}

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

/// Where the secret lies, in the folder of the user's configuration.
const SECRET_FOLDER: &str = "git-rustassistant";

const SECRET_FILE: &str = "secret";

const BYTES: usize = 32;

/// What seals.
pub struct Secret([u8; BYTES]);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl Secret {
    /// The HMAC-SHA256 of a text, in hexadecimal digits.
    pub fn seal(&self, text: &[u8]) -> String {
        // A key shorter than a block is filled up with zeros (RFC 2104).
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..BYTES].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(text);
        let seal = mac.finalize().into_bytes();
        seal.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where the secret is kept: the user's folder of what programs remember.
#[derive(Debug)]
pub struct Keeper(Option<PathBuf>);

impl Keeper {
    /// As the XDG Base Directory Specification has it.
    pub fn of(environment: &Environment) -> Self {
        let folder = |name: &str| {
            let folder = environment.get(name).map(PathBuf::from);
            folder.filter(|folder| folder.is_absolute())
        };
        let at_home = || Some(folder("HOME")?.join(".local/state"));
        Self(folder("XDG_STATE_HOME").or_else(at_home))
    }

    #[cfg(test)]
    pub fn at(folder: &Path) -> Self {
        Self(Some(folder.to_owned()))
    }

    /// The secret, if there is one that counts.
    pub fn secret(&self) -> Option<Secret> {
        OwnFolder::open(self.0.as_ref()?, SECRET_FOLDER)
            .and_then(|folder| read(&folder))
            .ok()
    }

    /// As [`Keeper::secret`], made if need be.
    ///
    /// # Errors
    /// With a hint, if there is no place for it, or what is there is none.
    #[expect(
        clippy::disallowed_methods,
        reason = "the user's own folder, outside of every repository"
    )]
    pub fn make(&self) -> Result<Secret> {
        let around = self.0.as_deref();
        let around = around
            .context("an agreement cannot be kept: neither XDG_STATE_HOME nor HOME names a folder")
            .hint("agree to each run by itself: 'git rustassistant analyze --yes', or RUSTASSISTANT_YES=1")?;
        let place = around.join(SECRET_FOLDER).join(SECRET_FILE);
        let made = || -> io::Result<Secret> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(around)?;
            let folder = OwnFolder::make(around, SECRET_FOLDER)?;
            match read(&folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                read => return read,
            }
            let mut secret = [0; BYTES];
            getrandom::fill(&mut secret).map_err(io::Error::other)?;
            folder.replace(SECRET_FILE, "new-secret-", &[&secret])?;
            // Of two that were made at once, the one that stays counts.
            read(&folder)
        };
        let hint = format!(
            "see what it is, then make place for a new one: rm '{}'",
            place.display()
        );
        made()
            .with_context(|| format!("cannot keep a secret in {}", place.display()))
            .hint(hint)
    }
}

/// Only the user's own, which nobody else may read or write.
fn read(folder: &OwnFolder) -> io::Result<Secret> {
    let file = folder.file(SECRET_FILE)?;
    let metadata = file.metadata()?;
    if metadata.mode() & 0o077 != 0 || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("others may read or write it"));
    }
    let secret = whole(file, BYTES as u64)?;
    let secret = secret.try_into().map(Secret);
    secret.map_err(|_| io::Error::other("it is no secret of this program"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::git::testing::TestRepo;

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
