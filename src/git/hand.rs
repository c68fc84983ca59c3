//! The two ways of reading a repository, with one face: libgit2, which starts nothing, and a
//! long-lived `git` process where libgit2 cannot open the repository: reftable, extensions it does
//! not know, owners that only git's configuration trusts. Chosen once, when a repository is
//! opened; callers see neither.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, ensure};
use flate2::read::ZlibDecoder;

use super::error::git_error;
use super::files::{self, Links};
use super::packed;
use super::panics;
use super::plumbing::Plumbing;
use super::process::endless;
use crate::model::{ObjectFormat, ObjectType, Oid};

/// Is it the tree without entries? Git knows that without an object, libgit2 only by its SHA-1.
fn is_nothing(oid: Oid) -> bool {
    oid == Oid::of(oid.format(), ObjectType::Tree, b"")
}

/// Who reads.
pub enum Hand {
    Libgit2(git2::Repository),
    Git(Box<Plumbing>),
}

impl Hand {
    /// The repository's own folder: of a linked work tree, its own part.
    pub fn git_dir(&self) -> &Path {
        match self {
            Self::Libgit2(repo) => repo.path(),
            Self::Git(git) => &git.git_dir,
        }
    }

    /// The folder that all linked work trees share.
    pub fn common_dir(&self) -> &Path {
        match self {
            Self::Libgit2(repo) => repo.commondir(),
            Self::Git(git) => &git.common_dir,
        }
    }

    pub fn work_dir(&self) -> Option<&Path> {
        match self {
            Self::Libgit2(repo) => repo.workdir(),
            Self::Git(git) => git.work_dir.as_deref(),
        }
    }

    pub fn format(&self) -> ObjectFormat {
        match self {
            Self::Libgit2(repo) => match repo.object_format() {
                git2::ObjectFormat::Sha1 => ObjectFormat::Sha1,
                git2::ObjectFormat::Sha256 => ObjectFormat::Sha256,
            },
            Self::Git(git) => git.format,
        }
    }

