//! One pass of the bootstrap: the work of one stage, then on to the next.
//!
//! [`pass`] reads which stage this process is and does its work; what is returned is either the variables with which the
//! same binary is to be executed again, or the environment that is ready. `select` and [`world`] observe, [`plan`]
//! decides, `make`, `install` and `repair` act, and `proof` holds the disk against what was installed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::{self, Repo, Script, Selection, Settings, discover};
use crate::deps::verify::Depth;
use crate::deps::{Input, Stamp, State};
use crate::error::{Fault, Kind, Result};
use crate::host::fs::Birth;
use crate::host::lock::{Lock, News};
use crate::host::{EnvDelta, Host, fs, names};
use crate::ui::{Ui, log, record};
use crate::venv::Venv;
use crate::venv::layout::deactivation;

mod aside;
mod cached;
pub mod check;
mod connectors;
pub mod eval;
mod explain;
pub mod init;
mod inputs;
mod install;
pub mod interpreter;
mod items;
mod kept;
pub mod launcher;
mod link;
mod make;
pub mod plan;
mod proof;
mod provided;
pub mod prune;
mod ready;
mod reboot;
mod repair;
mod restored;
pub mod script;
mod select;
mod shared;
pub mod stage;
mod tools;
mod unwritten;
pub mod world;

pub use cached::{CacheKey, CachePath, Part, cache_key, cache_paths};
pub use ready::{ReadyEnvironment, ready};
pub use reboot::undo;
use stage::{Progress, Stage};
pub use tools::secrets;

/// How long one `prime` waits for another that works on the same repository.
const LOCK_LIMIT: Duration = Duration::from_secs(30 * 60);

/// How often other runs may make an environment anew between two stages of one run before it gives up.
const OVERTAKEN_LIMIT: usize = 3;

/// What the command line asks of the bootstrap.
#[derive(Clone, Debug)]
pub struct Request {
    /// The repository, where one is named.
    pub repo: Option<PathBuf>,
    /// The environment of the repository.
    pub selection: Selection,
    /// Whether the network may not be used.
    pub offline: bool,
    /// How closely a ready environment is looked at; `None` trusts its stamp.
    pub verify: Option<Depth>,
    /// How long to wait for another `prime` that works on the same repository; `None` for as long as is usual.
    pub lock_timeout: Option<Duration>,
    /// Whether the environment is made from scratch.
    pub reboot: bool,
    /// What makes the connectors ready that the configuration wants to be, and says what has to stay as it is for that.
    pub connectors: EnsureConnectors,
}

/// Makes connectors ready.
pub type EnsureConnectors = fn(&Host, Ui, &Request, &Settings) -> Result<Vec<Input>>;

/// What a pass leaves to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Execute this binary again with these changes to the environment.
    Again(EnvDelta),
    /// Execute another `prime` with these changes to the environment: the one that the environment carries.
    Through(PathBuf, EnvDelta),
    /// The environment is ready.
    Ready(ReadyEnvironment),
}

/// What a pass works with.
struct Run<'a> {
    host: &'a Host,
    ui: Ui,
    request: &'a Request,
    progress: Progress,
    repo: Repo,
    /// The script whose environment it is, where it is no repository's.
    script: Option<&'a Script>,
}

/// Does the work of this process's stage.
pub fn pass(host: &Host, ui: Ui, request: &Request) -> Result<Pass> {
    let progress = Progress::observe(host)?;
    let repo = discover(host, request.repo.as_deref())?;
    Run { host, ui, request, progress, repo, script: None }.stage()
}

/// The directory of the repository's logs, as far as the configuration can be read.
pub fn log_dir(host: &Host, request: &Request) -> Result<PathBuf> {
    let repo = discover(host, request.repo.as_deref())?;
    let settings = config::evaluate(host, &repo, &request.selection).settings;
    state(&settings).check_is_inside()?;
    keep_out_of_version_control(state(&settings).root())?;
    Ok(settings.log_dir.value)
}

