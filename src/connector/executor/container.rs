//! A connector in a container, by the `docker` program.
//!
//! Two directories of this machine are in it: one that the connector keeps, `/local`, and the one with the files of the call,
//! `/airbyte/tmp`. Arguments that name files of the latter are told to the connector by their paths in the container.
//! `docker run` passes signals on to the connector, except the one that kills itself: the container has a name of the call's,
//! by which [`Executor::end`] ends it then, or where that was killed as well, the next call.
//!
//! A first process takes no signal that it has no handler for, so a connector without one is killed when its grace is over.
//! `--init` would change that and is not asked for: upstream does not either, and where the engine's machine lacks the
//! program for it no container starts at all, which is worse than a late end.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Executor, Kind as ExecutorKind, Verb};
use crate::connector::files::{Files, Readers};
use crate::connector::method::is_tagged;
use crate::connector::options::Options;
use crate::error::{Fault, Kind, Result};
use crate::host::exec::find_program;
use crate::host::{Cmd, Host, fs, names};
use crate::ui::Ui;

/// Where what a connector keeps is in the container.
const LOCAL: &str = "/local";
/// Where the files of a call are in the container.
const FILES: &str = "/airbyte/tmp";
/// How long the engine may take to answer.
const LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to get or to remove an image.
const PULL: Duration = Duration::from_secs(3600);

/// A connector in a container.
#[derive(Clone, Debug)]
pub struct Container {
    host: Host,
    ui: Ui,
    image: String,
    host_network: bool,
    kept: PathBuf,
    may_install: bool,
    /// Which image it is, once that was told.
    id: RefCell<Option<String>>,
}

impl Container {
    /// The image that is named, else the one of the connector's name; with the version as its tag where it has none.
    pub fn new(host: &Host, ui: Ui, options: &Options, image: Option<&str>) -> Self {
        let name = &options.name;
        let image = image.map_or_else(|| format!("airbyte/{name}"), str::to_owned);
        let tag = options.version.as_deref().unwrap_or("latest");
        let image = if is_tagged(&image) { image } else { format!("{image}:{tag}") };
        let project = host.var_path(names::AIRBYTE_PROJECT_DIR).unwrap_or_else(|| host.current_dir.clone());
        Self {
            host: host.clone(),
            ui,
            image,
            host_network: options.use_host_network,
            kept: project.join(name.as_str()),
            may_install: options.install,
            id: RefCell::default(),
        }
    }

    /// Whether an engine answers.
    pub fn engine_answers(host: &Host) -> bool {
        program(host).is_ok_and(|program| ask_engine(host, &program).is_ok())
    }

    fn docker(&self) -> Result<Cmd> {
        Ok(Cmd::new(&self.host, program(&self.host)?))
    }

    fn has_image(&self) -> Result<bool> {
        Ok(self.image_id()?.is_some())
    }

    /// Which image it is, where it is there.
    fn image_id(&self) -> Result<Option<String>> {
        if let Some(known) = self.id.borrow().clone() {
            return Ok(Some(known));
        }
        if let Ok(id) = self.run(&["image", "inspect", "--format", "{{.Id}}", &self.image], LIMIT)? {
            self.id.replace(Some(id.clone()));
            return Ok(Some(id));
        }
        // It is not there, or nobody is who knows.
        ask_engine(&self.host, &program(&self.host)?)?;
        Ok(None)
    }

    /// What it said, or the last that it complained of.
    fn run(&self, args: &[&str], limit: Duration) -> Result<Result<String, String>> {
        run(&self.docker()?.args(args.iter().copied()), limit)
    }

    /// Has containers ended, and waits for none.
    fn abandon(&self, names: impl IntoIterator<Item = OsString>) -> Result<()> {
        Ok(self.docker()?.args(["rm", "--force"]).args(names).detach()?)
    }

    fn pull(&self) -> Result<()> {
        let start = std::time::Instant::now();
        self.id.replace(None);
        match self.run(&["pull", "--quiet", &self.image], PULL)? {
            Ok(_) => {
                self.ui.done("pull", &self.image, start);
                Ok(())
            }
            Err(said) => {
                let fault = Fault::new(Kind::Unavailable, format!("the image `{}` cannot be had", self.image));
                let hint = "check the name and the version, or log in with `docker login`";
                Err(anyhow::anyhow!(said).context(fault.hint(hint)))
            }
        }
    }
}

