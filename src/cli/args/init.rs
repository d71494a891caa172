//! The options of `init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `init`.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// `min`: one file; `max`: a file for each leap, and one environment
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub layout: LayoutArg,
    /// Write files anew that are there already
    #[arg(long)]
    pub force: bool,
    /// Write nothing but the launcher, anew, with the sha256 of this version's wheels
    #[arg(long)]
    pub update: bool,
    /// The index that the launcher asks where none is set, instead of the usual one
    #[arg(long, value_name = "URL")]
    pub index_url: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The repository, instead of the one that the current directory is in
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The values of `--layout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// One file
    #[default]
    Min,
    /// A file for each leap, and one environment
    Max,
}

pub(super) const INIT_AFTER_HELP: &str = "\
Examples:
  prime init                         prime, prime.toml, .gitignore, .python-version, as far as they are missing
  prime init --layout max --dry-run  show the files of all leaps, write none
  prime init --update                renew the launcher `prime`, and nothing else

Files that are there are kept; lines that .gitignore does not have are added to it. The launcher pins this version of
prime by the sha256 of its wheels, as the package index tells them. Where it tells none, a warning says why, and this
binary is put where the launcher finds it: that serves on this machine until `prime init --update` can fill them in.";
