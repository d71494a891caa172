//! What is to be done, with everything read and proven before anything of the environment is touched.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tracing::debug;

use super::cache::{self, Entry, Key};
use super::entry_points::{EntryPoint, is_own, programs};
use super::index::{self, Dirs, Got};
use super::installed::{self, Found};
use super::wheel::{Description, Wheel};
use super::{Cache, Target, WHEEL_LIMIT, choose};
use crate::error::{Fault, Kind, Result, kind_of};
use crate::fetch::IndexSettings;
use crate::fetch::wheel::{WheelName, refused};
use crate::host::fs;

/// A project that is to be installed.
#[derive(Debug)]
pub(super) struct Ready {
    /// Its wheel.
    pub chosen: Chosen,
    /// What is installed.
    pub description: Description,
    /// Where its files are.
    pub from: Place,
}

/// Where the files of a wheel are.
#[derive(Debug)]
pub(super) enum Place {
    /// In the cache.
    Cache(Entry),
    /// In memory.
    Memory(Vec<Vec<u8>>),
}

/// What is to be done, with all that may fail for reasons outside of the environment behind it: the wheels are chosen, got
/// and proven, and in the cache where there is one.
#[derive(Debug)]
pub struct Plan {
    /// The mode that a new file gets in the environment.
    pub(super) mode: u32,
    /// How the pip that is brought writes scripts. It writes those of setuptools too.
    pub(super) template: String,
    /// What is to be installed.
    pub(super) ready: Vec<Ready>,
}

/// A wheel.
#[derive(Debug)]
pub(super) struct Chosen {
    /// The project.
    pub project: &'static str,
    name: WheelName,
    got: Got,
}

impl Plan {
    /// Looks at everything and changes nothing but the cache. The environment need not be there; `clear` tells that what
    /// is there goes.
    ///
    /// Fails with [`Kind::Data`] where a wheel is refused, [`Kind::Unavailable`] and others of an index where that has to
    /// be asked. A cache that cannot be written is done without.
    pub fn new(
        target: &Target<'_>,
        clear: bool,
        cache: Option<&Cache<'_>>,
        settings: &dyn Fn() -> Result<IndexSettings>,
    ) -> Result<Self> {
        let outermost = Outermost::of(target.site_packages);
        let mode = outermost.mode_of_new_file()?;
        let (mut template, mut ready) = (None, Vec::new());
        let chosen = choose_all(target, clear, cache, &outermost, settings)?;
        if chosen.iter().all(|(chosen, found)| chosen.remains(found).is_none()) {
            return Ok(Self { mode, template: String::new(), ready });
        }
        for (chosen, found) in chosen {
            let (description, from) = prepare(target, cache, mode, &chosen)?;
            template = template.or_else(|| description.template.clone());
            if let Some(remains) = chosen.remains(&found) {
                if !clear {
                    check_programs(target, &chosen, &description, &remains)?;
                }
                ready.push(Ready { chosen, description, from });
            }
        }
        Ok(Self { mode, template: template.unwrap_or_default(), ready })
    }
}

/// The innermost directory above a place that is there already: what is made in it gets from it what it would get in the
/// place.
struct Outermost<'a> {
    dir: &'a Path,
    /// What would be made in it first.
    missing: &'a Path,
}

impl<'a> Outermost<'a> {
    fn of(place: &'a Path) -> Self {
        let missing = place.ancestors().take_while(|path| path.symlink_metadata().is_err()).last().unwrap_or(place);
        Self { dir: place.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")), missing }
    }

    /// The mode that the process's mask, or whatever else decides, gives a new file.
    fn mode_of_new_file(&self) -> Result<u32> {
        fs::mode_of_new_file(self.dir).map_err(|error| fs::cannot_create(self.missing, error))
    }
}

impl Chosen {
    fn new(project: &'static str, got: Got) -> Result<Self> {
        let name = match &got {
            Got::Memory(name, _) => name.clone(),
            Got::File(path) => {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let name = WheelName::parse(&file).filter(|name| name.project == project);
                name.ok_or_else(|| refused(&path.display().to_string(), "its name is none of a wheel"))?
            }
        };
        Ok(Self { project, name, got })
    }

