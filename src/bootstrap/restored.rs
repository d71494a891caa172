//! An environment that is not in the directory that it was made in: a CI has restored it, somebody has copied it back.
//!
//! That each file is as its `RECORD` says does not tell that it belongs to this stamp, nor that what was built from the
//! repository was built from the sources that are here now.

use super::repair::Repair;
use crate::config::project::builds_beside_sources;
use crate::deps::Stamp;
use crate::deps::distribution::installed;
use crate::deps::verify::links::local_path;
use crate::deps::verify::{Finding, Manifest, Origin, Owner, Problem};
use crate::error::Result;
use crate::venv::Venv;

/// What of an environment that was brought here is to be brought to what the stamp and the sources say.
#[derive(Default)]
pub struct Suspects {
    /// Distributions whose version is another than the stamp's.
    pub others: Vec<Finding>,
    /// Distributions to be built again.
    pub built: Vec<Owner>,
    /// Something whose sources are not there, so that it cannot be built again.
    pub lost: Option<Finding>,
}

impl Suspects {
    /// None for an environment that is where it was made.
    pub fn of(stamp: &Stamp) -> Result<Self> {
        let mut suspects = Self::default();
        if stamp.is_of_dir(&stamp.venv) {
            return Ok(suspects);
        }
        let venv = Venv::new(&stamp.venv);
        let present = Manifest::new(&installed(&venv.site_packages())?);
        for known in stamp.manifest.installed() {
            let owner = Owner { name: known.name.to_owned(), version: known.version.to_owned() };
            let dir = known.origin.and_then(|origin| local_path(origin.url()));
            let is_linked = matches!(known.origin, Some(Origin::Editable(_)));
            match dir.filter(|dir| !is_linked || builds_beside_sources(dir)) {
                Some(dir) if dir.exists() => suspects.built.push(owner),
                Some(target) if !is_linked => {
                    let (path, problem) = (stamp.venv.clone(), Problem::DeadLink { target });
                    suspects.lost = Some(Finding { owner: Some(owner), path, problem });
                }
                _ if present.find(known.name).is_some_and(|it| it.version != known.version) => {
                    suspects.others.push(Finding {
                        owner: Some(owner),
                        path: stamp.venv.clone(),
                        problem: Problem::Gone,
                    });
                }
                _ => {}
            }
        }
        Ok(suspects)
    }

    /// The damage to be mended, without what is built again anyway.
    pub fn and_damage(&mut self, damage: Vec<Finding>) -> Vec<Finding> {
        let mut all = std::mem::take(&mut self.others);
        let is_known = |name: &str, all: &[Finding]| {
            let others = all.iter().filter_map(|it| it.owner.as_ref());
            others.chain(&self.built).any(|owner| owner.name == name)
        };
        let new = damage.into_iter().filter(|it| it.owner.as_ref().is_none_or(|owner| !is_known(&owner.name, &all)));
        let new: Vec<Finding> = new.collect();
        all.extend(new);
        all.sort_by(|one, other| (&one.owner, &one.path).cmp(&(&other.owner, &other.path)));
        all
    }

    /// Builds again what is to be.
    pub fn build(&self, repair: &Repair<'_>, stamp: &mut Stamp) -> Result<()> {
        if self.built.is_empty() { Ok(()) } else { repair.build_again(stamp, &self.built) }
    }
}
