//! Ctrl-C: the first stops a run and keeps its results, the second ends the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::{flag, low_level};

/// A second signal within this time is the same Ctrl-C: the terminal signals all processes, and git, if
/// it started us, signals us again.
const SAME: Duration = Duration::from_millis(500);

/// Returns a flag that a signal sets when the user or a supervisor wants the program to end.
pub fn watch() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    // If this fails, a signal ends the program at once, as by default.
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

/// Makes exceeding the file size limit a write error, instead of killing the program silently.
pub fn survive_full_files() {
    // If this fails, the default stays.
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// Ignores both signals: this process serves another one, which gets them, too, and ends it after the
/// current answer.
pub fn leave_to_others() {
    for signal in [SIGINT, SIGTERM] {
        // If this fails, a signal ends this process, and the other one repeats its work.
        let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
}
