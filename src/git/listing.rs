//! What git prints when it lists files: modes, ids, paths, ended by NUL bytes. Only the parsing.

use anyhow::{Context, Result};

use crate::model::{Oid, RepoPath};

/// A file mode as trees and the index hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mode(pub u32);

impl Mode {
    pub const FILE: Self = Self(0o100_644);
    pub const TREE: Self = Self(0o040_000);

    pub const fn is_tree(self) -> bool {
        self.0 & 0o170_000 == 0o040_000
    }

    pub const fn is_executable(self) -> bool {
        self.0 == 0o100_755
    }

    pub const fn is_symlink(self) -> bool {
        self.0 & 0o170_000 == 0o120_000
    }

    pub const fn is_submodule(self) -> bool {
        self.0 & 0o170_000 == 0o160_000
    }

    pub const fn is_file(self) -> bool {
        self.0 & 0o170_000 == 0o100_000
    }
}

/// One file of a tree, the index or the work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub path: RepoPath,
    pub mode: Mode,
    /// None if the work tree holds something that git has not stored: to be hashed.
    pub oid: Option<Oid>,
}

/// A line of `git ls-files -s -z`: mode, id and stage, then the path.
#[derive(Debug)]
pub struct Staged {
    pub mode: Mode,
    pub oid: Oid,
    pub stage: u8,
    pub path: RepoPath,
}

/// Parses `git ls-files -s -z`.
pub fn staged(output: &[u8]) -> impl Iterator<Item = Result<Staged>> + '_ {
    records(output)
        .map(|record| parse_staged(record).with_context(|| unexpected("ls-files", record)))
}

fn parse_staged(record: &[u8]) -> Option<Staged> {
    let tab = record.iter().position(|&b| b == b'\t')?;
    let mut fields = record[..tab].split(|&b| b == b' ');
    let mode = octal(fields.next()?)?;
    let oid = Oid::from_hex(fields.next()?)?;
    let stage = fields.next()?.first()?.checked_sub(b'0')?;
    Some(Staged {
        mode,
        oid,
        stage,
        path: RepoPath::new(&record[tab + 1..]),
    })
}

/// A line of the raw format of `git diff-*`: what the right side holds.
#[derive(Debug)]
pub struct Difference {
    pub path: RepoPath,
    pub mode: Mode,
    /// Zero if git has not stored what is there.
    pub oid: Oid,
    /// `A`dded, `D`eleted, `M`odified, `T`ype changed, `U`nmerged.
    pub status: u8,
}

/// Parses the raw format of `git diff-{tree,index,files} -z --no-renames`.
pub fn differences(output: &[u8]) -> Result<Vec<Difference>> {
    let mut records = records(output);
    let mut all = Vec::new();
    while let Some(record) = records.next() {
        let path = records.next().with_context(|| unexpected("diff", record))?;
        all.push(parse_difference(record, path).with_context(|| unexpected("diff", record))?);
    }
    Ok(all)
}

/// As [`differences`], as files; deleted paths are left out.
pub fn changed(output: &[u8]) -> Result<Vec<Listed>> {
    let present = differences(output)?
        .into_iter()
        .filter(|d| d.status != b'D');
    Ok(present
        .map(|difference| Listed {
            path: difference.path,
            mode: difference.mode,
            oid: (!difference.oid.is_zero()).then_some(difference.oid),
        })
        .collect())
}

fn parse_difference(record: &[u8], path: &[u8]) -> Option<Difference> {
    let mut fields = record.strip_prefix(b":")?.split(|&b| b == b' ').skip(1);
    Some(Difference {
        path: RepoPath::new(path),
        mode: octal(fields.next()?)?,
        oid: Oid::from_hex(fields.nth(1)?)?,
        status: *fields.next()?.first()?,
    })
}

/// The records of a `-z` output.
pub fn records(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output
        .split(|&b| b == 0)
        .filter(|record| !record.is_empty())
}

fn octal(digits: &[u8]) -> Option<Mode> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8)
        .ok()
        .map(Mode)
}

fn unexpected(command: &str, record: &[u8]) -> String {
    let line = String::from_utf8_lossy(record);
    format!(
        "git {command} printed an unexpected line: {}",
        line.escape_debug()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staged_path_may_hold_any_byte_but_nul() {
        let line = b"100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\ta \tb\nc\xff\0";
        let files: Vec<_> = staged(line).collect::<Result<_>>().unwrap();
        assert_eq!(files[0].path.as_bytes(), b"a \tb\nc\xff");
        assert_eq!(files[0].stage, 0);
    }

    #[test]
    fn a_deleted_path_is_no_longer_there_and_a_dirty_one_has_no_id() {
        let zero = "0".repeat(40);
        let one = "1".repeat(40);
        let text = format!(
            ":100644 000000 {one} {zero} D\0gone\0:100644 100755 {one} {zero} M\0dirty\0\
             :000000 100644 {zero} {one} A\0new\0"
        );
        let files = changed(text.as_bytes()).unwrap();
        assert_eq!(files.len(), 2);
        assert_eq!(
            (files[0].path.to_string(), files[0].oid),
            ("dirty".into(), None)
        );
        assert!(files[1].oid.is_some());
    }

    #[test]
    fn garbage_is_an_error() {
        assert!(changed(b":x\0y\0").is_err());
        assert!(staged(b"nonsense\0").next().unwrap().is_err());
    }
}
