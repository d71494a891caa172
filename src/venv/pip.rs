//! The driver `venv_pip`: the environment is made natively ([`super::builder`]), or by the interpreter's own `venv` where it
//! is no CPython or where that is configured; pip resolves and installs.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use tempfile::NamedTempFile;

use super::builder::{Context, EnvBuilder as _, EnvOptions, EnvSpec, StandardBuilder};
use super::credentials::Credentials;
use super::driver::{
    Base, Console, DependencyGroup, Driver, DriverName, InstallRequest, LOCKED_REQUIREMENTS, LockRequest,
    prompt_option, undisturbed,
};
use super::layout::Venv;
use super::pylock;
use super::report::{self, Fetched};
use crate::error::{Fault, Kind, Result};
use crate::fetch::settings::Means;
use crate::fetch::{IndexSettings, ToolSettings};
use crate::host::cmd::Talk;
use crate::host::{Cmd, EnvDelta, Host, fs};

/// The argument with which pip takes nothing from its cache.
const NO_CACHE: &str = "--no-cache-dir";

/// pip, and what it must be told beyond its own settings.
#[derive(Debug)]
pub struct Pip {
    host: Host,
    env: EnvDelta,
    index_args: Vec<OsString>,
    native: Option<Box<EnvSpec>>,
    credentials: Credentials,
}

impl Pip {
    /// pip with the index settings that it would not find by itself. Environments are made natively like `native` where it
    /// is given, and by `python -m venv` else.
    pub fn new(host: &Host, index: &IndexSettings, native: Option<EnvSpec>) -> Self {
        let native = native.map(Box::new);
        let ToolSettings { env, args, .. } = index.env_for_pip(Means::default());
        let credentials = Credentials::new(index, DriverName::Pip);
        Self { host: host.clone(), env: unasking().and(&env), index_args: args, native, credentials }
    }
}

/// What keeps pip from asking the person, and from misleading variables.
pub(super) fn unasking() -> EnvDelta {
    // A notice of a newer pip is talk about nothing that was asked; a question would hang.
    undisturbed().set("PIP_DISABLE_PIP_VERSION_CHECK", "1").set("PIP_NO_INPUT", "1")
}

impl Pip {
    fn cmd(&self, program: &Path) -> Cmd {
        Cmd::new(&self.host, program).env(&self.env)
    }

    /// How the environment is made natively, by the path that the base goes by.
    fn native_spec(&self, base: &Base, with_pip: bool) -> Option<EnvSpec> {
        let mut spec = self.native.as_deref()?.clone();
        spec.interpreter = spec.interpreter.named(&base.python);
        spec.options = EnvOptions { prompt: Some(base.prompt.clone().into()), with_pip, ..EnvOptions::default() };
        Some(spec)
    }
}

impl Driver for Pip {
    fn name(&self) -> DriverName {
        DriverName::Pip
    }

    fn create(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        match self.native_spec(base, true) {
            Some(spec) => create_natively(spec, venv)?,
            None => create_with_pip(&|it| self.cmd(it), &base.python, venv, &[prompt_option(base)], console)?,
        }
        // As `venv` does itself from 3.13 on.
        let ignore = venv.dir().join(".gitignore");
        if ignore.exists() { Ok(()) } else { fs::write_atomic(&ignore, b"*\n") }
    }