impl Run<'_> {
    fn stage(&self) -> Result<Pass> {
        let run = self;
        match run.progress.stage {
            Stage::PyUnknown => run.leave_foreign_environments(),
            Stage::PyArbitrary => run.select_python(),
            Stage::PyRequired => run.make_environment(),
            Stage::PyVenv => run.install_dependencies(),
            Stage::DepsUpdated => run.update_sources(),
            Stage::SrcUpdated => run.finish(),
        }
    }

    /// A ready repository takes the short way; any other one leaves whatever environment it was started in.
    fn leave_foreign_environments(&self) -> Result<Pass> {
        reboot::check_run_id(self)?;
        let selected = self.selected();
        if selected.is_err() || self.ui.level().shows_decisions() || record::is_on() {
            self.start_log(None)?;
        }
        match selected {
            Ok(stamp) => Ok(Pass::Ready(ReadyEnvironment::new(stamp))),
            Err(why) => {
                tracing::info!("not ready: {why}");
                Ok(self.advance(&deactivation(self.host)))
            }
        }
    }

    /// The stamp of the environment that is selected, found without the configuration; the error is the reason why there
    /// is none that holds. A stamp holds only for the configuration it was made from, so most often the seed file's
    /// directory is the ref root, and where it is not, the primer's file says so.
    fn selected(&self) -> Result<Stamp, String> {
        let seed_dir = self.seed_dir();
        self.selected_in(seed_dir).or_else(|why| {
            let ref_root = config::ref_root(&self.repo);
            if ref_root == seed_dir { Err(why) } else { self.selected_in(&ref_root) }
        })
    }

    fn selected_in(&self, ref_root: &Path) -> Result<Stamp, String> {
        if self.request.reboot {
            return Err("it is to be made from scratch".to_owned());
        }
        let selection = &self.request.selection;
        // Where a selection is wrong, the configuration will say why.
        let asked = selection.dir(self.host, ref_root).map_err(|fault| fault.message)?;
        let is_selected = |stamp: &Stamp| stamp.environment.is_selected(ref_root, asked.as_deref(), selection.link);
        let stamp = State::stamps(ref_root).find(is_selected).ok_or("there is no environment yet")?;
        let stale = stamp.staleness(self.host, ref_root, self.seed_dir());
        match stale.or_else(|| self.request.verify.and_then(|depth| proof::refutation(&stamp, depth))) {
            Some(why) => Err(why),
            None => Ok(stamp),
        }
    }

    fn select_python(&self) -> Result<Pass> {
        let settings = self.settings()?;
        link::set(self, &settings)?;
        for (name, value, origin) in tools::listing(self, &settings)? {
            tracing::info!("{name} = {value} ({origin})");
        }
        let required = select::required(self.host, &settings)?;
        for warning in settings.warnings.iter().chain(&required.warnings) {
            self.ui.warn(warning);
        }
        tracing::info!("required: python {} ({})", required.requirement.source(), required.origin);
        provided::heal(self, &settings, &required)?;
        let search = select::select(self.host, &settings, &required)?;
        tools::check_possible(self, &settings, &required, &search)?;
        search.selected.iter().for_each(|python| tools::tell_secrets_of(self, &settings, python));
        Ok(self.advance(&EnvDelta::new()))
    }

    fn make_environment(&self) -> Result<Pass> {
        let settings = self.settings()?;
        let made = make::environment(self, &settings);
        let venv = made.map_err(|error| reboot::with_way_back(self, &settings, error))?;
        Ok(self.advance(&venv.activation(self.host)))
    }

    fn install_dependencies(&self) -> Result<Pass> {
        let settings = self.settings()?;
        let installed = install::dependencies(self, &settings);
        installed.map_err(|error| reboot::with_way_back(self, &settings, error))?;
        Ok(self.advance(&EnvDelta::new()))
    }

    /// Updates the launcher; from here on the `prime` of the environment runs, where that is newer.
    fn update_sources(&self) -> Result<Pass> {
        let settings = self.settings()?;
        let venv = Venv::new(self.proven(&settings)?.venv);
        let successor = launcher::update(self, &settings, &venv);
        Ok(match (self.advance(&EnvDelta::new()), successor) {
            (Pass::Again(delta), Some(program)) => {
                tracing::info!("`{}` goes on", program.display());
                Pass::Through(program, delta)
            }
            (pass, _) => pass,
        })
    }

    fn finish(&self) -> Result<Pass> {
        let stamp = self.proven(&self.settings()?)?;
        match self.request.verify.and_then(|depth| proof::refutation(&stamp, depth)) {
            Some(why) => Err(self.out_of_turn(&why).into()),
            None => Ok(Pass::Ready(ReadyEnvironment::new(stamp))),
        }
    }

    /// The stamp of an environment that is ready. Another run may have begun to make the environment anew since this one
    /// had it ready; then this one waits for it and does its share.
    fn proven(&self, settings: &Settings) -> Result<Stamp> {
        let mut proof = self.proof(settings);
        for _ in 0..OVERTAKEN_LIMIT {
            if proof.is_ok() || !self.is_overtaken(settings) {
                break;
            }
            tracing::info!("another run makes the environment anew");
            install::dependencies(self, settings)?;
            proof = self.proof(settings);
        }
        proof
    }

    /// Whether another run has had the environment since this one: the stamp is of that run, or is still of this one while
    /// its directory is away already.
    fn is_overtaken(&self, settings: &Settings) -> bool {
        let stamp = Stamp::load(&state(settings).stamp());
        let is_of_another = |stamp: Stamp| stamp.run_id != self.run_id() || stamp.birth != Birth::of_dir(&stamp.venv);
        self.progress.run_id.is_some() && stamp.is_some_and(is_of_another)
    }

    /// Nothing but the proof counts: the stage may have been set by anybody.
    fn proof(&self, settings: &Settings) -> Result<Stamp> {
        let stamp = Stamp::load(&state(settings).stamp());
        let stamp = stamp.ok_or_else(|| self.out_of_turn("there is no environment"))?;
        match stamp.staleness(self.host, &settings.ref_root_dir.value, self.seed_dir()) {
            Some(why) => Err(self.out_of_turn(&why).into()),
            None => Ok(stamp),
        }
    }

    /// The fault for a stage that was reached without the one before it.
    fn out_of_turn(&self, why: &str) -> Fault {
        let (variable, stage) = (names::PY_EXEC, self.progress.stage.name());
        let message = format!("stage `{stage}` was reached, but the environment is not ready for it: {why}");
        Fault::new(Kind::Usage, message).hint(format!("start again; if `{variable}` is set where you start, unset it"))
    }

    /// On to the next stage, with these changes to the environment.
    fn advance(&self, delta: &EnvDelta) -> Pass {
        let next = self.progress.stage.next().unwrap_or(Stage::SrcUpdated);
        tracing::info!("{} -> {}", self.progress.stage.name(), next.name());
        let set = self.progress.run_id.clone().or_else(|| record::run_id().map(str::to_owned));
        let run_id = set.unwrap_or_else(|| log::new_run_id(self.host.pid));
        Pass::Again(delta.clone().and(&self.progress.advance(next, &run_id)).and(&record::handed_on()))
    }

    fn seed_dir(&self) -> &Path {
        &self.repo.seed_dir.value
    }

    /// The id of the run; every stage but the first has it from the one before.
    fn run_id(&self) -> &str {
        self.progress.run_id.as_deref().unwrap_or("unknown")
    }

    /// Loads the configuration, and opens the log, which lies where the configuration says.
    fn settings(&self) -> Result<Settings> {
        let settings = match self.script {
            Some(script) => script.settings(self.host, &self.repo)?,
            None => config::load(self.host, &self.repo, &self.request.selection)?,
        };
        state(&settings).check_is_inside()?;
        keep_out_of_version_control(state(&settings).root())?;
        if let Err(error) = shared::mark(&shared::cache_dir(self.host, &settings)) {
            tracing::debug!("the cache is not marked: {error:#}");
        }
        let file = settings.log_dir.value.join(format!("prime.{}.log", self.run_id()));
        self.start_log(Some(&file)).map_err(|error| fs::movable(error, "local_log_dir_rel_path"))?;
        Ok(settings)
    }

    fn start_log(&self, file: Option<&Path>) -> Result<()> {
        let stage = self.progress.stage.name();
        log::start(&log::LogPlan { level: self.ui.level(), stage, pid: self.host.pid, file })
    }

    /// Takes a lock of the repository.
    fn lock(&self, path: &Path) -> Result<Lock> {
        let limit = self.request.lock_timeout.unwrap_or(LOCK_LIMIT);
        Lock::acquire(self.host, path, limit, &mut |news| match news {
            News::Waiting(holder) => {
                self.ui.note("wait", &format!("for {holder}, which works on the same repository"));
            }
            News::Ending(holder) => self.ui.note("stop", &format!("what {holder} left at work when it died")),
            // Once for the run, not for each of its stages.
            News::Impossible(why) if self.progress.stage == Stage::PyRequired => self
                .ui
                .warn(&format!("`{}` cannot be locked: {why}; do not start two `prime` at once here", path.display())),
            News::Impossible(why) => tracing::info!("no lock: {why}"),
        })
    }
}

/// Where the state of the selected environment is kept.
fn state(settings: &Settings) -> State {
    State::of(&settings.ref_root_dir.value, &settings.env_dir.value)
}

/// What `prime` keeps beside the sources is nobody's to commit.
fn keep_out_of_version_control(state_dir: &Path) -> Result<()> {
    fs::write_if_changed(&state_dir.join(".gitignore"), b"*\n").map(drop)
}
