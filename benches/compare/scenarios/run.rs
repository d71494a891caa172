//! A python that does nothing, through `prime run`, through `uv run`, and directly.

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

const PYTHON: [&str; 3] = ["python", "-c", "pass"];

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = (place.hello("run-prime")?, place.hello("run-uv")?);
    place.prime(&ours).run(&place.log())?;
    place.uv(&theirs).args(["sync"]).run(&place.log())?;
    let direct = place.job(ours.join(".venv/bin/python"), &ours).args(&PYTHON[1..]);
    Ok(Scenario {
        title: "A program in a ready environment",
        rounds: 120,
        reference: 1,
        target: Some(1.1),
        competitors: vec![
            Competitor::steady("`prime run -- python -c pass`", place.prime(&ours).args(["run", "--"]).args(PYTHON)),
            Competitor::steady("`.venv/bin/python -c pass`", direct),
            Competitor::steady("`uv run python -c pass`", place.uv(&theirs).args(["run"]).args(PYTHON)),
            Competitor::steady(
                "`uv run --no-sync python -c pass`",
                place.uv(&theirs).args(["run", "--no-sync"]).args(PYTHON),
            ),
        ],
    })
}
