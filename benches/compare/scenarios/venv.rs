//! Making a virtual environment: `prime venv` against `python -m venv`, uv and virtualenv, each in a place where nothing
//! has been before, and pip's first start in what came of it.

use std::cell::RefCell;
use std::fs::read_dir;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::bail;
use prime::error::Result;

use crate::job::Job;
use crate::place::Place;
use crate::race::{Competitor, Scenario};

/// How long the interpreter may take to compile what it has been given.
const COMPILE_LIMIT: Duration = Duration::from_secs(60);

/// A way to make an environment.
struct Maker<'a> {
    name: &'static str,
    /// The process that makes one in a directory.
    job: Box<dyn Fn(&PathBuf) -> Job + 'a>,
}

impl<'a> Maker<'a> {
    fn new(name: &'static str, job: impl Fn(&PathBuf) -> Job + 'a) -> Self {
        Self { name, job: Box::new(job) }
    }

    /// Measures the making.
    fn competitor(self, place: &'a Place) -> Competitor<'a> {
        Competitor::new(format!("`{}`", self.name), move || Ok(vec![(self.job)(&place.fresh("venv"))]))
    }

    /// Measures the first start of pip in what was made.
    fn pip(self, place: &'a Place) -> Competitor<'a> {
        Competitor::new(format!("`pip --version` after `{}`", self.name), move || {
            let dir = place.fresh("venv");
            (self.job)(&dir).run(&place.log())?;
            Ok(vec![place.job(dir.join("bin/pip"), &std::env::temp_dir()).args(["--version"])])
        })
    }
}

fn prime<'a>(place: &'a Place, name: &'static str, options: &'static [&'static str]) -> Maker<'a> {
    Maker::new(name, move |dir| {
        let job = place.prime(&std::env::temp_dir()).args(["-q", "venv", "--python"]).args([&place.tools.python]);
        job.args(options).args([dir])
    })
}

fn python<'a>(place: &'a Place, name: &'static str, options: &'static [&'static str]) -> Maker<'a> {
    Maker::new(name, move |dir| place.python(&std::env::temp_dir()).args(["-m", "venv"]).args(options).args([dir]))
}

fn uv<'a>(place: &'a Place, name: &'static str, options: &'static [&'static str]) -> Maker<'a> {
    Maker::new(name, move |dir| {
        let job = place.uv(&std::env::temp_dir()).args(["venv", "--no-config", "--python"]).args([&place.tools.python]);
        job.args(options).args([dir])
    })
}

fn virtualenv<'a>(place: &'a Place, name: &'static str, options: &'static [&'static str]) -> Maker<'a> {
    Maker::new(name, move |dir| {
        let program = place.tools.uv.with_file_name("virtualenv");
        let job = place.job(program, &std::env::temp_dir()).args(["--quiet", "--no-periodic-update", "--python"]);
        job.args([&place.tools.python]).args(options).args([dir])
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all scenarios")]
pub fn without_pip(place: &Place) -> Result<Scenario<'_>> {
    Ok(Scenario {
        title: "An environment without pip",
        rounds: 60,
        reference: 1,
        target: Some(0.25),
        competitors: vec![
            prime(place, "prime venv --without-pip", &["--without-pip"]).competitor(place),
            uv(place, "uv venv", &[]).competitor(place),
            python(place, "python -m venv --without-pip", &["--without-pip"]).competitor(place),
            virtualenv(place, "virtualenv --no-seed", &["--no-seed"]).competitor(place),
        ],
    })
}

pub fn with_pip(place: &Place) -> Result<Scenario<'_>> {
    // Fills the caches of those that have one.
    prime(place, "", &[]).job.as_ref()(&place.fresh("venv")).run(&place.log())?;
    wait_for_compiled(&place.prime_cache())?;
    uv(place, "", &["--seed"]).job.as_ref()(&place.fresh("venv")).run(&place.log())?;
    Ok(Scenario {
        title: "An environment with pip",
        rounds: 12,
        reference: 1,
        target: Some(1.0 / 50.0),
        competitors: vec![
            prime(place, "prime venv", &[]).competitor(place),
            python(place, "python -m venv", &[]).competitor(place),
            virtualenv(place, "virtualenv", &[]).competitor(place),
            uv(place, "uv venv --seed --offline", &["--seed", "--offline"]).competitor(place),
        ],
    })
}

/// The interpreter has never been seen and nothing is cached. What is compiled afterwards is waited for, so that it slows
/// nobody else down.
#[expect(clippy::unnecessary_wraps, reason = "the signature of all scenarios")]
pub fn first_use(place: &Place) -> Result<Scenario<'_>> {
    let last: Rc<RefCell<Option<PathBuf>>> = Rc::default();
    let of_prime = Rc::clone(&last);
    Ok(Scenario {
        title: "An environment with pip, of a python that is seen for the first time",
        rounds: 12,
        reference: 1,
        target: Some(1.0 / 20.0),
        competitors: vec![
            Competitor::new("`prime venv`, first use", move || {
                settle(&of_prime)?;
                let cache = place.fresh("cache");
                *of_prime.borrow_mut() = Some(cache.clone());
                let job = prime(place, "", &[]).job.as_ref()(&place.fresh("venv"));
                Ok(vec![job.env("PRIME_CACHE_DIR", cache)])
            }),
            Competitor::new("`python -m venv`", move || {
                settle(&last)?;
                Ok(vec![python(place, "", &[]).job.as_ref()(&place.fresh("venv"))])
            }),
        ],
    })
}

pub fn pip_start(place: &Place) -> Result<Scenario<'_>> {
    prime(place, "", &[]).job.as_ref()(&place.fresh("venv")).run(&place.log())?;
    wait_for_compiled(&place.prime_cache())?;
    Ok(Scenario {
        title: "The first start of pip in a new environment",
        rounds: 12,
        reference: 1,
        target: Some(1.05),
        competitors: vec![prime(place, "prime venv", &[]).pip(place), python(place, "python -m venv", &[]).pip(place)],
    })
}

/// Waits until what a cache that was filled last left at work is done.
fn settle(last: &Rc<RefCell<Option<PathBuf>>>) -> Result<()> {
    last.borrow_mut().take().map_or(Ok(()), |cache| wait_for_compiled(&cache))
}

fn wait_for_compiled(cache: &Path) -> Result<()> {
    let start = Instant::now();
    let entries = || read_dir(cache.join("seed")).into_iter().flatten().flatten().map(|entry| entry.path());
    while entries().filter(|entry| entry.is_dir()).any(|entry| !entry.join("compiled").exists()) {
        if start.elapsed() > COMPILE_LIMIT {
            bail!("`{}` is not compiled after {COMPILE_LIMIT:?}", cache.display());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
