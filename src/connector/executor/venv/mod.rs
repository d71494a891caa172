//! A connector in an environment of its own, `.venv-NAME` under the install root, which the drivers of the bootstrap make
//! and fill.
//!
//! The environment counts as present only once its stamp is in it, which is written last. All changes are made under a lock
//! of its own; what was there before stands aside meanwhile and comes back where the change fails, or where the process that
//! made it was killed.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use serde_json::Value as Json;

use super::{Executor, Kind as ExecutorKind, Verb};
use crate::connector::files::Files;
use crate::connector::options::{Options, Setting};
use crate::deps::verify::Depth;
use crate::deps::{Input, requirement_path};
use crate::error::{Fault, Kind, Result};
use crate::host::fs::{self, Birth};
use crate::host::lock::{Lock, News};
use crate::host::{Cmd, EnvDelta, Host};
use crate::ui::Ui;
use crate::venv::layout::deactivation;

pub mod content;
mod install;
pub mod listing;
mod place;
mod plan;
mod program;
mod python;
pub mod requirement;
mod stamp;
mod state;
mod supply;

pub use content::{Content, Grounds, Target};
pub use place::{Place, install_root};
pub use stamp::{Asked, Stamp};
pub use state::Problem;

/// A connector in an environment of its own.
pub struct VenvExecutor {
    host: Host,
    ui: Ui,
    place: Place,
    content: Content,
    options: Options,
    /// The version that is wanted, once the newest is known.
    target: RefCell<Target>,
    known: RefCell<Option<Stamp>>,
}

impl VenvExecutor {
    /// What is to be there, in the place and the manner that the options say.
    pub fn new(host: &Host, ui: Ui, options: &Options, content: Content) -> Self {
        let place = Place::new(&install_root(host, options.install_root.as_deref()), &content.name);
        let python = options.use_python.clone().map(|python| match python {
            Setting::Text(path) if path.contains('/') && !path.starts_with('~') => {
                Setting::Text(host.absolute(Path::new(&path)).display().to_string())
            }
            other => other,
        });
        let constraints = options.constraints.as_ref().map(|file| host.absolute(file));
        let with = requirement_path::seen_from(&options.with, &host.current_dir);
        let requirements = requirement_path::seen_from(&content.requirements, &host.current_dir);
        Self {
            host: host.clone(),
            ui,
            target: RefCell::new(content.target.clone()),
            content: Content { requirements, ..content },
            options: Options { use_python: python, constraints, with, ..options.clone() },
            known: RefCell::new(Stamp::load(&place)),
            place,
        }
    }

    /// The program with its arguments, in the environment of this process but for what would lead its python astray, or
    /// keep it from keeping what it compiled.
    pub fn program(&self) -> Result<Cmd> {
        let stamp = self.stamp();
        let program = match &stamp {
            Some(stamp) => self.place.venv().dir().join(&stamp.program),
            None => program::find(&self.place.venv(), &self.content)?.path,
        };
        Ok(Cmd::new(&self.host, program).env(&self.variables()))
    }

    fn variables(&self) -> EnvDelta {
        deactivation(&self.host).unset("PYTHONDONTWRITEBYTECODE")
    }

    fn stamp(&self) -> Option<Stamp> {
        self.known.borrow().clone()
    }

    fn target(&self) -> Target {
        self.target.borrow().clone()
    }

    /// How closely what is there is looked at. Of what was brought here nothing is known: its content is read.
    fn depth(&self) -> Depth {
        let is_known = self.stamp().map_or(!self.place.is_there(), |stamp| !stamp.is_brought_here());
        if is_known { Depth::Size } else { Depth::Hash }
    }

    /// Notes that what was brought here, and was proven, is what was made. Where that cannot be noted, it is proven again.
    /// What a process left that was killed when all was made goes as well.
    fn adopt(&self, start: SystemTime) -> Result<()> {
        let is_due = |stamp: &Stamp| stamp.is_brought_here();
        let dir = self.dir();
        let proven = self.stamp().filter(is_due).map(|stamp| (stamp.made, Birth::of_dir(&dir)));
        if proven.is_none() && !self.place.has_left_over() || !fs::may_create(&dir) {
            return Ok(());
        }
        let lock = self.lock()?;
        // Another process may have died at work meanwhile, or have left something else.
        self.place.heal(self.ui)?;
        self.look_again();
        if self.stamp().map(|stamp| (stamp.made, Birth::of_dir(&dir))) != proven
            && let Some((_, fault)) = self.unfit()?
        {
            drop(lock);
            return if self.options.install { self.bring(start, false) } else { Err(fault.into()) };
        }
        let Some(stamp) = self.stamp().filter(is_due) else { return Ok(()) };
        Stamp { birth: Birth::of_dir(&dir), ..stamp.clone() }.save(&self.place)?;
        drop(lock);
        self.look_again();
        let count = stamp.manifest.installed().count();
        let distributions = if count == 1 { "distribution" } else { "distributions" };
        self.ui.note("adopt", &format!("{} (restored, {count} {distributions} proven)", dir.display()));
        Ok(())
    }

