//! Files that several distributions list.
//!
//! A file that fits none of them is damaged. One that fits another than the one it was held against was overwritten by
//! that: tools install what lists the same path over each other without a word. Looked for only where something does not
//! fit, so that an environment without damage pays nothing for it.

use super::{Depth, Finding, Kind, Metadata, Problem, Site};
use crate::fetch::wheel::record::{Entry, Record};

/// Names the distribution that a file of another one fits.
pub fn attribute(site: &Site, present: &[Metadata], findings: &mut [Finding]) {
    let misfits = |it: &&mut Finding| matches!(it.problem, Problem::Size { .. } | Problem::Content);
    let mut misfits: Vec<&mut Finding> = findings.iter_mut().filter(misfits).collect();
    if misfits.is_empty() {
        return;
    }
    let mut content = Vec::new();
    for other in present.iter().filter(|it| it.kind == Kind::DistInfo) {
        let record = format!("{}/RECORD", other.file_name);
        if site.dir.read(record.as_bytes(), 64 << 20, &mut content).is_err() {
            continue;
        }
        for entry in Record::new(&content).map_while(Result::ok) {
            let name = |path: &[u8]| path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
            let base = &entry.path[name(&entry.path)..];
            for finding in &mut misfits {
                let is_other = finding.owner.as_ref() != Some(&other.owner);
                let same_name = finding.path.file_name().is_some_and(|it| it.as_encoded_bytes() == base);
                if is_other && same_name && site.dir.join(&entry.path) == finding.path && fits(site, &entry) {
                    finding.problem = Problem::Overwritten { by: other.owner.clone() };
                }
            }
        }
    }
}

fn fits(site: &Site, entry: &Entry<'_>) -> bool {
    let Ok(stat) = site.dir.file(&entry.path) else { return false };
    let found = u64::try_from(stat.st_size).ok();
    let same_size = entry.size.is_some() && entry.size == found;
    same_size && (site.depth == Depth::Size || site.dir.has_digest(&entry.path, entry.digest) == Ok(true))
}
