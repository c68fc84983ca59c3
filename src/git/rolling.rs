//! Our own packs, rolled up: each run and each publishing stores a pack, and git repacks all there is
//! once there are fifty. So now and then a new pack takes in the objects of the older ones, which then
//! go. Never a pack that somebody else has made, and never beside a git that repacks: it would miss
//! what it has listed.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use super::files::{self, Links};
use super::own_folder::OwnFolder;
use super::repo::Repo;
use crate::model::Oid;

/// So many packs may lie there before they are rolled up: a third of what git puts up with.
const MOST_LEFT: usize = 16;

/// What one new pack takes in, and the largest pack that is taken in, in bytes.
const MOST_BYTES: u64 = 8 << 20;

const LIST: &str = "packs";

/// A larger index of several packs is not read: none of them goes then, in bytes.
const MOST_INDEX: u64 = 1 << 28;

/// The list of our packs is cut to so many.
const MOST_LISTED: usize = 64;

/// What git half writes is at work no longer than that.
const HALF_WRITTEN: Duration = Duration::from_secs(3600);

/// Older packs, and their objects as they lie there.
#[derive(Debug, Default)]
pub struct Rolled {
    names: Vec<String>,
    pub objects: Vec<Vec<u8>>,
}

/// The lock of `git gc`, as `git gc` takes it: one that begins meanwhile says that another is at work,
/// or nothing with `--auto`. If this process dies, git sees that it has.
struct LockOfGc(PathBuf);