    /// Whether what is there is of requirements that were asked for then and are not now.
    fn is_of_other_requirements(&self, stamp: &Stamp) -> bool {
        self.options.exact && stamp.asked.requirements && self.content.grounds != Grounds::Asked
    }

    /// Finds out which version is the newest, where that is wanted. Where no index tells, whatever is there will do.
    fn find_newest(&self) -> Result<()> {
        if self.target() == Target::Newest
            && let Some((version, _)) = self.newest(&self.to_install(false)?.requirements, self.helper().as_ref())
        {
            self.target.replace(Target::Exact(version));
        }
        Ok(())
    }

    fn look_again(&self) {
        self.known.replace(Stamp::load(&self.place));
    }

    fn lock(&self) -> Result<Lock> {
        let (ui, path) = (self.ui, self.place.lock());
        Lock::acquire(&self.host, &path, self.options.lock_timeout, &mut |news| match news {
            News::Waiting(holder) => ui.note("wait", &format!("for {holder}, which works on the same connector")),
            News::Ending(holder) => ui.note("stop", &format!("what {holder} left at work when it died")),
            News::Impossible(why) => {
                ui.warn(&format!("`{}` cannot be locked: {why}; do not start two `prime` at once", path.display()));
            }
        })
    }

    /// Installs unless another process has done so since `start`, and says why where what is there then will not do.
    fn bring(&self, start: SystemTime, anyway: bool) -> Result<()> {
        let lock = self.lock()?;
        self.place.heal(self.ui)?;
        self.look_again();
        self.heal_python()?;
        let why = self.unfit()?;
        let is_new = self.stamp().is_some_and(|stamp| stamp.made >= stamp::nanoseconds(start));
        if why.is_some() || (anyway && !is_new) {
            let begin = Instant::now();
            if let Some((_, why)) = &why {
                tracing::info!("to be installed: {why}");
            }
            let stamp = install::install(self, why.is_some() && !anyway)?;
            let shown = format!("{} {} ({})", stamp.package, stamp.version, self.place.venv().dir().display());
            self.ui.done("install", &shown, begin);
            self.look_again();
        }
        drop(lock);
        self.unfit()?.map_or(Ok(()), |(_, fault)| Err(fault.into()))
    }

    /// Why what is there will not do, found without changing anything; `None` where it does.
    pub fn unfit(&self) -> Result<Option<(Problem, Fault)>> {
        state::unfit(self)
    }

    /// Where it is.
    pub fn dir(&self) -> PathBuf {
        self.place.venv().dir().to_owned()
    }

    fn may_install(&self) -> Result<()> {
        if self.options.install {
            return Ok(());
        }
        let message = format!("`{}` is not as it should be, and nothing may be installed", self.content.name);
        Err(Fault::new(Kind::Config, message).hint("leave out `--no-install`").into())
    }
}

impl Executor for VenvExecutor {
    fn kind(&self) -> ExecutorKind {
        ExecutorKind::Venv
    }

    fn ensure(&self, fix: bool) -> Result<()> {
        let start = SystemTime::now();
        self.find_newest()?;
        match self.unfit()? {
            None if fix => self.adopt(start),
            None => Ok(()),
            Some((_, fault)) if !fix || !self.options.install => Err(fault.into()),
            // A healed python may be all that it took.
            Some(_) => self.bring(start, false).and_then(|()| self.adopt(start)),
        }
    }

    fn install(&self) -> Result<()> {
        let start = SystemTime::now();
        self.may_install()?;
        self.find_newest()?;
        self.bring(start, true)
    }

    fn uninstall(&self) -> Result<()> {
        let start = Instant::now();
        self.place.check()?;
        if !self.place.is_there() {
            self.ui.note("absent", &self.place.venv().dir().display().to_string());
            return Ok(());
        }
        let _lock = self.lock()?;
        self.place.remove()?;
        self.look_again();
        self.ui.done("remove", &self.place.venv().dir().display().to_string(), start);
        Ok(())
    }

    fn version(&self, recheck: bool) -> Result<Option<String>> {
        if let Some(stamp) = self.stamp().filter(|_| !recheck) {
            return Ok(Some(stamp.version));
        }
        let package = self.stamp().map(|stamp| stamp.package);
        program::version(&self.place.venv(), package.as_deref(), &self.content)
    }

    fn location(&self) -> Result<String> {
        Ok(self.program()?.program().display().to_string())
    }

    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd> {
        Ok(self.program()?.args(verb.args(files)))
    }

    fn known_spec(&self) -> Result<Option<Json>> {
        Ok(self.stamp().filter(Stamp::is_fixed).and_then(|stamp| stamp.spec))
    }

    fn inputs(&self) -> Vec<Input> {
        let venv = self.place.venv();
        let program = self.program().ok().map(|cmd| Input::program(cmd.program()));
        let own = [Input::file(venv.dir().join(stamp::FILE)), Input::program(venv.python())];
        own.into_iter().chain(program).chain(self.said().inputs()).collect()
    }
}
