//! Reading through git's own plumbing: facts from `git rev-parse`, objects and refs from one
//! `git cat-file --batch-command` that lives as long as the repository is open.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result, bail};

use super::error::GitFailed;
use super::process::{Git, Stream};
use crate::model::{ObjectFormat, ObjectType, Oid};

/// A repository that git itself reads for us.
pub struct Plumbing {
    start: PathBuf,
    pub git_dir: PathBuf,
    pub common_dir: PathBuf,
    pub work_dir: Option<PathBuf>,
    pub format: ObjectFormat,
    /// Folders of objects beside the repository's own.
    objects: RefCell<Vec<PathBuf>>,
    /// Started when first asked.
    reader: RefCell<Option<Reader>>,
}

/// What `git cat-file` says of an object.
pub type Header = (Oid, ObjectType, u64);

impl Plumbing {
    /// The repository that git finds from `start`.
    ///
    /// # Errors
    /// What git says, if there is none that it would touch.
    pub fn open(start: &Path) -> Result<Self> {
        let asked = Git::new(start, "rev-parse")
            .args(["--path-format=absolute", "--show-object-format"])
            .args(["--absolute-git-dir", "--git-common-dir"])
            .output()?;
        let mut lines = asked.split(|&byte| byte == b'\n');
        let format = match lines.next() {
            Some(b"sha1") => ObjectFormat::Sha1,
            Some(b"sha256") => ObjectFormat::Sha256,
            _ => bail!("unsupported object format"),
        };
        let mut path = || lines.next().filter(|line| !line.is_empty()).map(path_of);
        let (Some(git_dir), Some(common_dir)) = (path(), path()) else {
            bail!("git does not report the location of the repository");
        };
        // Fails where there is no work tree.
        let top = Git::new(start, "rev-parse").arg("--show-toplevel").output();
        let work_dir = top.ok().map(|top| path_of(top.trim_ascii_end()));
        Ok(Self {
            start: start.to_owned(),
            git_dir,
            common_dir,
            work_dir,
            format,
            objects: RefCell::default(),
            reader: RefCell::new(None),
        })
    }

    /// What object `name` is: an id in full, or a ref's full name.
    ///
    /// # Errors
    /// If git cannot read its objects.
    pub fn header(&self, name: &str) -> Result<Option<Header>> {
        self.ask("info", name, |header, _| Ok(header))
    }

    /// Has another git process read from now on.
    pub fn look_anew(&self) {
        *self.reader.borrow_mut() = None;
    }

    /// # Errors
    /// If the object is missing or damaged.
    pub fn read(&self, oid: Oid) -> Result<(ObjectType, Vec<u8>)> {
        let object = self.ask("contents", &oid.to_string(), |header, output| {
            let Some((_, kind, size)) = header else {
                return Ok(None);
            };
            let mut bytes = vec![0; usize::try_from(size)?];
            output.read_exact(&mut bytes)?;
            output.read_exact(&mut [0])?;
            Ok(Some((kind, bytes)))
        })?;
        object.context("no such object")
    }

    /// # Errors
    /// If the ref is there and broken.
    pub fn resolve_ref(&self, name: &str) -> Result<Option<Oid>> {
        if let Some((oid, ..)) = self.header(name)? {
            return Ok(Some(oid));
        }
        // Absent, or broken? What is behind it may be missing as well.
        let asked = Git::new(&self.start, "show-ref")
            .args(["--exists", name])
            .finish(b"")?;
        match asked.status.code() {
            Some(2) => return Ok(None),
            // Git before 2.43, whose refs are files, or lines of one.
            Some(GitFailed::USAGE) if !self.common_dir.join(name).exists() => {
                let listed = Git::new(&self.start, "for-each-ref")
                    .args(["--format=%(refname)", name])
                    .output()?;
                if listed.is_empty() {
                    return Ok(None);
                }
            }
            _ => {}
        }
        // One whose object is missing still says which.
        let asked = Git::new(&self.start, "rev-parse")
            .args(["--verify", "--quiet", "--end-of-options", name])
            .finish(b"")?;
        let oid = Oid::from_hex(asked.stdout.trim_ascii());
        oid.map(Some).context("it is broken")
    }

