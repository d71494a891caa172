//! A script with metadata of its own, ready: by `prime script`, directly by the same environment's python, and through uv.

use std::fs;

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

const SCRIPT: &str = "own.py";
const TEXT: &str = "# /// script\n# dependencies = [\"humanize\"]\n# ///\npass\n";

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let dir = place.fresh("metadata");
    fs::create_dir(&dir)?;
    fs::write(dir.join(SCRIPT), TEXT)?;
    let (prime, uv) = (place.prime(&dir).args(["script", SCRIPT]), place.uv(&dir).args(["run", "--script", SCRIPT]));
    prime.clone().run(&place.log())?;
    uv.clone().run(&place.log())?;
    let made = fs::read_dir(place.prime_cache().join("script"))?.next().transpose()?;
    let made = made.map(|entry| entry.path()).unwrap_or_default();
    Ok(Scenario {
        title: "A script with metadata of its own, ready",
        rounds: 120,
        reference: 1,
        target: Some(1.1),
        competitors: vec![
            Competitor::steady("`prime script own.py`", prime),
            Competitor::steady(
                "`…/.venv/bin/python own.py`",
                place.job(made.join(".venv/bin/python"), &dir).args([SCRIPT]),
            ),
            Competitor::steady("`uv run --script own.py`", uv),
        ],
    })
}
