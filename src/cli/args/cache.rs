//! The options of `cache`.

use std::time::Duration;

use clap::{Args, Subcommand};

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Options of `cache`.
#[derive(Clone, Debug, Args)]
pub struct CacheArgs {
    /// What is done.
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// What is done with the cache.
#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// Remove what was not used for long or is of no use any more, but nothing that is in use
    Prune(PruneArgs),
    /// Print how much room the cache takes, by its directories
    Size,
    /// Print where the cache is
    Dir,
    /// Print the key under which a CI keeps the environment of the repository
    Key,
    /// Print the paths that a CI keeps of it, one on a line; what is not there yet is named too
    Paths(PathsArgs),
}

/// Options of `cache prune`.
#[derive(Clone, Copy, Debug, Args)]
pub struct PruneArgs {
    /// How long not: days, weeks or hours (`30d`, `4w`, `36h`), a day at least
    #[arg(long, value_name = "AGE", value_parser = age, default_value = "30d")]
    pub older_than: Duration,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `cache paths`.
#[derive(Clone, Copy, Debug, Args)]
pub struct PathsArgs {
    /// As seen from the root of the repository, and none outside of it, for a CI that keeps nothing else (GitLab)
    #[arg(long)]
    pub relative: bool,
}

/// An age: a number and its unit. The last use is known to the day, so nothing younger can be told.
fn age(text: &str) -> Result<Duration, String> {
    let unit = match text.as_bytes().last() {
        Some(b'h') => 60 * 60,
        Some(b'd') => DAY,
        Some(b'w') => 7 * DAY,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u32>().ok());
    match number.map(|number| u64::from(number) * unit) {
        Some(seconds) if seconds >= DAY => Ok(Duration::from_secs(seconds)),
        Some(_) if unit > 0 => Err("less than a day, and the last use is known to the day".to_owned()),
        _ => Err("not a number with one of the units `h`, `d` and `w`".to_owned()),
    }
}

pub(super) const CACHE_AFTER_HELP: &str = "\
Examples:
  prime cache size                            what takes how much room
  prime cache prune                           what was of no use for 30 days
  prime cache prune --older-than 1w --dry-run   what a week would remove
  du -h \"$(prime cache dir)\"
  prime cache key                             what a CI keeps the environment under
  prime cache paths                           what it keeps, be it there yet or not

What goes: environments of scripts, binaries that launchers fetched, each that was not used for so long; a uv that a newer
one has replaced so long ago; what is known of interpreters that are gone. An environment that is being made, and whatever a
running process names, is kept. What is removed is made or fetched again when it is needed.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_a_unit_and_is_a_day_at_least() {
        for (text, days) in [("1d", 1), ("30d", 30), ("2w", 14), ("24h", 1), ("0036h", 1)] {
            assert_eq!(age(text).map(|age| age.as_secs() / DAY), Ok(days), "{text}");
        }
        for text in ["", "d", "30", "1.5d", "-1d", "30s", "0d", "23h", "9999999999d", "3ä"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
