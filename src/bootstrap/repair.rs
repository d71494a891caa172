//! Mends what the proof found, and nothing else: each damaged distribution is taken out and installed again in the version
//! that was there, from the tool's cache first. What that gives is proven like everything else; where it is damaged as
//! well (a file that was truncated in place is the cache's own file where uv links), it is fetched anew.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use tempfile::TempDir;

use super::aside::shown;
use super::explain::explain;
use super::unwritten::cannot_write;
use super::{Run, items, state};
use crate::config::{Project, Settings};
use crate::deps::distribution::installed;
use crate::deps::verify::links::local_path;
use crate::deps::verify::{Finding, Manifest, Origin, Owner, Problem};
use crate::deps::withdraw::withdraw;
use crate::deps::{Phase, Sources, Stamp};
use crate::error::{Code, Fault, Kind, Result, code_of, kind_of};
use crate::host::fs::make_executable;
use crate::python::package_name::normalize;
use crate::venv::{InstallRequest, Tool, Venv};

/// How many distributions are named, each with what is wrong; the rest is counted.
const NAMED: usize = 5;

/// Where what is installed again may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the tool's cache, as far as it has it.
    Cache,
    /// From where it was published.
    Anew,
}

/// Whether what a tool has kept in its cache may be why it failed: pip holds that against the digest that the index tells.
pub fn may_be_the_caches(error: &anyhow::Error) -> bool {
    matches!(code_of(error), Code::BadData | Code::HashMismatch)
}

/// What a repair works with.
pub struct Repair<'a> {
    /// The pass.
    pub run: &'a Run<'a>,
    /// The configuration.
    pub settings: &'a Settings,
    /// The environment.
    pub venv: &'a Venv,
    /// What installs.
    pub tool: &'a Tool,
}

