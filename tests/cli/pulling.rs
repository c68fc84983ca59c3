//! `init` beside `git pull`: in clones of every setup it goes on as it was.

use crate::support::Team;

#[test]
fn init_leaves_git_pull_and_what_fetch_head_names_as_they_were() {
    let team = Team::new(2);
    let (a, b) = (&team.clones[0], &team.clones[1]);
    let _ = a.analyze(&[]);
    a.run(&["sync"]).silent();
    // A bare clone with work trees: its remote has no refspec at all.
    let server = team.server();
    let bare = b.outside().join("bare");
    let [server, bare] = [server.to_str().unwrap(), bare.to_str().unwrap()];
    b.git(&["clone", "-q", "--bare", server, bare]);
    b.git(&["-C", bare, "worktree", "add", "-q", "../tree", "main"]);
    let tree = b.outside().join("tree");
    let tree = tree.to_str().unwrap();
    let told = b.run_in(tree, &["init", "--no-hook"]).silent();
    assert!(
        told.contains("to fetch analyses: git rustassistant fetch"),
        "{told}"
    );
    assert_eq!(
        b.run_in(tree, &["fetch"]).silent(),
        "received 2 (1 author)\n"
    );
    a.write("more.rs", "");
    a.commit("more");
    a.git(&["push", "-q", "origin", "main"]);
    let code = a.git(&["rev-parse", "HEAD"]);
    b.git(&["-C", tree, "pull", "-q"]);
    assert_eq!(b.git(&["-C", tree, "rev-parse", "HEAD"]), code);
    assert_eq!(b.git(&["-C", tree, "rev-parse", "FETCH_HEAD"]), code);
    // What an earlier version has set there goes, and what stands before the code moves behind it.
    let ours = "+refs/rustassistant/shared/*:refs/rustassistant/remotes/origin/*";
    let left_out = "^refs/rustassistant/shared/v1/*";
    let key = "remote.origin.fetch";
    b.git(&["-C", tree, "config", key, ours]);
    b.run_in(tree, &["init", "--no-hook"]).silent();
    b.git(&["-C", tree, "pull", "-q"]);
    let before = "+refs/heads/*:refs/remotes/origin/*";
    b.git(&["config", "--replace-all", key, ours]);
    b.git(&["config", "--add", key, before]);
    b.git(&["checkout", "-q", "--no-track", "-b", "alone"]);
    b.run(&["init", "--no-hook"]).silent();
    assert_eq!(
        b.git(&["config", "--get-all", key]),
        format!("{before}\n{ours}\n{left_out}")
    );
    b.git(&["fetch", "-q", "origin"]);
    assert_eq!(b.git(&["rev-parse", "FETCH_HEAD"]), code);
}