    /// The directories of metadata of what has to go before it is installed; `None` where what is there is whole and as
    /// new.
    pub fn remains(&self, found: &Found) -> Option<Vec<PathBuf>> {
        match found {
            Found::Whole(version, _) if *version >= self.name.version => None,
            Found::Whole(_, dist_info) => Some(vec![dist_info.clone()]),
            Found::Remains(remains) => Some(remains.clone()),
        }
    }

    /// What messages call it.
    fn shown(&self) -> String {
        match &self.got {
            Got::File(path) => path.display().to_string(),
            Got::Memory(name, _) => format!("{}.whl", name.stem),
        }
    }

    /// Reads and proves it.
    pub fn read(&self) -> Result<Wheel> {
        match &self.got {
            Got::File(path) => Wheel::read(&self.shown(), &self.name, &content(path)?),
            Got::Memory(_, content) => Wheel::read(&self.shown(), &self.name, content),
        }
    }
}

fn choose_all(
    target: &Target<'_>,
    clear: bool,
    cache: Option<&Cache<'_>>,
    outermost: &Outermost<'_>,
    settings: &dyn Fn() -> Result<IndexSettings>,
) -> Result<Vec<(Chosen, Found)>> {
    let mut all = Vec::new();
    for wanted in choose::wanted(target.interpreter) {
        let nothing = Found::Remains(Vec::new());
        let found = if clear { nothing } else { installed::find(target.site_packages, wanted.project)? };
        let got = match (wanted.wheel, &found) {
            (Some(wheel), _) => Got::File(wheel),
            (None, Found::Whole(version, _)) => {
                debug!("{} {version} is there, and no index is asked", wanted.project);
                continue;
            }
            (None, Found::Remains(_)) => {
                let dirs = Dirs { cache: cache.map(|cache| cache.dir), scratch: outermost.dir };
                index::get(target.interpreter, wanted.project, dirs, settings)?
            }
        };
        all.push((Chosen::new(wanted.project, got)?, found));
    }
    Ok(all)
}

/// A wheel from the cache, which then has it; where there is none that can be written, from its file.
fn prepare(target: &Target<'_>, cache: Option<&Cache<'_>>, mode: u32, chosen: &Chosen) -> Result<(Description, Place)> {
    if let (Got::File(wheel), Some(cache)) = (&chosen.got, cache) {
        let python = target.interpreter.version().to_string();
        match cache::obtain(cache.dir, &Key { wheel, python: &python, mode }, &|| chosen.read()) {
            Ok(entry) => return Ok((entry.description.clone(), Place::Cache(entry))),
            Err(error) if kind_of(&error) == Kind::Data => {
                if wheel.starts_with(cache.dir) {
                    // It was right when it came from the index: the next run is to get it again.
                    let _ = std::fs::remove_file(wheel);
                }
                return Err(error);
            }
            Err(error) => debug!("without a cache: {error:#}"),
        }
    }
    let wheel = chosen.read()?;
    Ok((wheel.description, Place::Memory(wheel.contents)))
}

fn content(path: &Path) -> Result<Vec<u8>> {
    let unreadable = || Fault::new(Kind::InputOutput, format!("cannot read `{}`", path.display()));
    let size = path.metadata().with_context(unreadable)?.len();
    if size > WHEEL_LIMIT {
        return Err(refused(&path.display().to_string(), &format!("it is larger than {WHEEL_LIMIT} bytes")).into());
    }
    fs::read_file(path).with_context(unreadable)
}

/// Fails where a program would take the place of one that somebody else has put there.
fn check_programs(target: &Target<'_>, chosen: &Chosen, description: &Description, remains: &[PathBuf]) -> Result<()> {
    let version = target.interpreter.version();
    let owned = installed::programs(target.site_packages, target.bin, remains);
    let is_foreign = |program: &EntryPoint| {
        let path = target.bin.join(&program.name);
        !is_own(&program.name, chosen.project) && path.symlink_metadata().is_ok() && !owned.contains(&path)
    };
    let programs = programs(&description.entry_points, (version.major, version.minor));
    match programs.iter().find(|program| is_foreign(program)) {
        None => Ok(()),
        Some(program) => {
            let fact = format!("its program `{}` is there already, and is somebody else's", program.name);
            Err(refused(&chosen.shown(), &fact).into())
        }
    }
}
