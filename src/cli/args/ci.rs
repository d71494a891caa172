//! The options of `ci`.

use clap::{Args, ValueEnum};

use super::VerifyArg;

/// Options of `ci`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CiArgs {
    /// For which system: github, gitlab, buildkite, azure, jenkins, plain (a file to source); else the one it runs in
    #[arg(long, value_name = "NAME", value_enum, hide_possible_values = true)]
    pub system: Option<CiSystem>,
    /// How closely the installed files are looked at: size, or hash for their content
    #[arg(long, value_name = "DEPTH", value_enum, hide_possible_values = true)]
    pub verify: Option<VerifyArg>,
}

/// The systems of continuous integration, each with a way of its own to hand variables to later steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiSystem {
    /// GitHub Actions, and what speaks as it does
    Github,
    /// GitLab CI/CD
    Gitlab,
    /// Buildkite
    Buildkite,
    /// Azure Pipelines
    Azure,
    /// Jenkins
    Jenkins,
    /// Any other
    Plain,
}

pub(super) const CI_AFTER_HELP: &str = "\
Examples:
  prime ci                        make the environment; later steps have it active, or source .prime/ci.env
  prime ci --system gitlab        the same, where the system is not told by its variables
  prime ci --json                 and say for programs what was published

What is published:
  .prime/ci.env   on every system: what `sh` sources to have the environment active; of several environments, that of the
                  one that was published last, and in .prime/env/DIR each its own
  github          VIRTUAL_ENV and PATH of later steps; the outputs python-version, venv, cache-key, cache-hit; a summary
  gitlab          .prime/ci.dotenv for `artifacts:reports:dotenv`: VIRTUAL_ENV, PRIME_PYTHON_VERSION, PRIME_CACHE_KEY,
                  PRIME_CACHE_HIT
  azure           these four variables, and PATH, of later steps
  buildkite       an annotation where it fails

cache-hit is `true` where the environment was there, made by an earlier run or brought back by a cache, and nothing had to be
made or installed. A boot that fails publishes nothing; its exit code is that of `prime`.";
