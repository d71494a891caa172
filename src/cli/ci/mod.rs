//! `prime ci`: the boot as a step of continuous integration, which hands the environment to the steps that follow.
//!
//! It is a boot like any other, stage by stage, each in a process of its own. What a stage says stands between the two
//! lines of a group, which the same process writes, so that a group is closed however the stage ends. The first stage names
//! the credentials that the log is not to show, and each one those that a keyring gives it; the last one publishes
//! ([`publish`]); a failure is told to the runner ([`speech`]), and what an earlier run has published in the repository is
//! withdrawn.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use super::args::{CiArgs, CiSystem};
use super::outcome;
use crate::bootstrap::stage::{Progress, Stage};
use crate::bootstrap::{self, Pass, ReadyEnvironment, Request};
use crate::config::{self, discover};
use crate::deps::State;
use crate::error::{Fault, Result, code_of};
use crate::host::exec::find_program;
use crate::host::redact::redact;
use crate::host::{Answer, Cmd, EnvDelta, ExecPlan, Host, Outcome, names, secret};
use crate::ui::{self, Ui, report};

mod files;
mod publish;
mod speech;
mod steps;
mod summary;
mod system;

use publish::Facts;
use speech::{Group, Problem};
use steps::Steps;

/// How long Buildkite's agent may take for an annotation.
const AGENT_LIMIT: Duration = Duration::from_secs(20);

/// One process's part of the step. `record` begins the record that the command line asks for.
pub fn run(host: &Host, ui: Ui, request: &Request, args: CiArgs, record: &dyn Fn() -> Result<()>) -> Result<Outcome> {
    let detected = system::detect(host);
    let system = args.system.or(detected).unwrap_or(CiSystem::Plain);
    // Nothing that moves, at a terminal either.
    let ui = Ui::new(&host.with_env(&EnvDelta::new().set("CI", "true")), ui.level());
    let step = Step { host, ui, request, system };
    if detected == Some(system) {
        secret::listen(move |secret| ui::runner::tell(&system.mask(secret)));
        if host.var(names::PY_EXEC).is_none() {
            ui::runner::tell(&step.masks());
        }
    }
    let root = step.root();
    let done = record().and_then(|()| {
        steps::begin(host, root.as_deref());
        step.pass()
    });
    if let Err(error) = &done {
        tell(host, system, error);
        if let Some(state) = step.state() {
            publish::withdraw(&state);
        }
    }
    done
}

/// What a process works with.
struct Step<'a> {
    host: &'a Host,
    ui: Ui,
    request: &'a Request,
    system: CiSystem,
}