    fn refresh(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()> {
        match self.native_spec(base, false) {
            Some(spec) => create_natively(spec, venv),
            None => create_without_pip(&|it| self.cmd(it), &base.python, venv, &[prompt_option(base)], console),
        }
    }

    fn install(&self, venv: &Venv, request: &InstallRequest, console: &mut Console<'_>) -> Result<Vec<Fetched>> {
        let groups = requirements_of_groups(&request.dependency_groups)?;
        let lent = self.credentials.lend(&install_args(request), Some(venv))?;
        let cmd = Cmd::new(&self.host, venv.python()).env(&self.env).current_dir(&request.current_dir);
        // Isolated: else modules in the current directory and on `PYTHONPATH` would come before pip's and the library's.
        let cmd = cmd.args(["-I", "-m", "pip", "install"]).args(self.index_args.clone()).args(lent.args.clone());
        let cmd = match &groups {
            Some(file) => cmd.arg("--requirement").arg(file.path()),
            None => cmd,
        };
        // What pip starts for a build has no arguments of its own.
        let is_anew = request.extra_args.iter().any(|argument| argument == NO_CACHE);
        let cmd = if is_anew { cmd.env(&EnvDelta::new().set("PIP_NO_CACHE_DIR", "1")) } else { cmd };
        if !report::is_known_to(venv) {
            return lent.run(cmd, console, "`pip install`").map(|()| Vec::new());
        }
        let file = tempfile::Builder::new().prefix("prime-report-").suffix(".json").tempfile()?;
        lent.run(cmd.arg("--report").arg(file.path()), console, "`pip install`")?;
        Ok(report::read(file.path()))
    }

    fn lock(&self, venv: &Venv, request: &LockRequest, console: &mut Console<'_>) -> Result<String> {
        if !report::is_known_to(venv) {
            return Err(cannot_lock(venv).into());
        }
        let groups = requirements_of_groups(std::slice::from_ref(&request.group))?;
        let file = tempfile::Builder::new().prefix("prime-report-").suffix(".json").tempfile()?;
        let options = ["-I", "-m", "pip", "install", "--dry-run", "--ignore-installed"];
        let cmd = self.cmd(&venv.python()).current_dir(venv.dir()).args(options).args(self.index_args.clone());
        let cmd = cmd.arg("--report").arg(file.path());
        let Some(groups) = groups else { return pylock::text(venv, &[]) };
        let lent = self.credentials.lend(&[], Some(venv))?;
        lent.run(cmd.arg("--requirement").arg(groups.path()), console, "`pip install --dry-run`")?;
        pylock::text(venv, &report::resolved(file.path())?)
    }

    fn take_from_cache(&self, venv: &Venv, urls: &[&str], dir: &Path) -> Result<Vec<OsString>> {
        // A proxy without a host is refused before anything is sent, and what is in the cache comes before that.
        let mut env = EnvDelta::new().set("PIP_PROXY", "http:///");
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            env = env.unset(name).unset(name.to_ascii_lowercase());
        }
        for url in urls {
            let cmd = Cmd::new(&self.host, venv.python()).env(&self.env).env(&env);
            let cmd = cmd.args(["-I", "-m", "pip", "wheel", "--no-deps", "--retries", "0", "--wheel-dir"]);
            let streamed = cmd.arg(dir).arg(url).stream(Talk::Pipe, &mut |_| {})?;
            if !streamed.status.success() {
                tracing::info!("pip's cache does not give `{url}`");
                tracing::debug!("{}", streamed.tail);
            }
        }
        Ok(vec!["--find-links".into(), dir.into()])
    }

    fn reseed(&self, venv: &Venv, names: &[&str], console: &mut Console<'_>) -> Result<()> {
        // Interpreters before 3.12 bundle setuptools as well, and build with what is in the environment.
        if !["pip", "setuptools"].iter().any(|bundled| names.contains(bundled)) {
            return Ok(());
        }
        match &self.native {
            Some(spec) => seed_natively(spec, venv),
            None => seed(&|it| self.cmd(it), venv, console),
        }
    }

    fn forget(&self, _names: &[&str]) {}

    fn fetch_anew(&self, _names: &[&str]) -> Vec<OsString> {
        vec![NO_CACHE.into()]
    }

    fn build_anew(&self, _names: &[&str]) -> Vec<OsString> {
        // It keeps nothing that was built from a directory.
        Vec::new()
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

/// Makes an environment without starting its interpreter.
pub fn create_natively(spec: EnvSpec, venv: &Venv) -> Result<()> {
    let context = StandardBuilder::new(spec).create(venv.dir())?;
    context.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(())
}

fn seed_natively(spec: &EnvSpec, venv: &Venv) -> Result<()> {
    let mut context = Context::new(spec, venv.dir());
    if !context.env_exec_cmd.exists() {
        context.env_exec_cmd = venv.python();
    }
    StandardBuilder::new(spec.clone()).setup_pip(&mut context)
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
    if let Some(lock) = &request.lock {
        option("--requirement", lock.with_file_name(LOCKED_REQUIREMENTS).into());
        args.extend(["--require-hashes", "--no-deps"].map(OsString::from));
    }
    let mut option = |name: &str, value: OsString| args.extend([OsString::from(name), value]);
    for editable in &request.editables {
        option("--editable", editable.clone());
    }
    args.extend(request.projects.iter().cloned());
    args
}

fn cannot_lock(venv: &Venv) -> Fault {
    let version = venv.version_of("pip").unwrap_or_default();
    let message = format!("pip {version} cannot tell what it would install; pip 23.0 and newer can");
    Fault::new(Kind::Config, message).hint("let uv lock it: unset `PROTOPRIMER_VENV_DRIVER`; or ask for a newer python")
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
