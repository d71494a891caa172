//! The configuration changed in a way that changes nothing: the project need not be built again.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use prime::error::Result;

use crate::job::Job;
use crate::place::Place;
use crate::race::{Competitor, Scenario};

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = (place.hello("changed-prime")?, place.hello("changed-uv")?);
    place.prime(&ours).run(&place.log())?;
    place.uv(&theirs).args(["venv"]).run(&place.log())?;
    let prime = place.prime(&ours);
    let install = place.uv(&theirs).args(["pip", "install", "--editable", "."]);
    Ok(Scenario {
        title: "A comment of the configuration changed",
        rounds: 30,
        reference: 1,
        target: Some(0.1),
        competitors: vec![after_a_change("`prime`", ours, prime), after_a_change("`uv pip install`", theirs, install)],
    })
}

fn after_a_change<'a>(name: &str, repo: impl AsRef<Path> + 'a, job: Job) -> Competitor<'a> {
    let changes = Cell::new(0);
    Competitor::new(name, move || {
        changes.set(changes.get() + 1);
        fs::write(repo.as_ref().join("prime.toml"), format!("# change {}\n", changes.get()))?;
        Ok(vec![job.clone()])
    })
}