impl Step<'_> {
    fn pass(&self) -> Result<Outcome> {
        let (host, stage) = (self.host, Progress::observe(self.host)?.stage);
        let group = self.group(stage);
        ui::runner::tell(&group.map(|group| self.system.begin(group, now())).unwrap_or_default());
        let passed = bootstrap::pass(host, self.ui, self.request);
        ui::runner::tell(&group.map(|group| self.system.end(group, now())).unwrap_or_default());
        match passed? {
            Pass::Again(delta) => Ok(Outcome::Exec(ExecPlan::again(host, delta))),
            Pass::Through(program, delta) => Ok(Outcome::Exec(ExecPlan { program, ..ExecPlan::again(host, delta) })),
            Pass::Ready(environment) => self.publish(&environment, stage),
        }
    }

    /// The group of what a stage says; none where it has nothing to say.
    fn group(&self, stage: Stage) -> Option<Group> {
        let group = |name, title| Some(Group { name, title });
        match stage {
            _ if !self.ui.level().shows_status() => None,
            Stage::PyArbitrary if self.ui.level().shows_decisions() => group("prime_python", "prime: select a python"),
            Stage::PyRequired => group("prime_venv", "prime: make the environment"),
            Stage::PyVenv => group("prime_install", "prime: install what is required"),
            _ => None,
        }
    }

    /// The first stage comes to a ready environment only where it was ready before. One that a cache has brought back is
    /// taken over by the later ones.
    fn publish(&self, environment: &ReadyEnvironment, stage: Stage) -> Result<Outcome> {
        let steps = Steps::so_far();
        let cache_hit = stage == Stage::PyUnknown || steps.made_nothing();
        let cache_key = bootstrap::cache_key(self.host, self.ui, self.request)?.to_string();
        let facts = Facts::new(environment, cache_key, cache_hit)?;
        let summary = summary::page(&facts, &steps);
        let written = publish::publish(self.host, self.system, environment, &facts, &summary)?;
        self.ui.note("publish", &format!("{} ({})", written.join(", "), self.system.title()));
        Ok(Answer::data(self.data(&facts, &written)).into())
    }

    fn data(&self, facts: &Facts, written: &[String]) -> Json {
        json!({
            "system": self.system.name(),
            "venv": facts.venv,
            "bin": facts.bin,
            "python_version": facts.python_version,
            "cache_key": facts.cache_key,
            "cache_hit": facts.cache_hit,
            "published": written,
        })
    }

    /// The lines that keep credentials out of the log, whoever would write them there. Only a runner gets them: anybody
    /// else would show them.
    fn masks(&self) -> String {
        let secrets = bootstrap::secrets(self.host, self.ui, self.request);
        secrets.iter().map(|secret| self.system.mask(secret)).collect()
    }

    /// The ref root, as far as it can be told.
    fn root(&self) -> Option<PathBuf> {
        let repo = discover(self.host, self.request.repo.as_deref()).ok()?;
        Some(config::ref_root(&repo))
    }

    /// What is kept of the environment that was meant, as far as that can be told.
    fn state(&self) -> Option<State> {
        let repo = discover(self.host, self.request.repo.as_deref()).ok()?;
        let settings = config::evaluate(self.host, &repo, &self.request.selection).settings;
        Some(State::of(&settings.ref_root_dir.value, &settings.env_dir.value))
    }
}

/// Tells the runner of a command line that is none, where it is one of this command.
pub fn tell_misuse(host: &Host, error: &anyhow::Error) {
    if outcome::said(host).as_deref() == Some("ci")
        && let Some(system) = system::detect(host)
    {
        tell(host, system, error);
    }
}

/// Tells the runner of an error. People are told as of any other.
fn tell(host: &Host, system: CiSystem, error: &anyhow::Error) {
    let problem = problem(host, error);
    ui::runner::tell(&system.error(&problem));
    if system == CiSystem::Buildkite {
        annotate(host, &problem);
    }
}

fn problem(host: &Host, error: &anyhow::Error) -> Problem {
    let fault = error.downcast_ref::<Fault>();
    let hint = fault.and_then(|fault| fault.hint.as_deref());
    let hint = hint.map(|hint| format!("\nhint: {}", redact(hint))).unwrap_or_default();
    let place = fault.and_then(|fault| fault.place.as_ref());
    Problem {
        text: report::detail(error) + &hint,
        code: code_of(error).name(),
        file: place.map(|place| within_workspace(host, &place.file)),
        line: place.and_then(|place| place.line),
    }
}

/// A file as the system shows it beside the sources: seen from where it has checked them out.
fn within_workspace(host: &Host, file: &Path) -> String {
    let mut workspaces =
        ["GITHUB_WORKSPACE", "BUILD_SOURCESDIRECTORY"].into_iter().filter_map(|name| host.var_path(name));
    let inside = workspaces.find_map(|dir| file.strip_prefix(dir).ok().map(Path::to_owned));
    inside.unwrap_or_else(|| file.to_owned()).display().to_string()
}

/// Puts a failure on the page of the build, where the agent is there to do that.
fn annotate(host: &Host, problem: &Problem) {
    let Ok(agent) = find_program("buildkite-agent".as_ref(), &host.path_dirs(), &host.current_dir) else { return };
    let text = problem.text.replace('\n', "\n    ");
    let body = format!("`prime ci` failed: `{}`\n\n    {text}\n", problem.code);
    let context = format!("prime-{}", host.var_text("BUILDKITE_JOB_ID").unwrap_or("ci"));
    let command = Cmd::new(host, agent).args(["annotate", "--style", "error", "--context", &context, &body]);
    if let Err(error) = command.capture(AGENT_LIMIT) {
        tracing::info!("no annotation: {error}");
    }
}

/// Seconds since the epoch.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
