//! A script that does nothing, through `prime start` and by its first line, directly, and through uv.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use prime::error::Result;

use crate::place::Place;
use crate::race::{Competitor, Scenario};

const SCRIPT: &str = "pass.py";

/// The script by its path.
pub fn by_path(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = repositories(place, "start")?;
    for repo in [&ours, &theirs] {
        script(repo, SCRIPT, "")?;
    }
    let uv = place.uv(&theirs).args(["run"]);
    Ok(Scenario {
        title: "A script in a ready environment",
        rounds: 120,
        reference: 1,
        target: Some(1.1),
        competitors: vec![
            Competitor::steady("`prime start pass.py`", place.prime(&ours).args(["start", SCRIPT])),
            Competitor::steady(
                "`.venv/bin/python pass.py`",
                place.job(ours.join(".venv/bin/python"), &ours).args([SCRIPT]),
            ),
            Competitor::steady("`uv run pass.py`", uv.clone().args([SCRIPT])),
            Competitor::steady("`uv run --no-sync pass.py`", uv.args(["--no-sync", SCRIPT])),
        ],
    })
}

/// The script by its first line.
pub fn by_first_line(place: &Place) -> Result<Scenario<'_>> {
    let (ours, theirs) = repositories(place, "script")?;
    let python = ours.join(".venv/bin/python");
    let split = script(&ours, "split", "#!/usr/bin/env -S prime start")?;
    let alone = script(&ours, "alone", "#!/usr/bin/env prime")?;
    let direct = script(&ours, "direct", &format!("#!/usr/bin/env {}", python.display()))?;
    let uv = script(&theirs, "uv.py", "#!/usr/bin/env -S uv run --no-sync")?;
    Ok(Scenario {
        title: "A script by its first line",
        rounds: 120,
        reference: 1,
        target: Some(1.1),
        competitors: vec![
            Competitor::steady("`#!/usr/bin/env -S prime start`", place.job(split, &ours)),
            Competitor::steady("`#!/usr/bin/env …/.venv/bin/python`", place.job(direct, &ours)),
            Competitor::steady("`#!/usr/bin/env prime`", place.job(alone, &ours)),
            Competitor::steady("`#!/usr/bin/env -S uv run --no-sync`", place.job(uv, &theirs)),
        ],
    })
}

/// A repository that `prime` made ready, and one that uv did.
fn repositories(place: &Place, name: &str) -> Result<(PathBuf, PathBuf)> {
    let (ours, theirs) = (place.hello(&format!("{name}-prime"))?, place.hello(&format!("{name}-uv"))?);
    place.prime(&ours).run(&place.log())?;
    place.uv(&theirs).args(["sync"]).run(&place.log())?;
    Ok((ours, theirs))
}

fn script(repo: &Path, name: &str, first_line: &str) -> Result<PathBuf> {
    let path = repo.join(name);
    fs::write(&path, format!("{first_line}\npass\n"))?;
    fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    Ok(path)
}
