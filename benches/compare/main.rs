//! Compares `prime` with what it wraps and with its peers, all in one run: `cargo bench`.
//!
//! The competitors of a scenario take turns, round by round and in all orders, so that whatever else the machine is
//! doing falls on all of them alike; ratios are of one round, and their median is shown. What is measured is whole
//! processes, from before their start to after their end. The tools to compare with are this repository's own
//! environment, which `prime` makes first where it is missing.
//!
//! Left out on purpose: failing when a target is missed. On a busy machine that says nothing; the table says it.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use prime::error::Result;

mod connector;
mod facts;
mod job;
mod options;
mod place;
mod race;
mod report;
mod samples;
mod scenarios;
mod tools;
mod turns;
mod usage;

use options::Options;
use place::Place;
use tools::Tools;

fn main() -> ExitCode {
    let args: Vec<_> = env::args_os().collect();
    let children = [scenarios::obtain::as_child, usage::as_child, connector::as_child];
    if let Some(code) = children.iter().find_map(|as_child| as_child(&args)) {
        return code;
    }
    // Cargo gives this argument when it benches and not when it tests, which is no time to measure.
    if !args.iter().any(|arg| arg == "--bench") {
        return ExitCode::SUCCESS;
    }
    match compare(&Options::parse_from(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            prime::ui::report::show(&error);
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> Result<()> {
    let selected = options.selected()?;
    let place = Place::new(Tools::find()?)?;
    let mut out = io::stdout();
    writeln!(out, "{}\n\n{}", report::heading(&place.tools), report::TABLE_HEAD)?;
    for entry in selected {
        let scenario = (entry.make)(&place)?;
        let rounds = options.rounds.unwrap_or(scenario.rounds);
        let measured = race::run(entry.name, scenario, rounds, &place.log())?;
        out.write_all(report::rows(&measured).as_bytes())?;
        out.flush()?;
    }
    if options.only.is_empty() {
        write!(out, "\n{}", facts::list(&place)?)?;
    }
    Ok(())
}
