//! The interpreter of a connector's environment.
//!
//! Whether a connector works depends on it more than on anything else: their packages name an upper bound, which uv heeds
//! only by going back to versions that know of none. So what the package says is read from the index before anything is
//! resolved, and an interpreter is chosen inside it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Instant;

use super::VenvExecutor;
use super::plan::Plan;
use super::requirement::Project;
use crate::connector::options::Setting;
use crate::deps::Installation;
use crate::error::{Fault, Kind, Result};
use crate::host::fs::is_executable;
use crate::host::{Host, fs, names};
use crate::python::find::{has_uv_installations, uv_install_dir};
use crate::python::requirement::OLDEST_USABLE;
use crate::python::{Interpreter, Requirement, SearchOptions, named, search};
use crate::venv::Tool;
use crate::venv::tool::{users_cache_dir, uv_places};

/// What is known before anything is looked for.
#[derive(Debug)]
pub struct Wanted {
    /// Which interpreters will do.
    requirement: Requirement,
    /// An interpreter that will do, or at least helps to get the tool.
    pub present: Option<Interpreter>,
    /// Whether that one will do.
    is_match: bool,
}

impl VenvExecutor {
    /// Looks for an interpreter: the one that is named, else the first inside of what the package requires.
    pub(super) fn wanted_python(&self, plan: &Plan, requires_python: Option<&str>) -> Result<Wanted> {
        let options = self.search_options();
        let any = format!(">={}.{}", OLDEST_USABLE.major, OLDEST_USABLE.minor);
        if let Some(Setting::Text(words)) = &plan.python {
            return self.named_python(words, &any, &options);
        }
        let bound = requires_python.filter(|_| plan.python != Some(Setting::Yes)).unwrap_or(&any);
        // What an index says may be anything; then the tool finds out.
        let requirement = Requirement::parse(bound).or_else(|_| Requirement::parse(&any))?;
        let found = search(&self.host, &requirement, &options);
        found.considered.iter().for_each(|candidate| tracing::debug!("{}", candidate.line()));
        let is_match = found.selected.is_some();
        let present = found.selected.or(found.fallback);
        Ok(Wanted { requirement, present, is_match })
    }

    fn named_python(&self, words: &str, any: &str, options: &SearchOptions) -> Result<Wanted> {
        let is_version = words.starts_with(|c: char| c.is_ascii_digit() || "<>=!~".contains(c));
        let requirement = Requirement::parse(if is_version { words } else { any })?;
        match named::by_words(&self.host, OsStr::new(words), options) {
            Ok(python) => Ok(Wanted { requirement, present: Some(python), is_match: true }),
            Err(_) if is_version && !self.is_by_pip() => {
                let helper = search(&self.host, &Requirement::parse(any)?, options).selected;
                Ok(Wanted { requirement, present: helper, is_match: false })
            }
            Err(error) => Err(error),
        }
    }

    /// The interpreter; uv provides one where none is there that will do.
    pub(super) fn base_python(&self, wanted: &Wanted, tool: &Tool) -> Result<Interpreter> {
        if let (Some(python), true) = (&wanted.present, wanted.is_match) {
            return Ok(python.clone());
        }
        let source = wanted.requirement.source();
        let none = || {
            let message = format!("no python matching `{source}` found for connector `{}`", self.content.name);
            Fault::new(Kind::Config, message).hint("install one, or name one with `--use-python`")
        };
        let Tool::Uv(uv) = tool else { return Err(none().into()) };
        let request = wanted.requirement.uv_request();
        let by_uv = |is_anew| {
            let path = self
                .with_console(|console| uv.provide_python(&request, is_anew, console))
                .map_err(|it| it.context(none()))?;
            named::at(&self.host, &path, &self.search_options())
        };
        // No python was found, so one that uv takes for installed is not all there.
        let is_there = has_uv_installations(&self.told_to_uv());
        let python =
            by_uv(false).or_else(|error| if is_there { by_uv(true).map_err(|_| error) } else { Err(error) })?;
        self.ui.note("provide", &format!("python {} (uv)", python.version()));
        Ok(python)
    }

