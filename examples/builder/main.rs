//! A builder of one's own: makes a virtual environment as `python -m venv` does, and puts scripts of its own into it.
//!
//! `cargo run --example builder -- DIR [PYTHON]`

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use prime::bootstrap::interpreter::named;
use prime::error::{Fault, Kind, Result, kind_of};
use prime::host::Host;
use prime::ui;
use prime::venv::builder::{Context, EnvBuilder, EnvOptions, EnvSpec};

/// Does what CPython's builder does, and one thing more.
struct WithScripts {
    spec: EnvSpec,
    /// A directory with `common` and `posix` in it.
    scripts: PathBuf,
}

impl EnvBuilder for WithScripts {
    fn spec(&self) -> &EnvSpec {
        &self.spec
    }

    fn post_setup(&mut self, context: &mut Context) -> Result<()> {
        let scripts = self.scripts.clone();
        self.install_scripts(context, &scripts)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui::report::show(&error);
            ExitCode::from(kind_of(&error).exit_code())
        }
    }
}

fn run() -> Result<()> {
    let host = Host::capture()?;
    let [_, dir, rest @ ..] = &host.args[..] else {
        return Err(Fault::new(Kind::Usage, "no directory is given").hint("give one: `builder DIR [PYTHON]`").into());
    };
    let interpreter = named(&host, rest.first().map_or(OsStr::new("python3"), OsString::as_os_str))?;
    let options = EnvOptions { with_pip: false, prompt: Some("example".into()), ..EnvOptions::default() };
    let spec = EnvSpec { options, offline: true, ..EnvSpec::new(&host, interpreter) };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/builder/scripts");
    let context = WithScripts { spec, scripts }.create(Path::new(dir))?;
    ui::data(&format!("{} has {}\n", context.env_dir.display(), context.env_exe.display()))?;
    Ok(())
}
