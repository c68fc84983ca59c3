//! Each command that writes, with each of its calls failing in turn, or its processes killed there.
//! Not what a model was paid for: that is `paid`.

use std::path::Path;
use std::process::Command;

use super::rig::{Errno, Fault, Rig, Spoiled, calls};
use super::world::World;

/// What is done, after which preparation.
struct Scenario {
    name: &'static str,
    prepare: fn(&World),
    /// The program's arguments; git's own, where git runs the program.
    arguments: &'static [&'static str],
    by_git: bool,
    /// Entries may go: that is what it is for.
    drops: bool,
    /// Until it has ended well git finds something: that is what it is for.
    mends: bool,
}

const ANALYZED: fn(&World) = |world| world.prepare(&["analyze", "--output", "summary"]);

const PUBLISHED: fn(&World) = |world| {
    ANALYZED(world);
    world.prepare(&["push"]);
};

const ALL: [Scenario; 12] = [
    Scenario::new("analyze", |_| {}, &["analyze", "--output", "json"]),
    Scenario::new("init", |_| {}, &["init"]),
    Scenario::new("push", ANALYZED, &["push"]),
    Scenario::new("sync", ANALYZED, &["sync"]),
    Scenario::new("fetch", fetchable, &["fetch"]),
    Scenario {
        by_git: true,
        ..Scenario::new("hook", pushable, &["push", "-q", "origin", "main"])
    },
    Scenario {
        drops: true,
        ..Scenario::new("expire", expirable, &["cache", "expire"])
    },
    Scenario::new("compact", compactable, &["cache", "compact", "origin"]),
    Scenario {
        drops: true,
        ..Scenario::new("clear", ANALYZED, &["cache", "clear"])
    },
    Scenario {
        drops: true,
        ..Scenario::new(
            "purge",
            PUBLISHED,
            &["cache", "purge", "--publish", "src/m0.rs"],
        )
    },
    Scenario::new("export", ANALYZED, &["cache", "export", "../all.bundle"]),
    Scenario {
        mends: true,
        ..Scenario::new("repair", damaged, &["doctor", "--repair"])
    },
];

impl Scenario {
    const fn new(
        name: &'static str,
        prepare: fn(&World),
        arguments: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            prepare,
            arguments,
            by_git: false,
            drops: false,
            mends: false,
        }
    }

    fn named(name: &str) -> &'static Self {
        ALL.iter().find(|one| one.name == name).unwrap()
    }

    fn command(&self, world: &World) -> Command {
        let clone = world.clone();
        let mut command = if self.by_git {
            clone.command(Path::new("git"))
        } else {
            clone.program()
        };
        if self.by_git {
            let program = Path::new(assert_cmd::cargo::cargo_bin!("git-rustassistant"));
            let path = format!("{}:{}", program.parent().unwrap().display(), env!("PATH"));
            command.env("PATH", path);
        }
        command.args(self.arguments);
        command
    }
}

fn fetchable(world: &World) {
    PUBLISHED(world);
    world
        .clone()
        .git(&["update-ref", "-d", super::world::MIRROR]);
    world.prepare(&["cache", "clear"]);
}

fn pushable(world: &World) {
    world.prepare(&["init"]);
    world
        .clone()
        .write("src/new.rs", "// TODO: look at it\npub fn new() {}\n");
    world.clone().commit("new");
}

fn expirable(world: &World) {
    ANALYZED(world);
    let clone = world.clone();
    clone.git(&["rm", "-q", "src/m0.rs", "src/m1.rs"]);
    clone.git(&["commit", "-q", "--amend", "-m", "fewer"]);
    clone.git(&["push", "-q", "-f", "origin", "main"]);
    clone.git(&["reflog", "expire", "--expire=now", "--all"]);
}

fn compactable(world: &World) {
    PUBLISHED(world);
    world.prepare(&["analyze", "-k", "todos", "--output", "summary"]);
    world.prepare(&["push"]);
}

