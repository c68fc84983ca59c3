//! Why there is no answer, by what can be done about it.

use std::time::Duration;

use super::reply::Reply;
use crate::model::is_unsafe;

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The key is missing, wrong or not allowed to: stop, ask nobody again.
    Key,
    /// Out of credit or over a spending limit: stop.
    Credit,
    /// Too many requests or tokens a minute: wait, go slower.
    RateLimit,
    /// The provider or the way to it is in trouble: try again.
    Overload,
    /// No answer in time: try again.
    Timeout,
    /// The question is too long for the model: split it, or leave it.
    Context,
    /// The model or the provider declines, or does not come to an end: never an answer, never stored.
    Refused,
    /// The answer was cut off: once more with room, then give up.
    Truncated,
    /// The provider does not understand the request: stop, say what to change.
    Request,
    /// What came back is not what the protocol says.
    Protocol,
}

impl Class {
    /// Is the same request worth another attempt?
    pub const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::RateLimit | Self::Overload | Self::Timeout | Self::Protocol
        )
    }

    /// Would every other request of the run fail alike?
    pub const fn ends_the_run(self) -> bool {
        matches!(self, Self::Key | Self::Credit | Self::Request)
    }
}

/// A limit of the model that the provider names, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Question and answer together.
    Window(u64),
    /// The answer.
    Output(u64),
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub class: Class,
    /// For people, in one line, with nothing secret in it and no control characters.
    pub message: String,
    /// What the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// What the request was too large for.
    pub stated: Option<Stated>,
    /// What was paid for all the same: a refusal, an answer that was cut off.
    pub spent: Option<Box<Reply>>,
    /// The provider had begun to answer, and the answer did not come whole: what it takes for that
    /// nobody has counted.
    pub had_begun: bool,
}

impl Failure {
    /// The longest message, in characters.
    const LONGEST: usize = 300;

    /// Nothing to wait for, nothing spent. The message is made fit for people.
    pub fn new(class: Class, message: &str) -> Self {
        Self {
            class,
            message: Self::line(message),
            retry_after: None,
            stated: None,
            spent: None,
            had_begun: false,
        }
    }

    /// One line of a bounded length: a server's words reach terminals and logs.
    pub(super) fn line(text: &str) -> String {
        let hidden = is_unsafe;
        let visible: String = text
            .chars()
            .map(|c| if hidden(c) { ' ' } else { c })
            .collect();
        let mut words = visible.split_whitespace();
        let mut line = words.next().unwrap_or_default().to_owned();
        for word in words {
            line.push(' ');
            line.push_str(word);
        }
        if let Some((end, _)) = line.char_indices().nth(Self::LONGEST) {
            line.truncate(end);
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_one_plain_line() {
        let failure = Failure::new(
            Class::Request,
            "no\r\n::error::x \u{1b}[31mred\u{202e}  end\n",
        );
        assert_eq!(failure.to_string(), "no ::error::x [31mred end");
        let long = Failure::new(Class::Request, &"é".repeat(5000));
        assert_eq!(long.message.chars().count(), 301);
    }
}
