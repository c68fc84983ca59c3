//! Losses of power: what was written and not synced is empty afterwards. Every state that a run can
//! leave so is made, mended, and git tried on it. Not kills, after which all that was written is
//! there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::rig::{Fault, Rig, calls};
use super::world::World;

/// Files that were written and not synced, after the first calls of a run.
#[derive(Debug, Default)]
struct Unsynced(BTreeSet<PathBuf>);

impl Unsynced {
    /// Takes in a line of the log: `git[12] write /place`, or two places with a tab between.
    fn take_in(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ').skip(1);
        let (Some(call), Some(places)) = (words.next(), words.next()) else {
            return;
        };
        let mut places = places.split('\t').map(PathBuf::from);
        let Some(place) = places.next() else { return };
        match call {
            "write" | "pwrite" | "writev" | "ftruncate" | "fflush" | "fclose" => {
                self.0.insert(place);
            }
            // Many objects, synced together by one file (core.fsyncMethod=batch).
            "fsync" if place.to_string_lossy().contains("bulk_fsync") => {
                self.0
                    .retain(|place| !place.to_string_lossy().contains("/objects/"));
            }
            "fsync" | "fdatasync" => {
                self.0.remove(&place);
            }
            "rename" | "link" => {
                if let Some(to) = places.next()
                    && self.0.contains(&place)
                {
                    self.0.insert(to);
                }
            }
            _ => {}
        }
    }
}

/// What git does every day: whatever of it fails.
fn failing(world: &World) -> Vec<String> {
    let everyday = [
        &["fetch", "-q"][..],
        &["gc", "-q"],
        &["push", "-q"],
        &["status", "-s"],
    ];
    let mut failing = Vec::new();
    for arguments in everyday {
        let mut git = world.clone().command(Path::new("git"));
        let output = world.clone().finish(git.args(arguments));
        if output.code != Some(0) {
            failing.push(format!("git {arguments:?}: {output:?}"));
        }
    }
    failing
}

/// Makes states of a run of `arguments` at every `step`th call; how many there were, and in how
/// many of them git failed before anything was mended.
fn lose_power(prepare: &[&[&str]], arguments: &[&str], step: usize) -> (u32, u32) {
    let Some(rig) = Rig::new() else { return (0, 0) };
    let world = World::of(2);
    for arguments in prepare {
        world.prepare(arguments);
    }
    world
        .clone()
        .git(&["commit", "-q", "--allow-empty", "-m", "to be pushed"]);
    world.save();
    let classes = calls::FILES | calls::PIPES;
    let run = |fault| {
        world.restore();
        let mut program = world.clone().program();
        let log = rig.log(&mut program);
        let spoiled = rig.run(world.clone(), program.args(arguments), fault, classes);
        let log = fs::read_to_string(log).unwrap();
        (spoiled, log)
    };
    let (whole, _) = run((Fault::None, 0));
    let git = world.clone().path().join(".git");
    let (mut states, mut failed) = (0, 0);
    for at in (1..=whole.calls).rev().step_by(step) {
        let (_, log) = run((Fault::KillsAll, at));
        let mut unsynced = Unsynced::default();
        // The last call is the one that was never done.
        let lines: Vec<&str> = log.lines().collect();
        let done = &lines[..lines.len().saturating_sub(1)];
        done.iter().for_each(|line| unsynced.take_in(line));
        // `git config` syncs nothing: what becomes of the user's settings is git's own affair.
        let is_lost = |place: &&PathBuf| {
            place.starts_with(&git) && place.is_file() && !place.ends_with("config")
        };
        let lost: Vec<PathBuf> = unsynced.0.iter().filter(is_lost).cloned().collect();
        let each = lost.iter().map(|place| vec![place.clone()]);
        for lost in each.chain((lost.len() > 1).then(|| lost.clone())) {
            run((Fault::KillsAll, at));
            world.remove_locks_of_others();
            let lost: Vec<&PathBuf> = lost.iter().filter(|place| place.is_file()).collect();
            for place in &lost {
                empty(place);
            }
            states += 1;
            let told = format!("{arguments:?}, {at} of {}: {lost:?} empty", whole.calls);
            failed += u32::from(!failing(&world).is_empty());
            for place in lost.iter().filter(|place| place.is_file()) {
                empty(place);
            }
            let mended = world.clone().run(&["doctor", "--repair"]);
            assert_eq!(mended.code, Some(0), "{told}: {mended:?}");
            assert_eq!(failing(&world), Vec::<String>::new(), "{told}: {mended:?}");
            world.prepare(arguments);
            assert_eq!(world.complaints(), "", "{told}");
        }
    }
    eprintln!("{arguments:?}: {states} states, in {failed} git fails before they are mended");
    (states, failed)
}

fn empty(place: &Path) {
    // Objects are read-only, even to their owner.
    let _ = fs::remove_file(place);
    fs::write(place, "").unwrap();
}

const INIT: &[&str] = &["init", "--no-hook"];
const ANALYZE: &[&str] = &["analyze", "--output", "summary"];

#[test]
fn after_a_loss_of_power_git_does_not_fail_because_of_us() {
    lose_power(&[INIT], ANALYZE, 9);
    lose_power(&[INIT, ANALYZE], &["sync"], 23);
}

#[test]
#[ignore = "takes many minutes: hundreds of states"]
fn after_a_loss_of_power_at_any_moment_git_does_not_fail_because_of_us() {
    let clear: &[&str] = &["cache", "clear", "-k", "refactor"];
    let all = [
        lose_power(&[INIT], ANALYZE, 1),
        lose_power(&[INIT, ANALYZE], &["sync"], 1),
        lose_power(&[INIT, ANALYZE, &["push"]], clear, 1),
        lose_power(
            &[INIT, ANALYZE, &["push"]],
            &["cache", "compact", "origin"],
            1,
        ),
    ];
    eprintln!("{all:?}");
}
