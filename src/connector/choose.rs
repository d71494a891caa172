//! From options to the executor that they mean.

use super::executor::Executor;
use super::executor::container::Container;
use super::executor::local::Local;
use super::executor::manifest::Manifest;
use super::executor::noop::Nothing;
use super::executor::venv::content::LATEST;
use super::executor::venv::{Content, Grounds, Place, Stamp, Target, VenvExecutor, install_root, requirement};
use super::manifest;
use super::method::{self, Method};
use super::options::Options;
use super::registry::{InstallType, Metadata, Registry, not_set};
use crate::error::{Fault, Kind, Result};
use crate::host::Host;
use crate::ui::Ui;

/// The executor that the options mean. Where they name no way: a program of the connector's name on `PATH`, else what is
/// installed already, else what the registry says. It is asked only where something depends on it.
pub fn executor(host: &Host, ui: Ui, options: &Options) -> Result<Box<dyn Executor>> {
    let choice = Choice { host, ui, options };
    match method::named(options)? {
        Some(Method::Local(program)) => Ok(Box::new(Local::named(host, options, program.as_deref())?)),
        Some(Method::Docker(image)) => Ok(Box::new(Container::new(host, ui, options, image.as_deref()))),
        Some(Method::Manifest(named)) => choice.manifest(named.as_deref()),
        Some(Method::Nothing) => choice.nothing(),
        Some(Method::Venv) => choice.venv(),
        None => choice.open(),
    }
}

/// The executor for what is there already: an environment, unless the options name another way.
pub fn installed(host: &Host, ui: Ui, options: &Options) -> Result<Box<dyn Executor>> {
    match method::named(options)? {
        None | Some(Method::Venv) => {
            let content = Content { target: Target::Any, ..Content::guessed(options) };
            Ok(Box::new(VenvExecutor::new(host, ui, options, content)))
        }
        Some(_) => executor(host, ui, options),
    }
}

/// The environment that runs a connector, where one does, by what can be told without the network and without starting
/// anything.
pub fn environment(host: &Host, ui: Ui, options: &Options) -> Result<Option<VenvExecutor>> {
    let options = &Options { offline: true, ..options.clone() };
    let made = |content| Some(VenvExecutor::new(host, ui, options, content));
    let anything = |content: Content| match content.target {
        Target::Newest => Content { target: Target::Any, ..content },
        _ => content,
    };
    let choice = Choice { host, ui, options };
    match method::named(options)? {
        Some(Method::Venv) => Ok(made(anything(choice.asked()?.unwrap_or_else(|| Content::guessed(options))))),
        Some(Method::Manifest(_)) => Ok(Some(Manifest::runner(host, ui, options))),
        Some(Method::Local(_) | Method::Docker(_) | Method::Nothing) => Ok(None),
        None if choice.has_all_it_needs() => Ok(made(Content::guessed(options))),
        None => {
            let metadata = choice.registry()?.and_then(|registry| registry.metadata(options.name.as_str()).ok());
            match metadata.map(|metadata| metadata.install_type) {
                Some(InstallType::Yaml) => Ok(Some(Manifest::runner(host, ui, options))),
                Some(InstallType::Docker) => Ok(None),
                Some(InstallType::Python) | None => Ok(made(anything(Content::guessed(options)))),
            }
        }
    }
}

struct Choice<'a> {
    host: &'a Host,
    ui: Ui,
    options: &'a Options,
}

