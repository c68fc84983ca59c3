//! Where a repository lies, what it is a part of, and how it is entered. Not what is in it.

use std::fs;

use super::place::{Place, world};

super::shapes! {
    in_a_plain_clone_twice_the_same_is_said: Some(Place::plain());
    in_a_linked_work_tree: Some(linked());
    in_a_bare_repository: Some(Place::cloned(world(&[]), &["--bare"]).bare());
    in_the_repository_of_a_submodule: Some(submodule());
    with_the_git_folder_elsewhere: Some(separate());
    with_the_work_tree_elsewhere: Some(configured_work_tree());
    from_anywhere_by_the_environment: Some(environment());
    with_objects_where_the_environment_says: Some(objects_elsewhere());
    through_a_symlink: Some(linked_folder());
    in_a_folder_with_an_awkward_name: Some(awkward());
    in_a_folder_with_a_very_long_name: Some(long());
}

fn linked() -> Place {
    let place = Place::plain();
    place.git(&["worktree", "add", "-q", "-b", "topic", "../linked"]);
    let folder = place.beside("linked");
    place.at(folder)
}

fn submodule() -> Place {
    let place = Place::unmade(world(&[]));
    place.machine.git(&["init", "-q", "../here"]);
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
    ];
    place.git(&[&add[..], &[&place.server(), "sub"]].concat());
    let folder = place.folder.join("sub");
    place.at(folder)
}

fn separate() -> Place {
    let elsewhere = "--separate-git-dir=../git folder";
    Place::cloned(world(&[]), &[elsewhere])
}

fn configured_work_tree() -> Place {
    let place = Place::plain();
    let files = place.beside("files");
    fs::create_dir(&files).unwrap();
    place.git(&["config", "core.worktree", files.to_str().unwrap()]);
    place.git(&["checkout", "-q", "-f", "HEAD", "--", ":/"]);
    for name in ["src", "lib", "vendor"] {
        fs::remove_dir_all(place.folder.join(name)).unwrap();
    }
    Place { files, ..place }
}

fn environment() -> Place {
    let place = Place::plain();
    let folder = place.beside("elsewhere");
    fs::create_dir(&folder).unwrap();
    let git = place.folder.join(".git");
    let files = place.files.clone();
    Place { folder, ..place }
        .with("GIT_DIR", git)
        .with("GIT_WORK_TREE", files)
}

fn objects_elsewhere() -> Place {
    let place = Place::plain();
    let objects = place.beside("objects");
    fs::rename(place.folder.join(".git/objects"), &objects).unwrap();
    fs::create_dir(place.folder.join(".git/objects")).unwrap();
    place.with("GIT_OBJECT_DIRECTORY", objects)
}

fn linked_folder() -> Place {
    let place = Place::plain();
    let link = place.beside("link");
    std::os::unix::fs::symlink(&place.folder, &link).unwrap();
    Place {
        folder: link,
        ..place
    }
}

fn awkward() -> Place {
    moved("a \"quote\", a : colon,\na line, a\ttab, 'and' \\ $HOME *?[é")
}

fn long() -> Place {
    let names: Vec<String> = (0..10).map(|n| format!("{n}").repeat(200)).collect();
    moved(&names.join("/"))
}

/// A plain clone under another name.
fn moved(name: &str) -> Place {
    let place = Place::plain();
    let folder = place.beside(name);
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::rename(&place.folder, &folder).unwrap();
    place.at(folder)
}