/// Where git 2.47 cannot start its hook, of whomever, it waits for its remote for ever.
const GIT_STARTS_ITS_HOOK: (u32, u32) = (calls::PROCESSES, 2);

/// A mirror, and a ref of our own with something to say, that lead to what is lost.
fn damaged(world: &World) {
    PUBLISHED(world);
    world.prepare(&["analyze", "-k", "todos", "--output", "summary"]);
    let clone = world.clone();
    let lost = "1".repeat(clone.git(&["rev-parse", "HEAD"]).len());
    let commit = format!("tree {lost}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\nm\n");
    std::fs::write(clone.path().join(".git/forged"), commit).unwrap();
    let forged = [
        "hash-object",
        "-w",
        "-t",
        "commit",
        "--literally",
        ".git/forged",
    ];
    let commit = clone.git(&forged);
    for name in [super::world::MIRROR, super::world::LOCAL] {
        clone.git(&["update-ref", "--create-reflog", name, &commit]);
    }
}

/// How many runs, and how many of them were hit.
#[derive(Debug, Default)]
struct Tally {
    runs: u32,
    hits: u32,
}

/// Spoils the run of a scenario at `points` of its calls, and looks at what is left each time.
fn spoiled(
    scenario: &Scenario,
    files: usize,
    faults: &[(Fault, u32)],
    points: impl Fn(u32) -> Vec<u32>,
) -> Tally {
    let Some(rig) = Rig::new() else {
        return Tally::default();
    };
    let world = World::of(files);
    (scenario.prepare)(&world);
    world.save();
    let before = world.keys();
    let run = |fault, classes| {
        world.restore();
        let mut command = scenario.command(&world);
        rig.run(world.clone(), &mut command, fault, classes)
    };
    let plain = run((Fault::None, 0), calls::FILES | calls::PIPES);
    assert_eq!(plain.output.code, Some(0), "{}: {plain:?}", scenario.name);
    assert!(plain.calls > 0, "nothing is counted");
    let (keys, trees) = (world.keys(), world.trees());
    let mut tally = Tally::default();
    for &(fault, classes) in faults {
        let all = run((Fault::None, 0), classes).calls;
        eprintln!("{}: {tally:?}, now {fault:?}", scenario.name);
        for at in points(all) {
            if scenario.by_git && (classes, at) == GIT_STARTS_ITS_HOOK {
                continue;
            }
            let spoiled = run((fault, at), classes);
            tally.runs += 1;
            tally.hits += u32::from(spoiled.hit.is_some());
            let told = format!("{}, {fault:?} at {at} of {all}: {spoiled:?}", scenario.name);
            ended_as_documented(scenario, fault, &spoiled, &told);
            settle(&world);
            assert!(
                scenario.mends || world.complaints().is_empty(),
                "{told}: {}",
                world.complaints()
            );
            world.remove_locks_of_others();
            if !scenario.drops {
                assert!(before.is_subset(&world.keys()), "lost: {told}");
            }
            recovers(scenario, &world, &told);
            assert_eq!(world.keys(), keys, "{told}");
            if !scenario.by_git {
                // What is pending and what is published, too.
                assert_eq!(world.trees(), trees, "{told}");
            }
            assert_eq!(world.complaints(), "", "{told}");
        }
    }
    eprintln!("{}: {tally:?}", scenario.name);
    tally
}

fn ended_as_documented(scenario: &Scenario, fault: Fault, spoiled: &Spoiled, told: &str) {
    let output = &spoiled.output;
    assert!(!output.stderr.contains("panicked"), "{told}");
    let killed = matches!(fault, Fault::KillsAll | Fault::KillsOne);
    match (output.code, scenario.by_git) {
        (None, _) => assert!(killed, "{told}"),
        (Some(0), _) => {}
        // Git's own failures, where git itself was hit.
        (Some(_), true) => {}
        (Some(code), false) => {
            assert!([1, 2, 3].contains(&code), "{told}");
            // What cannot be mended is part of the report.
            let says = if scenario.mends {
                &output.stdout
            } else {
                &output.stderr
            };
            assert!(!says.is_empty() || !output.stderr.is_empty(), "{told}");
        }
    }
}

