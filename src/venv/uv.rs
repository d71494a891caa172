//! The driver `venv_uv`: uv makes the environment, provides a missing python, resolves and installs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::credentials::Credentials;
use super::driver::{Base, Console, Driver, DriverName, InstallRequest, LockRequest, prompt_option, undisturbed};
use super::layout::Venv;
use super::report::Fetched;
use crate::error::{Code, Fault, Result};
use crate::fetch::{IndexSettings, ToolSettings};
use crate::host::{Cmd, EnvDelta, Host, fs};

/// How long uv may think about which python it has, or wait for others that use its cache.
const QUESTION: Duration = Duration::from_secs(30);

/// uv, and what it must be told beyond its own settings.
#[derive(Clone, Debug)]
pub struct Uv {
    host: Host,
    program: PathBuf,
    env: EnvDelta,
    index_args: Vec<OsString>,
    current_dir: PathBuf,
    credentials: Credentials,
}

impl Uv {
    /// uv at this path, working in `current_dir`, from where it looks for its own settings, with the index settings that it
    /// would not find by itself and `env` besides.
    pub fn new(host: &Host, program: PathBuf, index: &IndexSettings, env: &EnvDelta, current_dir: &Path) -> Self {
        let ToolSettings { env: of_index, args: index_args, .. } = index.env_for_uv();
        // Else it warns of each lock that such files are new to it.
        let features = EnvDelta::new().set("UV_PREVIEW_FEATURES", "pylock");
        let features = if host.var("UV_PREVIEW_FEATURES").is_some() { EnvDelta::new() } else { features };
        let env = undisturbed().and(&features).and(env).and(&of_index);
        let credentials = Credentials::new(index, DriverName::Uv);
        let (host, current_dir) = (host.clone(), current_dir.to_owned());
        Self { host, program, env, index_args, current_dir, credentials }
    }

    /// Has uv install an interpreter that matches `request` (`3.12`, `3.12.1`, `>=3.9,<3.13`, the name of its directory)
    /// and says where it is. One that is there is installed again where it `is_anew`.
    ///
    /// Nothing is linked into the user's `PATH`: the interpreter serves environments, not the command line.
    pub fn provide_python(&self, request: &str, is_anew: bool, console: &mut Console<'_>) -> Result<PathBuf> {
        let install = self.cmd().args(["python", "install", "--no-bin"]).args(is_anew.then_some("--reinstall"));
        console.run(&install.arg(request), "`uv python install`")?;
        let find = self.cmd().args(["python", "find", "--no-project", "--managed-python", request]);
        tracing::debug!("run {}", find.display());
        let captured = find.capture(QUESTION)?;
        let path = PathBuf::from(String::from_utf8_lossy(&captured.stdout).trim());
        if captured.status.success() && path.is_absolute() {
            return Ok(path);
        }
        let said = String::from_utf8_lossy(&captured.stderr).trim().to_owned();
        Err(anyhow::anyhow!(said).context(Fault::of(Code::NoPython, format!("uv has no python matching `{request}`"))))
    }

    fn venv(&self, venv: &Venv, base: &Base, options: &[&str]) -> Cmd {
        let cmd = self.cmd().args(["venv", "--no-project"]).args(options).arg(prompt_option(base));
        let cmd = cmd.arg("--python").arg(&base.python).arg(venv.dir());
        // A seeded environment would pin other versions than one that pip's driver made.
        let fixed = EnvDelta::new().unset("UV_VENV_SEED").unset("UV_VENV_RELOCATABLE").unset("UV_VENV_CLEAR");
        cmd.env(&fixed)
    }

    fn cmd(&self) -> Cmd {
        Cmd::new(&self.host, &self.program).env(&self.env).current_dir(&self.current_dir)
    }
}

impl Driver for Uv {
    fn name(&self) -> DriverName {
        DriverName::Uv
    }

    fn create(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        console.run(&self.venv(venv, base, &[]), "`uv venv`")
    }

