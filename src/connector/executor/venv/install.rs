//! Makes the environment of a connector: interpreter, environment, packages, proof, `spec`, stamp.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::plan::Plan;
use super::stamp::{Stamp, nanoseconds, open_words};
use super::{VenvExecutor, program};
use crate::connector::ask;
use crate::connector::lines::{content, lines};
use crate::connector::protocol::Message;
use crate::deps::Input;
use crate::deps::distribution::installed;
use crate::deps::verify::{Depth, Finding, Manifest, Problem, verify};
use crate::error::{Fault, Kind, Result};
use crate::host::fs::Birth;
use crate::host::{Cmd, fs};
use crate::python::Interpreter;
use crate::venv::{Base, InstallRequest, Tool, cfg};

/// How long a connector may take to say what its configuration looks like, the first time that it is started.
const SPEC_LIMIT: Duration = Duration::from_secs(180);

/// Makes the environment anew. What is there stays in place until this has found a tool and an interpreter, and comes back
/// where it fails after that. With `keep_version`, what is broken is made again in the version that it had. To be called
/// with the lock, healed.
pub fn install(executor: &VenvExecutor, keep_version: bool) -> Result<Stamp> {
    let plan = executor.plan(keep_version)?;
    let helper = executor.helper();
    let newest = executor.newest(&plan.words, helper.as_ref());
    let requires_python = newest.as_ref().and_then(|(_, requires_python)| requires_python.as_deref());
    let wanted = executor.wanted_python(&plan, requires_python)?;
    let tool = executor.tool(wanted.present.as_ref())?;
    let python = executor.base_python(&wanted, &tool)?;
    executor.warn_of_bound(&plan, &python, requires_python);
    let depth = executor.depth();
    executor.place.begin()?;
    let made =
        fill(executor, (&tool, &python, depth), &plan).and_then(|stamp| stamp.save(&executor.place).map(|()| stamp));
    match made {
        Ok(stamp) => executor.place.finish().map(|()| stamp),
        Err(error) => {
            // The first failure is the one to tell.
            if let Err(second) = executor.place.go_back() {
                tracing::warn!("{second:#}");
            }
            Err(error)
        }
    }
}

/// What an environment is made with, and how closely that is looked at.
type With<'a> = (&'a Tool, &'a Interpreter, Depth);

fn fill(executor: &VenvExecutor, with: With<'_>, plan: &Plan) -> Result<Stamp> {
    let (tool, python, _) = with;
    let venv = executor.place.venv();
    let mut request = InstallRequest {
        current_dir: executor.host.current_dir.clone(),
        constraints: plan.constraints.clone(),
        projects: plan.words.iter().chain(&plan.with).map(Into::into).collect(),
        ..InstallRequest::default()
    };
    let (mut manifest, mut found) = make(executor, with, &request)?;
    let damaged: Vec<&str> = found.iter().filter(|it| is_of_cache(it)).filter_map(owner).collect();
    if !damaged.is_empty() {
        if executor.options.offline {
            return Err(damaged_in_cache(tool, &damaged).into());
        }
        // What the tool has in its cache may have come to harm there.
        tracing::info!("damaged as installed, fetched anew: {}", damaged.join(", "));
        tool.driver().forget(&damaged);
        request.extra_args = tool.driver().fetch_anew(&damaged);
        std::fs::remove_dir_all(venv.dir()).map_err(|error| fs::cannot_create(venv.dir(), error))?;
        (manifest, found) = make(executor, with, &request)?;
    }
    if let Some(finding) = found.iter().find(|finding| !finding.problem.may_be_published()) {
        return Err(damaged_anyway(finding, venv.dir()).into());
    }
    executor.note_python(python)?;
    let program = program::find(&venv, &plan.content)?;
    let spec = spec(executor, &program.path);
    Ok(Stamp {
        format: Stamp::format(),
        venv: venv.dir().to_owned(),
        birth: Birth::of_dir(venv.dir()),
        made: nanoseconds(SystemTime::now()),
        python: python.build.to_string(),
        target: Some(python.target()),
        cfg: Input::file(venv.cfg_path()).sha256().to_owned(),
        package: program.package,
        version: program.version,
        program: program.path.strip_prefix(venv.dir()).unwrap_or(&program.path).to_owned(),
        requirements: open_words(&plan.content.requirements),
        with: open_words(&plan.with),
        constraints: plan.constraints.clone(),
        asked: plan.asked(),
        manifest,
        known: found.iter().map(|finding| finding.key(venv.dir())).collect(),
        spec,
    })
}

/// Makes the environment, and says what is in it and what is wrong with that.
fn make(
    executor: &VenvExecutor,
    (tool, python, depth): With<'_>,
    request: &InstallRequest,
) -> Result<(Manifest, Vec<Finding>)> {
    let venv = executor.place.venv();
    let base = Base { python: python.path.clone(), prompt: executor.content.name.clone() };
    executor.with_console(|console| {
        tool.driver().create(&venv, &base, console)?;
        cfg::mark_of_connector(&venv.cfg_path())?;
        tool.driver().install(&venv, request, console)
    })?;
    let manifest = Manifest::new(&installed(&venv.site_packages())?);
    let found = verify(&venv, &manifest, depth);
    Ok((manifest, found))
}

/// Whether the tool's cache may be why: two distributions that share a file do so wherever they come from.
fn is_of_cache(finding: &Finding) -> bool {
    !matches!(finding.problem, Problem::Overwritten { .. })
}

fn owner(finding: &Finding) -> Option<&str> {
    finding.owner.as_ref().map(|owner| owner.name.as_str())
}

fn damaged_in_cache(tool: &Tool, names: &[&str]) -> Fault {
    let message =
        format!("what {} has in its cache of `{}` is damaged", tool.driver().name().tool(), names.join("`, `"));
    Fault::new(Kind::Unavailable, message).hint("run `prime` without `--offline`, so that it is fetched anew")
}

fn damaged_anyway(finding: &Finding, dir: &Path) -> Fault {
    let message = format!("what was just installed is damaged: {}", finding.key(dir));
    Fault::new(Kind::Data, message).hint("something changes the environment while it is made; find out what does")
}

/// What the connector says its configuration looks like. It is started for this once, so that python compiles just what it
/// uses, and gets to its end, unlike one that is asked later, but within a limit: nobody has asked it for anything. A
/// connector that cannot say it is installed all the same: it may still read.
fn spec(executor: &VenvExecutor, program: &Path) -> Option<Json> {
    let cmd = Cmd::new(&executor.host, program).env(&executor.variables()).arg("spec");
    tracing::debug!("run {}", cmd.display());
    let name = &executor.content.name;
    let captured = match cmd.capture(SPEC_LIMIT) {
        Ok(captured) => captured,
        Err(error) => {
            executor.ui.warn(&format!("connector `{name}` does not answer `spec`: {error}"));
            return None;
        }
    };
    let question = &ask::SPEC;
    let said = String::from_utf8_lossy(&captured.stdout);
    let mut answers =
        lines(said.as_bytes()).map(content).filter(|line| Message::of(line).as_ref() == Some(&question.message));
    let spec = answers.find_map(|line| question.answer(line)).filter(Json::is_object);
    if spec.is_none() {
        let said = String::from_utf8_lossy(&captured.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
        executor.ui.warn(&format!("connector `{name}` does not answer `spec`: {last}"));
    }
    spec
}