impl Choice<'_> {
    fn registry(&self) -> Result<Option<Registry>> {
        Registry::set(self.host, self.options)
    }

    /// The way that is open.
    fn open(&self) -> Result<Box<dyn Executor>> {
        let Self { host, ui, options } = *self;
        if let Some(local) = Local::on_path(host, options) {
            return if options.version.is_some() { Err(method::local_version().into()) } else { Ok(Box::new(local)) };
        }
        if self.has_all_it_needs() {
            return Ok(self.environment(Content::guessed(options)));
        }
        let Some(registry) = self.registry()? else {
            tracing::info!("no connector registry is set: `{}` is taken for a package", options.name);
            return Ok(self.environment(Content::guessed(options)));
        };
        let metadata = registry.metadata(options.name.as_str())?;
        tracing::info!("the registry `{}` has `{}` as {:?}", registry.url(), options.name, metadata.install_type);
        match metadata.install_type {
            InstallType::Yaml => Ok(Box::new(self.of_registry(Some(&registry))?)),
            InstallType::Python => Ok(self.environment(published(options, &metadata)?)),
            InstallType::Docker if Container::engine_answers(host) => {
                Ok(Box::new(Container::new(host, ui, options, Some(&metadata.image))))
            }
            InstallType::Docker => Err(no_engine(options, &metadata).into()),
        }
    }

    fn manifest(&self, named: Option<&str>) -> Result<Box<dyn Executor>> {
        let Some(text) = named else { return Ok(Box::new(self.of_registry(self.registry()?.as_ref())?)) };
        let source = manifest::named(self.host, self.options, text)?;
        Ok(Box::new(Manifest::new(self.host, self.ui, self.options, source)?))
    }

    fn of_registry(&self, registry: Option<&Registry>) -> Result<Manifest> {
        Manifest::new(self.host, self.ui, self.options, manifest::of_registry(registry, self.options)?)
    }

    fn nothing(&self) -> Result<Box<dyn Executor>> {
        let name = &self.options.name;
        let registry = self.registry()?.ok_or_else(|| not_set(&format!("the `spec` of connector `{name}`")))?;
        let mut metadata = registry.metadata(name.as_str())?;
        let other =
            self.options.version.as_deref().filter(|it| *it != LATEST && Some(*it) != metadata.latest.as_deref());
        if let Some(version) = other {
            metadata.spec = registry.spec_of(name.as_str(), version)?;
        }
        Ok(Box::new(Nothing::new(metadata)))
    }

    /// What the requirements say that are asked for, where any are.
    fn asked(&self) -> Result<Option<Content>> {
        let Some(words) = self.options.pip_url.as_deref().filter(|words| !words.is_empty()) else { return Ok(None) };
        let requirements = requirement::split(words)?;
        let package = requirement::project(&requirements);
        Ok(Some(Content { package, requirements, grounds: Grounds::Asked, ..Content::guessed(self.options) }))
    }

    /// An environment that was asked for by name.
    fn venv(&self) -> Result<Box<dyn Executor>> {
        let options = self.options;
        if let Some(content) = self.asked()? {
            return Ok(self.environment(content));
        }
        if self.has_all_it_needs() {
            return Ok(self.environment(Content::guessed(options)));
        }
        let Some(registry) = self.registry()? else { return Ok(self.environment(Content::guessed(options))) };
        let metadata = registry.metadata(options.name.as_str())?;
        Ok(self.environment(published(options, &metadata)?))
    }

    fn environment(&self, content: Content) -> Box<dyn Executor> {
        Box::new(VenvExecutor::new(self.host, self.ui, self.options, content))
    }

    /// Whether an environment is there whose stamp says what it is of, and the registry need not be asked of the newest
    /// version.
    fn has_all_it_needs(&self) -> bool {
        let root = install_root(self.host, self.options.install_root.as_deref());
        let is_newest = self.options.version.as_deref() == Some(LATEST);
        Stamp::load(&Place::new(&root, self.options.name.as_str()))
            .is_some_and(|stamp| if stamp.asked.requirements { !self.options.exact } else { !is_newest })
    }
}

/// The package that the registry names.
fn published(options: &Options, metadata: &Metadata) -> Result<Content> {
    Content::published(options, metadata).ok_or_else(|| {
        let message = format!("connector `{}` is in the registry, but not published as a python package", options.name);
        let hint = "name what to install with `--pip-url`, or leave out `--use-python`";
        Fault::new(Kind::Config, message).hint(hint).into()
    })
}

fn no_engine(options: &Options, metadata: &Metadata) -> Fault {
    let message = format!(
        "connector `{}` is only published as the image `{}`, and no Docker engine answers",
        options.name, metadata.image
    );
    Fault::new(Kind::Unavailable, message)
        .hint("start the engine (`docker version` asks it), or name a package with `--pip-url`")
}
