//! What a clone knows of a remote is known of the place that it was learned from: a remote that leads
//! elsewhere by now is given nothing of what the first place has.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::support::{Output, Repo, SHARED, Team, path};

/// Text that only the first place has, on a branch `secret`.
const QUOTE: &str = "ask Ana about the merger";

/// Text that both have.
const TOLD: &str = "tidy up";

fn todo(about: &str) -> String {
    format!("// TODO: {about}\npub fn a() {{}}\n")
}

/// A clone whose server has a branch `secret`, all of which is analyzed, and a public place, which has
/// `main` alone.
struct World {
    team: Team,
    public: PathBuf,
}

impl World {
    fn new() -> Self {
        let mut team = Team::new(2);
        let program = assert_cmd::cargo::cargo_bin!("git-rustassistant");
        let folder = program.parent().unwrap().display();
        team.clones[0].set("PATH", &format!("{folder}:{}", path()));
        let a = &team.clones[0];
        a.git(&["config", "rustassistant.kinds", "todos"]);
        a.git(&["config", "rustassistant.hook.budget", "10m"]);
        a.write("told.rs", todo(TOLD));
        a.commit("told");
        a.git(&["push", "-q", "origin", "main"]);
        let public = a.home().join("public.git");
        a.git(&[
            "clone",
            "-q",
            "--bare",
            team.server().to_str().unwrap(),
            public.to_str().unwrap(),
        ]);
        a.git(&["checkout", "-q", "-b", "secret"]);
        a.write("draft.rs", todo(QUOTE));
        a.commit("secret");
        a.git(&["push", "-q", "origin", "secret"]);
        Self { team, public }
    }

    fn a(&self) -> &Repo {
        &self.team.clones[0]
    }

    fn public(&self) -> &str {
        self.public.to_str().unwrap()
    }

    fn server(&self) -> String {
        self.team.server().to_str().unwrap().to_owned()
    }

    /// The clone with everything analyzed and nothing published, on `main`.
    fn analyzed() -> Self {
        let world = Self::new();
        world.a().analyze(&[]);
        world.a().git(&["checkout", "-q", "main"]);
        world
    }

    /// Publishes what may be, by a command and by the push of a branch; what came of the first.
    fn publish(&self) -> Output {
        let told = self.a().run(&["sync"]);
        self.push();
        told
    }

    fn push(&self) {
        let a = self.a();
        assert_eq!(a.run(&["hook", "install"]).code, Some(0));
        a.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
        a.git(&["push", "-q", "origin", "HEAD:refs/heads/more"]);
    }