    /// The size of an object in bytes and its type; `None` if it is not here.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn header(&self, oid: Oid) -> Result<Option<(u64, ObjectType)>> {
        match self {
            Self::Libgit2(repo) => {
                is_not_cut_short(repo, oid, u64::MAX)?;
                let odb = repo.odb().map_err(|e| git_error(&e))?;
                match header_in(&odb, to_git2(oid)?)? {
                    Ok((size, kind)) => Ok(object_type(kind).map(|kind| (size as u64, kind))),
                    Err(error) if error.code() == git2::ErrorCode::NotFound => {
                        Ok(is_nothing(oid).then_some((0, ObjectType::Tree)))
                    }
                    Err(error) => Err(git_error(&error)),
                }
            }
            Self::Git(git) => {
                is_readable(&git.common_dir, oid)?;
                git.header(&oid.to_string()).map(drop_oid)
            }
        }
    }

    /// The type and the bytes of an object of at most `limit` bytes.
    ///
    /// # Errors
    /// If it is missing, damaged or larger, which is known before it takes memory.
    pub fn read(&self, oid: Oid, limit: u64) -> Result<(ObjectType, Vec<u8>)> {
        match self {
            Self::Libgit2(repo) => {
                let is_packed = !is_not_cut_short(repo, oid, limit)?;
                let odb = repo.odb().map_err(|e| git_error(&e))?;
                if is_packed
                    && limit < u64::MAX
                    && let Ok((size, _)) = header_in(&odb, to_git2(oid)?)?
                {
                    within(size as u64, limit)?;
                }
                let object = match odb.read(to_git2(oid)?) {
                    Err(_) if is_nothing(oid) => return Ok((ObjectType::Tree, Vec::new())),
                    read => read.map_err(|e| git_error(&e))?,
                };
                let kind = object_type(object.kind()).context("not an object")?;
                Ok((kind, object.data().to_vec()))
            }
            Self::Git(git) => {
                is_readable(&git.common_dir, oid)?;
                if limit < u64::MAX
                    && let Some((.., size)) = git.header(&oid.to_string())?
                {
                    within(size, limit)?;
                }
                git.read(oid)
            }
        }
    }

    /// What the ref of exactly this name points at.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn resolve_ref(&self, name: &str) -> Result<Option<Oid>> {
        match self {
            // A pipe in the place of a ref would be waited for.
            Self::Libgit2(repo) if is_pipe(&repo.commondir().join(name)) => {
                Err(endless(&repo.commondir().join(name)))
            }
            Self::Libgit2(repo) => match repo.refname_to_id(name) {
                Ok(oid) => from_git2(oid).map(Some),
                Err(error) if error.code() == git2::ErrorCode::NotFound => {
                    // Where the list of refs is damaged, libgit2 finds nothing in it.
                    packed::check(&repo.commondir().join("packed-refs"))?;
                    Ok(None)
                }
                Err(error) => Err(git_error(&error)),
            },
            Self::Git(git) => git.resolve_ref(name),
        }
    }

    /// The object that a revision names, as users write them.
    ///
    /// # Errors
    /// If nothing has that name.
    pub fn named(&self, rev: &str) -> Result<(Oid, ObjectType)> {
        match self {
            Self::Libgit2(repo) => {
                let oid = id_of(repo, rev)?.ok_or_else(nothing)?;
                let (_, kind) = self.header(oid)?.ok_or_else(nothing)?;
                Ok((oid, kind))
            }
            Self::Git(git) => git.named(rev)?.ok_or_else(nothing),
        }
    }

    /// The object of type `kind` that a revision leads to; `None` if it leads to none.
    ///
    /// # Errors
    /// If nothing has that name.
    pub fn peeled(&self, rev: &str, kind: ObjectType) -> Result<Option<Oid>> {
        match self {
            Self::Libgit2(_) => {
                let (mut oid, mut found) = self.named(rev)?;
                loop {
                    let names: &[u8] = match found {
                        _ if found == kind => return Ok(Some(oid)),
                        ObjectType::Tag => b"object ",
                        ObjectType::Commit if kind == ObjectType::Tree => b"tree ",
                        _ => return Ok(None),
                    };
                    let (_, bytes) = self.read(oid, MOST_NAMING)?;
                    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
                    let next = line.strip_prefix(names).and_then(Oid::from_hex);
                    (oid, found) = match next {
                        // A partial clone may know the tree's name alone.
                        Some(tree) if found == ObjectType::Commit => return Ok(Some(tree)),
                        Some(next) => match self.header(next)? {
                            Some((_, kind)) => (next, kind),
                            None => return Ok(None),
                        },
                        None => return Ok(None),
                    };
                }
            }
            Self::Git(git) => {
                // By its id: behind `:/text` all that follows is text.
                let (oid, _) = git.named(rev)?.ok_or_else(nothing)?;
                let peeled = git.named(&format!("{oid}^{{{}}}", kind.name()))?;
                Ok(peeled.map(|(oid, _)| oid))
            }
        }
    }

    /// Reads the objects in the folder `objects` too.
    ///
    /// # Errors
    /// If its name is not UTF-8.
    pub fn add_objects(&self, objects: PathBuf) -> Result<()> {
        match self {
            Self::Libgit2(repo) => {
                let odb = repo.odb().map_err(|e| git_error(&e))?;
                let path = objects.to_str();
                let path = path.context("the path of the temporary directory is not UTF-8")?;
                odb.add_disk_alternate(path).map_err(|e| git_error(&e))
            }
            Self::Git(git) => {
                git.add_objects(objects);
                Ok(())
            }
        }
    }

    /// Sees what other processes have stored meanwhile.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn refresh(&self) -> Result<()> {
        match self {
            Self::Libgit2(repo) => {
                let odb = repo.odb().map_err(|e| git_error(&e))?;
                odb.refresh().map_err(|e| git_error(&e))
            }
            // Git looks again by itself whenever something is missing.
            Self::Git(_) => Ok(()),
        }
    }

    /// As [`Hand::refresh`], and not even git relies on what it has seen.
    ///
    /// # Errors
    /// If the object database cannot be read.
    pub fn look_anew(&self) -> Result<()> {
        if let Self::Git(git) = self {
            git.look_anew();
        }
        self.refresh()
    }
}

thread_local! {
    /// One for all files: where trees name each other a million times, the memory of as many would
    /// lie in pieces that nothing fits into.
    static INFLATE: RefCell<ZlibDecoder<Box<dyn Read>>> =
        RefCell::new(ZlibDecoder::new(Box::new(io::empty())));
}

thread_local! {
    /// Of the folder of objects that was read last.
    static BORROWED: RefCell<Option<(PathBuf, Rc<[PathBuf]>)>> = const { RefCell::new(None) };
}

/// The lists of so many folders are read, each up to so many bytes.
const MOST_BORROWED: usize = 16;
const MOST_LIST: u64 = 1 << 20;

fn is_pipe(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| files::is_endless(&file))
}

/// Is no pipe in the place of an object's own file? Git would wait for whoever writes into it.
fn is_readable(common_dir: &Path, oid: Oid) -> Result<()> {
    let hex = oid.to_string();
    let (folder, rest) = hex.split_at(2);
    let place = common_dir.join("objects").join(folder).join(rest);
    if is_pipe(&place) {
        Err(endless(&place))
    } else {
        Ok(())
    }
}

/// A commit or a tag that names another object has no more, in bytes.
const MOST_NAMING: u64 = 1 << 20;

/// Enough for how an object in a file of its own begins: its type and size.
const HEAD: u64 = 64;

fn within(size: u64, limit: u64) -> Result<()> {
    ensure!(size <= limit, "it has {size} bytes, the limit is {limit}");
    Ok(())
}

