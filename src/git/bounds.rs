//! How much a `git` process may take of memory and of the disk, as limits that the system holds it
//! to. Not how long it may take: that is `network.rs`.

use std::process::Child;

#[cfg(target_os = "linux")]
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

/// What is brought is checked before a ref of ours points at it: trees that name `..`, say. Blobs
/// that are larger than any entry are not held in memory for that, and threads are few enough for
/// [`Bounds::RECEIVING`].
pub const RECEIVING: [&str; 6] = [
    "-c",
    "fetch.fsckObjects=true",
    "-c",
    "core.bigFileThreshold=16m",
    "-c",
    "pack.threads=4",
];

/// Limits of one process, and of each that it starts. They hold from just after it was started: one
/// that is to be bounded must wait for its input before it does anything.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of memory that it may write to.
    pub memory: u64,
    /// Bytes of the largest file that it may write.
    pub file: u64,
}

impl Bounds {
    /// Of whoever receives entries: a million of them take 300 MB. An object is held in memory, blobs
    /// aside, and so may be no larger than this.
    pub const RECEIVING: Self = Self {
        memory: 512 << 20,
        file: 2 << 30,
    };

    /// Of whoever compares trees: an index of five million files takes one gigabyte, folders that repeat
    /// without end as much as there is.
    pub const COMPARING: Self = Self {
        memory: 2 << 30,
        file: u64::MAX,
    };

    /// Holds the process to them, where the system can be told so. A user's own lower limits hold.
    #[cfg(target_os = "linux")]
    pub fn hold(self, child: &Child) {
        let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        for (resource, most) in [
            (Resource::Data, self.memory),
            (Resource::Fsize, self.file),
            (Resource::Core, 0),
        ] {
            let set = getrlimit(resource);
            let lower = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
            let limits = Rlimit {
                current: lower(set.current),
                maximum: lower(set.maximum),
            };
            // Whoever has ended already needs none.
            let _ = prlimit(process, resource, limits);
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub const fn hold(self, _child: &Child) {}

    /// Has git ended because it would have taken more? So it says it, or of whom it started.
    pub fn ended(self, stderr: &[u8]) -> bool {
        let words = [
            "ut of memory",
            "annot allocate",
            "ile too large",
            "signal 25",
        ];
        let said = String::from_utf8_lossy(stderr);
        words.iter().any(|words| said.contains(words))
    }
}
