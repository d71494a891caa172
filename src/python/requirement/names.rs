//! A requirement in the words of others: names of executables, requests to uv.

use std::collections::BTreeSet;

use super::{OLDEST_USABLE, Prefix, Requirement, Rule, universe};
use crate::python::version::{Implementation, PythonVersion};

/// The base names to look for, see [`Requirement::names`].
pub(super) fn names(requirement: &Requirement) -> Vec<String> {
    let numbers = numbers(requirement);
    let mut names = Vec::new();
    if requirement.implementation == Implementation::PyPy {
        names.extend(numbers.iter().map(|numbers| format!("pypy{numbers}")));
    }
    if requirement.free_threaded {
        names.extend(numbers.iter().filter(|numbers| numbers.contains('.')).map(|numbers| format!("python{numbers}t")));
    }
    names.extend(numbers.iter().map(|numbers| format!("python{numbers}")));
    names
}

/// What follows the stem of the name: `3.12.1`, `3.12`, `3`, nothing, and then the open minor versions, newest first.
fn numbers(requirement: &Requirement) -> Vec<String> {
    let Prefix { major, minor, patch } = fixed(requirement);
    let mut numbers = Vec::new();
    if let Some(minor) = minor {
        numbers.extend(patch.map(|patch| format!("{major}.{minor}.{patch}")));
        numbers.push(format!("{major}.{minor}"));
    }
    numbers.push(major.to_string());
    numbers.push(String::new());
    if minor.is_none() {
        let open = allowed(requirement).into_iter().filter(|version| version.major == major);
        let open: BTreeSet<u64> = open.map(|version| version.minor).collect();
        numbers.extend(open.into_iter().rev().map(|minor| format!("{major}.{minor}")));
    }
    numbers
}

/// The numbers that the requirement gives.
fn fixed(requirement: &Requirement) -> Prefix {
    match &requirement.rule {
        Rule::Release(prefix) | Rule::Development(prefix) => *prefix,
        Rule::Exact(version) => Prefix { major: version.major, minor: Some(version.minor), patch: Some(version.patch) },
        Rule::System => Prefix { major: 3, minor: None, patch: None },
        Rule::Specifiers(_) => common(&allowed(requirement)),
    }
}

/// The numbers that versions have in common. Of several major versions it is 3, if that is one of them.
fn common(versions: &[PythonVersion]) -> Prefix {
    let newest = versions.last().map_or(3, |version| version.major);
    let major = if versions.iter().any(|version| version.major == 3) { 3 } else { newest };
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
        return Prefix { major, minor: None, patch: None };
    };
    let minor = (first.major == last.major && first.minor == last.minor).then_some(first.minor);
    let patch = (minor.is_some() && first.patch == last.patch).then_some(first.patch);
    Prefix { major, minor, patch }
}

/// The versions that the requirement allows, oldest first.
fn allowed(requirement: &Requirement) -> Vec<PythonVersion> {
    universe::versions(requirement).into_iter().filter(|version| requirement.allows(version)).collect()
}

/// How to ask uv, see [`Requirement::uv_request`].
///
/// uv takes one version or one specifier, so a specifier is written only where one is needed.
pub(super) fn uv_request(requirement: &Requirement) -> String {
    let specifier = match &requirement.rule {
        Rule::System => format!(">={}.{}", OLDEST_USABLE.major, OLDEST_USABLE.minor),
        Rule::Exact(version) => return with_build(requirement, &version.to_string()),
        Rule::Development(prefix) if !requirement.free_threaded => {
            let (major, minor) = (prefix.major, prefix.minor.unwrap_or(0));
            // A specifier that names a pre-release lets uv take one.
            format!(">={major}.{minor}.0a0,<{major}.{}", minor.saturating_add(1))
        }
        Rule::Specifiers(specifiers) => specifiers.to_string(),
        Rule::Release(prefix) | Rule::Development(prefix) => {
            let plain = prefix.to_string();
            let special = requirement.free_threaded || requirement.implementation != Implementation::CPython;
            if special || prefix.patch.is_some() || !is_narrowed(requirement) {
                return with_build(requirement, &plain);
            }
            format!("=={plain}.*")
        }
    };
    let within = requirement.within.as_ref().filter(|within| !within.is_empty()).map(ToString::to_string);
    [specifier].into_iter().chain(within).collect::<Vec<_>>().join(",").replace(' ', "")
}

fn with_build(requirement: &Requirement, version: &str) -> String {
    let implementation = if requirement.implementation == Implementation::PyPy { "pypy" } else { "" };
    let build = if requirement.free_threaded { "t" } else { "" };
    format!("{implementation}{version}{build}")
}

/// Whether `requires-python` takes anything away from what the requirement allows on its own.
fn is_narrowed(requirement: &Requirement) -> bool {
    let alone = Requirement { within: None, ..requirement.clone() };
    universe::versions(requirement).iter().any(|version| alone.allows(version) && !requirement.allows(version))
}
