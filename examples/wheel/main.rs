//! Packs a binary of `prime` into a wheel: `cargo run --example wheel -- BINARY DIR`.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use prime::error::Result;
use prime::launcher::wheel;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let packed = match args.as_slice() {
        [binary, dir] => pack(Path::new(binary), Path::new(dir)),
        _ => Err(anyhow::anyhow!("usage: wheel BINARY DIR")),
    };
    match packed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            prime::ui::report::show(&error);
            ExitCode::FAILURE
        }
    }
}

fn pack(binary: &Path, dir: &Path) -> Result<()> {
    let content = fs::read(binary).with_context(|| format!("cannot read `{}`", binary.display()))?;
    let wheel = wheel::build(&content, &version(binary)?)?;
    fs::create_dir_all(dir)?;
    let path = dir.join(&wheel.file_name);
    fs::write(&path, wheel.content).with_context(|| format!("cannot write `{}`", path.display()))?;
    prime::ui::data(&format!("{}\n", path.display()))?;
    Ok(())
}

/// What the binary says it is; one for another platform is taken for this version.
fn version(binary: &Path) -> Result<String> {
    let Ok(output) = Command::new(binary.canonicalize()?).arg("--version").output() else {
        return Ok(env!("CARGO_PKG_VERSION").to_owned());
    };
    match String::from_utf8_lossy(&output.stdout).trim().strip_prefix("prime ") {
        Some(version) => Ok(version.to_owned()),
        None => bail!("`{} --version` does not answer as prime does", binary.display()),
    }
}
