//! From a fresh clone to a ready environment: `prime` against the tools that it wraps, run by hand. The tools' caches are
//! warm, so that the network has little say.

use std::fs;
use std::path::PathBuf;

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

#[expect(clippy::unnecessary_wraps, reason = "the signature of all scenarios")]
pub fn with_uv(place: &Place) -> Result<Scenario<'_>> {
    Ok(Scenario {
        title: "A fresh clone, by uv",
        rounds: 30,
        reference: 1,
        target: Some(1.03),
        competitors: vec![
            prime(place, "venv_uv"),
            Competitor::new("`uv venv`, then `uv pip install`", || {
                let repo = clone(place, "cold-uv", "venv_uv")?;
                let create = place.uv(&repo).args(["venv", "--python"]).args([&place.tools.python]);
                let install = place.uv(&repo).args(["pip", "install", "--editable", "."]);
                Ok(vec![create, install])
            }),
        ],
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all scenarios")]
pub fn with_pip(place: &Place) -> Result<Scenario<'_>> {
    Ok(Scenario {
        title: "A fresh clone, by pip",
        rounds: 10,
        reference: 1,
        target: Some(1.03),
        competitors: vec![
            prime(place, "venv_pip"),
            Competitor::new("`python -m venv`, then `pip install`", || {
                let repo = clone(place, "cold-pip", "venv_pip")?;
                let create = place.python(&repo).args(["-m", "venv", ".venv"]);
                let python = place.job(repo.join(".venv/bin/python"), &repo);
                Ok(vec![create, python.args(["-m", "pip", "install", "--editable", "."])])
            }),
        ],
    })
}

fn prime<'a>(place: &'a Place, driver: &'static str) -> Competitor<'a> {
    Competitor::new(format!("`prime` with `{driver}`"), move || {
        let repo = clone(place, "cold-prime", driver)?;
        Ok(vec![place.prime(&repo)])
    })
}

fn clone(place: &Place, name: &str, driver: &str) -> Result<PathBuf> {
    let repo = place.hello(name)?;
    fs::write(repo.join("prime.toml"), format!("venv_driver = \"{driver}\"\n"))?;
    Ok(repo)
}