fn run(cmd: &Cmd, limit: Duration) -> Result<Result<String, String>> {
    tracing::debug!("run {}", cmd.display());
    let captured = cmd.capture(limit).map_err(|error| {
        let fault = Fault::new(Kind::Unavailable, "docker does not answer");
        anyhow::Error::new(error).context(fault.hint("check the engine: `docker version`"))
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Ok(if captured.status.success() { Ok(text(&captured.stdout)) } else { Err(text(&captured.stderr)) })
}

fn program(host: &Host) -> Result<PathBuf, Fault> {
    find_program(OsStr::new("docker"), &host.path_dirs(), &host.current_dir).map_err(|fault| {
        let message = "docker could not be found on this system".to_owned();
        let hint = "install it, or run the connector in an environment of its own: `--use-python true`";
        Fault { message, ..fault }.hint(hint)
    })
}

fn ask_engine(host: &Host, program: &Path) -> Result<String> {
    let cmd = Cmd::new(host, program).args(["version", "--format", "{{.Server.Version}}"]);
    run(&cmd, LIMIT)?.map_err(|said| {
        let fault = Fault::new(Kind::Unavailable, "docker is there, and its engine does not answer");
        let hint = "start the engine, or run the connector in an environment of its own: `--use-python true`";
        anyhow::anyhow!(said).context(fault.hint(hint))
    })
}

/// An argument as the container sees it: a path below the directory of files by its place there.
fn mapped(argument: &OsStr, dir: &Path) -> OsString {
    match Path::new(argument).strip_prefix(dir) {
        Ok(inside) => Path::new(FILES).join(inside).into_os_string(),
        Err(_) => argument.to_owned(),
    }
}

/// The name of the container of a call, which no other one has: the directory of its files has one.
fn container_name(verb: Verb, call: &OsStr) -> OsString {
    let mut name = call.to_owned();
    name.push("-");
    name.push(verb.as_str());
    name
}

fn call(files: &Files) -> &OsStr {
    files.dir().parent().and_then(Path::file_name).unwrap_or_default()
}

fn volume(dir: &Path, place: &str) -> OsString {
    let mut text = dir.as_os_str().to_owned();
    text.push(":");
    text.push(place);
    text
}

impl Executor for Container {
    fn kind(&self) -> ExecutorKind {
        ExecutorKind::Docker
    }

    fn ensure(&self, fix: bool) -> Result<()> {
        if self.has_image()? {
            return Ok(());
        }
        if fix && self.may_install {
            return self.pull();
        }
        let fault = Fault::new(Kind::Config, format!("the image `{}` is not there", self.image));
        Err(fault.hint(format!("get it: `docker pull {}`", self.image)).into())
    }

    fn install(&self) -> Result<()> {
        // What is there under a tag may be older than what the registry of images has.
        let there = self.has_image()?;
        match self.pull() {
            Err(error) if there => {
                self.ui.warn(&format!("the image that is there has to do: {error}"));
                Ok(())
            }
            done => done,
        }
    }

    fn uninstall(&self) -> Result<()> {
        if !self.has_image()? {
            self.ui.note("absent", &self.image);
            return Ok(());
        }
        let start = std::time::Instant::now();
        self.id.replace(None);
        self.run(&["rmi", &self.image], PULL)?.map_err(|said| {
            let fault = Fault::new(Kind::Unavailable, format!("the image `{}` cannot be removed", self.image));
            anyhow::anyhow!(said).context(fault.hint("end the containers that use it"))
        })?;
        self.ui.done("remove", &self.image, start);
        Ok(())
    }

    fn version(&self, _recheck: bool) -> Result<Option<String>> {
        let last = self.image.rsplit('/').next().unwrap_or_default();
        let tag = last.rsplit_once('@').or_else(|| last.rsplit_once(':')).map(|(_, tag)| tag.to_owned());
        Ok(tag)
    }

    fn location(&self) -> Result<String> {
        Ok(self.image.clone())
    }

    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd> {
        if !files.abandoned().is_empty() {
            let calls = files.abandoned().iter();
            self.abandon(calls.flat_map(|call| Verb::ALL.map(|verb| container_name(verb, call))))?;
        }
        // The engine would make it, and as its own user's.
        fs::create_dir_all(&self.kept)?;
        let cmd = self.docker()?.args(["run", "--rm", "-i", "--name"]).arg(container_name(verb, call(files)));
        let cmd = cmd.arg("--volume").arg(volume(&self.kept, LOCAL));
        let cmd = cmd.arg("--volume").arg(volume(files.dir(), FILES));
        let cmd = if self.host_network { cmd.args(["--network", "host"]) } else { cmd };
        let args = verb.args(files);
        Ok(cmd.arg(&self.image).args(args.iter().map(|argument| mapped(argument, files.dir()))))
    }

    fn end(&self, verb: Verb, files: &Files) -> Result<()> {
        // Most often it is gone already.
        self.abandon([container_name(verb, call(files))])
    }

    fn known_spec(&self) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    fn identity(&self) -> Result<Option<String>> {
        Ok(self.image_id()?.map(|id| format!("docker {id}")))
    }

    fn readers(&self) -> Readers {
        Readers::Container
    }
}
