//! This program's own refs, in whatever state they are: listed, their locks found, their pasts
//! read, and taken away where git itself would refuse. Not what they hold, and never another ref.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::read::ZlibDecoder;

use super::files::{self, Links};
use super::foreign::Foreign;
use super::own_folder::OwnFolder;
use super::repo::Repo;
use crate::model::Oid;

/// Where all our refs lie.
pub const OURS: &str = "refs/rustassistant";

/// More than the names of our refs have levels.
const DEEPEST: usize = 32;

/// A larger object is not looked through, in bytes: none of ours is.
const MOST_OBJECT: u64 = 64 << 20;

/// The longest list of git's that is read here.
const MAX_LOG: u64 = 1 << 28;

impl Repo {
    /// The full names of all refs of ours, those that nobody can read among them.
    pub fn own_refs(&self) -> Vec<String> {
        let listed = self
            .git("for-each-ref")
            .args(["--format=%(refname)", OURS])
            .output();
        // One that is broken makes git complain, and is found below.
        let listed = String::from_utf8_lossy(&listed.unwrap_or_default()).into_owned();
        let mut names: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
        for file in self.own_ref_files() {
            let name = file.strip_prefix(self.common_dir()).ok();
            let name = name.and_then(Path::to_str);
            names.extend(
                name.filter(|name| !name.ends_with(".lock"))
                    .map(str::to_owned),
            );
        }
        names.into_iter().collect()
    }

    /// The names of refs of ours that have a reflog, whether or not they are there themselves, where
    /// refs are files.
    pub fn own_reflogs(&self) -> Vec<String> {
        let folder = self.way(&log_of(OURS));
        let folder = folder.and_then(|(folder, name)| folder.folder(&name));
        let mut files = Vec::new();
        if let Ok(folder) = folder {
            below(folder.path(), DEEPEST, &mut files);
        }
        let logs = self.common_dir().join("logs");
        let names = files
            .iter()
            .filter_map(|file| file.strip_prefix(&logs).ok());
        let names = names.filter_map(Path::to_str);
        // Git made no file of another name.
        let names = names.filter(|name| git2::Reference::is_valid_name(name));
        names.map(str::to_owned).collect()
    }

    /// Git's lock files of our refs.
    pub fn own_ref_locks(&self) -> Vec<PathBuf> {
        let is_lock = |file: &PathBuf| file.extension().is_some_and(|end| end == "lock");
        self.own_ref_files().into_iter().filter(is_lock).collect()
    }

