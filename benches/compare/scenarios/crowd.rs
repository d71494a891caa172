//! Many programs at once in one ready environment: nobody waits for anybody.

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

const CROWD: usize = 64;

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let repo = place.hello("crowd")?;
    place.prime(&repo).run(&place.log())?;
    let python = ["python", "-c", "pass"];
    let direct = place.job(repo.join(".venv/bin/python"), &repo).args(&python[1..]).times(CROWD);
    let ours = place.prime(&repo).args(["run", "--"]).args(python).times(CROWD);
    Ok(Scenario {
        title: "64 programs at once",
        rounds: 30,
        reference: 1,
        target: Some(1.15),
        competitors: vec![
            Competitor::steady("64 × `prime run -- python -c pass`", ours),
            Competitor::steady("64 × `.venv/bin/python -c pass`", direct),
        ],
    })
}
