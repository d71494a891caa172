//! Looks for an interpreter that meets a requirement.
//!
//! First the names of the requirement on `PATH`, in protoprimer's order: every directory for the first name, then every
//! directory for the second. Then, beyond protoprimer, the places where version managers and package managers put their
//! pythons (`places`). What is found is followed to the real interpreter: through links, shims (`shims`) and virtual
//! environments (`resolve`). What a file says cannot match is not started; what is started is asked once, within a time
//! limit. The search ends with the first that matches.
//!
//! Nothing is an error here. What was considered and why it was passed by is in the result.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::debug;

use super::interpreter::{Build, Interpreter};
use super::requirement::{OLDEST_USABLE, Requirement};
use super::version::Implementation;
use super::{cache, probe, screen};
use crate::host::Host;
use crate::host::fs::is_executable;

mod managers;
mod places;
mod resolve;
mod shims;
#[cfg(test)]
mod tests;

pub use managers::{has_uv_installations, uv_install_dir};

/// How many executables one search starts at most: a machine full of broken ones must not hold anybody up for minutes.
const MOST_STARTED: usize = 32;
/// Why an executable that may not be started is no candidate.
const NOT_ASKED: &str = "it has not been asked yet";

/// How to search.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// Where answers are kept; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// How long one interpreter may take to answer.
    pub limit: Duration,
    /// Directories whose executables are passed by, such as the repository's own environment.
    pub excluded: Vec<PathBuf>,
    /// Whether to look at everything and not to stop at the first that matches.
    pub exhaustive: bool,
    /// Whether executables may be started. Where they may not, a search goes by earlier answers and by what files say, and
    /// ends without a result at the first candidate that neither tells anything about.
    pub starts: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { cache_dir: None, limit: probe::DEFAULT_LIMIT, excluded: Vec::new(), exhaustive: false, starts: true }
    }
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The interpreter that meets the requirement.
    pub selected: Option<Interpreter>,
    /// Where none does: the first CPython that answered and can carry uv, which then provides the required one.
    pub fallback: Option<Interpreter>,
    /// What was looked at, in order. The same file under a second name is not listed again.
    pub considered: Vec<Candidate>,
}

/// An executable that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it was found, links not followed; behind a shim, what the shim leads to.
    pub path: PathBuf,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It meets the requirement and is the one.
    Selected(Build),
    /// It meets the requirement and another one came first.
    Matches(Build),
    /// It is something else.
    Other(Build),
    /// It could not be considered.
    Skipped(String),
}

impl Candidate {
    /// The candidate for people: "`/usr/bin/python3` is 3.11.2".
    pub fn line(&self) -> String {
        let path = self.path.display();
        match &self.outcome {
            Outcome::Selected(build) | Outcome::Matches(build) | Outcome::Other(build) => {
                format!("`{path}` is {build}")
            }
            Outcome::Skipped(reason) => format!("`{path}` was skipped: {reason}"),
        }
    }
}

impl Search {
    /// What was found where, one line each, for an error.
    pub fn lines(&self) -> Vec<String> {
        self.considered.iter().map(Candidate::line).collect()
    }
}

/// Looks for an interpreter that meets a requirement.
pub fn search(host: &Host, requirement: &Requirement, options: &SearchOptions) -> Search {
    let mut walk = Walk::new(host, requirement, options);
    let names = requirement.names();
    let on_path = host.path_dirs();
    walk.names_then_dirs(&names, &on_path);
    if !walk.is_done() {
        walk.dirs_then_names(&names, &places::bin_dirs(host));
    }
    if walk.search.selected.is_none() && options.starts {
        walk.search.fallback = walk.fallback();
    }
    walk.search
}

/// Asks the interpreter behind one path, which may be a link, a shim, or in a virtual environment.
///
/// The error is the reason why there is none.
pub fn probe_path(host: &Host, path: &Path, options: &SearchOptions) -> Result<Interpreter, String> {
    let real = resolve::real(&behind_shim(host, path)?)?;
    if !options.starts {
        return options.cache_dir.as_deref().and_then(|dir| cache::load(dir, &real)).ok_or(NOT_ASKED.to_owned());
    }
    resolve::ask(host, &real, options.cache_dir.as_deref(), options.limit)
}

/// Asks the interpreter at a path by just that name: no link is followed (a shim is), and one that is in a virtual
/// environment stays there. What it says of itself is what `python -m venv` would write down.
///
/// The error is the reason why there is none.
pub fn probe_as_named(host: &Host, path: &Path, options: &SearchOptions) -> Result<Interpreter, String> {
    let path = behind_shim(host, path)?;
    probe::ask(host, &path, options.cache_dir.as_deref(), options.limit)
}

/// The executable at a path, or the one that a shim leads to.
fn behind_shim(host: &Host, path: &Path) -> Result<PathBuf, String> {
    let path = host.absolute(path);
    if !is_executable(&path) {
        return Err(if path.exists() { "not executable" } else { "no such file" }.to_owned());
    }
    match shims::follow(host, &path) {
        shims::Found::File => Ok(path),
        shims::Found::Installed(paths) => Ok(paths.into_iter().next().ok_or("a shim of nothing that is installed")?),
    }
}

/// A search under way.
struct Walk<'a> {
    host: &'a Host,
    requirement: &'a Requirement,
    options: &'a SearchOptions,
    excluded: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    seen_behind: HashSet<PathBuf>,
    screened: Vec<PathBuf>,
    usable: Option<Interpreter>,
    started: usize,
    /// Whether the search has come to an end without an interpreter.
    ended: bool,
    search: Search,
}

