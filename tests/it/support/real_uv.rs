//! A real uv, without any step by hand: `PRIME_TEST_UV`, else the one on `PATH`, else one that pip installs once into
//! the target directory, from whatever index this machine's pip uses.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs, io};

use super::artifact::artifact;
use super::pythons;
use super::wheel::{Package, Wheel};
use super::{output, program, skip};

/// The uv to use, and its version.
#[derive(Clone, Debug)]
pub struct RealUv {
    pub executable: PathBuf,
    pub version: String,
}

static FOUND: LazyLock<Result<RealUv, String>> = LazyLock::new(find);

/// A uv; where there is none and none can be had, the test is skipped.
pub fn real_uv() -> Option<&'static RealUv> {
    match &*FOUND {
        Ok(uv) => Some(uv),
        Err(reason) => skip(&format!("no uv: {reason}")),
    }
}

/// The wheel of that uv for this platform, as an index has it.
pub fn uv_wheel(uv: &RealUv) -> Package {
    let tag = if cfg!(target_os = "macos") { macos_tag() } else { linux_tags() };
    let wheel = || Wheel::new("uv", &uv.version).tag(&format!("py3-none-{tag}")).requires_python(">=3.8");
    let path = artifact(&format!("uv-{}-{tag}.whl", uv.version), |path| {
        let binary = fs::read(&uv.executable)?;
        let package = wheel().file("uv/__init__.py", "").program("uv", binary).build();
        fs::write(path, package.content)
    });
    wheel().package(fs::read(path.unwrap()).unwrap())
}

fn linux_tags() -> String {
    let arch = env::consts::ARCH;
    format!("manylinux_2_17_{arch}.manylinux2014_{arch}")
}

fn macos_tag() -> String {
    let arch = if env::consts::ARCH == "aarch64" { "arm64" } else { env::consts::ARCH };
    format!("macosx_11_0_{arch}")
}

fn find() -> Result<RealUv, String> {
    if let Some(path) = env::var_os("PRIME_TEST_UV") {
        return ask(Path::new(&path));
    }
    if let Some(uv) = program("uv").and_then(|path| ask(&path).ok()) {
        return Ok(uv);
    }
    let python = pythons::all().filter(|it| it.minor >= 8).last().ok_or("no Python to install it with")?;
    let venv = artifact("uv-venv", |path| install(&python.executable, path)).map_err(|error| error.to_string())?;
    ask(&venv.join("bin/uv"))
}

fn ask(uv: &Path) -> Result<RealUv, String> {
    let output = output(Command::new(uv).arg("--version")).map_err(|error| format!("{}: {error}", uv.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(1).ok_or_else(|| format!("{} tells no version", uv.display()))?;
    let executable = uv.canonicalize().map_err(|error| error.to_string())?;
    Ok(RealUv { executable, version: version.to_owned() })
}

fn install(python: &Path, venv: &Path) -> io::Result<()> {
    succeed(Command::new(python).args(["-m", "venv"]).arg(venv))?;
    // The venv is moved afterwards; `bin/uv` is a binary and does not mind.
    succeed(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", "uv"]))
}

/// Runs a command; what it said is the error when it fails.
pub fn succeed(command: &mut Command) -> io::Result<()> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{command:?}: {}\n{said}", output.status)))
}
