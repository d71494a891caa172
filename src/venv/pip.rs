//! The driver `venv_pip`: the interpreter's own `venv` makes the environment, pip resolves and installs.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::driver::{Base, Console, DependencyGroup, Driver, DriverName, InstallRequest, prompt_option, undisturbed};
use super::layout::Venv;
use crate::error::Result;
use crate::fetch::ToolSettings;
use crate::host::secret::SecretFile;
use crate::host::{Cmd, EnvDelta, Host, fs};

/// pip, and what it must be told beyond its own settings.
#[derive(Debug)]
pub struct Pip {
    host: Host,
    env: EnvDelta,
    index_args: Vec<OsString>,
    /// `NETRC` names it.
    _netrc: Option<SecretFile>,
}

impl Pip {
    /// pip with the index settings that it would not find by itself.
    pub fn new(host: &Host, settings: ToolSettings) -> Result<Self> {
        // A notice of a newer pip is talk about nothing that was asked; a question would hang.
        let quiet = EnvDelta::new().set("PIP_DISABLE_PIP_VERSION_CHECK", "1").set("PIP_NO_INPUT", "1");
        let (env, netrc) = environment_for_pip(&settings)?;
        let env = undisturbed().and(&quiet).and(&env);
        Ok(Self { host: host.clone(), env, index_args: settings.args, _netrc: netrc })
    }
}

/// The environment that pip's settings make, and the file in it that has to last as long as pip runs.
pub(super) fn environment_for_pip(settings: &ToolSettings) -> Result<(EnvDelta, Option<SecretFile>)> {
    let netrc =
        settings.netrc.as_deref().map(SecretFile::new).transpose().context("cannot keep credentials for pip")?;
    let env = settings.env.clone();
    Ok(match netrc {
        Some(file) => (env.set("NETRC", file.path()), Some(file)),
        None => (env, None),
    })
}

impl Driver for Pip {
    fn name(&self) -> DriverName {
        DriverName::Pip
    }

    fn create(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        let options = [prompt_option(base)];
        create_with_pip(
            &|program| Cmd::new(&self.host, program).env(&self.env),
            &base.python,
            venv,
            &options,
            console,
        )?;
        // As `venv` does itself from 3.13 on.
        let ignore = venv.dir().join(".gitignore");
        if ignore.exists() { Ok(()) } else { fs::write_atomic(&ignore, b"*\n") }
    }

    fn refresh(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        let options = [prompt_option(base)];
        create_without_pip(
            &|program| Cmd::new(&self.host, program).env(&self.env),
            &base.python,
            venv,
            &options,
            console,
        )
    }

    fn install(&self, venv: &Venv, request: &InstallRequest, console: &mut Console<'_>) -> Result<()> {
        let groups = requirements_of_groups(&request.dependency_groups)?;
        let cmd = Cmd::new(&self.host, venv.python()).env(&self.env).current_dir(&request.current_dir);
        // Isolated: else modules in the current directory and on `PYTHONPATH` would come before pip's and the library's.
        let cmd = cmd.args(["-I", "-m", "pip", "install"]).args(self.index_args.clone()).args(install_args(request));
        let cmd = match &groups {
            Some(file) => cmd.arg("--requirement").arg(file.path()),
            None => cmd,
        };
        console.run(&cmd, "`pip install`")
    }

    fn reseed(&self, venv: &Venv, names: &[&str], console: &mut Console<'_>) -> Result<()> {
        // Interpreters before 3.12 bundle setuptools as well, and build with what is in the environment.
        if !["pip", "setuptools"].iter().any(|bundled| names.contains(bundled)) {
            return Ok(());
        }
        seed(&|program| Cmd::new(&self.host, program).env(&self.env), venv, console)
    }

    fn fetch_anew(&self, _names: &[&str]) -> Vec<OsString> {
        vec!["--no-cache-dir".into()]
    }
}

/// Makes an environment with pip in it, in the two steps of `python -m venv`. Taken by itself that hides what the second
/// one says when it fails. `program` starts the command line of an interpreter.
pub fn create_with_pip(
    program: &dyn Fn(&Path) -> Cmd,
    python: &Path,
    venv: &Venv,
    options: &[String],
    console: &mut Console<'_>,
) -> Result<()> {
    create_without_pip(program, python, venv, options, console)?;
    seed(program, venv, console)
}

fn create_without_pip(
    program: &dyn Fn(&Path) -> Cmd,
    python: &Path,
    venv: &Venv,
    options: &[String],
    console: &mut Console<'_>,
) -> Result<()> {
    let create = program(python).args(["-I", "-m", "venv", "--without-pip"]).args(options);
    console.run(&create.arg(venv.dir()), "`python -m venv`")
}

/// Puts pip into an environment, from what the interpreter bundles.
fn seed(program: &dyn Fn(&Path) -> Cmd, venv: &Venv, console: &mut Console<'_>) -> Result<()> {
    let seed = program(&venv.python()).args(["-I", "-m", "ensurepip", "--upgrade", "--default-pip"]);
    console.run(&seed.current_dir(venv.dir()), "`python -m ensurepip`")
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
    for editable in &request.editables {
        option("--editable", editable.clone());
    }
    args.extend(request.projects.iter().cloned());
    args
}

/// The requirements of dependency groups as a file: pip knows `--group` from 25.1 on, and most interpreters bundle an
/// older one.
fn requirements_of_groups(groups: &[DependencyGroup]) -> Result<Option<NamedTempFile>> {
    if groups.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for group in groups {
        writeln!(text, "# group {} of {}", group.name, group.pyproject.display())?;
        group.requirements.iter().try_for_each(|requirement| writeln!(text, "{requirement}"))?;
    }
    let mut file = tempfile::Builder::new().prefix("prime-groups-").suffix(".txt").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(Some(file))
}