/// The folders that objects are borrowed from (gitrepository-layout(5), "objects/info/alternates").
fn borrowed_from(objects: &Path) -> Rc<[PathBuf]> {
    BORROWED.with_borrow_mut(|known| match known {
        Some((of, folders)) if of == objects => Rc::clone(folders),
        known => {
            let mut folders = vec![objects.to_owned()];
            let mut next = 0;
            while let Some(folder) = folders.get(next)
                && next < MOST_BORROWED
            {
                let list = folder.join("info/alternates");
                let list = files::read(&list, Links::Followed, MOST_LIST).unwrap_or_default();
                let lines = list.split(|&b| b == b'\n').filter(|line| !line.is_empty());
                let named: Vec<PathBuf> = lines
                    .map(|line| folder.join(OsStr::from_bytes(line)))
                    .filter(|named| !folders.contains(named))
                    .collect();
                folders.extend(named);
                next += 1;
            }
            folders.remove(0);
            let folders: Rc<[PathBuf]> = folders.into();
            *known = Some((objects.to_owned(), Rc::clone(&folders)));
            folders
        }
    })
}

/// libgit2 (1.9.7) never ends over an object in a file of its own that was cut short: it asks zlib
/// for what is not there, again and again. Is it in such a file? One with more than `limit` bytes is
/// refused.
fn is_not_cut_short(repo: &git2::Repository, oid: Oid, limit: u64) -> Result<bool> {
    let hex = oid.to_string();
    let (folder, rest) = hex.split_at(2);
    let open = |objects: &Path| match files::open(&objects.join(folder).join(rest), Links::Followed)
    {
        // A pipe: libgit2 would wait for whoever writes into it.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Err(error),
        opened => Ok(opened.ok()),
    };
    let objects = repo.commondir().join("objects");
    let file = match open(&objects)? {
        Some(file) => file,
        None => {
            let borrowed = borrowed_from(&objects);
            let mut found = borrowed
                .iter()
                .filter_map(|objects| open(objects).transpose());
            match found.next().transpose()? {
                Some(file) => file,
                // In a pack, or missing.
                None => return Ok(false),
            }
        }
    };
    INFLATE.with_borrow_mut(|inflate| {
        inflate.reset(Box::new(file));
        let most = limit.saturating_add(HEAD);
        let inflated = io::copy(&mut inflate.take(most.saturating_add(1)), &mut io::sink());
        inflate.reset(Box::new(io::empty()));
        let inflated = inflated.context("its file is damaged")?;
        ensure!(inflated <= most, "larger than the limit of {limit} bytes");
        Ok(true)
    })
}

fn drop_oid(found: Option<(Oid, ObjectType, u64)>) -> Option<(u64, ObjectType)> {
    found.map(|(_, kind, size)| (size, kind))
}

/// The error for a name that resolves to nothing.
pub(super) const UNKNOWN: &str = "unknown revision";

fn nothing() -> anyhow::Error {
    anyhow!(UNKNOWN)
}

/// What a revision names, as far as that can be told without reading an object: libgit2 has no end
/// over one that was cut short. The rest is for git.
fn id_of(repo: &git2::Repository, rev: &str) -> Result<Option<Oid>> {
    if rev.is_empty() {
        return Ok(None);
    }
    let is_digits = rev.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digits && let Some(oid) = Oid::from_hex(rev.as_bytes()) {
        return Ok(Some(oid));
    }
    if let Ok(reference) = repo.resolve_reference_from_short_name(rev) {
        let direct = reference.resolve().map_err(|e| git_error(&e))?;
        return direct.target().map(from_git2).transpose();
    }
    if is_digits
        && let Ok(short) = git2::Oid::from_str(rev)
        && let Ok(oid) = repo
            .odb()
            .and_then(|odb| odb.exists_prefix(short, rev.len()))
    {
        return from_git2(oid).map(Some);
    }
    Ok(None)
}

/// The header of an object. git2 (0.21) panics over a kind that a damaged pack has made up.
fn header_in(
    odb: &git2::Odb<'_>,
    oid: git2::Oid,
) -> Result<Result<(usize, git2::ObjectType), git2::Error>> {
    panics::caught(|| odb.read_header(oid)).context("its pack is damaged")
}

fn to_git2(oid: Oid) -> Result<git2::Oid> {
    git2::Oid::from_bytes(oid.raw()).map_err(|e| git_error(&e))
}

fn from_git2(oid: git2::Oid) -> Result<Oid> {
    Oid::from_raw(oid.as_bytes()).context("libgit2 gave an object id of an unknown length")
}

fn object_type(kind: git2::ObjectType) -> Option<ObjectType> {
    match kind {
        git2::ObjectType::Blob => Some(ObjectType::Blob),
        git2::ObjectType::Tree => Some(ObjectType::Tree),
        git2::ObjectType::Commit => Some(ObjectType::Commit),
        git2::ObjectType::Tag => Some(ObjectType::Tag),
        git2::ObjectType::Any => None,
    }
}
