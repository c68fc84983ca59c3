//! Every main command in every kind of repository that git can make. What it says there is what it
//! says in a plain clone of the same history: the same rows, findings and ids. Not what goes wrong
//! with a disk, a process or a stranger.

/// What changes beside, and what is not needed.
mod beside;
/// How objects are named, and where they and refs are kept.
mod formats;
/// Work trees and indexes.
mod indexes;
/// What a journey through all commands says and leaves.
mod journey;
/// Where a repository lies, and how it is entered.
mod layouts;
/// Whose it is.
mod owners;
/// What a clone lacks.
mod partial;
/// A server, a teammate, and a clone.
mod place;
/// How a partial clone gets what it lacks.
mod promises;
/// What git refuses.
mod refusals;

use std::sync::LazyLock;

use journey::Journey;
use place::{Ground, Place};

/// Makes a test of each shape: the journey there is compared with that in a plain clone.
macro_rules! shapes {
    ($($name:ident: $make:expr;)*) => {
        $(#[test]
        fn $name() {
            $crate::matrix::as_in_a_plain_clone($make);
        })*
    };
}
use shapes;

static PLAIN: LazyLock<Journey> = LazyLock::new(|| Journey::through(&Place::plain()));
static PLAIN_WITHOUT_FILES: LazyLock<Journey> = LazyLock::new(|| {
    let place = Place::plain();
    Journey::through(&Place {
        ground: Ground::Bare,
        ..place
    })
});

/// Goes through all commands in `place`, if that can be had here, and in a plain clone.
fn as_in_a_plain_clone(place: Option<Place>) {
    let Some(place) = place else { return };
    let plain = match place.ground {
        Ground::WorkTree => &PLAIN,
        Ground::Bare => &PLAIN_WITHOUT_FILES,
    };
    plain.agrees_with(&Journey::through(&place), &place);
}
