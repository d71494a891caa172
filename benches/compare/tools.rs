//! The tools to compare with: the environment that `prime` makes of this repository's own `prime.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use prime::error::Result;

/// The binary under test.
pub const PRIME: &str = env!("CARGO_BIN_EXE_prime");

/// Programs and their versions.
#[derive(Clone, Debug)]
pub struct Tools {
    /// uv.
    pub uv: PathBuf,
    /// Its version.
    pub uv_version: String,
    /// The interpreter that the environment was made from.
    pub python: PathBuf,
    /// Its version, `3.12.1`.
    pub python_version: String,
}

impl Tools {
    /// Boots this repository, which is nothing to do from the second time on, and finds the tools in its environment.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let status = Command::new(PRIME).arg("-C").arg(root).status()?;
        if !status.success() {
            bail!("there are no tools to compare with: `{PRIME} -C {}` ended with {status}", root.display());
        }
        let bin = root.join(".venv/bin");
        let uv = bin.join("uv");
        let question = "import os, sys; print(sys.base_prefix, '%d.%d.%d' % sys.version_info[:3], sep='\\n')";
        let answer = said(Command::new(bin.join("python")).args(["-I", "-S", "-c", question]))?;
        let (prefix, python_version) = answer.split_once('\n').context("python says nothing")?;
        Ok(Self {
            uv_version: said(Command::new(&uv).arg("--version"))?.split(' ').nth(1).unwrap_or_default().to_owned(),
            uv,
            python: Path::new(prefix).join("bin").join(format!("python{}", series(python_version))),
            python_version: python_version.to_owned(),
        })
    }

    /// The version as `.python-version` has it, `3.12`.
    pub fn python_series(&self) -> &str {
        series(&self.python_version)
    }
}

fn series(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(series, _)| series)
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
