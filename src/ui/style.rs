//! The few styles that are used; everything is understandable without them.

use anstyle::{AnsiColor, Color, Style};

/// The verb of a status line.
pub const VERB: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Green)));
/// `error`.
pub const ERROR: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Red)));
/// `warning`.
pub const WARNING: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
/// `hint` and `cause`.
pub const LABEL: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
