//! A machine without uv: the wheel fetched natively, against an intermediate environment into which pip installs it.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use prime::error::Result;
use prime::fetch::{IndexSettings, Places};
use prime::host::Host;
use prime::host::cmd::Talk;
use prime::python::{SearchOptions, probe_path};
use prime::venv::Console;
use prime::venv::obtain::{self, Wanted};

use crate::place::Place;
use crate::race::{Competitor, Scenario};

/// The argument with which this program starts itself: to have `prime` fetch uv, and do nothing else, is no command.
const OBTAIN: &str = "--obtain-uv";

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let this = env::current_exe().context("cannot tell this program's own path")?;
    let probed = place.fresh("obtain-probed");
    Ok(Scenario {
        title: "A machine without uv",
        rounds: 6,
        reference: 1,
        target: Some(1.0 / 12.0),
        competitors: vec![
            Competitor::new("uv, obtained natively", move || {
                let dir = place.hello("obtain-prime")?;
                let job =
                    place.job(&this, &dir).args([OBTAIN]).args([&dir.join("cache"), &probed, &place.tools.python]);
                Ok(vec![job])
            }),
            Competitor::new("`python -m venv`, then `pip install uv`", || {
                let dir = place.hello("obtain-pip")?;
                let create = place.python(&dir).args(["-m", "venv", ".venv"]);
                let python = place.job(dir.join(".venv/bin/python"), &dir);
                Ok(vec![create, python.args(["-m", "pip", "install", "--no-cache-dir", "uv"])])
            }),
        ],
    })
}

/// Does the native part where this process is the child of a run, told by its arguments.
pub fn as_child(args: &[OsString]) -> Option<ExitCode> {
    let [_, option, cache_dir, probed, python] = args else { return None };
    (option == OBTAIN).then(|| match obtain(Path::new(cache_dir), Path::new(probed), Path::new(python)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            prime::ui::report::show(&error);
            ExitCode::FAILURE
        }
    })
}

/// Fetches uv into an empty cache. The interpreter, whose pip tells the usual index where none is set, has been asked what
/// it is before; a bootstrap has that from its search.
fn obtain(cache_dir: &Path, probed: &Path, python: &Path) -> Result<()> {
    let host = Host::capture()?;
    let options = SearchOptions { cache_dir: Some(probed.to_owned()), ..SearchOptions::default() };
    let python = probe_path(&host, python, &options).ok();
    let settings = IndexSettings::load(&host, &Places::new(Some(&host.current_dir)))?;
    let wanted = Wanted { host: &host, settings: &settings, cache_dir, python: python.as_ref(), native: None };
    let mut console = Console { talk: Talk::Pipe, sink: &mut |_| {} };
    obtain::get(&wanted, &mut console, &mut |_| {}).map(drop)
}