    fn own_ref_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        // What lies behind a link is not ours to look at, nor to remove.
        if let Ok((folder, name)) = self.way(OURS)
            && let Ok(ours) = folder.folder(&name)
        {
            below(ours.path(), DEEPEST, &mut files);
        }
        files.sort_unstable();
        files
    }

    /// What the ref of ours pointed at, latest first, as far as its reflog can be read.
    pub fn past_of(&self, name: &str) -> Vec<Oid> {
        let log = self
            .way(&log_of(name))
            .and_then(|(folder, log)| folder.read(&log, MAX_LOG));
        let log = log.unwrap_or_default();
        let new = |line: &[u8]| Oid::from_hex(line.split(|&b| b == b' ').nth(1)?);
        let mut past: Vec<Oid> = log.split(|&b| b == b'\n').filter_map(new).collect();
        past.reverse();
        past.dedup();
        past
    }

    /// What the ref `name` was moved to, and why, as far as its reflog tells.
    pub fn moves_of(&self, name: &str) -> Vec<(Oid, String)> {
        let way = self.way(&log_of(name));
        let log = match way.and_then(|(folder, log)| folder.read(&log, MAX_LOG)) {
            Ok(log) => log,
            Err(error) if is_absent(&error) => {
                // Where refs are no files.
                let asked = ["--walk-reflogs", "--format=0 %H%x09%gs", name, "--"];
                let told = self.git("log").args(asked).finish(b"");
                told.map(|told| told.stdout).unwrap_or_default()
            }
            Err(_) => return Vec::new(),
        };
        let moved = |line: &[u8]| {
            let head = line.split(|&b| b == b'\t').next()?;
            let to = Oid::from_hex(head.split(|&b| b == b' ').nth(1)?)?;
            let why = String::from_utf8_lossy(line.get(head.len() + 1..).unwrap_or_default());
            Some((to, why.into_owned()))
        };
        log.split(|&b| b == b'\n').filter_map(moved).collect()
    }

    /// All that the reflog of the ref `name` keeps alive: what it pointed at, and what that replaced.
    ///
    /// # Errors
    /// If git cannot read the reflog, where refs are no files.
    pub fn kept_by_reflog(&self, name: &str) -> Result<Vec<Oid>> {
        let way = self.way(&log_of(name));
        let log = match way.and_then(|(folder, log)| folder.read(&log, MAX_LOG)) {
            Ok(log) => log,
            Err(error) if is_absent(&error) => {
                let exists = self.git("reflog").args(["exists", name]).finish(b"")?;
                if !exists.status.success() {
                    return Ok(Vec::new());
                }
                let walk = self.git("rev-list").args(["--walk-reflogs", name]);
                let mut log = walk.output()?;
                // What the first entry replaced is the last that can be asked for.
                let entries = log.iter().filter(|&&byte| byte == b'\n').count();
                let first = format!("{name}@{{{entries}}}");
                let first = self.git("rev-parse").args(["--verify", "-q", &first]);
                log.extend(first.finish(b"")?.stdout);
                log
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {name}'s reflog"));
            }
        };
        let mut oids = BTreeSet::new();
        for line in log.split(|&b| b == b'\n') {
            oids.extend(line.split(|&b| b == b' ').take(2).filter_map(Oid::from_hex));
        }
        oids.retain(|oid| !oid.is_zero());
        Ok(oids.into_iter().collect())
    }

    /// Takes away a ref of ours, also where git cannot read it.
    ///
    /// # Errors
    /// If it is none of ours, or stays.
    pub fn drop_own_ref(&self, name: &str) -> Result<()> {
        ensure!(is_ours(name), "{name} is no ref of this program");
        let delete = || {
            self.git("update-ref")
                .args(["--no-deref", "-d", name])
                .output()
        };
        let cannot = || format!("cannot remove {name}");
        // Git would go where a link leads, and remove the reflog there, too.
        let file = match self.way(name) {
            Err(error) if is_absent(&error) => None,
            way => Some(way.with_context(cannot)?),
        };
        match self.way(&log_of(name)) {
            Err(error) if Foreign::of(&error).is_some() => return Err(error).with_context(cannot),
            _ => {}
        }
        if delete().is_ok() {
            return Ok(());
        }
        match file.map(|(folder, file)| folder.remove(&file)) {
            Some(Err(why)) if !is_absent(&why) => return Err(why).with_context(cannot),
            _ => {}
        }
        if self.hand.resolve_ref(name).ok().flatten().is_some() {
            // What git had packed of it is in sight again.
            delete().with_context(|| format!("cannot remove {name}"))?;
        }
        Ok(())
    }

    /// Forgets what a ref of ours pointed at before: git would stumble over objects that are lost
    /// there, too.
    ///
    /// # Errors
    /// If it is none of ours, or cannot be written.
    pub fn forget_past(&self, name: &str) -> Result<()> {
        ensure!(is_ours(name), "{name} is no ref of this program");
        let removed = self
            .way(&log_of(name))
            .and_then(|(folder, log)| folder.remove(&log));
        match removed {
            Ok(()) => Ok(()),
            // Gone with its ref, or kept where refs are no files.
            Err(error) if is_absent(&error) => {
                let _ = self
                    .git("reflog")
                    .args(["expire", "--expire=all", "--expire-unreachable=all", name])
                    .output();
                Ok(())
            }
            Err(error) => Err(error).with_context(|| format!("cannot remove the reflog of {name}")),
        }
    }

    /// Removes a file of one object that does not hold what its name says, so that git no longer
    /// stumbles over it. Whether there was one.
    pub fn drop_damaged_object(&self, oid: Oid) -> bool {
        let hex = oid.to_string();
        let (folder, rest) = hex.split_at(2);
        let Ok(folder) = OwnFolder::open(self.objects_dir(), folder) else {
            return false;
        };
        // What can be read is what somebody needs, whoever else took it for something of theirs.
        let Ok(file) = folder.file(rest) else {
            return false;
        };
        let mut bytes = Vec::new();
        let inflated = ZlibDecoder::new(file)
            .take(MOST_OBJECT + 1)
            .read_to_end(&mut bytes);
        let is_whole = inflated.is_ok()
            && (bytes.len() as u64 > MOST_OBJECT || self.format().hash(&[&bytes]) == oid);
        !is_whole && folder.remove(rest).is_ok()
    }

    /// Does history end here, in a shallow clone?
    pub fn is_cut_off(&self, commit: Oid) -> bool {
        let list = files::read(&self.common_dir().join("shallow"), Links::Followed, MAX_LOG);
        let list = list.unwrap_or_default();
        list.split(|&b| b == b'\n')
            .any(|line| Oid::from_hex(line) == Some(commit))
    }

    /// May objects be missing because a remote has promised them?
    ///
    /// # Errors
    /// If the configuration cannot be read.
    pub fn is_partial(&self) -> Result<bool> {
        Ok(self.promisor()?.is_some())
    }
}

fn log_of(name: &str) -> String {
    format!("logs/{name}")
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix(OURS);
    rest.is_some_and(|rest| rest.starts_with('/') && !rest.contains(".."))
}

fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => below(&entry.path(), depth - 1, files),
            Ok(kind) if !kind.is_dir() => files.push(entry.path()),
            _ => {}
        }
    }
}
