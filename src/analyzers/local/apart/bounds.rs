//! What a process apart may take of the machine, as limits that the system holds it to. Not what it
//! does within them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::analyzers::local::strain;

/// Once it holds so much when it has answered, in bytes, a fresh one goes on.
const SWOLLEN: u64 = 512 << 20;

/// Ends with whoever started this process, and leaves no file of what was in memory.
pub fn begin() {
    #[cfg(target_os = "linux")]
    {
        let kill = Some(rustix::process::Signal::KILL);
        let _ = rustix::process::set_parent_process_death_signal(kill);
    }
    limit(Resource::Core, 0);
}

/// From now on, no more memory and time is given than a text of so many bytes may take.
pub fn draw(bytes: usize) {
    let held = strain::data();
    if held > 0 {
        limit(Resource::Data, held + strain::most_memory(bytes));
    }
    let seconds = strain::time().as_secs() + strain::MOST_TIME.as_secs() * 3 + 1;
    limit(Resource::Cpu, seconds);
}

/// Does it hold so much that it should make room for a fresh one?
pub fn is_swollen() -> bool {
    strain::data() > SWOLLEN
}

/// Only the soft limit: it is moved for each text. A user's own lower one holds.
fn limit(resource: Resource, most: u64) {
    let limits = getrlimit(resource);
    let current = limits.maximum.map_or(most, |maximum| most.min(maximum));
    let _ = setrlimit(
        resource,
        Rlimit {
            current: Some(current),
            maximum: limits.maximum,
        },
    );
}
