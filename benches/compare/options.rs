//! The command line: `cargo bench -- --rounds 20 --only ready`.

use clap::Parser;
use prime::error::{Fault, Kind, Result};

use crate::scenarios::{self, Entry};

/// Compare prime with what it wraps and with its peers
#[derive(Debug, Parser)]
#[command(name = "cargo bench --")]
pub struct Options {
    /// Measure each scenario this many times, instead of as often as its own steadiness needs
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: Option<u32>,
    /// Measure only the scenarios whose name begins so; may be given several times
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Given by cargo
    #[arg(long, hide = true)]
    pub bench: bool,
}

impl Options {
    /// The scenarios to measure, in their usual order.
    pub fn selected(&self) -> Result<Vec<&'static Entry>> {
        let wanted = |entry: &&Entry| self.only.is_empty() || self.only.iter().any(|it| entry.name.starts_with(it));
        let selected: Vec<_> = scenarios::ALL.iter().filter(wanted).collect();
        if selected.is_empty() {
            let names: Vec<_> = scenarios::ALL.iter().map(|entry| entry.name).collect();
            let fault = Fault::new(Kind::Usage, format!("no scenario begins with {}", self.only.join(", ")));
            return Err(fault.hint(format!("there are {}", names.join(", "))).into());
        }
        Ok(selected)
    }
}
