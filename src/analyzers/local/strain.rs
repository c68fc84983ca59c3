//! What analysing one text has taken of this machine so far. It shapes no answer: a text that
//! takes too much has none, which is a failure of this run and stored nowhere.

use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;
use std::time::Duration;

/// More processor time than the largest text that is read takes.
pub const MOST_TIME: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(20)
} else {
    Duration::from_secs(2)
};

/// What may be taken of memory for each byte of a text, in bytes: the tree of a table of numbers
/// has 330.
const PER_BYTE: u64 = 512;

/// And beside that, in bytes: other threads parse at the same time.
const BESIDE: u64 = 96 << 20;

/// What other threads take is not this text's doing: until it has taken so much time itself, memory
/// is not looked at.
const LEAST_TIME: Duration = Duration::from_millis(50);

/// How it stood when this text was begun.
#[derive(Clone, Copy, Debug)]
pub struct Strain {
    time: Duration,
    memory: u64,
    most_memory: u64,
}

impl Strain {
    /// Of a text of so many bytes.
    pub fn begin(bytes: usize) -> Self {
        Self {
            time: time(),
            memory: memory(),
            most_memory: most_memory(bytes),
        }
    }

    /// Has it taken more than a text may?
    pub fn is_too_much(&self) -> bool {
        let spent = time().saturating_sub(self.time);
        spent > MOST_TIME
            || (spent > LEAST_TIME && memory().saturating_sub(self.memory) > self.most_memory)
    }
}

/// What analysing a text of so many bytes may take of memory, in bytes.
pub const fn most_memory(bytes: usize) -> u64 {
    BESIDE + PER_BYTE * bytes as u64
}

/// The processor time of this thread: a busy machine makes no text more complex.
pub fn time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}

/// What this process holds of memory, in bytes, and with it what other threads do; nothing where
/// the system does not tell.
fn memory() -> u64 {
    pages(1)
}

/// What it has asked for to write to, in bytes, used or not: what a limit on data counts, nearly.
pub fn data() -> u64 {
    pages(5)
}

/// What tells of this process's memory: proc_pid_statm(5), opened once.
#[expect(clippy::disallowed_methods, reason = "what the system itself tells")]
static TELLS: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/self/statm").ok());

/// The number of the file that tells.
pub fn told_by() -> Option<RawFd> {
    TELLS.as_ref().map(AsRawFd::as_raw_fd)
}

/// One of its figures, in bytes.
fn pages(column: usize) -> u64 {
    let mut told = [0; 256];
    let read = TELLS.as_ref().map(|file| file.read_at(&mut told, 0));
    let length = read.and_then(Result::ok).unwrap_or_default();
    let told = std::str::from_utf8(&told[..length]).unwrap_or_default();
    let pages = told
        .split(' ')
        .nth(column)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_just_begun_has_taken_nothing() {
        assert!(!Strain::begin(9).is_too_much());
        let before = Strain {
            time: Duration::ZERO,
            memory: 0,
            most_memory: 0,
        };
        while time() <= LEAST_TIME {}
        assert!(memory() == 0 || before.is_too_much());
        assert!(time() > Duration::ZERO);
    }
}
