//! Which of the files that git lists are analyzed, and in which language, as far as names, attributes and
//! the first line of a script tell. What a file's content says against it is seen when it is read.

use anyhow::Result;

use super::target::{Reach, Verdict};
use crate::git::{Attributes, Listed, Mode, PathPatterns, Repo};
use crate::model::{Language, Oid, RepoPath, Role, Skip};

/// The settings that bound every selection.
#[derive(Debug)]
pub struct Scope {
    include: PathPatterns,
    /// Whatever one of these matches is left out: none takes back what another says.
    exclude: Vec<PathPatterns>,
    /// Larger files are skipped.
    pub max_file_size: u64,
    judged_by: Option<Judge>,
}

/// Where others judge than what is looked at.
#[derive(Debug)]
struct Judge {
    /// The tree whose attributes count.
    tree: Oid,
    /// What the settings that lie here would bound, if they are others.
    here: Option<Box<Scope>>,
}

impl Scope {
    /// `include` empty means: files in a language that has a name here.
    ///
    /// # Errors
    /// If a pattern cannot be read.
    pub fn new(include: &[String], exclude: &[&[String]], max_file_size: u64) -> Result<Self> {
        let lists = exclude.iter().filter(|list| !list.is_empty());
        Ok(Self {
            include: PathPatterns::new(include)?,
            exclude: lists
                .map(|list| PathPatterns::new(list))
                .collect::<Result<_>>()?,
            max_file_size,
            judged_by: None,
        })
    }

    /// The same, where the attributes of `tree` count, and neither those that are looked at nor
    /// `here`, the settings that lie here, take anything out. What these would leave out stays on
    /// this machine all the same.
    pub fn judged_by(self, tree: Oid, here: Option<Self>) -> Self {
        Self {
            judged_by: Some(Judge {
                tree,
                here: here.map(Box::new),
            }),
            ..self
        }
    }

    /// The tree whose attributes count, if not those of what is looked at.
    pub fn judge_tree(&self) -> Option<Oid> {
        self.judged_by.as_ref().map(|judge| judge.tree)
    }

    /// Would the file be left out, or stay here, by what lies here?
    pub fn is_withheld(
        &self,
        file: &Listed,
        language: Option<Language>,
        attributes: &Attributes,
    ) -> bool {
        let here = self
            .judged_by
            .as_ref()
            .and_then(|judge| judge.here.as_ref());
        let here = here.map_or(self, |here| here.as_ref());
        let is_asked = |verdict| matches!(verdict, Verdict::Ask(_));
        !here.includes(&file.path, language)
            || !is_asked(here.judge(file, language, attributes))
            || reach(&file.path, attributes) == Reach::Here
    }

    /// Does it matter where in the tree a file lies? If not, equal trees have equal answers.
    pub const fn depends_on_place(&self) -> bool {
        !self.include.is_empty() || !self.exclude.is_empty() || self.judged_by.is_some()
    }

    /// Do patterns say which files are meant, rather than languages?
    pub const fn names_files(&self) -> bool {
        !self.include.is_empty()
    }

    /// Is the file, in this language by its name, meant when its folder is?
    pub fn includes(&self, path: &RepoPath, language: Option<Language>) -> bool {
        if self.include.is_empty() {
            language.is_some()
        } else {
            self.include.matches(path)
        }
    }

    /// What is to become of a file that is meant.
    pub fn judge(
        &self,
        file: &Listed,
        language: Option<Language>,
        attributes: &Attributes,
    ) -> Verdict {
        let path = &file.path;
        let skip = if file.mode.is_symlink() {
            Some(Skip::Symlink)
        } else if file.mode.is_submodule() {
            Some(Skip::Submodule)
        } else if self.exclude.iter().any(|list| list.matches(path)) {
            Some(Skip::Excluded("the setting exclude".to_owned()))
        } else {
            by_attribute(path, attributes)
        };
        match (skip, language) {
            (Some(skip), _) => Verdict::Skip(skip),
            (None, Some(language)) => Verdict::Ask(language),
            (None, None) => Verdict::Skip(Skip::UnknownLanguage),
        }
    }
}

/// How far the text of a file may go.
pub fn reach(path: &RepoPath, attributes: &Attributes) -> Reach {
    match attributes.get(path, OURS) {
        Some(b"local") => Reach::Here,
        _ => Reach::Provider,
    }
}

/// What a file is for: what an attribute says, else what its path does.
pub fn role(path: &RepoPath, attributes: &Attributes) -> Role {
    let said = attributes.get(path, "rustassistant-role");
    let said = said.and_then(|said| std::str::from_utf8(said).ok());
    said.and_then(Role::named).unwrap_or_else(|| Role::of(path))
}

/// The attribute of our own.
const OURS: &str = "rustassistant";

/// An attribute of our own has the last word; those of code hosts are taken at theirs.
fn by_attribute(path: &RepoPath, attributes: &Attributes) -> Option<Skip> {
    let get = |name| attributes.get(path, name);
    let holds = |name| matches!(get(name), Some(b"set" | b"true"));
    let excluded = |by: &str| Some(Skip::Excluded(format!("the attribute {by}")));
    match get(OURS) {
        Some(b"unset" | b"false") => excluded("-rustassistant"),
        Some(b"set" | b"true") => None,
        _ if holds("linguist-generated") => Some(Skip::Generated(Skip::BY_ATTRIBUTE.to_owned())),
        _ if holds("linguist-vendored") => excluded("linguist-vendored"),
        _ if holds("export-subst") => excluded("export-subst"),
        _ => None,
    }
}

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
