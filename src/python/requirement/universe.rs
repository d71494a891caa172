//! Which versions there could be, so that questions about all versions ("does any meet both?") are answered by trying.
//!
//! The list holds what a specifier can tell apart: the versions it names, their neighbours, and the ends.

use std::collections::BTreeSet;

use super::{Requirement, Rule};
use crate::python::version::PythonVersion;

/// The highest minor version that is reckoned with.
pub(super) const NEWEST_MINOR: u64 = 40;

/// A patch version beyond every real one.
const LATE_PATCH: u64 = 999;

/// The versions worth trying against a requirement, oldest first.
pub(super) fn versions(requirement: &Requirement) -> Vec<PythonVersion> {
    let named = named_releases(requirement);
    let near = |index: usize, ends: &[u64]| -> BTreeSet<u64> {
        let numbers = named.iter().filter_map(|release| release.get(index));
        numbers.flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]).chain(ends.iter().copied()).collect()
    };
    let minors: BTreeSet<u64> = near(1, &[]).into_iter().chain(0..=NEWEST_MINOR).collect();
    let patches = near(2, &[0, LATE_PATCH]);
    let mut versions = Vec::new();
    for major in near(0, &[2, 3]) {
        for &minor in &minors {
            versions.extend(patches.iter().map(|&patch| PythonVersion::new(major, minor, patch)));
        }
    }
    if let Rule::Exact(version) = requirement.rule {
        versions.push(version);
    }
    versions
}

/// The numbers that the requirement itself names.
fn named_releases(requirement: &Requirement) -> Vec<Vec<u64>> {
    let specifiers = match &requirement.rule {
        Rule::Specifiers(specifiers) => Some(specifiers),
        _ => None,
    };
    let specifiers = specifiers.into_iter().chain(&requirement.within).flat_map(|all| all.iter());
    let mut named: Vec<Vec<u64>> = specifiers.map(|specifier| specifier.version().release().to_vec()).collect();
    match &requirement.rule {
        Rule::Release(prefix) | Rule::Development(prefix) => {
            named.push([Some(prefix.major), prefix.minor, prefix.patch].into_iter().flatten().collect());
        }
        Rule::Exact(version) => named.push(vec![version.major, version.minor, version.patch]),
        Rule::System | Rule::Specifiers(_) => {}
    }
    named
}