impl Drop for LockOfGc {
    #[expect(clippy::disallowed_methods, reason = "made by this process")]
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Repo {
    fn list_of_packs(&self) -> String {
        let own = self.own_folder();
        let list = own.and_then(|own| own.text(LIST, MOST_BYTES));
        list.unwrap_or_default()
    }

    pub(super) fn pack_file(&self, name: &str, end: &str) -> PathBuf {
        self.objects_dir()
            .join("pack")
            .join(format!("{name}.{end}"))
    }

    /// `None` if git tidies up, or another of ours does.
    #[expect(
        clippy::disallowed_methods,
        reason = "makes what is not there, and follows no link"
    )]
    fn lock_of_gc(&self) -> Option<LockOfGc> {
        let own = self.own_folder().ok()?;
        let file = self.common_dir().join("gc.pid");
        let name = format!("gc-{}", std::process::id());
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy();
        let who = format!("{} {host}", std::process::id());
        own.replace(&name, "new-gc-", &[who.as_bytes()]).ok()?;
        let linked = fs::hard_link(own.path().join(&name), &file);
        let _ = own.remove(&name);
        linked.ok()?;
        let lock = LockOfGc(file);
        // One that looked before our file was there writes its own over it.
        let others = ["gc.pid.lock", "objects/maintenance.lock"];
        let is_ours = others.iter().all(|it| !self.common_dir().join(it).exists());
        is_ours.then_some(lock)
    }

    /// Does a git that takes no lock write a pack just now?
    fn is_packed_just_now(&self) -> bool {
        let Ok(packs) = OwnFolder::open(self.objects_dir(), "pack") else {
            return true;
        };
        let names = packs.names().unwrap_or_default();
        names.iter().any(|name| {
            (name.starts_with("tmp_") || name.starts_with(".tmp-"))
                && packs.age(name).is_none_or(|age| age < HALF_WRITTEN)
        })
    }

    /// Those of the packs `names` that may go, the smallest first, with their sizes.
    fn may_go<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<(u64, &'a str)> {
        let of_many = self.objects_dir().join("pack/multi-pack-index");
        let of_many = match files::read(&of_many, Links::Followed, MOST_INDEX) {
            Ok(index) => index,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            // What it names is not known.
            Err(_) => return Vec::new(),
        };
        let mut packs: Vec<(u64, &str)> = names
            .filter_map(|name| Some((fs::metadata(self.pack_file(name, "pack")).ok()?.len(), name)))
            .filter(|(size, name)| {
                // An index of several packs would name one that is gone.
                let is_named = memchr::memmem::find(&of_many, name.as_bytes()).is_some();
                // Somebody keeps it, or git has put more beside it.
                let is_special = ["keep", "promisor", "mtimes", "bitmap"]
                    .iter()
                    .any(|end| self.pack_file(name, end).exists());
                *size <= MOST_BYTES && !is_named && !is_special
            })
            .collect();
        packs.sort_unstable();
        packs.dedup();
        packs
    }

    /// Our packs that a new one of `size` bytes with the objects `new` is to take in.
    pub(super) fn rolled_into(&self, size: u64, new: impl Iterator<Item = Oid>) -> Rolled {
        let list = self.list_of_packs();
        if list.lines().count() < MOST_LEFT {
            return Rolled::default();
        }
        let packs = self.may_go(list.lines().filter(|name| is_name(name)));
        if packs.len() < MOST_LEFT {
            return Rolled::default();
        }
        let mut known: HashSet<Oid> = new.collect();
        let mut rolled = Rolled::default();
        let mut sum = size;
        for (size, name) in packs {
            if sum + size > MOST_BYTES {
                break;
            }
            // One that is gone or odd stays what it is.
            let Some(objects) = self.objects_of_pack(name) else {
                continue;
            };
            sum += size;
            rolled.names.push(name.to_owned());
            for (oid, bytes) in objects {
                if known.insert(oid) {
                    rolled.objects.push(bytes);
                }
            }
        }
        rolled
    }

    /// The new pack `name` is stored, with all that `rolled` holds: the older ones may go. What cannot
    /// be removed or written down only costs room.
    pub(super) fn roll_up(&self, name: &str, rolled: &Rolled) {
        if !rolled.names.is_empty() {
            self.drop_packs(name, rolled);
        }
        let list = self.list_of_packs();
        let is_left =
            |old: &&str| is_name(old) && *old != name && self.pack_file(old, "pack").exists();
        let mut left: Vec<&str> = list.lines().filter(is_left).collect();
        left.push(name);
        let from = left.len().saturating_sub(MOST_LISTED);
        let text = left.get(from..).unwrap_or_default().join("\n") + "\n";
        if let Ok(own) = self.own_folder() {
            let _ = own.replace(LIST, "new-packs-", &[text.as_bytes()]);
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "packs in git's own folder, which this program has made"
    )]
    fn drop_packs(&self, name: &str, rolled: &Rolled) {
        let Some(_lock) = self.lock_of_gc() else {
            return;
        };
        if self.is_packed_just_now() {
            return;
        }
        let older = rolled.names.iter().map(String::as_str);
        for (_, old) in self.may_go(older.filter(|old| *old != name)) {
            // In git's own order: what has no index is no pack.
            for end in ["idx", "rev", "pack"] {
                let _ = fs::remove_file(self.pack_file(old, end));
            }
        }
    }

    /// The objects of a pack that holds each as a whole, with their ids (gitformat-pack(5)).
    fn objects_of_pack(&self, name: &str) -> Option<Vec<(Oid, Vec<u8>)>> {
        let index = files::read(&self.pack_file(name, "idx"), Links::Followed, MOST_BYTES).ok()?;
        let pack = files::read(&self.pack_file(name, "pack"), Links::Followed, MOST_BYTES).ok()?;
        let width = self.format().zero().raw().len();
        let number = |at: usize| -> Option<usize> {
            let bytes = index.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(u32::from_be_bytes(bytes)).ok()
        };
        let is_known =
            index.starts_with(b"\xfftOc\0\0\0\x02") && pack.starts_with(b"PACK\0\0\0\x02");
        let count = number(8 + 255 * 4).filter(|_| is_known)?;
        let ids = 8 + 256 * 4;
        let offsets = ids + count * (width + 4);
        let mut places = Vec::with_capacity(count.min(1 << 16));
        for place in 0..count {
            let at = ids + place * width;
            let oid = Oid::from_raw(index.get(at..at + width)?)?;
            places.push((number(offsets + place * 4)?, oid));
        }
        places.sort_unstable();
        let end = pack.len().checked_sub(width)?;
        let ends = places.iter().skip(1).map(|(at, _)| *at).chain([end]);
        let mut objects = Vec::with_capacity(places.len());
        for ((at, oid), end) in places.iter().zip(ends) {
            let bytes = pack.get(*at..end)?;
            // A difference to another object would not be whole without that one.
            let kind = bytes.first()? >> 4 & 7;
            if !(1..=4).contains(&kind) {
                return None;
            }
            objects.push((*oid, bytes.to_vec()));
        }
        Some(objects)
    }
}

