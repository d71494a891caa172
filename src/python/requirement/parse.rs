//! Reads a requirement.

use pep440_rs::VersionSpecifiers;

use super::{Prefix, Requirement, Rule};
use crate::error::{Fault, Kind, Result};
use crate::python::version::{Implementation, PythonVersion, number};

/// The forms that are understood, for hints.
const FORMS: &str = "use a version such as `3.12`, `3.12.1`, `3.13t`, `3.14-dev` or `pypy3.10`, or a specifier such as \
                     `>=3.9,<3.13`";

pub(super) fn parse(text: &str) -> Result<Requirement> {
    let source = text.trim();
    if source.starts_with(['<', '>', '=', '!', '~']) {
        let rule = Rule::Specifiers(parse_specifiers(source)?);
        return Ok(Requirement::with_rule(source, Implementation::CPython, rule));
    }
    let found = if source == "system" { Some(Requirement::system()) } else { parse_version(source) };
    found.ok_or_else(|| Fault::new(Kind::Config, format!("`{source}` is not a python version")).hint(FORMS).into())
}

/// Reads a PEP 440 specifier; none at all (`""`) allows every version.
pub(in crate::python) fn parse_specifiers(text: &str) -> Result<VersionSpecifiers> {
    text.trim().parse().map_err(|_| {
        let fault = Fault::new(Kind::Config, format!("`{}` is not a version specifier", text.trim()));
        fault.hint("write it as PEP 440 has it, such as `>=3.9,<3.13`").into()
    })
}

fn parse_version(source: &str) -> Option<Requirement> {
    let (implementation, version) = split_implementation(source);
    match implementation {
        Implementation::CPython => parse_cpython(source, version),
        _ => parse_pypy(source, version),
    }
}

/// Takes the name of the implementation off: `pypy3.10`, `pypy@3.10`, `pypy-3.10`, `cpython@3.12`, `python-3.12`.
fn split_implementation(source: &str) -> (Implementation, &str) {
    for (name, implementation) in
        [("cpython", Implementation::CPython), ("python", Implementation::CPython), ("pypy", Implementation::PyPy)]
    {
        if let Some(rest) = source.strip_prefix(name) {
            return (implementation, rest.strip_prefix(['@', '-']).unwrap_or(rest));
        }
    }
    (Implementation::CPython, source)
}

fn parse_cpython(source: &str, text: &str) -> Option<Requirement> {
    let (text, development) = match text.strip_suffix("-dev") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (text, free_threaded) = match text.strip_suffix('t').or_else(|| text.strip_suffix("+freethreaded")) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let rule = match parse_prefix(text) {
        Some(prefix) if !development => Rule::Release(prefix),
        Some(prefix) if prefix.minor.is_some() && prefix.patch.is_none() => Rule::Development(prefix),
        Some(_) => return None,
        None if development => return None,
        None => Rule::Exact(text.parse::<PythonVersion>().ok().filter(|version| !version.is_final())?),
    };
    Some(Requirement { free_threaded, ..Requirement::with_rule(source, Implementation::CPython, rule) })
}

/// pyenv writes `pypy3.10-7.3.12`: the version of the language, then PyPy's own, which decides nothing here. Its older
/// names, `pypy-5.7.1`, have PyPy's own only; there was no PyPy 3.N, so `pypy-3.10` is the language.
fn parse_pypy(source: &str, text: &str) -> Option<Requirement> {
    let language = text.split('-').next().filter(|language| !language.is_empty());
    let prefix = match language {
        None if source == "pypy" => Prefix { major: 3, minor: None, patch: None },
        None => return None,
        Some(language) => parse_prefix(language)?,
    };
    let own_version = source.starts_with("pypy-") && prefix.major != 3;
    (!own_version).then(|| Requirement::with_rule(source, Implementation::PyPy, Rule::Release(prefix)))
}

fn parse_prefix(text: &str) -> Option<Prefix> {
    let mut numbers = text.split('.').map(|part| number(part).filter(|_| !part.is_empty()));
    let prefix = Prefix {
        major: numbers.next()??,
        minor: numbers.next().map_or(Some(None), |number| number.map(Some))?,
        patch: numbers.next().map_or(Some(None), |number| number.map(Some))?,
    };
    numbers.next().is_none().then_some(prefix)
}
