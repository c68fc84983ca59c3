//! Colour: which style means what, and nothing at all where no colour is wanted.

use std::fmt;

use anstyle::{AnsiColor, Effects, Style};

use super::Colour;
use crate::model::Level;

pub const HEADING: Style = Style::new().effects(Effects::BOLD);
pub const FAILURE: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);

/// The style of a level: as compilers colour theirs.
pub const fn of_level(level: Level) -> Style {
    match level {
        Level::Error => FAILURE,
        Level::Warning => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
        Level::Note => AnsiColor::BrightGreen.on_default().effects(Effects::BOLD),
    }
}

/// `text` in `style`, if colour is wanted.
pub fn paint(colour: Colour, style: Style, text: impl fmt::Display) -> String {
    match colour {
        Colour::Always => format!("{style}{text}{style:#}"),
        Colour::Never => text.to_string(),
    }
}
