//! Answers that cost money: whatever fails or is killed, no more of them are asked for twice than
//! were under way.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::rig::{Errno, Fault, Rig, calls};
use super::world::World;
use crate::support::Report;
use crate::support::model::{analysis, answer};
use crate::support::server::Server;

/// Requests under way at a time, and as many and one whose answers came while that was told.
const UNDER_WAY: usize = 2 * 4 + 1;

const RUN: [&str; 3] = ["analyze", "--output", "json"];

/// A run over `files` files with a model, spoiled at `points` of its calls; how often so many
/// answers were asked for once more.
fn spoiled(
    files: usize,
    faults: &[(Fault, u32)],
    points: impl Fn(u32) -> Vec<u32>,
) -> BTreeMap<usize, usize> {
    let mut again = BTreeMap::new();
    let Some(rig) = Rig::new() else { return again };
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut world = World::of(files);
    let clone = &mut world.team.clones[0];
    clone.ask(&server, "openai-chat");
    clone.git(&[
        "config",
        "--global",
        "rustassistant-provider.test.maxConcurrency",
        "4",
    ]);
    world.save();
    let run = |fault, classes| {
        world.restore();
        let asked = server.received().len();
        let mut command = world.clone().program();
        let spoiled = rig.run(world.clone(), command.args(RUN), fault, classes);
        (spoiled, server.received().len() - asked)
    };
    let questions = files + 2;
    let (plain, asked) = run((Fault::None, 0), calls::FILES);
    assert_eq!(
        (plain.output.code, asked),
        (Some(0), questions),
        "{plain:?}"
    );
    for &(fault, classes) in faults {
        let (counted, _) = run((Fault::None, 0), classes);
        for at in points(counted.calls) {
            let (spoiled, first) = run((fault, at), classes);
            let told = format!("{fault:?} at {at} of {}: {spoiled:?}", counted.calls);
            assert!(!spoiled.output.stderr.contains("panicked"), "{told}");
            let killed = matches!(fault, Fault::KillsAll | Fault::KillsOne);
            match spoiled.output.code {
                Some(0) => {}
                // The report itself could not be written.
                Some(2) => assert!(spoiled.output.stderr.contains("standard output"), "{told}"),
                Some(3) => assert!(!spoiled.output.stderr.is_empty(), "{told}"),
                code => assert!(code.is_none() && killed, "{told}"),
            }
            assert_eq!(world.complaints(), "", "{told}");
            let before = server.received().len();
            let next = world.clone().run(&RUN);
            assert_eq!(
                (next.code, next.beside_healing().as_str()),
                (Some(0), ""),
                "{next:?}; {told}"
            );
            let second = server.received().len() - before;
            let twice = (first + second).saturating_sub(questions);
            assert!(twice <= UNDER_WAY, "{twice} asked twice: {told}");
            *again.entry(twice).or_default() += 1;
            let last = world.clone().run(&[&RUN[..], &["--cached"]].concat());
            assert_eq!(
                Report::of(&last).count("cached"),
                questions as u64,
                "{told}"
            );
            assert_eq!(world.complaints(), "", "{told}");
        }
    }
    eprintln!("asked twice, and how often: {again:?}");
    again
}

const FAULTS: [(Fault, u32); 8] = [
    (Fault::Fails(Errno::NoSpace), calls::FILES),
    (
        Fault::KillsAll,
        calls::FILES | calls::PIPES | calls::SOCKETS,
    ),
    (Fault::FailsFromThereOn(Errno::NoSpace), calls::FILES),
    (
        Fault::Fails(Errno::InputOutput),
        calls::FILES | calls::PIPES,
    ),
    (Fault::Fails(Errno::ConnectionReset), calls::SOCKETS),
    (Fault::Fails(Errno::BrokenPipe), calls::SOCKETS),
    (Fault::Fails(Errno::TryAgain), calls::PROCESSES),
    (Fault::KillsOne, calls::FILES | calls::PIPES),
];

#[test]
fn what_was_paid_for_is_not_paid_for_again_whichever_call_fails() {
    for fault in &FAULTS[..4] {
        spoiled(20, &[*fault], |all| {
            (1..=all).step_by((all / 5).max(1) as usize).collect()
        });
    }
}

/// Kills a run over `files` files at so many moments, evenly spread over the time that it takes.
fn killed(files: usize, kills: u32) {
    let delayed = answer("openai-chat", &analysis()).after(Duration::from_millis(20));
    let server = Server::start(move |_| delayed.clone());
    let mut world = World::of(files);
    let clone = &mut world.team.clones[0];
    clone.ask(&server, "openai-chat");
    let concurrency = "rustassistant-provider.test.maxConcurrency";
    clone.git(&["config", "--global", concurrency, "4"]);
    world.save();
    let questions = files + 2;
    let started = Instant::now();
    assert_eq!(world.clone().run(&RUN).code, Some(0));
    let whole = started.elapsed();
    let mut again: BTreeMap<usize, usize> = BTreeMap::new();
    for kill in 0..kills {
        world.restore();
        let before = server.received().len();
        let mut program = world.clone().program();
        program
            .args(RUN)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = program.spawn().unwrap();
        sleep(whole * kill / kills);
        process.kill().unwrap();
        process.wait().unwrap();
        // What it had started itself is not killed with it.
        sleep(Duration::from_millis(30));
        assert_eq!(world.complaints(), "");
        let next = world.clone().run(&RUN);
        assert_eq!(
            (next.code, next.beside_healing().as_str()),
            (Some(0), ""),
            "{next:?}"
        );
        let twice = (server.received().len() - before).saturating_sub(questions);
        assert!(twice <= UNDER_WAY, "kill {kill}: {twice} asked twice");
        *again.entry(twice).or_default() += 1;
        assert_eq!(world.complaints(), "");
    }
    eprintln!("{kills} kills; asked twice, and how often: {again:?}");
}

#[test]
fn a_run_with_a_model_that_is_killed_pays_twice_for_what_was_under_way_at_the_most() {
    killed(12, 4);
}

#[test]
#[ignore = "takes minutes: sixty kills of a run over 200 files with a model"]
fn sixty_kills_of_a_large_run_with_a_model() {
    killed(200, 60);
}

#[test]
#[ignore = "takes an hour: every call of a run over 200 files with a model"]
fn every_call_of_a_large_run_with_a_model_may_fail() {
    spoiled(200, &FAULTS, |all| (1..=all).collect());
}
