//! The launcher among the files of the seed: which wheels it names, and which index it asks where none is set.

use std::path::Path;

use super::{Change, Planner, Seed, SeedFile};
use crate::bootstrap::launcher::{Found, at, causes, published, recorded_index};
use crate::bootstrap::{select, shared};
use crate::error::{Fault, Kind, Result};
use crate::fetch::default_index::{PipPlace, default_index};
use crate::fetch::{IndexSettings, Places, Platform, Sourced, Url};
use crate::host::{fs, names};
use crate::launcher::{Launcher, OWN_VERSION, Pin, has_platform, pins};
use crate::python::{Requirement, SearchOptions, search};

/// Adds the launcher. What the index does not tell is a warning: the launcher then starts this binary, which is put where
/// it looks.
pub fn plan(planner: &Planner<'_>, seed: &mut Seed) -> Result<()> {
    let path = planner.dir().join(names::LAUNCHER_FILE);
    let found = at(&path);
    let index = recorded(planner, found.as_ref())?;
    let request = planner.request;
    if is_in_the_way(&path, found.as_ref()) && !request.force {
        let fact = format!("`{}` is there and is no launcher", names::LAUNCHER_FILE);
        if request.update {
            let hint = "move it away, or let `--force` take its place";
            return Err(Fault::new(Kind::CannotCreate, fact).hint(hint).into());
        }
        seed.warnings.push(format!("{fact}; it is kept, and there is no launcher"));
        return Ok(());
    }
    if let Some(found) = found.as_ref().filter(|_| !request.update && !request.force) {
        seed.files.push(file(&path, Change::Keep, found.text.clone()));
        return Ok(());
    }
    let pins = wheels(planner, index.clone()).unwrap_or_else(|error| {
        let why = causes(&error);
        let fact = format!("`{}` pins no sha256 yet and can start only where prime is: {why}", names::LAUNCHER_FILE);
        seed.warnings.push(format!("{fact}; `prime init --update` pins what there is then"));
        Vec::new()
    });
    if !has_platform(&pins, &Platform::observe(Path::new("/"))) {
        let own = || planner.dir().join(names::STATE_DIR);
        seed.binary = Some(shared::users_cache_dir(planner.host).unwrap_or_else(own));
    }
    let index = index.map(|url| url.value.to_string()).unwrap_or_default();
    let text = Launcher { version: OWN_VERSION.to_string(), index, pins }.text();
    let change = match &found {
        Some(found) if found.text == text && fs::is_executable(&path) => Change::Keep,
        _ if path.symlink_metadata().is_ok() => Change::Replace,
        _ => Change::Write,
    };
    seed.files.push(file(&path, change, text));
    Ok(())
}

fn file(path: &Path, change: Change, text: String) -> SeedFile {
    SeedFile { path: path.to_owned(), name: names::LAUNCHER_FILE.to_owned(), change, text, is_program: true }
}

fn is_in_the_way(path: &Path, found: Option<&Found>) -> bool {
    found.is_none() && path.symlink_metadata().is_ok()
}

/// The index to record: the one that is named, else the one that was recorded before, else the one that a pip here uses
/// where nothing is set. What this machine is set to is its own and not the repository's.
fn recorded(planner: &Planner<'_>, found: Option<&Found>) -> Result<Option<Sourced<Url>>> {
    let Some(text) = &planner.request.index_url else {
        return Ok(found.and_then(recorded_index).or_else(|| usual(planner)));
    };
    let unusable = |reason: &str| {
        let message = format!("the value of `--index-url` is not usable: {reason}");
        Fault::new(Kind::Usage, message).hint("give the URL of a package index (it often ends with `/simple`)")
    };
    let url = Url::parse(text).map_err(unusable)?;
    if url.login().is_some() {
        return Err(unusable("credentials do not belong into a file that is committed").into());
    }
    if text.contains(|c: char| "'\"\\".contains(c) || c.is_whitespace()) {
        return Err(unusable("it has quotation marks or spaces in it").into());
    }
    Ok(Some(Sourced::new(url, "--index-url")))
}

fn usual(planner: &Planner<'_>) -> Option<Sourced<Url>> {
    let options = SearchOptions { cache_dir: None, ..select::search_options(planner.host, &planner.settings) };
    let host = select::outside(planner.host);
    let python = search(&host, &Requirement::parse(">=3.8").ok()?, &options).selected;
    let place = python.map(|python| PipPlace {
        site_packages: python.purelib,
        stdlib: python.stdlib,
        wheel_dir: python.wheel_pkg_dir,
    });
    default_index(place.as_slice()).ok()
}

/// The wheels of this version, as the index that holds here has them.
fn wheels(planner: &Planner<'_>, recorded: Option<Sourced<Url>>) -> Result<Vec<Pin>> {
    let mut places = Places::new(Some(planner.root()));
    places.offline = planner.request.offline;
    let mut settings = IndexSettings::load(planner.host, &places)?;
    if planner.request.index_url.is_some() {
        settings.own_index.clone_from(&recorded);
    }
    settings.recorded_index = recorded;
    Ok(pins(&published(&settings, &OWN_VERSION)?, &OWN_VERSION))
}
