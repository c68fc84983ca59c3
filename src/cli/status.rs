//! How the process ends: the numbers that scripts and CI decide by. Not why.

use std::process::ExitCode;

/// The exit status of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Done, and no finding reaches `--fail-on`.
    Done,
    /// A finding is at or above `--fail-on`.
    Findings,
    /// Wrong usage, a wrong setting, or an internal error: nothing can be concluded.
    Failure,
    /// Something selected could not be analysed; the rest is reported.
    Incomplete,
    /// A budget ended the run; what was paid for is kept.
    Budget,
    /// The user ended the run; what was paid for is kept.
    Interrupted,
    /// Nobody reads the output any more.
    BrokenPipe,
}

impl Status {
    /// From what outweighs all others to what all others outweigh.
    pub const BY_WEIGHT: [Self; 7] = [
        Self::Failure,
        Self::Interrupted,
        Self::BrokenPipe,
        Self::Budget,
        Self::Incomplete,
        Self::Findings,
        Self::Done,
    ];

    /// The number that the shell sees.
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

    /// What counts if both apply.
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
