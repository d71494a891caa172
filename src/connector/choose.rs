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
use super::registry::{InstallType, Metadata, Registries, Registry, not_set};
use crate::error::{Fault, Kind, Result};
use crate::host::Host;
use crate::ui::Ui;

/// The way a connector is run.
#[derive(Clone, Debug)]
pub enum Way {
    /// By a program that is there; one of the connector's name where none is given.
    Local(Option<String>),
    /// By an image; the one of the connector's name where none is given.
    Docker(Option<String>),
    /// By a manifest; the registry's where none is given.
    Manifest(Option<String>),
    /// Not at all.
    Nothing,
    /// By an environment of its own.
    Venv(Content),
}

/// Chooses the way for one connector.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// This process.
    pub host: &'a Host,
    /// Where the executor tells what it does.
    pub ui: Ui,
    /// What is asked for.
    pub options: &'a Options,
    /// The registries that were read already.
    pub registries: &'a Registries,
}

impl Choice<'_> {
    /// The executor that the options mean. Where they name no way: a program of the connector's name on `PATH`, else what is
    /// installed already, else what the registry says. It is asked only where something depends on it.
    pub fn executor(&self) -> Result<Box<dyn Executor>> {
        let Self { host, ui, options, .. } = *self;
        Ok(match self.way(Self::asked_or_published, Self::open)? {
            Way::Local(program) => Box::new(Local::named(host, options, program.as_deref())?),
            Way::Docker(image) => Box::new(Container::new(host, ui, options, image.as_deref())),
            Way::Manifest(named) => Box::new(self.manifest(named.as_deref())?),
            Way::Nothing => Box::new(self.nothing()?),
            Way::Venv(content) => Box::new(VenvExecutor::new(host, ui, options, content)),
        })
    }

    /// The executor for what is there already: an environment, unless the options name another way.
    pub fn installed(&self) -> Result<Box<dyn Executor>> {
        match method::named(self.options)? {
            None | Some(Method::Venv) => {
                let content = Content { target: Target::Any, ..self.guessed()? };
                Ok(Box::new(VenvExecutor::new(self.host, self.ui, self.options, content)))
            }
            Some(_) => self.executor(),
        }
    }

    /// The way by what can be told without the network and without starting anything.
    pub fn look(&self) -> Result<Way> {
        let options = &Options { offline: true, ..self.options.clone() };
        let choice = Choice { options, ..*self };
        Ok(match choice.way(Choice::asked_or_guessed, Choice::open_at_a_look)? {
            Way::Venv(content @ Content { target: Target::Newest, .. }) => {
                Way::Venv(Content { target: Target::Any, ..content })
            }
            way => way,
        })
    }

    /// The environment that runs a connector by this way, where one does.
    pub fn environment(&self, way: &Way) -> Option<VenvExecutor> {
        let options = &Options { offline: true, ..self.options.clone() };
        match way {
            Way::Venv(content) => Some(VenvExecutor::new(self.host, self.ui, options, content.clone())),
            Way::Manifest(_) => Some(Manifest::runner(self.host, self.ui, options)),
            Way::Local(_) | Way::Docker(_) | Way::Nothing => None,
        }
    }

    /// The way that the options name, with what is in an environment of its own; else the one that is `open`.
    fn way(
        &self,
        content: impl FnOnce(&Self) -> Result<Content>,
        open: impl FnOnce(&Self) -> Result<Way>,
    ) -> Result<Way> {
        Ok(match method::named(self.options)? {
            Some(Method::Local(program)) => Way::Local(program),
            Some(Method::Docker(None)) if self.options.name.is_third_party() => {
                Way::Docker(Some(self.options.name.to_string()))
            }
            Some(Method::Docker(image)) => Way::Docker(image),
            Some(Method::Manifest(named)) => Way::Manifest(named),
            Some(Method::Nothing) => Way::Nothing,
            Some(Method::Venv) => Way::Venv(content(self)?),
            None if Local::on_path(self.host, self.options).is_none() => open(self)?,
            None if self.options.version.is_some() => return Err(method::local_version().into()),
            None => Way::Local(None),
        })
    }

    /// The way that is open: what is installed, else what the registry says.
    fn open(&self) -> Result<Way> {
        let options = self.options;
        if self.has_all_it_needs() {
            return Ok(Way::Venv(self.guessed()?));
        }
        let Some(registry) = self.registry()? else {
            tracing::info!("no connector registry is set: `{}` is taken for a package", options.name);
            return Ok(Way::Venv(self.guessed()?));
        };
        let metadata = registry.metadata(options.name.as_str())?;
        tracing::info!("the registry `{}` has `{}` as {:?}", registry.url(), options.name, metadata.install_type);
        match metadata.install_type {
            InstallType::Yaml => Ok(Way::Manifest(None)),
            InstallType::Python => Ok(Way::Venv(self.published(&metadata)?)),
            InstallType::Docker if Container::engine_answers(self.host) => Ok(Way::Docker(Some(metadata.image))),
            InstallType::Docker => Err(no_engine(options, &metadata).into()),
        }
    }

    /// The same, where a registry that has nothing to say is none, and no engine is asked.
    fn open_at_a_look(&self) -> Result<Way> {
        if self.has_all_it_needs() {
            return Ok(Way::Venv(self.guessed()?));
        }
        let metadata = self.registry()?.and_then(|registry| registry.metadata(self.options.name.as_str()).ok());
        match metadata {
            Some(Metadata { install_type: InstallType::Yaml, .. }) => Ok(Way::Manifest(None)),
            Some(Metadata { install_type: InstallType::Docker, image, .. }) => Ok(Way::Docker(Some(image))),
            _ => Ok(Way::Venv(self.guessed()?)),
        }
    }

    fn registry(&self) -> Result<Option<std::rc::Rc<Registry>>> {
        self.registries.set(self.host, self.options)
    }

    fn manifest(&self, named: Option<&str>) -> Result<Manifest> {
        let source = match named {
            Some(text) => manifest::named(self.host, self.options, text)?,
            None => manifest::of_registry(self.registry()?.as_deref(), self.options)?,
        };
        Manifest::new(self.host, self.ui, self.options, source)
    }

    fn nothing(&self) -> Result<Nothing> {
        let name = &self.options.name;
        let registry = self.registry()?.ok_or_else(|| not_set(&format!("the `spec` of connector `{name}`")))?;
        let mut metadata = registry.metadata(name.as_str())?;
        let other =
            self.options.version.as_deref().filter(|it| *it != LATEST && Some(*it) != metadata.latest.as_deref());
        if let Some(version) = other {
            metadata.spec = registry.spec_of(name.as_str(), version)?;
        }
        Ok(Nothing::new(metadata))
    }

    /// What the requirements say that are asked for, where any are.
    fn asked(&self) -> Result<Option<Content>> {
        let Some(words) = self.options.pip_url.as_deref().filter(|words| !words.is_empty()) else { return Ok(None) };
        let requirements = requirement::split(words)?;
        let package = requirement::project(&requirements);
        Ok(Some(Content { package, requirements, grounds: Grounds::Asked, ..self.guessed()? }))
    }

    /// What is in an environment that was asked for by name.
    fn asked_or_published(&self) -> Result<Content> {
        if let Some(content) = self.asked()? {
            return Ok(content);
        }
        match if self.has_all_it_needs() { None } else { self.registry()? } {
            Some(registry) => self.published(&registry.metadata(self.options.name.as_str())?),
            None => self.guessed(),
        }
    }

    fn asked_or_guessed(&self) -> Result<Content> {
        self.asked()?.map_or_else(|| self.guessed(), Ok)
    }

    /// The package that the connector's name implies.
    fn guessed(&self) -> Result<Content> {
        let name = &self.options.name;
        if name.is_third_party() {
            let message =
                format!("connector `{name}` cannot have an environment of its own, because of the `/` in its name");
            let hint =
                "run it by `--docker-image`, `--source-manifest` or `--local-executable`, or give it a name without";
            return Err(Fault::new(Kind::Usage, message).hint(hint).into());
        }
        Ok(Content::guessed(self.options))
    }

    /// The package that the registry names.
    fn published(&self, metadata: &Metadata) -> Result<Content> {
        self.guessed()?;
        Content::published(self.options, metadata).ok_or_else(|| {
            let name = &self.options.name;
            let message = format!("connector `{name}` is in the registry, but not published as a python package");
            let hint = "name what to install with `--pip-url`, or leave out `--use-python`";
            Fault::new(Kind::Config, message).hint(hint).into()
        })
    }

    /// Whether an environment is there whose stamp says what it is of, and the registry need not be asked of the newest
    /// version.
    fn has_all_it_needs(&self) -> bool {
        let root = install_root(self.host, self.options.install_root.as_deref());
        let is_newest = self.options.version.as_deref() == Some(LATEST);
        Stamp::load(&Place::new(&root, self.options.name.as_str()))
            .filter(|_| !self.options.name.is_third_party())
            .is_some_and(|stamp| if stamp.asked.requirements { !self.options.exact } else { !is_newest })
    }
}

fn no_engine(options: &Options, metadata: &Metadata) -> Fault {
    let message = format!(
        "connector `{}` is only published as the image `{}`, and no Docker engine answers",
        options.name, metadata.image
    );
    Fault::new(Kind::Unavailable, message)
        .hint("start the engine (`docker version` asks it), or name a package with `--pip-url`")
}