fn is_name(name: &str) -> bool {
    let digits = name.strip_prefix("pack-");
    digits.is_some_and(|digits| digits.len() >= 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::TestRepo;
    use crate::git::{Expected, Mode, PackedObject, TreeEntry, write_tree};
    use crate::model::ObjectType;

    /// Stores a pack of one file, named by a ref; the file.
    fn store(test: &TestRepo, text: &str) -> Oid {
        let repo = test.open();
        let format = repo.format();
        let blob = PackedObject::new(format, ObjectType::Blob, text.as_bytes()).unwrap();
        let mut lines = [TreeEntry {
            mode: Mode::FILE,
            name: b"a",
            oid: blob.oid,
        }];
        let (tree, bytes) = write_tree(&mut lines, format);
        let tree_object = PackedObject::with_oid(tree, ObjectType::Tree, &bytes).unwrap();
        let kept = repo.store_pack(&[&blob, &tree_object], "test").unwrap();
        let name = format!("refs/rustassistant/test/{}", blob.oid);
        repo.update_ref(&name, tree, Expected::Absent, "t").unwrap();
        drop(kept);
        blob.oid
    }

    fn packs(test: &TestRepo) -> usize {
        let files = std::fs::read_dir(test.open().objects_dir().join("pack")).unwrap();
        let names = files.map(|file| file.unwrap().path());
        names
            .filter(|path| path.extension().is_some_and(|end| end == "pack"))
            .count()
    }

    #[test]
    fn of_many_packs_few_are_left_and_nothing_is_lost() {
        let test = TestRepo::new();
        test.open().make_own_folder().unwrap();
        let mut blobs = Vec::new();
        for number in 0..60 {
            blobs.push(store(&test, &format!("{number}").repeat(500)));
            let left = packs(&test);
            assert!(left <= MOST_LEFT + 1, "{number}: {left}");
            if number == 30 {
                test.git(&["-q", "--prune=now"], "gc");
            }
        }
        let repo = test.open();
        for blob in blobs {
            assert!(repo.blob(blob, 1 << 20).is_ok(), "{blob}");
        }
        test.fsck();
    }

    /// So many packs that the next one rolls them up.
    fn full() -> TestRepo {
        let test = TestRepo::new();
        test.open().make_own_folder().unwrap();
        for number in 0..MOST_LEFT {
            store(&test, &format!("number {number}"));
        }
        assert_eq!(packs(&test), MOST_LEFT);
        test
    }

    #[test]
    fn packs_that_an_index_of_several_names_stay() {
        let test = full();
        test.git(&["write"], "multi-pack-index");
        store(&test, "one more");
        assert_eq!(packs(&test), MOST_LEFT + 1);
        test.fsck();
        test.git(&["verify"], "multi-pack-index");
    }

    #[test]
    fn where_git_tidies_up_or_packs_no_pack_goes() {
        let test = full();
        let beside = |file: &str, more: usize| {
            let file = test.path.join(".git").join(file);
            std::fs::write(&file, "1 elsewhere").unwrap();
            store(&test, &format!("beside {}", file.display()));
            assert_eq!(packs(&test), MOST_LEFT + more, "{}", file.display());
            std::fs::remove_file(file).unwrap();
        };
        beside("gc.pid", 1);
        beside("gc.pid.lock", 2);
        beside("objects/maintenance.lock", 3);
        beside("objects/pack/.tmp-1-pack-1", 4);
        store(&test, "alone");
        assert_eq!(packs(&test), 1);
        assert!(!test.path.join(".git/gc.pid").exists());
        test.fsck();
    }

    #[test]
    fn a_git_that_would_tidy_up_waits_for_its_next_turn() {
        let test = TestRepo::new();
        let repo = test.open();
        repo.make_own_folder().unwrap();
        let held = repo.lock_of_gc().unwrap();
        assert!(repo.lock_of_gc().is_none());
        let gc = |option: &str| {
            let mut git = std::process::Command::new("git");
            git.current_dir(&test.path).args(["gc", "-q", option]);
            let output = git.output().unwrap();
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let said = gc("--prune=now");
        assert!(said.contains("gc is already running"), "{said}");
        assert_eq!(gc("--auto"), "");
        drop(held);
        assert_eq!(gc("--prune=now"), "");
    }
}
