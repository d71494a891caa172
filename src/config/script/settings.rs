//! The configuration of the directory that stands for a script.

use std::path::Path;

use super::{Script, lock_path, pyproject_path};
use crate::config::discover::Repo;
use crate::config::inputs::Inputs;
use crate::config::leap::{Origin, Setting};
use crate::config::settings::{Group, Project, Settings, driver_of_variable};
use crate::error::Fault;
use crate::host::Host;

/// The name of the dependency group that has what the script depends on.
pub const GROUP: &str = "script";
/// Any python that all of our tools can live with.
const ANY_PYTHON: &str = ">=3.8";

impl Script {
    /// The configuration of the directory, a repository that has nothing but these dependencies.
    ///
    /// Fails with [`Kind::Config`](crate::error::Kind::Config) where a variable names no driver.
    pub fn settings(&self, host: &Host, repo: &Repo) -> Result<Settings, Fault> {
        let dir = &repo.seed_dir.value;
        let place = |path: &str| Setting::new(dir.join(path), Origin::Default);
        let root = || Setting::new(dir.clone(), Origin::Default);
        let required = self.requires_python.clone();
        let mut required = required.unwrap_or_else(|| Setting::new(ANY_PYTHON.to_owned(), Origin::Default));
        if let Some(of_lock) = self.lock.as_ref().and_then(|lock| lock.requires_python.as_ref()) {
            required = Setting::new(format!("{},{}", required.value, of_lock.value), of_lock.origin.clone());
        }
        let is_empty = self.lock.as_ref().map_or(self.dependencies.is_empty(), |lock| lock.is_empty);
        let projects: Vec<Project> = (!is_empty).then(|| self.project(dir)).into_iter().collect();
        let group = Group { name: None, extra_args: Vec::new(), projects: (0..projects.len()).collect() };
        let mut inputs = Inputs::default();
        inputs.look(pyproject_path(dir));
        if self.lock.is_some() {
            inputs.look(lock_path(dir));
        }
        Ok(Settings {
            seed_dir: repo.seed_dir.clone(),
            files: Vec::new(),
            ref_root_dir: root(),
            global_conf_dir: root(),
            env_dir: root(),
            default_env_dir: root(),
            env_link: None,
            requires_python: self.requires_python.iter().cloned().collect(),
            required_python: Some(required),
            python_selector_file: None,
            venv_dir: place(".venv"),
            log_dir: place(".prime/log"),
            tmp_dir: place(".prime/tmp"),
            cache_dir: place(".prime/cache"),
            run_dir: place(".prime/run"),
            reboot_keep_count: Setting::new(0, Origin::Default),
            venv_driver: driver_of_variable(host)?.unwrap_or(Setting::new(None, Origin::Default)),
            venv_driver_of_files: None,
            native_venv: Setting::new(true, Origin::Default),
            constraints_file: place("constraints.txt"),
            update_launcher: Setting::new(false, Origin::Default),
            projects,
            groups: vec![group],
            connectors: Vec::new(),
            inputs,
            warnings: Vec::new(),
        })
    }

    fn project(&self, dir: &Path) -> Project {
        Project {
            dir: dir.to_owned(),
            rel_path: ".".to_owned(),
            name: Some(self.source.name.clone()),
            build: false,
            extras: Vec::new(),
            group: None,
            dependency_groups: vec![GROUP.to_owned()],
            editable: false,
            requirements_files: Vec::new(),
            lock: self.lock.as_ref().map(|_| lock_path(dir)),
            origin: Origin::Default,
        }
    }
}
