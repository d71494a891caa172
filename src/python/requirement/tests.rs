use proptest::prelude::*;

use super::*;
use crate::error::{Fault, Kind};

fn requirement(text: &str) -> Requirement {
    Requirement::parse(text).unwrap()
}

/// `3.12.1`, `3.13.0t`, `pypy3.10.14`, `graalpy3.11.0` as a build.
fn build(text: &str) -> Build {
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
    let (name, version) = text.split_at(start);
    let implementation = Implementation::from(if name.is_empty() { "cpython" } else { name }.to_owned());
    let version_alone = version.trim_end_matches('t');
    Build { version: version_alone.parse().unwrap(), implementation, free_threaded: version != version_alone }
}

#[test]
fn a_requirement_is_met_by_these_builds_and_not_by_those() {
    for (text, yes, no) in [
        ("3", "3.8.18 3.14.0", "2.7.18 4.0.0 3.14.0rc1 3.13.0t pypy3.10.14"),
        ("3.12", "3.12.0 3.12.9", "3.1.2 3.11.7 3.13.0 3.12.0rc1 3.12.1t pypy3.12.1 graalpy3.12.0"),
        ("3.12.1", "3.12.1", "3.12.0 3.12.10 3.12.1rc1 3.12.1t"),
        ("3.13t", "3.13.0t 3.13.5t", "3.13.0 3.13.0rc1t 3.14.0t"),
        ("3.13+freethreaded", "3.13.0t", "3.13.0"),
        ("3.13.1t", "3.13.1t", "3.13.1 3.13.0t"),
        ("3.14-dev", "3.14.0a1 3.14.0rc2 3.14.0 3.14.3", "3.13.0 3.15.0a1 3.14.0t"),
        ("3.14t-dev", "3.14.0a1t 3.14.0t", "3.14.0"),
        ("3.14.0rc1", "3.14.0rc1", "3.14.0 3.14.0rc2 3.14.0rc1t"),
        ("pypy3.10", "pypy3.10.14", "3.10.14 pypy3.9.19 graalpy3.10.0"),
        ("pypy3.10-7.3.12", "pypy3.10.12 pypy3.10.14", "3.10.12 pypy3.11.0"),
        ("pypy@3.10", "pypy3.10.14", "3.10.14"),
        ("pypy-3.10", "pypy3.10.14", "3.10.14"),
        ("pypy", "pypy3.9.1 pypy3.10.14", "3.10.14 pypy2.7.18"),
        ("cpython@3.12", "3.12.1", "pypy3.12.1 3.11.7"),
        ("python-3.12", "3.12.1", "3.11.7"),
        (">=3.9,<3.13", "3.9.0 3.12.9", "3.8.18 3.13.0 3.12.0rc1 3.12.1t pypy3.10.14"),
        (" >= 3.9 , < 3.13 ", "3.9.0 3.12.9", "3.8.18 3.13.0"),
        ("==3.12.*", "3.12.0 3.12.9", "3.11.7 3.13.0 3.12.0rc1"),
        ("==3.12.1", "3.12.1", "3.12.2"),
        ("~=3.11.4", "3.11.4 3.11.7", "3.11.3 3.12.0"),
        ("!=3.11.*", "3.10.1 3.12.0", "3.11.0"),
        (">=3.14.0rc1", "3.14.0rc1 3.14.0rc2 3.14.0", "3.13.0 3.14.0b1"),
        ("system", "3.8.0 3.14.0rc1 3.13.0t", "3.7.16 2.7.18 pypy3.10.14"),
    ] {
        let requirement = requirement(text);
        assert_eq!(requirement.source(), text.trim());
        for told in yes.split(' ') {
            assert!(requirement.matches(&build(told)), "{text} should be met by {told}");
        }
        for told in no.split(' ') {
            assert!(!requirement.matches(&build(told)), "{text} should not be met by {told}");
        }
    }
}

#[test]
fn what_is_no_requirement_is_refused_with_a_hint() {
    for text in [
        "",
        " ",
        "x",
        "3.",
        ".3",
        "3..1",
        "3.12.1.2",
        "v3.12",
        "+3.12",
        "3.x",
        "3.12.*",
        "3,12",
        "3.12 3.11",
        "3-dev",
        "3.12.1-dev",
        "-dev",
        "t",
        "3.12tt",
        "3.14.0rc",
        "3.14.0rc1-dev",
        "myenv",
        "graalpy-23.1",
        "miniconda3-4.7.12",
        "jython-2.7.2",
        "pypy-5.7.1",
        "pypyx",
        "pypy-",
        "pypy3.10.1.2",
        ">=3.x",
        ">",
        "^3.9",
        "~3.9",
        "=>3.9",
        "３.12",
        "99999999999999999999",
    ] {
        let error = Requirement::parse(text).expect_err(text);
        let fault = error.downcast_ref::<Fault>().unwrap();
        assert_eq!(fault.kind, Kind::Config, "{text}");
        assert!(fault.message.starts_with(&format!("`{}` is not a ", text.trim())), "{}", fault.message);
        assert!(fault.hint.is_some());
    }
}

