//! The exit statuses, which scripts and CI rely on.

use std::process::ExitCode;

/// The exit status of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Success; no finding reaches `--fail-on`.
    Done,
    /// A finding is at or above `--fail-on`.
    Findings,
    /// Invalid usage, an invalid setting, or an internal error: there is no result.
    Failure,
    /// Some selected files could not be analyzed; the rest is reported.
    Incomplete,
    /// A budget stopped the run; paid answers are kept.
    Budget,
    /// The user stopped the run; paid answers are kept.
    Interrupted,
    /// The reader of standard output is gone.
    BrokenPipe,
}

impl Status {
    /// All statuses in order of precedence.
    pub const BY_WEIGHT: [Self; 7] = [
        Self::Failure,
        Self::Interrupted,
        Self::BrokenPipe,
        Self::Budget,
        Self::Incomplete,
        Self::Findings,
        Self::Done,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Incomplete => 3,
            Self::Budget => 4,
            Self::Interrupted => 130,
            Self::BrokenPipe => 141,
        }
    }

    /// The one with precedence.
    pub fn and(self, other: Self) -> Self {
        let heavier = |status: &Self| *status == self || *status == other;
        Self::BY_WEIGHT.into_iter().find(heavier).unwrap_or(self)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_statuses_the_heaviest_counts_in_any_order() {
        for (place, heavy) in Status::BY_WEIGHT.into_iter().enumerate() {
            for light in Status::BY_WEIGHT.into_iter().skip(place) {
                assert_eq!(heavy.and(light), heavy);
                assert_eq!(light.and(heavy), heavy);
            }
        }
    }

    #[test]
    fn the_numbers_are_promised() {
        let codes = Status::BY_WEIGHT.map(Status::code);
        assert_eq!(codes, [2, 130, 141, 4, 3, 1, 0]);
    }
}
