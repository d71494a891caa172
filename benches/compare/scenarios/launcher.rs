//! What starting `prime` by its launcher costs, when the binary is there already.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use prime::error::Result;
use prime::launcher::{Launcher, OWN_VERSION, store};

use crate::place::Place;
use crate::race::{Competitor, Scenario};
use crate::tools::PRIME;

const RUN: [&str; 5] = ["run", "--", "python", "-c", "pass"];

pub fn scenario(place: &Place) -> Result<Scenario<'_>> {
    let repo = place.hello("launcher")?;
    place.prime(&repo).run(&place.log())?;
    let version = OWN_VERSION.to_string();
    let binary = store::put(&place.prime_cache(), &version, Path::new(PRIME))?;
    let path = repo.join("prime");
    fs::write(&path, Launcher { version, index: String::new(), pins: Vec::new() }.text())?;
    fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    let launched = |args: &[&str]| place.job(&path, &repo).args(args);
    let bare = |args: &[&str]| place.job(&binary, &repo).args(args);
    let by_shell = place.job("/bin/sh", &repo).args(["-c", "exec \"$0\" \"$@\""]).args([&binary]).args(RUN);
    for job in [launched(&RUN), bare(&RUN), by_shell.clone()] {
        job.run(&place.log())?;
    }
    Ok(Scenario {
        title: "By the launcher",
        rounds: 120,
        reference: 1,
        target: Some(1.15),
        competitors: vec![
            Competitor::steady("`./prime run -- python -c pass`", launched(&RUN)),
            Competitor::steady("the binary itself", bare(&RUN)),
            Competitor::steady("`sh -c 'exec …'` and the binary", by_shell),
            Competitor::steady("`./prime --version`", launched(&["--version"])),
            Competitor::steady("`prime --version`, the binary itself", bare(&["--version"])),
        ],
    })
}
