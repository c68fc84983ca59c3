//! Our own packs, rolled up: each run and each publishing stores a pack, and git repacks all there is
//! once there are fifty. So a new pack takes in the objects of our older ones that are not much
//! larger, which then go, as `git repack --geometric` would do it. Few are left, and each object is
//! written anew a few times at most. Never a pack that somebody else has made.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::files::{self, Links};
use super::repo::Repo;
use crate::model::Oid;

/// A larger pack stays as it is, in bytes.
const MOST_BYTES: u64 = 8 << 20;

const LIST: &str = "packs";

/// A larger index of several packs is not read: none of them goes then, in bytes.
const MOST_INDEX: u64 = 1 << 28;

/// The list of our packs is cut to so many.
const MOST_PACKS: usize = 64;

/// Older packs, and their objects as they lie there.
#[derive(Debug, Default)]
pub struct Rolled {
    names: Vec<String>,
    pub objects: Vec<Vec<u8>>,
}

impl Repo {
    fn list_of_packs(&self) -> String {
        let own = self.own_folder();
        let list = own.and_then(|own| own.text(LIST, MOST_BYTES));
        list.unwrap_or_default()
    }

    fn pack_file(&self, name: &str, end: &str) -> PathBuf {
        self.objects_dir()
            .join("pack")
            .join(format!("{name}.{end}"))
    }

    /// Our packs that a new one of `size` bytes with the objects `new` is to take in.
    pub(super) fn rolled_into(&self, size: u64, new: impl Iterator<Item = Oid>) -> Rolled {
        let mut known: HashSet<Oid> = new.collect();
        let mut rolled = Rolled::default();
        let at_work = ["gc.pid", "objects/maintenance.lock"];
        if at_work
            .iter()
            .any(|file| self.common_dir().join(file).exists())
        {
            return rolled;
        }
        let list = self.list_of_packs();
        let of_many = self.objects_dir().join("pack/multi-pack-index");
        let of_many = match files::read(&of_many, Links::Followed, MOST_INDEX) {
            Ok(index) => index,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            // What it names is not known.
            Err(_) => return rolled,
        };
        let names = list.lines().filter(|name| is_name(name));
        let mut packs: Vec<(u64, &str)> = names
            .filter_map(|name| Some((fs::metadata(self.pack_file(name, "pack")).ok()?.len(), name)))
            .filter(|(size, name)| {
                let is_kept = self.pack_file(name, "keep").exists();
                // An index of several packs would name one that is gone.
                let is_named = memchr::memmem::find(&of_many, name.as_bytes()).is_some();
                // Neither is what git has put more beside.
                let is_special = ["promisor", "mtimes", "bitmap"]
                    .iter()
                    .any(|end| self.pack_file(name, end).exists());
                *size <= MOST_BYTES && !is_kept && !is_named && !is_special
            })
            .collect();
        packs.sort_unstable();
        packs.dedup();
        let mut sum = size;
        for (size, name) in packs {
            if size > 2 * sum {
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
    #[expect(
        clippy::disallowed_methods,
        reason = "packs in git's own folder, which this program has made"
    )]
    pub(super) fn roll_up(&self, name: &str, rolled: &Rolled) {
        for old in rolled.names.iter().filter(|old| *old != name) {
            // In git's own order: what has no index is no pack.
            for end in ["idx", "rev", "pack"] {
                let _ = fs::remove_file(self.pack_file(old, end));
            }
        }
        let list = self.list_of_packs();
        let is_left = |old: &&str| {
            is_name(old) && *old != name && !rolled.names.iter().any(|rolled| rolled == old)
        };
        let mut left: Vec<&str> = list.lines().filter(is_left).collect();
        left.push(name);
        let from = left.len().saturating_sub(MOST_PACKS);
        let text = left.get(from..).unwrap_or_default().join("\n") + "\n";
        if let Ok(own) = self.own_folder() {
            let _ = own.replace(LIST, "new-packs-", &[text.as_bytes()]);
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
    use crate::git::testing::TestRepo;
    use crate::git::{Expected, Mode, PackedObject, TreeEntry, write_tree};
    use crate::model::{ObjectType, Oid};

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
            assert!(packs(&test) <= 8, "{number}: {}", packs(&test));
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

    #[test]
    fn packs_that_an_index_of_several_names_stay() {
        let test = TestRepo::new();
        test.open().make_own_folder().unwrap();
        store(&test, "one");
        store(&test, "two, longer than one");
        test.git(&["write"], "multi-pack-index");
        let before = packs(&test);
        store(&test, "three, longer than both of them together");
        assert_eq!(packs(&test), before + 1);
        test.fsck();
        test.git(&["verify"], "multi-pack-index");
    }
}
