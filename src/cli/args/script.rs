//! The options of `script`.

use std::ffi::OsString;

use clap::Args;

use super::VerifyArg;

/// Options of `script`.
#[derive(Clone, Debug, Default, Args)]
#[command(override_usage = "prime script [OPTIONS] <FILE> [ARGS]...")]
pub struct ScriptArgs {
    /// Prove the installed files first, and mend them: by size, or hash for their content
    #[arg(long, value_name = "DEPTH", value_enum, hide_possible_values = true)]
    pub verify: Option<VerifyArg>,
    /// Write the versions it would get now, with the digests of their files, to FILE.lock; each run goes by that
    #[arg(long)]
    pub lock: bool,
    /// The script, and its arguments
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

pub(super) const SCRIPT_AFTER_HELP: &str = "\
Examples:
  prime script tool.py --its-own-option
  prime script --lock tool.py       write tool.py.lock (PEP 751), or write it anew
  #!/usr/bin/env -S prime script    as the first line of a script

What the script requires stands in its comments (PEP 723):
  # /// script
  # requires-python = \">=3.9\"
  # dependencies = [\"requests\"]
  # ///

Scripts that require the same share one environment, in the user's cache. It is made when it is first needed; from then
on a start is one exec. No repository has a say in it.";
