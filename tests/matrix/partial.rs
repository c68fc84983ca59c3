//! Clones that lack history, or contents, which their remote has promised.

use super::place::{Ground, Place, world};

super::shapes! {
    in_a_shallow_clone: Some(shallow());
    in_a_partial_clone_without_contents: Some(partial("blob:none").bare());
    in_a_partial_clone_without_trees: Some(partial("tree:0").bare());
    in_a_partial_clone_with_a_work_tree: Some(checked_out());
    in_a_partial_clone_of_long_ago: Some(of_long_ago());
}

const CANNOT_TELL: &str = "cannot tell";

fn shallow() -> Place {
    let place = Place::cloned(world(&[]), &["--depth=2"]);
    assert!(place.folder.join(".git/shallow").exists());
    place.differs("expire", CANNOT_TELL)
}

fn partial(filter: &str) -> Place {
    let filter = format!("--filter={filter}");
    Place::cloned(world(&[]), &["--bare", &filter]).differs("expire", CANNOT_TELL)
}

fn checked_out() -> Place {
    Place {
        ground: Ground::WorkTree,
        ..Place::cloned(world(&[]), &["--filter=blob:none"]).differs("expire", CANNOT_TELL)
    }
}

/// Git marked them by an extension that libgit2 does not know.
fn of_long_ago() -> Place {
    let place = partial("blob:none").bare();
    place.git(&["config", "extensions.partialClone", "origin"]);
    place.git(&["config", "core.repositoryFormatVersion", "1"]);
    place
}
