//! What the process apart may still ask of the system once it has begun: memory, time, its own three
//! streams, and an end. No file, no connection, no program, no other process; and of what it has
//! inherited, nothing. Where the system has no seccomp it goes without. Not how much it may take:
//! that is `bounds.rs`.

#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
pub use linux::close;

/// There is none here.
#[cfg(not(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
)))]
pub const fn close() -> bool {
    false
}

#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
mod linux {
    use std::collections::BTreeMap;

    use seccompiler::{
        BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule, apply_filter,
    };

    use crate::analyzers::local::strain;

    /// What may be asked whatever is said.
    const ALLOWED: [i64; 23] = [
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_madvise,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_nanosleep,
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        libc::SYS_sigaltstack,
    ];

    /// What memory of no file has in the place of a file.
    const NO_FILE: u32 = u32::MAX;

    /// Gives up everything else, for this thread and those that it starts. Done?
    pub fn close() -> bool {
        // What is asked for but once is asked for before.
        strain::data();
        let filter = filter().and_then(|filter| apply_filter(&filter));
        filter.is_ok()
    }

    fn filter() -> Result<BpfProgram, Error> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
        let told = strain::told_by().and_then(|file| u32::try_from(file).ok());
        let own = std::process::id();
        for (call, place, values) in [
            (libc::SYS_read, 0, vec![0]),
            (libc::SYS_write, 0, vec![1, 2]),
            (libc::SYS_writev, 0, vec![1, 2]),
            (libc::SYS_pread64, 0, told.into_iter().collect()),
            (libc::SYS_mmap, 4, vec![NO_FILE]),
            // Limits of its own, and the signal by which it ends itself.
            (libc::SYS_prlimit64, 0, vec![0]),
            (libc::SYS_tgkill, 0, vec![own]),
        ] {
            let is = |value: u32| {
                let equal = SeccompCmpOp::Eq;
                let value = u64::from(value);
                let is = SeccompCondition::new(place, SeccompCmpArgLen::Dword, equal, value)?;
                SeccompRule::new(vec![is])
            };
            let either: Result<Vec<SeccompRule>, _> = values.into_iter().map(is).collect();
            let either = either?;
            // A call without a rule would be allowed whatever is said.
            if !either.is_empty() {
                rules.insert(call, either);
            }
        }
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let machine = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, machine)?;
        Ok(filter.try_into()?)
    }

    #[cfg(test)]
    mod tests {
        use std::fs::File;
        use std::net::TcpListener;
        use std::os::unix::net::UnixStream;
        use std::thread;

        use super::*;
        use crate::analyzers::{Local, Source, Thresholds};
        use crate::model::{Kind, Language};

        #[test]
        #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
        fn whoever_is_closed_in_can_analyse_and_nothing_else() {
            let file = File::open("/dev/null").unwrap();
            let answered = thread::spawn(move || {
                if !close() {
                    return None;
                }
                let refused = [
                    File::open("/etc/passwd").is_err(),
                    file.metadata().is_err(),
                    std::io::Read::read(&mut &file, &mut [0]).is_err(),
                    TcpListener::bind("127.0.0.1:0").is_err(),
                    UnixStream::pair().is_err(),
                    thread::Builder::new().spawn(|| {}).is_err(),
                    std::fs::remove_file("/nowhere").is_err(),
                ];
                let text = "fn a() { b(); }\n".repeat(5000);
                let source = Source {
                    text: text.as_bytes(),
                    language: Language::Rust,
                };
                let analyses = Local::new(Thresholds::default()).answer(source, &Kind::BUILT_IN);
                Some((refused, analyses.map(|all| all.len())))
            });
            match answered.join().unwrap() {
                None => eprintln!("skipped: this system has no seccomp"),
                Some((refused, analyses)) => {
                    assert_eq!(refused, [true; 7]);
                    assert_eq!(analyses, Ok(Kind::BUILT_IN.len()));
                }
            }
        }
    }
}
