//! Nothing to do with five thousand installed files: `prime` looks at each of them, `uv sync` at none.

use std::fs;
use std::path::Path;

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

const FILES: usize = 5000;

const PROJECT: &str = "\
[project]
name = \"big\"
version = \"1.0\"
description = \"Many files\"
requires-python = \">=3.8\"

[build-system]
requires = [\"flit_core>=3.4\"]
build-backend = \"flit_core.buildapi\"
";
/// It is copied into the environment, so that its files are installed ones.
const CONFIG: &str = "project_descriptors = [{ build_root_dir_rel_path = \".\", editable = false }]\n";

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = (place.fresh("proof-prime"), place.fresh("proof-uv"));
    for repo in [&ours, &theirs] {
        write(place, repo)?;
    }
    let prime = place.prime(&ours);
    let sync = place.uv(&theirs).args(["sync", "--no-editable"]);
    for job in [&prime, &sync] {
        job.run(&place.log())?;
    }
    Ok(Scenario {
        title: "Nothing to do, 5,000 installed files",
        rounds: 120,
        reference: 1,
        target: Some(1.0),
        competitors: vec![
            Competitor::steady("`prime`", prime.clone()),
            Competitor::steady("`uv sync --no-editable`", sync),
            Competitor::steady("`prime --verify=hash`", prime.args(["--verify=hash"])),
        ],
    })
}

fn write(place: &Place, repo: &Path) -> Result<()> {
    let package = repo.join("big");
    fs::create_dir_all(&package)?;
    fs::create_dir(repo.join(".git"))?;
    fs::write(repo.join("pyproject.toml"), PROJECT)?;
    fs::write(repo.join("prime.toml"), CONFIG)?;
    fs::write(repo.join(".python-version"), format!("{}\n", place.tools.python_series()))?;
    fs::write(package.join("__init__.py"), "\"\"\"Many files\"\"\"\n")?;
    for number in 0..FILES {
        fs::write(package.join(format!("m{number:04}.py")), format!("number = {number}\n"))?;
    }
    Ok(())
}
