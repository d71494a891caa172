//! What is to be in an environment: which distribution, in which version, and who says so.

use crate::connector::options::Options;
use crate::connector::registry::Metadata;

/// The version that is the newest one, whichever that is.
pub const LATEST: &str = "latest";

/// The version that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Whatever is there, else the newest.
    Any,
    /// The newest that the index has.
    Newest,
    /// This one.
    Exact(String),
}

/// Who says what is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// Whoever asked for it, in so many words.
    Asked,
    /// The registry, or `prime` itself.
    Known,
    /// Nobody: it is what a connector of that name has most often. The stamp of what is there knows better, and so does the
    /// registry.
    Guessed,
}

/// What is to be in the environment.
#[derive(Clone, Debug)]
pub struct Content {
    /// The name that the environment and, most likely, the program have.
    pub name: String,
    /// The distribution that brings the program, where it is known before it is there.
    pub package: Option<String>,
    /// What is installed: words as pip takes them. The one that names the package gets the version.
    pub requirements: Vec<String>,
    /// Who says so.
    pub grounds: Grounds,
    /// The version.
    pub target: Target,
}

impl Content {
    /// The package that a connector has where nothing says otherwise.
    pub fn guessed(options: &Options) -> Self {
        let target = match options.version.as_deref() {
            None => Target::Any,
            Some(LATEST) => Target::Newest,
            Some(version) => Target::Exact(version.to_owned()),
        };
        let named = Self {
            name: options.name.to_string(),
            package: None,
            requirements: Vec::new(),
            grounds: Grounds::Guessed,
            target,
        };
        named.of_package(format!("airbyte-{}", options.name), Grounds::Guessed)
    }

    /// The package that the registry names, where it names one, and its version where the newest is wanted.
    pub fn published(options: &Options, metadata: &Metadata) -> Option<Self> {
        let guessed = Self::guessed(options);
        let target = match (&guessed.target, &metadata.latest) {
            (Target::Newest, Some(latest)) => Target::Exact(latest.clone()),
            (target, _) => target.clone(),
        };
        Some(Self { target, ..guessed.of_package(metadata.package.clone()?, Grounds::Known) })
    }

    /// The same with one distribution, by its name alone.
    pub fn of_package(self, package: String, grounds: Grounds) -> Self {
        Self { requirements: vec![package.clone()], package: Some(package), grounds, ..self }
    }
}