impl Repair<'_> {
    /// Mends these findings from the tool's cache; where what that has is broken, with what was published.
    pub fn mend_by_all_means(&self, stamp: &mut Stamp, findings: &[Finding]) -> Result<()> {
        match self.mend(stamp, findings, Source::Cache) {
            Err(error) if may_be_the_caches(&error) && !self.run.request.offline => {
                tracing::info!("fetched anew: {error:#}");
                self.mend(stamp, findings, Source::Anew)
            }
            done => done,
        }
    }

    /// Mends these findings. While that lasts the stamp says that the environment is being changed; afterwards, whether
    /// it was done or given up, that it is made and to be proven.
    pub fn mend(&self, stamp: &mut Stamp, findings: &[Finding], source: Source) -> Result<()> {
        let start = Instant::now();
        let (modes, findings): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().filter(|it| it.owner.is_some()).partition(|it| it.problem == Problem::NotExecutable);
        for finding in &modes {
            make_executable(&finding.path)?;
        }
        let mut owners: Vec<&Owner> = findings.iter().filter_map(|finding| finding.owner.as_ref()).collect();
        owners.dedup();
        if !owners.is_empty() {
            self.install_again(stamp, &owners, source)?;
        }
        self.tell(modes.iter().chain(&findings).copied(), source, start);
        Ok(())
    }

    fn install_again(&self, stamp: &mut Stamp, owners: &[&Owner], source: Source) -> Result<()> {
        let names: Vec<&str> = owners.iter().map(|owner| owner.name.as_str()).collect();
        if source == Source::Anew && self.run.request.offline {
            let tool = self.tool.driver().name().tool();
            let message = format!("what {tool} has in its cache of {} is damaged too", quoted(&names));
            let hint = "run `prime` without `--offline`, so that it is fetched anew";
            return Err(Fault::new(Kind::Unavailable, message).hint(hint).into());
        }
        let _build_lock = self.run.lock(&state(self.settings).build_lock())?;
        let mut request = self.request(&stamp.manifest, owners, source)?;
        let _from_cache = self.take_from_cache(&mut request)?;
        if request.lock.is_some() {
            // What was taken out is missing, and comes back by the lock with its digests.
            request.projects.clear();
        }
        self.replace(stamp, &names, &request)
    }

    /// Builds these again from their directories, and nothing that they require.
    pub fn build_again(&self, stamp: &mut Stamp, owners: &[Owner]) -> Result<()> {
        let start = Instant::now();
        let names: Vec<&str> = owners.iter().map(|owner| owner.name.as_str()).collect();
        let _build_lock = self.run.lock(&state(self.settings).build_lock())?;
        let mut request = self.request(&stamp.manifest, &owners.iter().collect::<Vec<_>>(), Source::Cache)?;
        // It says nothing of what is built here.
        request.lock = None;
        request.extra_args.extend(self.tool.driver().build_anew(&names));
        self.replace(stamp, &names, &request)?;
        let shown: Vec<String> = owners.iter().map(ToString::to_string).collect();
        self.run.ui.done("install", &format!("{} (built again from these sources)", shown.join(", ")), start);
        Ok(())
    }

    /// Takes these out and installs what is requested in their place; where that fails they come back.
    fn replace(&self, stamp: &mut Stamp, names: &[&str], request: &InstallRequest) -> Result<()> {
        let stamp_path = state(self.settings).stamp();
        stamp.phase = Phase::Installing;
        stamp.save(&stamp_path)?;
        let withdrawn = withdraw(self.venv, names)?;
        let driver = self.tool.driver();
        let installed = self.run.with_console(|console| {
            driver.reseed(self.venv, names, console)?;
            let fetched = driver.install(self.venv, request, console)?;
            Sources::keep(&state(self.settings).sources(), fetched)
        });
        if let Err(error) = installed {
            withdrawn.restore();
            if !matches!(kind_of(&error), Kind::Signal(_)) {
                stamp.phase = Phase::Created;
                stamp.save(&stamp_path)?;
            }
            return Err(self.failure(names, error));
        }
        for (path, aside) in withdrawn.discard(&self.settings.tmp_dir.value)? {
            let (path, aside) = (shown(self.settings, &path), shown(self.settings, &aside));
            self.run.ui.note("move", &format!("{path} to {aside}: it stood where a file belongs"));
        }
        stamp.phase = Phase::Created;
        stamp.save(&stamp_path)
    }

    /// Without the network the tool may need to be told the addresses of what it has in its cache. What it takes out lies in
    /// the directory that is returned.
    fn take_from_cache(&self, request: &mut InstallRequest) -> Result<Option<TempDir>> {
        if !self.run.request.offline {
            return Ok(None);
        }
        let sources = Sources::load(&state(self.settings).sources());
        let pinned = request.projects.iter().filter_map(|it| it.to_str()?.split_once("=="));
        let named: Vec<String> =
            pinned.filter_map(|(name, version)| Some(format!("{name} @ {}", sources.url(name, version)?))).collect();
        if named.is_empty() {
            return Ok(None);
        }
        let urls: Vec<&str> = named.iter().map(String::as_str).collect();
        let dir = tempfile::tempdir().context("cannot make a temporary directory")?;
        request.extra_args.extend(self.tool.driver().take_from_cache(self.venv, &urls, dir.path())?);
        Ok(Some(dir))
    }

    fn failure(&self, names: &[&str], error: anyhow::Error) -> anyhow::Error {
        let error = explain(self.run, self.settings, cannot_write(self.run.host, self.venv, error));
        let fault = Fault::like(&error, format!("cannot mend {}", quoted(names)));
        error.context(fault)
    }

    /// The request that installs these and nothing that they require.
    fn request(&self, manifest: &Manifest, owners: &[&Owner], source: Source) -> Result<InstallRequest> {
        let names: Vec<&str> = owners.iter().map(|owner| owner.name.as_str()).collect();
        // Of what was installed by hand the manifest knows nothing.
        let present = Manifest::new(&installed(&self.venv.site_packages()).unwrap_or_default());
        let manifest = manifest.and_missing_of(&present);
        let mut request =
            InstallRequest { current_dir: self.settings.ref_root_dir.value.clone(), ..Default::default() };
        request.extra_args.extend(self.settings.groups.iter().flat_map(|group| &group.extra_args).map(Into::into));
        request.extra_args.push("--no-deps".into());
        request.lock = self.settings.projects.iter().find_map(|project| project.lock.clone());
        if source == Source::Anew {
            self.tool.driver().forget(&names);
            request.extra_args.extend(self.tool.driver().fetch_anew(&names));
        }
        for owner in owners {
            let known = manifest.find(&owner.name);
            let version = known.map_or(owner.version.as_str(), |it| it.version);
            let origin = known.and_then(|it| it.origin);
            match (self.project(owner, origin), origin) {
                (Some(project), _) => items::add_build(&mut request, project, &self.settings.ref_root_dir.value),
                (None, Some(Origin::Editable(url))) => {
                    let dir = local_path(url).with_context(|| format!("`{url}` names no directory"))?;
                    request.editables.push(dir.into_os_string());
                }
                (None, Some(Origin::Url(url))) => request.projects.push(format!("{} @ {url}", owner.name).into()),
                (None, None) if version.is_empty() => request.projects.push(owner.name.clone().into()),
                (None, None) => request.projects.push(format!("{}=={version}", owner.name).into()),
            }
        }
        Ok(request)
    }

    /// The project of the configuration that a distribution was built from.
    fn project(&self, owner: &Owner, origin: Option<Origin<'_>>) -> Option<&Project> {
        let mut built = self.settings.projects.iter().filter(|project| project.build);
        let dir = origin.and_then(|origin| local_path(origin.url()));
        let is_dir =
            |project: &Project, dir: &Path| project.dir == dir || project.dir.canonicalize().is_ok_and(|it| it == dir);
        built.find(|project| match &dir {
            Some(dir) => is_dir(project, dir),
            None => project.name.as_ref().is_some_and(|name| normalize(name) == owner.name),
        })
    }

    fn tell<'f>(&self, findings: impl Iterator<Item = &'f Finding>, source: Source, start: Instant) {
        let mut told: Vec<(&Owner, String, usize)> = Vec::new();
        for finding in findings {
            let Some(owner) = &finding.owner else { continue };
            match told.iter_mut().find(|(known, ..)| *known == owner) {
                Some((_, _, more)) => *more += 1,
                None => told.push((owner, finding.describe(self.venv.dir()), 0)),
            }
        }
        let anew = if source == Source::Anew { ", fetched anew" } else { "" };
        for (owner, what, more) in told.iter().take(NAMED) {
            let more = if *more == 0 { String::new() } else { format!(", and {more} more") };
            self.run.ui.done("repair", &format!("{owner}: {what}{more}{anew}"), start);
        }
        if let Some(rest @ 1..) = told.len().checked_sub(NAMED) {
            let distributions = if rest == 1 { "distribution" } else { "distributions" };
            self.run.ui.done("repair", &format!("{rest} more {distributions}{anew}"), start);
        }
    }
}

fn quoted(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { format!("{shown} and {} more", names.len() - NAMED) } else { shown }
}