/// What goes on in the background is over when it lets go of the log.
fn settle(world: &World) {
    let log = world.clone().path().join(".git/rustassistant/hook.log");
    if let Ok(log) = std::fs::File::open(log) {
        log.lock().unwrap();
    }
}

/// The next run ends well; what it leaves to the one after is none.
fn recovers(scenario: &Scenario, world: &World, told: &str) {
    let next = scenario.command(world).output().unwrap();
    let next = world.clone().output_of(&next);
    assert_eq!(next.code, Some(0), "the next: {next:?}; {told}");
    settle(world);
    if scenario.by_git {
        // A push that went through although the hook was hit has nothing to do any more.
        world.prepare(&["analyze", "--output", "summary", "src/new.rs"]);
        world.prepare(&["sync"]);
    }
}

/// Some numbers from 1 to `all`, evenly, and the last.
fn some(all: u32, count: u32) -> Vec<u32> {
    let step = (all / count).max(1);
    (1..=all).rev().step_by(step as usize).collect()
}

const KILLS: [(Fault, u32); 2] = [
    (Fault::KillsAll, calls::FILES | calls::PIPES),
    (Fault::KillsOne, calls::FILES | calls::PIPES),
];

const FAILURES: [(Fault, u32); 8] = [
    (Fault::Fails(Errno::NoSpace), calls::FILES),
    (
        Fault::Fails(Errno::InputOutput),
        calls::FILES | calls::PIPES,
    ),
    (Fault::Fails(Errno::Quota), calls::FILES),
    (Fault::Fails(Errno::NoAccess), calls::FILES),
    (
        Fault::Fails(Errno::Interrupted),
        calls::FILES | calls::PIPES,
    ),
    (Fault::Fails(Errno::TryAgain), calls::PROCESSES),
    (Fault::FailsFromThereOn(Errno::NoSpace), calls::FILES),
    (Fault::Halves, calls::FILES | calls::PIPES),
];

#[test]
fn a_call_that_fails_costs_no_answer_and_no_repository_whichever_it_is() {
    for scenario in &ALL {
        let one = FAILURES[scenario.name.len() % FAILURES.len()];
        spoiled(scenario, 3, &[one], |all| some(all, 4));
    }
}

#[test]
fn a_kill_costs_no_answer_and_no_repository_wherever_it_strikes() {
    for scenario in &ALL {
        spoiled(scenario, 3, &KILLS[..1], |all| some(all, 6));
    }
}

fn every(name: &str, files: usize, faults: &[(Fault, u32)]) {
    spoiled(Scenario::named(name), files, faults, |all| {
        (1..=all).collect()
    });
}

/// All, or those that `FAULTS_IN=hook,expire` names: a long form is run in parts.
#[expect(
    clippy::disallowed_methods,
    reason = "how much is done is said from outside"
)]
fn chosen() -> impl Iterator<Item = &'static Scenario> {
    let names = std::env::var("FAULTS_IN").ok();
    let is_chosen = move |one: &&Scenario| {
        let named = |names: &String| names.split(',').any(|name| name == one.name);
        names.as_ref().is_none_or(named)
    };
    ALL.iter().filter(is_chosen)
}

#[test]
#[ignore = "takes an hour: every call of a run over 200 files, with every error"]
fn every_call_of_a_large_run_may_fail() {
    every("analyze", 200, &FAILURES);
}

#[test]
#[ignore = "takes an hour: a kill at every call of every command"]
fn a_kill_at_every_call_of_every_command() {
    for scenario in chosen() {
        every(scenario.name, 4, &KILLS);
    }
}

#[test]
#[ignore = "takes an hour: every call of every command, with every error"]
fn every_call_of_every_command_may_fail() {
    for scenario in chosen() {
        every(scenario.name, 4, &FAILURES);
    }
}
