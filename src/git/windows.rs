//! How much of packs libgit2 maps at a time. Not how objects are read: libgit2 does that.
//!
//! The only `unsafe` of this crate, which a test sees to: what is set is a global of a C library.

use std::sync::Once;

/// Bytes that are mapped at a time of one pack. Git's own `core.packedGitWindowSize` is a gigabyte:
/// whoever reads all of a large pack has all of it in memory. Small, because libgit2 closes the
/// window that it opened last, whoever needs it next.
const WINDOW: usize = 4 << 20;

/// Bytes that are mapped of all packs: where it is more, windows are closed that nobody reads in.
const MAPPED: usize = 160 << 20;

/// Has libgit2 map packs in windows, from before it opens the first of them.
pub(super) fn bound() {
    static BOUND: Once = Once::new();
    BOUND.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "git2 has no other way to set what libgit2 reads so rarely"
        )]
        // SAFETY: the setters ask that nobody reads these globals meanwhile. Only code that reads
        // packs does, and this comes before every repository that this crate opens: `Once` keeps
        // other threads waiting until they are set.
        let set = unsafe {
            git2::opts::set_mwindow_size(WINDOW)
                .and_then(|()| git2::opts::set_mwindow_mapped_limit(MAPPED))
        };
        // What cannot be set stays as it is: it costs memory, and no answer.
        drop(set);
    });
}
