//! What others have stored: entries, recipes, trees, journals: one law for each reader.

use std::fs;
use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use rustassistant::git::{Repo, TreeEntries, TreeEntry, write_tree};
use rustassistant::model::{
    Entry, EntryKey, Fingerprint, Kind, ObjectFormat, ObjectType, Oid, Recipe,
};
use rustassistant::store::{self, SHARED_REF, Store, survey, verify};

const SHA1: ObjectFormat = ObjectFormat::Sha1;

/// An entry that is believed is within bounds, belongs to its key, and reads back as it was
/// written.
pub fn entry(bytes: &[u8]) {
    // The key that the bytes claim: with any other nothing would ever be believed.
    let claimed = serde_json::from_slice::<Entry>(bytes).map(|entry| entry.key());
    let key = claimed.unwrap_or_else(|_| EntryKey {
        kind: Kind::Docs,
        fingerprint: Fingerprint(SHA1.zero()),
        blob: SHA1.zero(),
    });
    let Ok(entry) = store::decode(bytes, &key) else {
        return;
    };
    assert_eq!(entry.key(), key);
    let text = store::encode(&entry).expect("what was read can be written");
    assert_eq!(store::decode(text.as_bytes(), &key).ok(), Some(entry));
}

/// A recipe that is read has one canonical text, whatever the spelling it was read from.
pub fn recipe(bytes: &[u8]) {
    let Ok(recipe) = serde_json::from_slice::<Recipe>(bytes) else {
        return;
    };
    let text = recipe.canonical().expect("every field has a JSON form");
    let again: Recipe = serde_json::from_str(&text).expect("canonical text is a recipe");
    assert_eq!(again.canonical().ok(), Some(text));
    assert!(recipe.differences(&again).is_empty());
}

/// The lines of a tree end, never lead out of their folder, and are those that were written.
pub fn tree(bytes: &[u8]) {
    for format in [SHA1, ObjectFormat::Sha256] {
        let lines: Vec<_> = TreeEntries::new(bytes, format).collect();
        assert!(lines.len() <= bytes.len());
        let sound: Option<Vec<TreeEntry<'_>>> = lines.into_iter().map(Result::ok).collect();
        let Some(mut lines) = sound else { continue };
        assert!(lines.iter().all(|line| {
            !line.name.is_empty() && line.name != b".." && !line.name.contains(&b'/')
        }));
        let (oid, written) = write_tree(&mut lines, format);
        assert_eq!(TreeEntries::new(&written, format).count(), lines.len());
        assert_eq!(oid.format(), format);
    }
}

/// A journal that somebody left: only records whose texts have the ids that they claim.
pub fn journal(bytes: &[u8]) {
    for format in [SHA1, ObjectFormat::Sha256] {
        for record in store::records(bytes, format) {
            assert_eq!(Oid::of_blob(format, &record.text), record.oid);
        }
    }
}

/// The names that mean something in the tree of a store, and some that do not.
const NAMES: [&[u8]; 16] = [
    b"entries",
    b"recipes",
    b"format",
    b"docs",
    b"refactor",
    b"0",
    b"a",
    b"f",
    b"00",
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"d00491fd7e5bb6fa28c517a0bb32b8b506539d4d",
    b"00000000000000000000000000000000000000",
    b"..",
    b"",
    b".git",
    b"A",
];

const MODES: [&[u8]; 8] = [
    b"40000",
    b"100644",
    b"120000",
    b"160000",
    b"100755",
    b"040000",
    b"0",
    b"999999999999",
];

/// A store of any trees: what is not believed is counted and named, and everything ends. The bytes
/// are a program: each object is a text, or lines of mode, name and an object before it; the last
/// one is the root.
pub fn store(bytes: &[u8]) {
    let place = place();
    let mut objects = vec![put(&place, "blob", b"1\n"), put(&place, "blob", b"{}")];
    for part in bytes.split(|&byte| byte == 0xff).take(40) {
        objects.push(match part.split_first() {
            Some((b'{', _)) => put(&place, "blob", part),
            Some((0xfe, raw)) => put(&place, "tree", raw),
            _ => put(&place, "tree", &lines(part, &objects)),
        });
    }
    let root = objects.last().expect("two are there from the start");
    let commit = format!("tree {root}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nm\n");
    let commit = put(&place, "commit", commit.as_bytes());
    let ref_file = place.join(".git").join(SHARED_REF);
    fs::write(&ref_file, format!("{commit}\n")).expect("the ref can be written");
    let repo = Repo::open_at(&place).expect("the repository is sound");
    let store = Store::open(&repo, &[]);
    // Where these fail they say why: what must not be is that they never end.
    drop(store.recipes().map(|recipes| recipes.len()));
    for group in survey(&repo, &store).into_iter().flatten() {
        drop(group.count(&repo));
        for (key, value) in group.entries(&repo).into_iter().flatten() {
            if let Ok(entry) = store.read_value(value, &key) {
                assert_eq!(entry.key(), key);
            }
            drop(store.find(&key));
        }
    }
    drop(verify(&repo, &store, &mut |_, _, _| {}));
}

/// A tree from a program's lines: three bytes each.
fn lines(part: &[u8], objects: &[Oid]) -> Vec<u8> {
    let mut tree = Vec::new();
    for line in part.chunks_exact(3) {
        let at = |index: usize, of: usize| usize::from(line[index]) % of;
        tree.extend_from_slice(MODES[at(0, MODES.len())]);
        tree.push(b' ');
        tree.extend_from_slice(NAMES[at(1, NAMES.len())]);
        tree.push(0);
        // The nearest object first: deep trees are likelier than flat ones.
        tree.extend_from_slice(objects[objects.len() - 1 - at(2, objects.len())].raw());
    }
    tree
}

/// A repository without a commit, one for each thread, of which nothing is kept.
fn place() -> std::path::PathBuf {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder can be made");
    }
    let place = FOLDER.with(|folder| folder.path().to_owned());
    let git = place.join(".git");
    let _ = fs::remove_dir_all(git.join("objects"));
    let _ = fs::remove_dir_all(git.join("rustassistant"));
    let folders = ["objects", "refs/heads", "refs/rustassistant/shared"];
    for folder in folders {
        fs::create_dir_all(git.join(folder)).expect("folders can be made");
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("it can be written");
    fs::write(git.join("config"), "[core]\n\tbare = false\n").expect("it can be written");
    place
}

/// An object, as git keeps a loose one.
fn put(place: &std::path::Path, kind: &str, bytes: &[u8]) -> Oid {
    let object_type = ObjectType::ALL
        .into_iter()
        .find(|known| known.name() == kind);
    let oid = Oid::of(SHA1, object_type.expect("a type of git's"), bytes);
    let hex = oid.to_string();
    let folder = place.join(".git/objects").join(&hex[..2]);
    let _ = fs::create_dir(&folder);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    let whole = write!(packed, "{kind} {}\0", bytes.len()).and_then(|()| packed.write_all(bytes));
    let packed = whole
        .and_then(|()| packed.finish())
        .expect("memory takes it");
    fs::write(folder.join(&hex[2..]), packed).expect("the object can be written");
    oid
}
