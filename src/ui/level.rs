//! How much is said on stderr.
//!
//! The scale is that of Python's `logging`, as upstream's: 30 (`WARNING`) is the default, each `-v` takes 10 off, each
//! `-q` adds 10. `PROTOPRIMER_STDERR_LOG_LEVEL` sets it by name or number where neither option is given.

use tracing::level_filters::LevelFilter;

/// The names that Python's `logging` has for its levels.
const NAMES: [(&str, u32); 8] = [
    ("NOTSET", 0),
    ("DEBUG", 10),
    ("INFO", 20),
    ("WARN", 30),
    ("WARNING", 30),
    ("ERROR", 40),
    ("CRITICAL", 50),
    ("FATAL", 50),
];

/// A threshold on the scale of Python's `logging`: what is below it is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u32);

impl Default for Level {
    fn default() -> Self {
        Self(30)
    }
}

impl Level {
    /// The level that so many `-v` and `-q` give; `None` where neither is given.
    pub fn from_counts(verbose: u8, quiet: u8) -> Option<Self> {
        let level = (30 + 10 * u32::from(quiet)).saturating_sub(10 * u32::from(verbose));
        (verbose > 0 || quiet > 0).then_some(Self(level))
    }

    /// A name (in any case) or number; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, level)| *level);
        named.or_else(|| text.parse().ok()).map(Self)
    }

    /// The names that [`Level::parse`] takes, for a message.
    pub fn allowed() -> String {
        NAMES.map(|(name, _)| format!("`{name}`")).join(", ") + " or a number"
    }

    /// Whether status lines and warnings are said.
    pub fn shows_status(self) -> bool {
        self.0 <= 30
    }

    /// Whether decisions, stage switches and the talk of tools are said.
    pub fn shows_decisions(self) -> bool {
        self.0 <= 20
    }

    /// The same threshold for events.
    pub fn filter(self) -> LevelFilter {
        match self.0 {
            0..10 => LevelFilter::TRACE,
            10..20 => LevelFilter::DEBUG,
            20..30 => LevelFilter::INFO,
            30..40 => LevelFilter::WARN,
            40..50 => LevelFilter::ERROR,
            _ => LevelFilter::OFF,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_names_and_numbers_meet_on_one_scale() {
        assert_eq!(Level::from_counts(0, 0), None);
        assert_eq!(Level::from_counts(1, 0), Level::parse("info"));
        assert_eq!(Level::from_counts(9, 0), Level::parse("0"));
        assert_eq!(Level::from_counts(1, 1), Level::parse("Warning"));
        assert_eq!(Level::from_counts(0, 2), Level::parse("50"));
        assert_eq!(Level::parse("-1"), None);
        assert_eq!(Level::parse("loud"), None);
    }
}
