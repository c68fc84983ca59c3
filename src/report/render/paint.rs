//! Color: which style means what, and nothing at all where no color is wanted.

use std::fmt;

use anstyle::{AnsiColor, Effects, Style};

use super::Color;
use crate::model::Level;

pub const HEADING: Style = Style::new().effects(Effects::BOLD);
pub const FAILURE: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);

/// The style of a level: as compilers color theirs.
pub const fn of_level(level: Level) -> Style {
    match level {
        Level::Error => FAILURE,
        Level::Warning => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
        Level::Note => AnsiColor::BrightGreen.on_default().effects(Effects::BOLD),
    }
}

/// `text` in `style`, if color is wanted.
pub fn paint(color: Color, style: Style, text: impl fmt::Display) -> String {
    match color {
        Color::Always => format!("{style}{text}{style:#}"),
        Color::Never => text.to_string(),
    }
}