    /// Everything that a place publishes, with its history.
    fn published_at(&self, place: &str) -> String {
        let git = |arguments: &[&str]| self.a().git(&[&["-C", place], arguments].concat());
        if git(&["for-each-ref", SHARED]).is_empty() {
            return String::new();
        }
        let objects = git(&["rev-list", "--objects", SHARED]);
        let blobs = objects.lines().filter_map(|line| line.split(' ').next());
        let is_blob = |oid: &&str| git(&["cat-file", "-t", oid]) == "blob";
        let texts = blobs
            .filter(is_blob)
            .map(|blob| git(&["cat-file", "blob", blob]));
        texts.collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    fn keeps_quiet(&self, what: &str) {
        for place in [self.public(), &self.server()] {
            let published = self.published_at(place);
            let may_have = place == self.server();
            assert!(may_have || !published.contains(QUOTE), "{what}");
        }
    }
}

#[test]
fn a_remote_that_was_given_another_address_before_it_was_talked_to_gets_nothing_of_the_first() {
    for commands in [&[][..], &[&["init"][..]], &[&["init"], &["fetch"]]] {
        let world = World::analyzed();
        let a = world.a();
        for command in commands {
            assert_eq!(a.run(command).code, Some(0));
        }
        a.git(&["remote", "set-url", "origin", world.public()]);
        world.push();
        a.git(&["push", "-q", "origin", "main"]);
        world.keeps_quiet("the hook");
        for command in [
            &["push"][..],
            &["sync"],
            &["analyze", "--sync"],
            &["sync", "origin"],
        ] {
            let _ = a.run(command);
            world.keeps_quiet(&format!("{command:?} after {commands:?}"));
        }
    }
}

#[test]
fn a_fork_that_was_a_copy_of_something_else_gets_what_it_has_at_once() {
    let world = World::analyzed();
    let a = world.a();
    a.git(&["remote", "set-url", "origin", world.public()]);
    let told = a.run(&["sync"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(told.stdout, "published 3, 1 withheld\n", "{told:?}");
    assert!(world.published_at(world.public()).contains(TOLD));
    world.keeps_quiet("sync");
    // With the branch, its answers go.
    a.git(&["push", "-q", "--no-verify", "origin", "secret"]);
    assert_eq!(a.run(&["sync"]).silent(), "published 1\n");
    assert!(world.published_at(world.public()).contains(QUOTE));
}

#[test]
fn who_takes_over_a_new_address_does_not_take_over_what_the_first_place_had() {
    let ways: [&[&[&str]]; 3] = [
        &[&["rustassistant", "fetch", "origin"]],
        &[
            &["fetch", "-q", "origin"],
            &["rustassistant", "fetch", "origin"],
        ],
        &[
            &["fetch", "-q", "--prune", "origin"],
            &["rustassistant", "fetch"],
        ],
    ];
    for is_shared in [false, true] {
        for way in ways {
            let world = World::analyzed();
            let a = world.a();
            a.run(&["fetch"]).silent();
            if is_shared {
                assert_eq!(a.run(&["sync"]).silent(), "published 4\n");
            }
            a.git(&["remote", "set-url", "origin", world.public()]);
            for command in way {
                a.git(command);
            }
            let told = world.publish();
            assert_eq!(told.code, Some(0), "{told:?}");
            world.keeps_quiet(&format!("{way:?}, {is_shared}"));
            let published = world.published_at(world.public());
            assert!(published.contains(TOLD), "{way:?}, {is_shared}: {told:?}");
        }
    }
}

#[test]
fn a_branch_of_the_first_place_does_not_count_however_many_there_are() {
    let world = World::analyzed();
    let a = world.a();
    a.git(&["fetch", "-q"]);
    let main = a.git(&["rev-parse", "main"]);
    let mut git = a.command("git".as_ref());
    git.env("GIT_COMMITTER_DATE", "2026-02-01T00:00:00Z");
    let later = a.finish(git.args(["commit-tree", "-m", "later", "-p", &main, "main^{tree}"]));
    let later = later.silent();
    let lines = (0..600).map(|n| format!("create refs/remotes/origin/{n} {}", later));
    let list = a.home().join("list");
    fs::write(&list, lines.collect::<String>()).unwrap();
    let update = format!("git update-ref --stdin <'{}'", list.display());
    let update = a.finish(a.command("sh".as_ref()).args(["-c", &update]));
    assert_eq!(update.code, Some(0), "{update:?}");
    a.git(&["remote", "set-url", "origin", world.public()]);
    a.run(&["fetch"]).silent();
    a.git(&["fetch", "-q", "origin"]);
    for n in 0..600 {
        fs::remove_file(a.path().join(format!(".git/refs/remotes/origin/{n}"))).unwrap_or(());
    }
    a.git(&["pack-refs", "--all"]);
    assert_eq!(a.run(&["push"]).stdout, "published 3, 1 withheld\n");
    world.keeps_quiet("many");
}

#[test]
fn a_bare_repositorys_branches_are_its_remotes_only_where_that_says_so() {
    let ways: [&[&str]; 3] = [
        &["clone", "-q", "--bare"],
        &["clone", "-q", "--mirror"],
        &["clone", "-q", "--bare", "--no-tags"],
    ];
    for way in ways {
        let world = World::new();
        let a = world.a();
        let bare = a.home().join("bare.git");
        let bare = bare.to_str().unwrap();
        a.git(&[way, &[world.public(), bare]].concat());
        if way.contains(&"--no-tags") {
            let refspec = "+refs/heads/*:refs/heads/*";
            a.git(&["-C", bare, "config", "remote.origin.fetch", refspec]);
        }
        // A developer pushes there what is for nobody else.
        a.git(&["push", "-q", bare, "secret"]);
        let run = |arguments: &[&str]| {
            let mut program = a.program();
            program.current_dir(bare);
            a.finish(program.args(arguments))
        };
        for rev in ["secret", "main"] {
            assert_eq!(run(&["analyze", "-k", "todos", "--rev", rev]).code, Some(0));
        }
        for _ in 0..2 {
            let told = run(&["sync"]);
            assert!(told.stdout.contains("1 withheld"), "{way:?}: {told:?}");
            world.keeps_quiet(&format!("{way:?}"));
        }
        assert!(world.published_at(world.public()).contains(TOLD), "{way:?}");
    }
}

#[test]
fn a_configuration_that_leads_elsewhere_later_is_noticed() {
    for is_known in [false, true] {
        let world = World::analyzed();
        let a = world.a();
        if is_known {
            a.run(&["fetch"]).silent();
        }
        let key = format!("url.{}.insteadOf", world.public());
        a.git(&["config", &key, &world.server()]);
        let _ = world.publish();
        world.keeps_quiet(&format!("{key}, {is_known}"));
    }
}

#[test]
fn a_relative_address_is_another_one_where_the_clone_lies_elsewhere() {
    let world = World::analyzed();
    let a = world.a();
    let root = a.home().join("a/b");
    fs::create_dir_all(&root).unwrap();
    // From either folder, the address leads to another place.
    symlink(world.server(), a.home().join("a/code.git")).unwrap();
    symlink(world.public(), a.home().join("code.git")).unwrap();
    let clone = |folder: &str, arguments: &[&str]| {
        let mut program = a.program();
        program.current_dir(a.home().join(folder));
        a.finish(program.args(arguments))
    };
    a.git(&["clone", "-q", &world.server(), root.to_str().unwrap()]);
    let there = ["-C", root.to_str().unwrap()];
    a.git(&[&there[..], &["remote", "set-url", "origin", "../code.git"]].concat());
    a.git(&[&there[..], &["fetch", "-q"]].concat());
    assert_eq!(clone("a/b", &["fetch"]).code, Some(0));
    let secret = ["analyze", "-k", "todos", "--rev", "origin/secret"];
    assert_eq!(clone("a/b", &secret).code, Some(0));
    fs::rename(&root, a.home().join("b")).unwrap();
    for _ in 0..2 {
        let told = clone("b", &["sync"]);
        assert_eq!(told.code, Some(3), "{told:?}");
        assert!(
            told.stderr.contains("nothing published: the URL of"),
            "{told:?}"
        );
    }
    world.keeps_quiet("moved");
}

#[test]
fn a_remote_of_several_addresses_gets_nothing() {
    let world = World::analyzed();
    let a = world.a();
    a.git(&["remote", "set-url", "--add", "origin", world.public()]);
    let told = a.run(&["push"]);
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(
        told.stderr
            .contains("fetches from and pushes to different repositories"),
        "{told:?}"
    );
    world.push();
    world.keeps_quiet("several");
}

#[test]
fn what_was_fetched_from_a_place_of_a_like_address_is_not_the_remotes() {
    let world = World::analyzed();
    let a = world.a();
    let like = a.home().join("public");
    let like = like.to_str().unwrap();
    a.git(&["clone", "-q", "--bare", &world.server(), like]);
    a.git(&["update-ref", "-d", "refs/remotes/origin/secret"]);
    a.git(&["remote", "set-url", "origin", world.public()]);
    a.run(&["fetch"]).silent();
    a.git(&["fetch", "-q", like, "secret"]);
    let told = world.publish();
    assert_eq!(told.stdout, "published 3, 1 withheld\n", "{told:?}");
    world.keeps_quiet("FETCH_HEAD");
}

#[test]
fn refs_that_lead_to_this_clones_own_branches_are_not_the_remotes() {
    let refs: [(&str, &str); 8] = [
        ("+refs/x/*:refs/*ads/secret", ""),
        ("+refs/x:refs", ""),
        ("+refs/x/*:refs/heads/*", ""),
        ("+refs/x:refs/stash", "refs/stash"),
        ("+refs/x/*:refs/notes/*", "refs/notes/x"),
        ("+refs/x/*:refs/original/*", "refs/original/x"),
        ("+refs/x/*:refs/bisect/*", "refs/bisect/x"),
        ("+refs/x/*:refs/rewritten/*", "refs/rewritten/x"),
    ];
    for (refspec, name) in refs {
        let world = World::analyzed();
        let a = world.a();
        a.git(&["remote", "set-url", "origin", world.public()]);
        a.git(&["fetch", "-q", "--prune"]);
        a.run(&["fetch"]).silent();
        a.git(&["config", "--add", "remote.origin.fetch", refspec]);
        if !name.is_empty() {
            a.git(&["update-ref", name, "secret"]);
        }
        let told = a.run(&["push"]);
        assert_eq!(
            told.stdout, "published 3, 1 withheld\n",
            "{refspec}: {told:?}"
        );
        world.keeps_quiet(refspec);
    }
}

#[test]
fn links_in_the_place_of_a_remotes_refs_are_not_followed() {
    if !Team::new(1).clones[0].has_refs_in_files() {
        return;
    }
    for way in ["symbolic", "linked folder", "linked parent", "linked file"] {
        let world = World::analyzed();
        let a = world.a();
        a.git(&["remote", "set-url", "origin", world.public()]);
        a.git(&["fetch", "-q", "--prune"]);
        a.run(&["fetch"]).silent();
        let remotes = a.path().join(".git/refs/remotes");
        match way {
            "symbolic" => {
                let text = "ref: refs/heads/secret\n";
                fs::write(remotes.join("origin/zz"), text).unwrap();
            }
            "linked file" => symlink("../../heads/secret", remotes.join("origin/zz")).unwrap(),
            "linked folder" => {
                fs::remove_dir_all(remotes.join("origin")).unwrap();
                symlink("../heads", remotes.join("origin")).unwrap();
            }
            _ => {
                fs::remove_dir_all(&remotes).unwrap();
                fs::create_dir(a.path().join(".git/refs/others")).unwrap();
                symlink("../heads", a.path().join(".git/refs/others/origin")).unwrap();
                symlink("others", &remotes).unwrap();
            }
        }
        let told = a.run(&["push"]);
        assert!(told.stdout.contains("withheld"), "{way}: {told:?}");
        world.keeps_quiet(way);
        if way == "linked parent" {
            fs::remove_file(&remotes).unwrap();
        }
    }
}

#[test]
fn a_remote_is_asked_what_it_has_once() {
    let world = World::analyzed();
    let a = world.a();
    let count = a.home().join("asked");
    let script = a.home().join("upload-pack");
    let text = format!(
        "#!/bin/sh\necho one >>'{}'\nexec git-upload-pack \"$@\"\n",
        count.display()
    );
    fs::write(&script, text).unwrap();
    a.git(&[
        "config",
        "remote.origin.uploadpack",
        &format!("sh '{}'", script.display()),
    ]);
    let asked = || {
        let text = fs::read_to_string(&count).unwrap_or_default();
        let _ = fs::remove_file(&count);
        text.lines().count()
    };
    assert_eq!(a.run(&["push"]).silent(), "published 4\n");
    assert_eq!(asked(), 1);
    a.write("more.rs", todo("more"));
    a.commit("more");
    a.analyze(&[]);
    a.git(&["push", "-q", "origin", "main"]);
    assert_eq!(a.run(&["push"]).silent(), "published 1\n");
    assert_eq!(asked(), 0);
    // A draft is no reason to ask.
    a.write("draft.rs", todo("nobody has it"));
    a.analyze(&["--untracked", "draft.rs"]);
    assert_eq!(a.run(&["push"]).stdout, "1 withheld\n");
    assert_eq!(asked(), 0);
}

#[test]
fn a_remote_that_cannot_be_asked_gets_nothing_and_all_of_it_waits() {
    let world = World::analyzed();
    let a = world.a();
    a.git(&["config", "remote.origin.uploadpack", "false"]);
    let told = a.run(&["push"]);
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(
        told.stderr.contains("cannot tell what origin has"),
        "{told:?}"
    );
    a.git(&["config", "--unset", "remote.origin.uploadpack"]);
    assert_eq!(a.run(&["push"]).silent(), "published 4\n");
}

#[test]
fn what_lies_below_the_shared_ref_breaks_no_fetch_and_is_told_with_what_helps() {
    let world = World::analyzed();
    let (a, b) = (world.a(), &world.team.clones[1]);
    a.git(&["checkout", "-q", "main"]);
    a.run(&["init"]).silent();
    assert_eq!(a.run(&["sync"]).silent(), "published 4\n");
    a.git(&["fetch", "-q"]);
    let there = format!("{SHARED}/x");
    world.team.on_server(&["update-ref", "-d", SHARED]);
    let main = world.team.on_server(&["rev-parse", "main"]);
    world.team.on_server(&["update-ref", &there, &main]);
    a.git(&["fetch", "-q"]);
    // A clone of an earlier version, which has brought it.
    let refspec = "+refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*";
    b.git(&["config", "--add", "remote.origin.fetch", refspec]);
    b.git(&["fetch", "-q"]);
    b.run(&["init"]).silent();
    b.git(&["fetch", "-q"]);
    let told = a.run(&["sync"]);
    assert_eq!(told.code, Some(3), "{told:?}");
    let command = format!("git push origin :{there}");
    assert!(
        told.stderr.contains(&format!("to delete it: {command}")),
        "{told:?}"
    );
    let doctor = a.run(&["doctor"]);
    assert!(
        doctor.stdout.contains(&format!("to delete it: {command}")),
        "{doctor:?}"
    );
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    a.git(&[&words[..], &["-q", "--no-verify"]].concat());
    let told = a.run(&["sync"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(b.run(&["fetch"]).silent(), "received 4 (1 author)\n");
    b.git(&["fetch", "-q"]);
}

/// A remote that lies names a commit of another one; git, which has it, fetches nothing of it.
#[test]
fn what_another_remote_publishes_is_not_given_back_to_one_that_names_it() {
    let world = World::analyzed();
    let a = world.a();
    assert_eq!(a.run(&["sync"]).code, Some(0));
    a.git(&["remote", "add", "vendor", world.public()]);
    a.git(&["fetch", "-q", "vendor"]);
    let mirror = "refs/rustassistant/remotes/origin/v1";
    a.git(&["push", "-q", "vendor", &format!("{mirror}:{SHARED}")]);
    assert_eq!(a.run(&["fetch", "vendor"]).code, Some(0));
    a.git(&["-C", world.public(), "update-ref", "-d", SHARED]);
    let told = a.run(&["sync", "vendor"]);
    let published = world.published_at(world.public());
    assert!(!published.contains(QUOTE), "{told:?}");
}

#[test]
fn where_two_remotes_keep_their_branches_at_one_place_neither_is_taken_at_its_word() {
    let world = World::analyzed();
    let a = world.a();
    // The public place is on record; then another one writes where its branches are kept.
    a.git(&["remote", "set-url", "origin", world.public()]);
    a.git(&["update-ref", "-d", "refs/remotes/origin/secret"]);
    let told = a.run(&["sync"]);
    assert!(told.stdout.contains("withheld"), "{told:?}");
    a.git(&["remote", "add", "fork", &world.server()]);
    a.git(&[
        "config",
        "remote.fork.fetch",
        "+refs/heads/*:refs/remotes/origin/*",
    ]);
    a.git(&["fetch", "-q", "fork"]);
    let told = a.run(&["sync", "origin"]);
    let published = world.published_at(world.public());
    assert!(!published.contains(QUOTE), "{told:?}");
}
