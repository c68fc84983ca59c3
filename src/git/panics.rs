//! Panics that a damaged file brings about in a library, where they are expected and are errors of that
//! file. Not those of this program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// From now on nothing is printed of a panic that [`caught`] catches.
pub fn keep_quiet() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        if !EXPECTED.get() {
            usual(panic);
        }
    }));
}

/// What `call` gives; `None` if it panics. It must leave nothing half done that others see.
pub fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    let before = EXPECTED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    EXPECTED.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_answer() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u8 { panic!("a damaged pack") }), None);
        assert!(!EXPECTED.get());
    }
}