    /// The object that a revision names; `None` if none has that name.
    ///
    /// # Errors
    /// If git cannot be asked.
    pub fn named(&self, rev: &str) -> Result<Option<(Oid, ObjectType)>> {
        let asked = Git::new(&self.start, "rev-parse")
            .args(["--verify", "--quiet", "--end-of-options", rev])
            .finish(b"")?;
        let oid = Oid::from_hex(asked.stdout.trim_ascii());
        // Of a range it prints the ends that it finds, and fails.
        let Some(oid) = oid.filter(|_| asked.status.success()) else {
            return Ok(None);
        };
        let header = self.header(&oid.to_string())?;
        Ok(header.map(|(oid, kind, _)| (oid, kind)))
    }

    /// Reads the objects in the folder `objects` too.
    pub fn add_objects(&self, objects: PathBuf) {
        self.objects.borrow_mut().push(objects);
        self.reader.replace(None);
    }

    /// Asks the reader, a new one if the last has died.
    fn ask<T>(
        &self,
        command: &str,
        name: &str,
        take: impl Fn(Option<Header>, &mut BufReader<ChildStdout>) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let mut slot = self.reader.borrow_mut();
        let is_new = slot.is_none();
        let reader = match &mut *slot {
            Some(reader) => reader,
            None => slot.insert(self.reader()?),
        };
        let answer = reader.ask(command, name).and_then(|header| {
            let is_there = header.is_some();
            let taken = take(header, &mut reader.output)?;
            anyhow::ensure!(is_there || taken.is_none(), "git answered out of turn");
            Ok(taken)
        });
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => {
                *slot = None;
                drop(slot);
                match is_new {
                    true if self.is_promised(name)? => Ok(None),
                    true => Err(error.context("git cat-file does not answer")),
                    false => self.ask(command, name, take),
                }
            }
        }
    }

    /// Git 2.39 ends where a partial clone lacks an object, and newer ones call it missing.
    fn is_promised(&self, name: &str) -> Result<bool> {
        let asked = Git::new(&self.start, "cat-file")
            .arg("--batch-check")
            .finish(format!("{name}\n").as_bytes())?;
        let said = String::from_utf8_lossy(&asked.stderr);
        Ok(!asked.status.success() && said.contains("from promisor remote"))
    }

    fn reader(&self) -> Result<Reader> {
        let mut git = Git::new(&self.start, "cat-file").arg("--batch-command");
        let objects = self.objects.borrow();
        if !objects.is_empty() {
            let folders = objects
                .iter()
                .map(|folder| quoted(folder))
                .chain(alternates());
            let folders: Vec<OsString> = folders.collect();
            git = git.env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                folders.join(std::ffi::OsStr::new(":")),
            );
        }
        let mut stream = git.without_errors().stream(Stdio::piped())?;
        let (Some(input), Some(output)) = (stream.stdin(), stream.stdout()) else {
            bail!("git cat-file has no pipes");
        };
        Ok(Reader {
            input,
            output: BufReader::new(output),
            _process: stream,
        })
    }
}

/// A running `git cat-file --batch-command`. It ends when its input is closed, which is first to
/// be dropped.
struct Reader {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Stream,
}

impl Reader {
    /// The first line of the answer, understood.
    fn ask(&mut self, command: &str, name: &str) -> Result<Option<Header>> {
        anyhow::ensure!(
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '\0'),
            "'{}' names no object",
            name.escape_debug()
        );
        writeln!(self.input, "{command} {name}")?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let Some(line) = line.strip_suffix('\n') else {
            bail!("it has ended");
        };
        answered(line)
    }
}

/// What the first line of an answer says of an object; `None` if there is none of that name.
///
/// # Errors
/// If it is no line of `git cat-file --batch-command`.
pub fn answered(line: &str) -> Result<Option<Header>> {
    if line.ends_with(" missing") || line.ends_with(" ambiguous") {
        return Ok(None);
    }
    let mut fields = line.split(' ');
    let mut next = || fields.next().unwrap_or_default();
    let (oid, kind, size) = (next(), next(), next());
    let header = || {
        let kind = ObjectType::ALL.into_iter().find(|k| k.name() == kind)?;
        Some((Oid::from_hex(oid.as_bytes())?, kind, size.parse().ok()?))
    };
    header().map(Some).with_context(|| {
        format!(
            "git cat-file printed an unexpected line: {}",
            line.escape_debug()
        )
    })
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

/// What the user's environment names already.
#[expect(
    clippy::disallowed_methods,
    reason = "one of git's own variables, about to be set anew for git"
)]
fn alternates() -> Option<OsString> {
    std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").filter(|list| !list.is_empty())
}

/// As git reads lists of folders: in quotes, colons mean nothing.
fn quoted(path: &Path) -> OsString {
    let mut text = b"\"".to_vec();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
    OsString::from_vec(text)
}