    /// Notes the files of an interpreter that is one of uv's, so that it can be proven when it was brought back.
    pub(super) fn note_python(&self, python: &Interpreter) -> Result<()> {
        let (Some(of_uv), Ok(dir)) = (uv_install_dir(&self.told_to_uv()), python.base_prefix.canonicalize()) else {
            return Ok(());
        };
        let is_of_uv = of_uv.canonicalize().is_ok_and(|of_uv| dir.starts_with(of_uv));
        if is_of_uv { Installation::observe(&dir).save(&self.python_list()) } else { Ok(()) }
    }

    /// What is wrong with the interpreter of an environment that was brought here, or that leads to none.
    pub(super) fn python_damage(&self) -> Option<(Installation, String)> {
        let is_known = self.stamp().is_some_and(|stamp| !stamp.is_brought_here());
        if is_known && is_executable(&self.place.venv().python()) {
            return None;
        }
        let installation = Installation::load(&self.python_list()).filter(|it| it.dir.is_dir())?;
        let why = installation.damage()?;
        Some((installation, why))
    }

    /// Has uv install it anew in its place. To be called with the lock.
    pub(super) fn heal_python(&self) -> Result<()> {
        let Some((installation, why)) = self.python_damage() else { return Ok(()) };
        let start = Instant::now();
        let done =
            self.tool(None).and_then(|tool| self.with_console(|console| installation.install_anew(&tool, console)));
        done.map_err(|error| installation.not_repaired(&why, error))?.save(&self.python_list())?;
        self.ui.done("repair", &format!("{}: {why}, installed anew", installation.name()), start);
        Ok(())
    }

    fn python_list(&self) -> PathBuf {
        self.place.venv().dir().join(names::CONNECTOR_PYTHON)
    }

    fn told_to_uv(&self) -> Host {
        self.host.with_env(&uv_places(&self.host, &self.own_cache()))
    }

    /// Says that the interpreter that was named is outside of what the package requires.
    pub(super) fn warn_of_bound(&self, plan: &Plan, python: &Interpreter, requires_python: Option<&str>) {
        let Some(bound) = requires_python.filter(|_| plan.python.is_some()) else { return };
        let inside = Requirement::parse(bound).map_or(true, |bound| bound.matches(&python.build));
        if !inside {
            let (name, version) = (&self.content.name, python.version());
            self.ui.warn(&format!("connector `{name}` requires python `{bound}`, and {version} was asked for"));
        }
    }

    /// What the newest version that will do says of pythons, and that version. Nothing, where it comes from no index.
    pub(super) fn newest(&self, words: &[String], helper: Option<&Interpreter>) -> Option<(String, Option<String>)> {
        let [word] = words else { return None };
        let project = Project::parse(word)?;
        let files = self.published(&project.name, helper);
        let found = project.newest(&files).map(|(version, requires_python)| (version.to_string(), requires_python));
        // Without the network, tools go by what they have kept, and so does this.
        let found = if files.is_empty() { self.remembered(word) } else { found };
        let (version, requires_python) = found?;
        self.remember(word, &(version.clone(), requires_python.clone()));
        tracing::info!(
            "the newest `{word}` is {version}, for python `{}`",
            requires_python.as_deref().unwrap_or("any")
        );
        Some((version, requires_python))
    }

    fn remembered(&self, word: &str) -> Option<(String, Option<String>)> {
        serde_json::from_slice(&fs::read_file(&self.memory(word)?).ok()?).ok()
    }

    /// A cache that cannot be written is none.
    fn remember(&self, word: &str, newest: &(String, Option<String>)) {
        if let (Some(path), Ok(text)) = (self.memory(word), serde_json::to_vec(newest)) {
            let _ = fs::write_if_changed(&path, &text);
        }
    }

    /// Where the newest version of a requirement is noted. A word that needs to be written otherwise in a file's name is none
    /// that is worth it.
    fn memory(&self, word: &str) -> Option<PathBuf> {
        let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=<>,[]".contains(c));
        users_cache_dir(&self.host)
            .filter(|_| is_plain)
            .map(|dir| dir.join(names::CONNECTOR_CACHE).join(format!("newest-{word}.json")))
    }

    /// Any interpreter: its pip tells the usual index.
    pub(super) fn helper(&self) -> Option<Interpreter> {
        let any = Requirement::parse(&format!(">={}.{}", OLDEST_USABLE.major, OLDEST_USABLE.minor)).ok()?;
        search(&self.host, &any, &self.search_options()).selected
    }
}