impl<'a> Walk<'a> {
    fn new(host: &'a Host, requirement: &'a Requirement, options: &'a SearchOptions) -> Self {
        let real = options.excluded.iter().filter_map(|dir| dir.canonicalize().ok());
        Self {
            host,
            requirement,
            options,
            excluded: options.excluded.iter().cloned().chain(real).collect(),
            seen: HashSet::new(),
            seen_behind: HashSet::new(),
            screened: Vec::new(),
            usable: None,
            started: 0,
            ended: false,
            search: Search::default(),
        }
    }

    fn is_done(&self) -> bool {
        self.ended || (self.search.selected.is_some() && !self.options.exhaustive)
    }

    fn names_then_dirs(&mut self, names: &[String], dirs: &[PathBuf]) {
        for name in names {
            for dir in dirs {
                self.look_at(&dir.join(name));
            }
        }
    }

    fn dirs_then_names(&mut self, names: &[String], dirs: &[PathBuf]) {
        for dir in dirs {
            for name in names {
                self.look_at(&dir.join(name));
            }
        }
    }

    /// Considers what may be at a path.
    fn look_at(&mut self, path: &Path) {
        if self.is_done() || path.symlink_metadata().is_err() || path.is_dir() || !self.seen.insert(path.to_owned()) {
            return;
        }
        if !path.exists() {
            self.record(path, Outcome::Skipped("a link to nothing".to_owned()));
        } else if !is_executable(path) {
            self.record(path, Outcome::Skipped("not executable".to_owned()));
        } else if self.excluded.iter().any(|dir| path.starts_with(dir)) {
            self.record(path, Outcome::Skipped("in the repository's own environment".to_owned()));
        } else {
            self.follow(path);
        }
    }

    fn follow(&mut self, path: &Path) {
        match shims::follow(self.host, path) {
            shims::Found::File => self.consider(path),
            shims::Found::Installed(_) if self.requirement.is_system() => {
                self.record(path, Outcome::Skipped("a shim, where `system` is required".to_owned()));
            }
            shims::Found::Installed(paths) if paths.is_empty() => {
                self.record(path, Outcome::Skipped("a shim of nothing that is installed".to_owned()));
            }
            shims::Found::Installed(paths) => {
                for path in paths {
                    if !self.is_done() {
                        self.consider(&path);
                    }
                }
            }
        }
    }

    /// Considers the interpreter behind an executable that is no shim.
    fn consider(&mut self, path: &Path) {
        let real = match resolve::real(path) {
            Ok(real) => real,
            Err(reason) => return self.record(path, Outcome::Skipped(reason)),
        };
        if !self.seen_behind.insert(real.clone()) {
            return;
        }
        match screen::build_of(&real) {
            Some(build) if !self.requirement.matches(&build) => {
                if build.implementation == Implementation::CPython && build.version >= OLDEST_USABLE {
                    self.screened.push(real);
                }
                self.record(path, Outcome::Other(build));
            }
            build if !self.options.starts => self.foresee(path, &real, build),
            _ => self.start(path, &real),
        }
    }

    /// Judges an interpreter by what it said an earlier time, or by what its files say.
    fn foresee(&mut self, path: &Path, real: &Path, screened: Option<Build>) {
        let cached = self.options.cache_dir.as_deref().and_then(|dir| cache::load(dir, real));
        let build = cached.as_ref().map(|interpreter| interpreter.build.clone()).or(screened);
        match build {
            Some(build) if !self.requirement.matches(&build) => self.record(path, Outcome::Other(build)),
            Some(build) => {
                (self.ended, self.search.selected) = (true, cached);
                self.record(real, Outcome::Selected(build));
            }
            None => {
                self.ended = true;
                self.record(path, Outcome::Skipped(NOT_ASKED.to_owned()));
            }
        }
    }

    /// Asks an interpreter and judges it by its answer.
    fn start(&mut self, path: &Path, real: &Path) {
        let interpreter = match self.ask(real) {
            Ok(interpreter) => interpreter,
            Err(reason) => return self.record(path, Outcome::Skipped(reason)),
        };
        let build = interpreter.build.clone();
        if !self.requirement.matches(&build) {
            if self.usable.is_none() && is_usable(&interpreter) {
                self.usable = Some(interpreter);
            }
            return self.record(path, Outcome::Other(build));
        }
        if self.search.selected.is_some() {
            return self.record(path, Outcome::Matches(build));
        }
        self.search.selected = Some(interpreter);
        self.record(path, Outcome::Selected(build));
    }

    fn ask(&mut self, real: &Path) -> Result<Interpreter, String> {
        if self.started >= MOST_STARTED {
            return Err(format!("{MOST_STARTED} others were tried before"));
        }
        self.started += 1;
        resolve::ask(self.host, real, self.options.cache_dir.as_deref(), self.options.limit)
    }

    /// The first CPython that can carry uv: one that answered, else one that a file spoke for and that answers now.
    fn fallback(&mut self) -> Option<Interpreter> {
        if let Some(interpreter) = self.usable.take() {
            return Some(interpreter);
        }
        let screened = std::mem::take(&mut self.screened);
        screened.iter().find_map(|path| self.ask(path).ok().filter(is_usable))
    }

    fn record(&mut self, path: &Path, outcome: Outcome) {
        let candidate = Candidate { path: path.to_owned(), outcome };
        debug!("{}", candidate.line());
        self.search.considered.push(candidate);
    }
}

/// Whether an interpreter can make the intermediate environment that uv is installed in.
fn is_usable(interpreter: &Interpreter) -> bool {
    interpreter.build.implementation == Implementation::CPython && interpreter.version() >= OLDEST_USABLE
}
