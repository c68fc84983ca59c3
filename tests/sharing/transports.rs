//! The same story over every way that git can reach a repository.

use crate::support::host::Host;
use crate::support::{Repo, Team};

fn printed(repo: &Repo, arguments: &[&str]) -> String {
    repo.run(arguments).silent()
}

/// A analyzes and syncs; B fetches with plain git and has all of it; B edits a file, analyzes that
/// one and syncs; A pulls and has it.
fn shares(team: &Team, host: &Host) {
    let (a, b) = (&team.clones[0], &team.clones[1]);
    for clone in [a, b] {
        host.serves(clone, "server.git");
        printed(clone, &["init"]);
    }
    assert_eq!(a.analyze(&["-k", "all"]).words(), "8 analyzed");
    assert_eq!(printed(a, &["sync"]), "published 8\n");
    assert_eq!(
        printed(a, &["sync"]),
        "nothing to publish, nothing to receive\n"
    );

    b.git(&["fetch", "-q"]);
    assert_eq!(b.analyze(&["-k", "all", "--cached"]).words(), "8 cached");
    b.write("src/a.rs", "pub fn a() -> u8 {\n    1\n}\n");
    assert_eq!(b.analyze(&["-k", "todos"]).words(), "1 cached, 1 analyzed");
    b.commit("an edit");
    b.git(&["push", "-q", "origin", "main"]);
    assert_eq!(printed(b, &["push"]), "published 1\n");

    a.git(&["pull", "-q"]);
    assert_eq!(a.analyze(&["-k", "todos", "--cached"]).words(), "2 cached");
    team.on_server(&["fsck", "--strict"]);
}

fn team() -> (Team, std::path::PathBuf) {
    let team = Team::new(2);
    let folder = team.server().parent().unwrap().to_owned();
    (team, folder)
}

#[test]
fn a_team_shares_through_a_folder() {
    let (team, folder) = team();
    shares(&team, &Host::folder(&folder));
}

#[test]
fn a_team_shares_through_the_git_protocol() {
    let (team, folder) = team();
    shares(&team, &Host::daemon(&folder));
}

#[test]
fn a_team_shares_through_a_web_server() {
    let (team, folder) = team();
    shares(&team, &Host::web(&folder));
}

#[test]
fn a_team_shares_through_a_web_server_that_people_use() {
    let (team, folder) = team();
    if let Some(host) = Host::web_server(&folder) {
        shares(&team, &host);
    }
}

#[test]
fn a_team_shares_through_ssh() {
    let (team, folder) = team();
    if let Some(host) = Host::secure_shell(&folder) {
        shares(&team, &host);
    }
}
