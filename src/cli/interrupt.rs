//! Ctrl-C: the first ends a run so that what is under way is kept, the second ends the program.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// A flag that is set from now on when the user, or whoever runs the program, wants it to end.
pub fn watch() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag of the first. Where the system refuses,
        // a signal ends the program at once, as it would have without us.
        let _ = flag::register_conditional_default(signal, Arc::clone(&ended));
        let _ = flag::register(signal, Arc::clone(&ended));
    }
    ended
}

/// From now on neither ends this process: it serves another one, which a signal to both tells to end.
/// What is under way there is answered first.
pub fn leave_to_others() {
    for signal in [SIGINT, SIGTERM] {
        // Where the system refuses, a signal ends us, and what we were at is done again.
        let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
