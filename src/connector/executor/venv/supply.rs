//! The tools that make and fill environments of connectors.

use std::path::PathBuf;
use std::time::Instant;

use super::VenvExecutor;
use crate::error::Result;
use crate::fetch::index::{IndexFile, Lookup};
use crate::fetch::{IndexSettings, Places};
use crate::host::cmd::Talk;
use crate::host::names;
use crate::python::{Interpreter, SearchOptions};
use crate::venv::obtain::look_up_as;
use crate::venv::tool::{may_do_without_uv, users_cache_dir, uv_places};
use crate::venv::{Console, Supply, Tool};

/// In the install root, what has no other place where the user has no cache.
const OWN_CACHE: &str = ".prime-connectors/.cache";

impl VenvExecutor {
    /// Whether pip makes the environments.
    pub(super) fn is_by_pip(&self) -> bool {
        self.host.says_yes(names::AIRBYTE_NO_UV)
    }

    /// How interpreters are looked for.
    pub(super) fn search_options(&self) -> SearchOptions {
        SearchOptions { cache_dir: users_cache_dir(&self.host), ..SearchOptions::default() }
    }

    /// uv, or pip where that is asked for or uv cannot be had; `python` is an interpreter that may help.
    pub(super) fn tool(&self, python: Option<&Interpreter>) -> Result<Tool> {
        let (cache_dir, own) = (self.cache_dir(), self.own_cache());
        let supply = Supply {
            host: &self.host,
            cache_dir: &cache_dir,
            project_dir: &self.host.current_dir,
            uv_env: uv_places(&self.host, &own),
            native_venv: true,
            offline: self.options.offline,
        };
        let pip = || Ok(supply.pip(&self.index_settings(python)?, python));
        if self.is_by_pip() {
            return pip();
        }
        let index = self.index_settings(None)?;
        if let Some(found) = supply.find_uv(&index)? {
            return Ok(found);
        }
        match self.get_uv(&supply, &index, python) {
            Err(error) if python.is_some() && may_do_without_uv(&error) => {
                self.ui.warn(&format!("uv cannot be had, so pip makes the environment: {error}"));
                tracing::info!("{error:#}");
                pip()
            }
            done => done,
        }
    }

    fn get_uv(&self, supply: &Supply<'_>, index: &IndexSettings, python: Option<&Interpreter>) -> Result<Tool> {
        let start = Instant::now();
        let bar = self.ui.download_bar("uv");
        let obtained = self.with_console(|console| {
            supply.get_uv(index, python, console, &mut |progress| {
                bar.set_length(progress.total.unwrap_or(0));
                bar.set_position(progress.done);
            })
        });
        bar.finish_and_clear();
        let obtained = obtained?;
        self.ui.done("obtain", &format!("uv {} ({})", obtained.version, obtained.source), start);
        Ok(supply.uv(index, obtained))
    }

    /// The files that an index has of a project; none where it cannot be asked: the tool will say why.
    pub(super) fn published(&self, project: &str, python: Option<&Interpreter>) -> Vec<IndexFile> {
        let found = self.index_settings(python).and_then(|settings| look_up_as(&settings, project, python));
        match found {
            Ok(Lookup::Files(files)) => files,
            Ok(Lookup::Refused(fault) | Lookup::NotUnderstood(fault)) => {
                tracing::info!("{fault}");
                Vec::new()
            }
            Err(error) => {
                tracing::info!("{error:#}");
                Vec::new()
            }
        }
    }

    fn index_settings(&self, python: Option<&Interpreter>) -> Result<IndexSettings> {
        let mut places = Places::new(Some(&self.host.current_dir));
        places.python_prefix = python.map(|python| python.prefix.clone());
        places.offline = self.options.offline;
        IndexSettings::load(&self.host, &places)
    }

    /// Lets a tool talk: to the terminal where there is one, else only to the log.
    pub(super) fn with_console<T>(&self, work: impl FnOnce(&mut Console<'_>) -> T) -> T {
        let ui = self.ui;
        let talk = if ui.shows_progress() { Talk::Terminal } else { Talk::Pipe };
        work(&mut Console { talk, sink: &mut |bytes| ui.tool_output(bytes) })
    }

    fn cache_dir(&self) -> PathBuf {
        users_cache_dir(&self.host).unwrap_or_else(|| self.own_cache())
    }

    pub(super) fn own_cache(&self) -> PathBuf {
        let root = self.place.venv().dir().parent().map(PathBuf::from).unwrap_or_default();
        root.join(OWN_CACHE)
    }
}