    fn refresh(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        console.run(&self.venv(venv, base, &["--allow-existing"]), "`uv venv`")
    }

    fn install(&self, venv: &Venv, request: &InstallRequest, console: &mut Console<'_>) -> Result<Vec<Fetched>> {
        let lent = self.credentials.lend(&install_args(request), None)?;
        let cmd = self.cmd().current_dir(&request.current_dir);
        let cmd = cmd.args(["pip", "install", "--python"]).arg(venv.python()).args(self.index_args.clone());
        lent.run(cmd.args(lent.args.clone()), console, "`uv pip install`")?;
        Ok(Vec::new())
    }

    fn lock(&self, venv: &Venv, request: &LockRequest, console: &mut Console<'_>) -> Result<String> {
        let failed = |error| fs::cannot_create(&request.dir, error);
        // In its directory, since paths in it are seen from there; and with such a name, since uv insists.
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix("pylock.prime-tmp-").suffix(".toml").tempfile_in(&request.dir).map_err(failed)?;
        let file = file.into_temp_path();
        // An empty file would be read as a lock to go by.
        std::fs::remove_file(&file).map_err(failed)?;
        let options = ["pip", "compile", "--quiet", "--universal", "--format", "pylock.toml", "--no-header", "--group"];
        let group = group_argument(&request.group.pyproject, &request.group.name);
        let cmd = self.cmd().args(options).arg(group).args(self.index_args.clone());
        let cmd = match &request.python_version {
            Some(version) => cmd.arg("--python-version").arg(version),
            None => cmd,
        };
        let cmd = cmd.arg("--python").arg(venv.python()).arg("--output-file").arg(&file);
        self.credentials.lend(&[], None)?.run(cmd, console, "`uv pip compile`")?;
        std::fs::read_to_string(&file).context("cannot read what `uv pip compile` wrote")
    }

    fn take_from_cache(&self, _: &Venv, _: &[&str], _: &Path) -> Result<Vec<OsString>> {
        Ok(Vec::new())
    }

    fn reseed(&self, _venv: &Venv, _names: &[&str], _console: &mut Console<'_>) -> Result<()> {
        Ok(())
    }

    fn forget(&self, names: &[&str]) {
        if names.is_empty() {
            // Without a name uv forgets everything.
            return;
        }
        let forget = self.cmd().args(["cache", "clean"]).args(names.iter().copied());
        tracing::debug!("run {}", forget.display());
        if let Err(error) = forget.capture(QUESTION) {
            tracing::info!("uv does not forget what it has in its cache: {error}");
        }
    }

    fn fetch_anew(&self, names: &[&str]) -> Vec<OsString> {
        // Refreshed alone, what uv has stays where the index says that nothing has changed.
        if names.is_empty() { vec!["--no-cache".into()] } else { self.build_anew(names) }
    }

    fn build_anew(&self, names: &[&str]) -> Vec<OsString> {
        names.iter().flat_map(|name| ["--refresh-package".into(), OsString::from(name)]).collect()
    }
}

fn install_args(request: &InstallRequest) -> Vec<OsString> {
    let mut args = request.extra_args.clone();
    let mut option = |name: &str, value: OsString| args.extend([OsString::from(name), value]);
    if let Some(constraints) = &request.constraints {
        option("--constraint", constraints.into());
    }
    for file in &request.requirements_files {
        option("--requirement", file.into());
    }
    if let Some(lock) = &request.lock {
        option("--requirement", lock.into());
    }
    for group in &request.dependency_groups {
        option("--group", group_argument(&group.pyproject, &group.name));
    }
    for editable in &request.editables {
        option("--editable", editable.clone());
    }
    args.extend(request.projects.iter().cloned());
    args
}

fn group_argument(pyproject: &Path, name: &str) -> OsString {
    let mut argument = OsString::from(pyproject);
    argument.push(":");
    argument.push(name);
    argument
}