#[test]
fn names_come_from_the_most_exact_to_the_least() {
    for (text, expected) in [
        ("3.12.1", "python3.12.1 python3.12 python3 python"),
        ("3.12", "python3.12 python3 python"),
        ("3.14-dev", "python3.14 python3 python"),
        ("3.14.0rc1", "python3.14.0 python3.14 python3 python"),
        ("3.13t", "python3.13t python3.13 python3 python"),
        ("3.13.1t", "python3.13.1t python3.13t python3.13.1 python3.13 python3 python"),
        ("pypy3.10", "pypy3.10 pypy3 pypy python3.10 python3 python"),
        (">=3.9,<3.13", "python3 python python3.12 python3.11 python3.10 python3.9"),
        (">3.9,!=3.11.*,<3.13", "python3 python python3.12 python3.10 python3.9"),
        ("==3.12.*", "python3.12 python3 python"),
        (">=3.12.3,<3.13", "python3.12 python3 python"),
        ("==3.12.1", "python3.12.1 python3.12 python3 python"),
        ("<1,>2", "python3 python"),
    ] {
        assert_eq!(requirement(text).names().join(" "), expected, "{text}");
    }
    assert_eq!(requirement("<3").names()[..2], ["python2", "python"]);
    let open = requirement("3").names();
    assert_eq!(open[..3], ["python3", "python", "python3.40"]);
    assert!(open.contains(&"python3.11".to_owned()));
    let narrowed = requirement("3").within_requires_python(">=3.11,<3.13").unwrap();
    assert_eq!(narrowed.names().join(" "), "python3 python python3.12 python3.11");
    assert_eq!(requirement("system").names().last().unwrap(), "python3.8");
}

#[test]
fn a_requirement_within_requires_python_is_met_by_what_both_allow() {
    let narrowed = requirement("3.12").within_requires_python(">=3.12.3").unwrap();
    assert!(narrowed.matches(&build("3.12.4")));
    assert!(!narrowed.matches(&build("3.12.1")));
    let development = requirement("3.14-dev").within_requires_python(">=3.14").unwrap();
    assert!(development.matches(&build("3.14.0rc1")));
    assert!(requirement("3").within_requires_python("^3.9").is_err());
}

#[test]
fn numbers_that_are_not_given_are_zero() {
    for (text, expected) in [
        ("3", (3, 0, 0)),
        ("3.12", (3, 12, 0)),
        ("3.12.1", (3, 12, 1)),
        ("3.13t", (3, 13, 0)),
        ("3.14-dev", (3, 14, 0)),
        ("3.14.0rc1", (3, 14, 0)),
        ("pypy3.10-7.3.12", (3, 10, 0)),
        (">=3.9,<3.13", (3, 9, 0)),
        ("==3.12.*", (3, 12, 0)),
        (">3.9.5", (3, 9, 6)),
        ("<1,>2", (0, 0, 0)),
        ("system", (0, 0, 0)),
    ] {
        assert_eq!(requirement(text).version_ints(), expected, "{text}");
    }
}

#[test]
fn uv_is_asked_in_its_own_words() {
    for (text, requires_python, expected) in [
        ("3.12", "", "3.12"),
        ("3.12", ">=3.9", "3.12"),
        ("3.12", ">=3.12.3", "==3.12.*,>=3.12.3"),
        ("3", ">=3.9,<3.13", "==3.*,>=3.9,<3.13"),
        ("3.12.1", ">=3.9", "3.12.1"),
        ("cpython@3.12", "", "3.12"),
        ("3.13t", ">=3.9", "3.13t"),
        ("3.14-dev", "", ">=3.14.0a0,<3.15"),
        ("3.14t-dev", "", "3.14t"),
        ("3.14.0rc1", "", "3.14.0rc1"),
        ("pypy3.10-7.3.12", "", "pypy3.10"),
        (" >= 3.9 , < 3.13 ", "", ">=3.9,<3.13"),
        ("system", "", ">=3.8"),
        ("system", ">=3.11", ">=3.8,>=3.11"),
    ] {
        let requirement = requirement(text).within_requires_python(requires_python).unwrap();
        assert_eq!(requirement.uv_request(), expected, "{text} within {requires_python}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*|(pypy|cpython|python)?[-@]?[0-9.]{0,12}[trc-]{0,3}(dev)?|[<>=!~]{1,3}[0-9.*,<>= ]{0,16}") {
        if let Ok(requirement) = Requirement::parse(&text) {
            prop_assert_eq!(requirement.source(), text.trim());
            requirement.version_ints();
            prop_assert!(!requirement.names().is_empty());
            prop_assert!(!requirement.uv_request().is_empty());
        }
    }

    #[test]
    fn a_version_meets_the_requirement_of_itself(minor in 0_u64..60, patch in 0_u64..60) {
        let version = PythonVersion::new(3, minor, patch);
        for text in [version.to_string(), format!("3.{minor}"), "3".to_owned(), format!("=={version}"), format!("3.{minor}-dev")] {
            prop_assert!(requirement(&text).matches(&Build::cpython(version)));
        }
    }
}
