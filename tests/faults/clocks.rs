//! Clocks that jump: years ahead, and back again.

use super::rig::{Fault, Rig, calls};
use super::world::World;
use crate::support::Report;
use crate::support::model::{analysis, answer};
use crate::support::server::Server;

const YEARS: i64 = 10 * 365 * 86_400;

/// Runs `analyze` by a clock that is wrong by so many seconds; what it printed.
fn analyzed(rig: &Rig, world: &World, wrong: i64) -> Report {
    let mut program = world.clone().program();
    program.args(["analyze", "--output", "json"]);
    rig.set_clock(&mut program, wrong);
    let output = world.clone().finish(&mut program);
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    Report::of(&output)
}

#[test]
fn answers_that_cost_nothing_do_not_age_whatever_the_clock_says() {
    let Some(rig) = Rig::new() else { return };
    let world = World::of(4);
    assert_eq!(analyzed(&rig, &world, YEARS).words(), "6 analyzed");
    for wrong in [0, -YEARS, YEARS, -3600] {
        assert_eq!(analyzed(&rig, &world, wrong).words(), "6 cached");
    }
    world.prepare(&["push"]);
    assert_eq!(world.complaints(), "");
}

#[test]
fn answers_from_the_future_are_asked_for_once_more_and_no_more_than_that() {
    let Some(rig) = Rig::new() else { return };
    let server = Server::start(|_| answer("openai-chat", &analysis()));
    let mut world = World::of(4);
    world.team.clones[0].ask(&server, "openai-chat");
    assert_eq!(analyzed(&rig, &world, YEARS).words(), "6 analyzed");
    assert_eq!(server.received().len(), 6);
    assert_eq!(analyzed(&rig, &world, YEARS).words(), "6 cached");
    assert_eq!(analyzed(&rig, &world, 0).words(), "6 analyzed");
    for wrong in [0, -3600, 3600, YEARS] {
        assert_eq!(analyzed(&rig, &world, wrong).words(), "6 cached", "{wrong}");
    }
    assert_eq!(server.received().len(), 12);
}

#[test]
fn what_is_asked_anew_counts_although_another_clock_was_ahead() {
    let Some(rig) = Rig::new() else { return };
    let server = Server::start(|received| {
        let level = ["\"first\"", "\"second\""][usize::from(received.nth >= 6)];
        answer(
            "openai-chat",
            &analysis().replace("\"A small file.\"", level),
        )
    });
    let mut world = World::of(4);
    world.team.clones[0].ask(&server, "openai-chat");
    assert_eq!(analyzed(&rig, &world, 12 * 3600).words(), "6 analyzed");
    let clone = world.clone();
    assert_eq!(clone.analyze(&["--refresh"]).words(), "6 analyzed");
    let shown = clone.run(&["analyze", "--cached", "-v"]).stdout;
    assert!(
        shown.contains("second") && !shown.contains("first"),
        "{shown}"
    );
}

#[test]
fn a_clock_that_jumps_in_the_middle_of_a_run_costs_nothing() {
    let Some(rig) = Rig::new() else { return };
    let world = World::of(4);
    world.save();
    for arguments in [&["analyze", "--output", "json"][..], &["sync"]] {
        let run = |wrong: i64, at: u32| {
            world.restore();
            if arguments == ["sync"] {
                world.prepare(&["analyze", "--output", "summary"]);
            }
            let mut program = world.clone().program();
            program.args(arguments);
            rig.jump_clock(&mut program, wrong, at);
            rig.run(
                world.clone(),
                &mut program,
                (Fault::None, 0),
                calls::FILES | calls::PIPES,
            )
        };
        let all = run(0, 0).calls;
        for wrong in [YEARS, -YEARS] {
            for at in (1..all).step_by(all as usize / 5) {
                let jumped = run(wrong, at);
                let told = format!("{arguments:?}, {wrong} at {at} of {all}: {jumped:?}");
                assert_eq!(jumped.output.code, Some(0), "{told}");
                assert_eq!(world.complaints(), "", "{told}");
                let next = world.clone().analyze(&[]);
                assert_eq!(next.words(), "6 cached", "{told}");
                assert!(world.clone().leftovers().is_empty(), "{told}");
                world.prepare(&["sync"]);
            }
        }
    }
}
