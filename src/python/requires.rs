//! `requires-python` against a choice that was made elsewhere.
//!
//! A project's floor (or ceiling) and the version that a file or the configuration chose can contradict each other. The
//! plain choice is checked before anything is looked for, the version that was found is checked after.

use super::requirement::{Requirement, parse_specifiers};
use super::version::PythonVersion;
use crate::error::{Fault, Kind, Result};

/// Whether a required version can be had inside `requires-python` at all. `required_in` and `floor_in` say for people where
/// the two are written, in backticks where they should be.
///
/// Fails with [`Kind::Config`] where every version that meets the requirement is outside, or the text is no specifier.
pub fn check_against_requires_python(
    requirement: &Requirement,
    required_in: &str,
    requires_python: &str,
    floor_in: &str,
) -> Result<()> {
    if !requirement.contradicts(&parse_specifiers(requires_python)?) {
        return Ok(());
    }
    let message =
        format!("{required_in} asks for python `{requirement}`, but {floor_in} is `{}`", requires_python.trim());
    Err(Fault::new(Kind::Config, message).hint("change one of the two").into())
}

/// Whether the version of a selected interpreter is inside `requires-python`. As pip does it, the numbers alone count:
/// 3.14.0rc1 is inside `>=3.14`.
///
/// Fails with [`Kind::Config`]; `what` names the interpreter in the message, `floor_in` says where `requires-python` is
/// written.
pub fn check_version_against_requires_python(
    version: &PythonVersion,
    what: &str,
    requires_python: &str,
    floor_in: &str,
) -> Result<()> {
    if parse_specifiers(requires_python)?.contains(&version.release().to_pep440()) {
        return Ok(());
    }
    let requires_python = requires_python.trim();
    let message = format!("{what} is {version}, but {floor_in} is `{requires_python}`");
    Err(Fault::new(Kind::Config, message).hint("require a version that it allows").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, requires_python: &str) -> Result<()> {
        let requirement = Requirement::parse(requirement).unwrap();
        let (required_in, floor_in) = ("`.python-version` line 1", "`requires-python` in `pyproject.toml` line 4");
        check_against_requires_python(&requirement, required_in, requires_python, floor_in)
    }

    #[test]
    fn a_choice_with_no_version_inside_is_an_error_that_names_both() {
        for (requirement, requires_python) in [
            ("3.8", ">=3.10"),
            ("3.12.1", ">=3.12.3"),
            ("3.13t", "<3.13"),
            ("3.14-dev", ">=3.15"),
            ("3.14.0rc1", "<3.14"),
            ("3", ">=4"),
            ("pypy3.10", ">=3.11"),
            (">=3.9,<3.12", ">=3.12"),
            ("<3.12.4", ">3.12.3,!=3.12.4"),
            ("system", "<3.8"),
            ("3.12", ">=3.12,!=3.12.*"),
        ] {
            let error = check(requirement, requires_python).expect_err(requirement);
            let fault = error.downcast_ref::<Fault>().unwrap();
            assert_eq!(fault.kind, Kind::Config);
            assert_eq!(
                fault.message,
                format!(
                    "`.python-version` line 1 asks for python `{requirement}`, but `requires-python` in \
                     `pyproject.toml` line 4 is `{requires_python}`"
                )
            );
        }
    }

    #[test]
    fn a_choice_with_one_version_inside_is_fine() {
        for (requirement, requires_python) in [
            ("3.10", ">=3.10"),
            ("3", ">=3.9,<3.13"),
            ("3.12", ">=3.12.3"),
            ("3.12", ""),
            ("3.14-dev", ">=3.14"),
            ("3.14.0rc1", ">=3.14"),
            ("system", ">=3.12"),
            ("<=3.12", ">=3.12"),
            ("==3.12.*", "~=3.12.7"),
            ("3.99", ">=3.8"),
        ] {
            check(requirement, requires_python).unwrap();
        }
        assert!(check("3.12", "^3.9").unwrap_err().to_string().contains("`^3.9` is not a version specifier"));
    }

    #[test]
    fn the_version_that_was_found_is_checked_by_its_numbers() {
        let check = |version: &str, requires_python| {
            let version = version.parse().unwrap();
            check_version_against_requires_python(&version, "`/bin/python3`", requires_python, "`requires-python`")
        };
        check("3.14.0rc1", ">=3.14").unwrap();
        check("3.12.1", ">=3.9,<4").unwrap();
        assert_eq!(
            check("3.8.18", ">=3.10").unwrap_err().to_string(),
            "`/bin/python3` is 3.8.18, but `requires-python` is `>=3.10`"
        );
    }
}
