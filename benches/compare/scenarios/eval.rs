//! The effective configuration of two environments in several files: `prime eval` shows it, a python only starts.

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let repo = place.example("monorepo", "eval")?;
    let prime = place.prime(&repo).args(["eval"]);
    prime.run(&place.log())?;
    Ok(Scenario {
        title: "The configuration of `examples/monorepo`",
        rounds: 180,
        reference: 1,
        target: Some(0.2),
        competitors: vec![
            Competitor::steady("`prime eval`", prime),
            Competitor::steady("`python3 -I -c pass`", place.python(&repo).args(["-I", "-c", "pass"])),
        ],
    })
}
