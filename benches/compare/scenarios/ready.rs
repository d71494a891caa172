//! Nothing to do: `prime` proves it, `uv sync` finds it.

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = (place.hello("ready-prime")?, place.hello("ready-uv")?);
    let prime = place.prime(&ours);
    let sync = place.uv(&theirs).args(["sync"]);
    for job in [&prime, &sync] {
        job.run(&place.log())?;
    }
    Ok(Scenario {
        title: "Nothing to do",
        rounds: 180,
        reference: 1,
        target: Some(0.1),
        competitors: vec![
            Competitor::steady("`prime`", prime),
            Competitor::steady("`uv sync`", sync.clone()),
            Competitor::steady("`uv sync --frozen`", sync.args(["--frozen"])),
        ],
    })
}
