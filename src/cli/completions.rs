//! `prime completions`: what a shell completes the command line with.

use clap::CommandFactory as _;
use clap_complete::{generate, shells};

use super::args::{Cli, CompletionsArgs, CompletionsShell};
use crate::host::Outcome;
use crate::ui;

/// Prints the script for one shell.
pub fn run(args: CompletionsArgs) -> Outcome {
    let (mut command, mut script) = (Cli::command(), Vec::new());
    match args.shell {
        CompletionsShell::Bash => generate(shells::Bash, &mut command, "prime", &mut script),
        CompletionsShell::Zsh => generate(shells::Zsh, &mut command, "prime", &mut script),
        CompletionsShell::Fish => generate(shells::Fish, &mut command, "prime", &mut script),
    }
    ui::data_bytes(&script);
    Outcome::Exit(0)
}
