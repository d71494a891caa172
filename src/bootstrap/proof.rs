//! Whether the disk has what the stamp says: the damage that is not known to be none.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Run;
use crate::deps::Stamp;
use crate::deps::verify::{Depth, Finding, Manifest, verify};
use crate::host::fs::{Birth, read_file};
use crate::host::{Work, names};
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

/// Why the disk refutes a stamp, for people; `None` where it does not. The connectors that it names are proven as well, by
/// the stamps of their own.
pub fn refutation(stamp: &Stamp, depth: Depth) -> Option<String> {
    let findings = damage(stamp, depth);
    let first = findings.first().map(|finding| finding.key(&stamp.venv));
    let own = first.map(|first| match findings.len() {
        1 => first,
        more => format!("{first} (and {} more)", more - 1),
    });
    let files = stamp.inputs.iter().map(|input| &input.path).filter(|path| path.ends_with(names::CONNECTOR_STAMP));
    own.or_else(|| files.into_iter().find_map(|file| refutation_of_connector(file)))
}

/// What is proven of a connector's stamp.
#[derive(Deserialize)]
struct OfConnector {
    venv: PathBuf,
    #[serde(default)]
    birth: Option<Birth>,
    manifest: Manifest,
    known: Vec<String>,
}

/// As closely as those who mend it look: no file is read, unless it is in another directory than was made.
fn refutation_of_connector(file: &Path) -> Option<String> {
    let stamp: OfConnector = serde_json::from_slice(&read_file(file).ok()?).ok()?;
    let depth = if stamp.birth == Birth::of_dir(&stamp.venv) { Depth::Size } else { Depth::Hash };
    let found = verify(&Venv::new(&stamp.venv), &stamp.manifest, depth);
    let mut keys = found.iter().map(|finding| finding.key(&stamp.venv));
    let first = keys.find(|key| !stamp.known.contains(key))?;
    Some(format!("`{}` is damaged: {first}", stamp.venv.display()))
}
