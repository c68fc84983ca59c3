//! A git that looks at files of the work tree, and would wait for ever: it opens a pipe that is
//! called as a file of attributes is, and nobody writes into that. Where one takes long it is looked
//! for what keeps it. Not the starting of processes.

use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use std::{fs, io};

use rustix::process::{Pid, Signal, kill_process};

use super::files::is_endless;
use super::process::Git;

/// Whatever takes longer is worth a look.
const LONG: Duration = Duration::from_secs(2);

/// More files than this are not looked through.
const MOST_FILES: usize = 1 << 20;

/// What git reads in any folder of a work tree, and follows no link to.
const IN_FOLDERS: [&str; 3] = [".gitattributes", ".gitignore", ".mailmap"];

/// What git reads beside its configuration.
const BESIDE: [&str; 3] = ["info/attributes", "info/exclude", "info/sparse-checkout"];

/// What git reads of a submodule before it looks at its files.
const OF_SUBMODULES: [&str; 5] = ["HEAD", "config", "commondir", "packed-refs", "index"];

/// The settings that name more.
const NAMED: [&str; 3] = ["core.attributesFile", "core.excludesFile", "mailmap.file"];

/// Where a git looks at files: the root of the work tree, and the repository's folder.
#[derive(Clone, Debug)]
pub struct Files {
    pub root: PathBuf,
    pub common: PathBuf,
}

/// Waits for the end of `child`, fed and drained by `wait`; and ends it, if it would never come.
///
/// # Errors
/// As `wait`; the name of the file that it waited for.
pub fn wait(
    child: Child,
    files: Option<&Files>,
    wait: impl FnOnce(Child) -> io::Result<Output>,
) -> io::Result<Result<Output, PathBuf>> {
    let Some(files) = files else {
        return wait(child).map(Ok);
    };
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    std::thread::scope(|scope| {
        let (alive, ended) = channel::<()>();
        let watch = move || watch(files, pid, &ended);
        let watching = std::thread::Builder::new().spawn_scoped(scope, watch)?;
        let output = wait(child);
        drop(alive);
        match watching.join() {
            Ok(Some(file)) => Ok(Err(file)),
            _ => output.map(Ok),
        }
    })
}

fn watch(files: &Files, pid: Option<Pid>, ended: &Receiver<()>) -> Option<PathBuf> {
    if ended.recv_timeout(LONG) != Err(RecvTimeoutError::Timeout) {
        return None;
    }
    let file = files.endless()?;
    // It may have ended meanwhile, in its own way.
    if ended.recv_timeout(Duration::ZERO) == Err(RecvTimeoutError::Timeout) {
        kill_process(pid?, Signal::KILL).ok()?;
        return Some(file);
    }
    None
}

impl Files {
    /// A file that git reads and that has no end.
    fn endless(&self) -> Option<PathBuf> {
        let beside = BESIDE.iter().map(|name| self.common.join(name));
        let named = NAMED.iter().filter_map(|name| self.named(name));
        let mut followed = beside.chain(named);
        let found = followed.find(|file| file.metadata().is_ok_and(|file| is_endless(&file)));
        let found = found.or_else(|| self.endless_in_submodules());
        found.or_else(|| self.endless_inside())
    }

    /// Git looks into the folders of submodules that are checked out, whatever it is told to ignore.
    fn endless_in_submodules(&self) -> Option<PathBuf> {
        let mut folders = vec![self.common.join("modules")];
        let mut left = MOST_FILES;
        while let Some(folder) = folders.pop() {
            let mut files = OF_SUBMODULES.iter().map(|name| folder.join(name));
            let is_one = |file: &PathBuf| file.metadata().is_ok_and(|file| is_endless(&file));
            if let Some(found) = files.find(is_one) {
                return Some(found);
            }
            for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
                left = left.checked_sub(1)?;
                let is_folder = file.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && file.file_name() != "objects" {
                    folders.push(file.path());
                }
            }
        }
        None
    }

    fn named(&self, setting: &str) -> Option<PathBuf> {
        let asked = Git::new(&self.root, "config").args(["--type=path", "--get", setting]);
        let path = String::from_utf8(asked.output().ok()?).ok()?;
        Some(self.root.join(path.trim_end_matches('\n')))
    }

    fn endless_inside(&self) -> Option<PathBuf> {
        let mut folders = vec![self.root.clone()];
        let mut left = MOST_FILES;
        while let Some(folder) = folders.pop() {
            if let Some(found) = endless_in(&folder) {
                return Some(found);
            }
            for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
                left = left.checked_sub(1)?;
                let is_folder = file.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && file.file_name() != ".git" {
                    folders.push(file.path());
                }
            }
        }
        None
    }
}

fn endless_in(folder: &Path) -> Option<PathBuf> {
    let mut files = IN_FOLDERS.iter().map(|name| folder.join(name));
    files.find(|file| file.symlink_metadata().is_ok_and(|file| is_endless(&file)))
}
