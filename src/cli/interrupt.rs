//! Ctrl-C: the first ends a run so that what is under way is kept, the second ends the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};

/// A second signal so soon after the first is the same one once more: at Ctrl-C a terminal tells
/// all, and git, if it has started us, then tells us again.
const SAME: Duration = Duration::from_millis(500);

/// A flag that is set from now on when the user, or whoever runs the program, wants it to end.
pub fn watch() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    // Where the system refuses, a signal ends the program at once, as it would have without us.
    let _ = wait(Arc::clone(&ended));
    ended
}

fn wait(ended: Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let mut first = None;
    let heed = move || {
        for signal in signals.forever() {
            ended.store(true, Ordering::Relaxed);
            if first.get_or_insert_with(Instant::now).elapsed() > SAME {
                let _ = low_level::emulate_default_handler(signal);
            }
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(heed)?;
    Ok(())
}

/// From now on a file that may not grow is a write that fails, and no end without a word.
pub fn survive_full_files() {
    // Where the system refuses, it is as it was.
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// From now on neither ends this process: it serves another one, which a signal to both tells to end.
/// What is under way there is answered first.
pub fn leave_to_others() {
    for signal in [SIGINT, SIGTERM] {
        // Where the system refuses, a signal ends us, and what we were at is done again.
        let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
