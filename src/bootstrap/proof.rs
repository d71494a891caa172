//! Whether the disk has what the stamp says: the damage that is not known to be none.

use super::Run;
use crate::deps::Stamp;
use crate::deps::verify::{Depth, Finding, verify};
use crate::host::Work;
use crate::venv::Venv;

/// How closely an environment is looked at. Of one that was brought here nothing is known: its content is read.
pub fn depth(run: &Run<'_>, stamp: &Stamp) -> Depth {
    if stamp.is_of_dir(&stamp.venv) { run.request.verify.unwrap_or_default() } else { Depth::Hash }
}

/// What is wrong on disk with the environment of a stamp.
pub fn damage(stamp: &Stamp, depth: Depth) -> Vec<Finding> {
    let venv = Venv::new(&stamp.venv);
    let work = Work::step("prove", "every installed file");
    let mut findings = verify(&venv, &stamp.manifest, depth);
    findings.retain(|finding| !stamp.known.contains(&finding.key(venv.dir())));
    match findings.len() {
        0 => work.ended("as recorded"),
        some => work.ended(format_args!("{some} not as recorded")),
    }
    findings
}

/// Why the disk refutes a stamp, for people; `None` where it does not.
pub fn refutation(stamp: &Stamp, depth: Depth) -> Option<String> {
    let findings = damage(stamp, depth);
    let first = findings.first()?.key(&stamp.venv);
    Some(match findings.len() {
        1 => first,
        more => format!("{first} (and {} more)", more - 1),
    })
}
