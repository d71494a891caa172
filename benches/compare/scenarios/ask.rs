//! What a connector is asked before a read: `check` and `discover` by `prime`, against the connector's own program with
//! the same arguments. The connector is a real one, which takes its time to start.

use std::fs;
use std::path::PathBuf;

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

/// A connector that needs no account, and its version.
const CONNECTOR: &str = "source-faker";
const REQUIREMENT: &str = "airbyte-source-faker==6.2.38";

pub fn check(place: &Place) -> Result<Scenario<'_>> {
    scenario(place, "check", "`connector check` of `source-faker`")
}

pub fn discover(place: &Place) -> Result<Scenario<'_>> {
    scenario(place, "discover", "`connector discover` of `source-faker`")
}

fn scenario<'a>(place: &'a Place, verb: &'static str, title: &'static str) -> Result<Scenario<'a>> {
    let dir: PathBuf = place.fresh("ask");
    fs::create_dir(&dir)?;
    fs::write(dir.join("config.json"), r#"{"count":10}"#)?;
    let install = place.prime(&dir).args(["-q", "connector", "install", CONNECTOR, "--pip-url", REQUIREMENT]);
    install.args(["--use-python"]).args([&place.tools.python]).run(&place.log())?;
    let prime = place.prime(&dir).args(["-q", "connector", verb, CONNECTOR, "--pip-url", REQUIREMENT]);
    let bare = place.job(dir.join(".venv-source-faker/bin/source-faker"), &dir);
    Ok(Scenario {
        title,
        rounds: 12,
        reference: 1,
        target: Some(1.03),
        competitors: vec![
            Competitor::steady(format!("`prime connector {verb}`"), prime.args(["--config", "config.json"])),
            Competitor::steady("the connector itself", bare.args([verb, "--config", "config.json"])),
        ],
    })
}
