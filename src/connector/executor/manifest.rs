//! A connector that is a declarative manifest, run by a program of the `airbyte-cdk` package in an environment of its own.
//!
//! That environment serves every manifest under the same install root. What the configuration looks like stands in the
//! manifest itself and is told without any python.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::venv::{Content, Grounds, Place, Stamp, Target, VenvExecutor, install_root};
use super::{Executor, Kind as ExecutorKind, Verb};
use crate::connector::files::Files;
use crate::connector::manifest::{self, Source};
use crate::connector::options::Options;
use crate::deps::Input;
use crate::error::Result;
use crate::host::{Cmd, EnvDelta, Host, names};
use crate::ui::Ui;

/// The program that runs manifests; the environment is named after it.
const PROGRAM: &str = names::MANIFEST_RUNNER;
/// The package that brings it.
const PACKAGE: &str = "airbyte-cdk";
/// The first version that takes the path of a manifest.
const REQUIREMENT: &str = "airbyte-cdk>=6.60";
/// The names of the files that a call gets where the manifest is none on this machine.
const FILES: (&str, &str) = ("manifest.yaml", "components.py");

/// A connector that is a manifest.
pub struct Manifest {
    ui: Ui,
    source: Source,
    document: Json,
    runner: VenvExecutor,
}

impl Manifest {
    /// The connector that this manifest is.
    ///
    /// Fails with [`crate::error::Kind::Data`] where it cannot be read as one.
    pub fn new(host: &Host, ui: Ui, options: &Options, source: Source) -> Result<Self> {
        let document = manifest::parse(&source)?;
        Ok(Self { ui, source, document, runner: Self::runner(host, ui, options) })
    }

    /// What runs manifests.
    pub fn runner(host: &Host, ui: Ui, options: &Options) -> VenvExecutor {
        // What it was asked for by its own name for is more than those can say that it serves.
        let place = Place::new(&install_root(host, options.install_root.as_deref()), PROGRAM);
        let is_by_name = Stamp::load(&place).is_some_and(|it| it.asked.requirements || it.asked.python.is_some());
        let options = &Options { exact: options.exact && !is_by_name, ..options.clone() };
        let content = Content {
            name: PROGRAM.to_owned(),
            package: Some(PACKAGE.to_owned()),
            requirements: vec![REQUIREMENT.to_owned()],
            grounds: Grounds::Known,
            target: Target::Any,
        };
        VenvExecutor::new(host, ui, options, content)
    }

    /// Where the manifest is on this machine, and the code it brings; what is from elsewhere is put beside the files.
    fn paths(&self, files: &Files) -> Result<(PathBuf, Option<PathBuf>)> {
        if let Some(path) = &self.source.path {
            let components = path.with_file_name(FILES.1);
            return Ok((path.clone(), self.source.components.as_ref().map(|_| components)));
        }
        let put = |name: &str, content: &[u8]| {
            let path = files.dir().join(name);
            if path.exists() { Ok(path) } else { files.write(name, content) }
        };
        let components = self.source.components.as_ref().map(|code| put(FILES.1, code)).transpose()?;
        Ok((put(FILES.0, &self.source.content)?, components))
    }

    fn with_components(cmd: Cmd, components: Option<&Path>) -> Cmd {
        match components {
            None => cmd,
            Some(path) => {
                let allowed = EnvDelta::new().set(names::AIRBYTE_ENABLE_UNSAFE_CODE, "true");
                cmd.arg("--components-path").arg(path).env(&allowed)
            }
        }
    }
}

impl Executor for Manifest {
    fn kind(&self) -> ExecutorKind {
        ExecutorKind::Manifest
    }

    fn ensure(&self, fix: bool) -> Result<()> {
        self.runner.ensure(fix)
    }

    fn install(&self) -> Result<()> {
        self.runner.install()
    }

    fn uninstall(&self) -> Result<()> {
        // What runs it may be running others.
        let hint = format!("`prime connector uninstall {PROGRAM}` removes what runs manifests");
        self.ui.note("kept", &format!("{} ({hint})", self.source.name));
        Ok(())
    }

    fn version(&self, _recheck: bool) -> Result<Option<String>> {
        Ok(manifest::version(&self.document))
    }

    fn location(&self) -> Result<String> {
        Ok(self.source.name.clone())
    }

    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd> {
        let (path, components) = self.paths(files)?;
        let cmd = self.runner.program()?.args(verb.args(files)).arg("--manifest-path").arg(path);
        Ok(Self::with_components(cmd, components.as_deref()))
    }

    fn known_spec(&self) -> Result<Option<Json>> {
        manifest::spec(&self.source, &self.document).map(Some)
    }

    fn inputs(&self) -> Vec<Input> {
        let own = self.source.path.iter().flat_map(|path| [path.clone(), path.with_file_name(FILES.1)]);
        self.runner.inputs().into_iter().chain(own.map(Input::file)).collect()
    }
}
