//! `venv.EnvBuilder` in Rust: makes a virtual environment as the interpreter's own `python -m venv` does, without starting
//! a Python.
//!
//! [`EnvBuilder`] is the sequence of CPython's steps; each has a default implementation and can be overridden alone, and
//! [`Context`] carries CPython's attributes from one to the next. [`StandardBuilder`] overrides nothing. What differs from
//! one version of Python to another is decided by the version of the interpreter, never by ours: the environment is its.
//!
//! Sources: PEP 405; `Lib/venv/__init__.py` of CPython 3.7 to 3.14. What is done otherwise, on purpose:
//!
//! * Whatever is in the way is refused before anything is changed, and a directory that is no environment is not emptied.
//! * What pip is installed from is got and proven before the directory is touched, cleared above all.
//! * While it is being made, an environment holds [`UNFINISHED`]; one that fails is removed again where there was none
//!   before, and one that was killed is finished by the next run.
//! * No value can run code in an activation script ([`scripts`]), whatever the interpreter's own templates would allow.
//! * A link to nothing is replaced, as CPython does from 3.16 on.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::host::signal;
use crate::venv::seed::Plan;

mod configuration;
mod context;
mod directories;
mod links;
mod options;
mod packages;
mod repair;
pub mod scripts;
mod upgrade;
mod work;

pub use context::Context;
pub use directories::check_path;
pub use options::{EnvOptions, EnvSpec, check_options};
pub use repair::{Repaired, repair};
pub use work::UNFINISHED;

use work::Work;

/// Makes virtual environments, step by step.
pub trait EnvBuilder {
    /// What the environments are made from, and how.
    fn spec(&self) -> &EnvSpec;

    /// Makes an environment in a directory, which may be relative to the current one.
    ///
    /// Fails with [`crate::error::Kind::Usage`] where options or directory can never do, with
    /// [`crate::error::Kind::CannotCreate`] where something is in the way, and as the steps do.
    fn create(&mut self, env_dir: &Path) -> Result<Context> {
        let env_dir = self.spec().host.absolute(env_dir);
        check_options(self.spec())?;
        directories::check(self.spec(), &env_dir)?;
        let with_pip = self.spec().options.with_pip;
        let plan = with_pip.then(|| self.plan_pip(&Context::new(self.spec(), &env_dir))).transpose()?;
        let work = Work::begin(&env_dir)?;
        let made = in_order(self, &env_dir, plan.map(Arc::new));
        work.end(made)
    }

    /// Chooses, gets and proves what [`EnvBuilder::setup_pip`] installs, so that a package index that is down, a wheel that
    /// is refused or a signal while it comes leaves the directory as it was. CPython has no such step.
    fn plan_pip(&self, context: &Context) -> Result<Plan> {
        packages::plan(self.spec(), context)
    }

    /// Makes the directories, after clearing the environment where that is asked for.
    fn ensure_directories(&mut self, env_dir: &Path) -> Result<Context> {
        directories::ensure(self.spec(), env_dir)
    }

    /// Writes the file that keeps the environment out of git.
    fn create_git_ignore_file(&mut self, context: &mut Context) -> Result<()> {
        configuration::write_git_ignore(context)
    }

    /// Writes `pyvenv.cfg`.
    fn create_configuration(&mut self, context: &mut Context) -> Result<()> {
        configuration::write(self.spec(), context)
    }

    /// Puts the interpreter into the environment, as links or copies.
    fn setup_python(&mut self, context: &mut Context) -> Result<()> {
        links::set_up(self.spec(), context)
    }

    /// Installs pip, natively, from what the interpreter bundles or else from the package index.
    fn setup_pip(&mut self, context: &mut Context) -> Result<()> {
        packages::install(self.spec(), context)
    }

    /// Installs the activation scripts: those of the interpreter's own standard library, else ours.
    fn setup_scripts(&mut self, context: &mut Context) -> Result<()> {
        let templates = self.spec().interpreter.stdlib.join("venv/scripts");
        if self.spec().options.relocatable || !templates.is_dir() {
            let prompt = self.spec().prompt().unwrap_or_else(|| context.env_name.clone());
            let values = scripts::Values { prompt: &prompt, ..context.values() };
            return scripts::install_own(&context.bin_path, &values);
        }
        self.install_scripts(context, &templates)
    }

    /// Does nothing; a builder of one's own may install packages or scripts here.
    fn post_setup(&mut self, _context: &mut Context) -> Result<()> {
        Ok(())
    }

    /// Upgrades what ensurepip brings to the newest there is, with the environment's own pip.
    fn upgrade_dependencies(&mut self, context: &mut Context) -> Result<()> {
        upgrade::dependencies(self.spec(), context)
    }

    /// Installs scripts into the environment's `bin`: everything in the directories `common` and `posix` of `path`, with
    /// the placeholders replaced.
    fn install_scripts(&mut self, context: &mut Context, path: &Path) -> Result<()> {
        let rule = self.spec().copy_rule();
        let replace = |script: &Path, text: &[u8]| self.replace_variables(script, text, context);
        let warnings = scripts::install(path, &context.bin_path, rule, &replace)?;
        context.warnings.extend(warnings);
        Ok(())
    }

    /// A script with its placeholders replaced, quoted as the script's language wants it: `__VENV_DIR__`,
    /// `__VENV_NAME__`, `__VENV_PROMPT__`, `__VENV_BIN_NAME__`, `__VENV_PYTHON__`.
    fn replace_variables(&self, script: &Path, text: &[u8], context: &Context) -> Vec<u8> {
        scripts::replace_variables(script, text, &context.values())
    }
}

/// The builder that does what CPython's does.
#[derive(Clone, Debug)]
pub struct StandardBuilder {
    spec: EnvSpec,
}

impl StandardBuilder {
    /// A builder of environments like this.
    pub fn new(spec: EnvSpec) -> Self {
        Self { spec }
    }
}

impl EnvBuilder for StandardBuilder {
    fn spec(&self) -> &EnvSpec {
        &self.spec
    }
}

/// CPython's order. Being asked to stop ends it between two steps.
fn in_order<B: EnvBuilder + ?Sized>(builder: &mut B, env_dir: &Path, plan: Option<Arc<Plan>>) -> Result<Context> {
    let options = builder.spec().options.clone();
    let mut context = builder.ensure_directories(env_dir)?;
    context.pip_plan = plan;
    if options.scm_ignore_files && builder.spec().knows_scm_ignore_files() {
        builder.create_git_ignore_file(&mut context)?;
    }
    // Until pip is installed the system's packages must not be seen (bpo-24875).
    context.system_site_packages = false;
    builder.create_configuration(&mut context)?;
    builder.setup_python(&mut context)?;
    if options.with_pip {
        go_on()?;
        builder.setup_pip(&mut context)?;
        go_on()?;
    }
    if !options.upgrade {
        builder.setup_scripts(&mut context)?;
        builder.post_setup(&mut context)?;
    }
    if options.system_site_packages {
        context.system_site_packages = true;
        builder.create_configuration(&mut context)?;
    }
    if options.upgrade_deps {
        builder.upgrade_dependencies(&mut context)?;
    }
    go_on()?;
    Ok(context)
}

fn go_on() -> Result<()> {
    signal::received().map_or(Ok(()), |signal| Err(signal::fault(signal).into()))
}
