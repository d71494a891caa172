use std::fs;

use proptest::prelude::*;

use super::*;
use crate::error::kind_of;

/// A home with a pyenv that has virtualenvs.
fn host_with_pyenv() -> (tempfile::TempDir, Host) {
    let home = tempfile::tempdir().unwrap();
    let host = Host { vars: vec![("HOME".into(), home.path().into())], current_dir: "/".into(), ..Host::default() };
    for (name, cfg) in [
        ("myenv", "home = /opt/python/bin\nversion = 3.11.7\n"),
        ("myproject-3.11", "home = /x/.pyenv/versions/3.11.7/bin\nversion_info = 3.11.7.final.0\n"),
        ("3.11.7/envs/long", "home = /x/.pyenv/versions/3.11.7/bin\nversion = 3.11.7\n"),
        ("of-pypy", "home = /x/.pyenv/versions/pypy3.10-7.3.12/bin\nversion = 3.10.12\n"),
        ("of-other-pypy", "home = /opt/p/bin\nImplementation = PyPy\nversion_info = 3.10.12\n"),
        ("of-graal", "home = /opt/g/bin\nimplementation = GraalPy\nversion_info = 3.11.0\n"),
        ("threads", "home = /x/.pyenv/versions/3.13.0t/bin\nversion = 3.13.0\n"),
        ("silent", "home = /opt/python/bin\n"),
        ("ancient", "home = /opt/python/bin\nversion = 2.7.18\n"),
    ] {
        let dir = home.path().join(".pyenv/versions").join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("pyvenv.cfg"), cfg).unwrap();
    }
    (home, host)
}

#[test]
fn an_entry_requires_a_version_or_cannot_serve() {
    let (_home, host) = host_with_pyenv();
    for (entry, expected) in [
        ("3.12", "3.12"),
        ("3.12.1", "3.12.1"),
        ("3.13t", "3.13t"),
        ("3.14-dev", "3.14-dev"),
        ("system", "system"),
        ("pypy3.10-7.3.12", "pypy3.10-7.3.12"),
        ("cpython@3.12", "cpython@3.12"),
        ("myenv", "3.11.7"),
        ("myproject-3.11", "3.11.7"),
        ("3.11.7/envs/long", "3.11.7"),
        ("of-pypy", "pypy3.10-7.3.12"),
        ("of-other-pypy", "pypy3.10"),
        ("threads", "3.13.0t"),
    ] {
        assert_eq!(classify(&host, entry).unwrap().source(), expected, "{entry}");
    }
    for (entry, expected) in [
        ("2.7.18", "python 2 has no venv"),
        ("miniconda3-4.7.12", "miniconda cannot serve"),
        ("anaconda3-2020.02", "anaconda cannot serve"),
        ("jython-2.7.2", "jython cannot serve"),
        ("graalpy-23.1.0", "graalpy cannot serve"),
        ("stackless-3.7.5", "stackless cannot serve"),
        ("pypy-5.7.1", "neither a version nor a virtualenv of pyenv"),
        ("other-3.11", "neither a version nor a virtualenv of pyenv"),
        ("../versions/myenv", "neither a version nor a virtualenv of pyenv"),
        ("/opt/python", "neither a version nor a virtualenv of pyenv"),
        ("of-graal", "its `pyvenv.cfg` does not tell a version that can serve"),
        ("silent", "its `pyvenv.cfg` does not tell a version that can serve"),
        ("ancient", "its `pyvenv.cfg` does not tell a version that can serve"),
    ] {
        assert_eq!(classify(&host, entry).unwrap_err(), expected, "{entry}");
    }
}

#[test]
fn the_first_entry_that_can_serve_is_the_pin_and_the_others_are_one_warning() {
    let (_home, host) = host_with_pyenv();
    let parse = |text| PinFile::parse(&host, Path::new("/repo/.python-version"), text);
    for (text, line, expected, warning) in [
        ("3.12\n", 1, Some("3.12"), None),
        ("3.12", 1, Some("3.12"), None),
        ("# ours\r\n\r\n  3.12.1  # trailing\r\n3.11\r\n", 3, Some("3.12.1"), None),
        ("3.12#no space", 1, Some("3.12"), None),
        ("3.12 3.11\n", 1, Some("3.12"), None),
        (">=3.9, <3.13 # both\n", 1, Some(">=3.9, <3.13"), None),
        ("pypy3.10-7.3.12\n3.12\n", 1, Some("pypy3.10-7.3.12"), None),
        (
            "other\n2.7.18\n3.12\n",
            3,
            Some("3.12"),
            Some(
                "`/repo/.python-version`: skipped `other` (neither a version nor a virtualenv of pyenv), `2.7.18` \
                 (python 2 has no venv); line 3 says `3.12`",
            ),
        ),
        ("\n# nothing\n", 0, None, Some("`/repo/.python-version` names no version")),
        ("", 0, None, Some("`/repo/.python-version` names no version")),
        (
            "jython-2.7.2\n",
            0,
            None,
            Some("`/repo/.python-version` names no version that can serve: `jython-2.7.2` (jython cannot serve)"),
        ),
    ] {
        let pin = parse(text);
        assert_eq!(pin.requirement.as_ref().map(Requirement::source), expected, "{text:?}");
        assert_eq!(pin.line, line, "{text:?}");
        assert_eq!(pin.warning().as_deref(), warning, "{text:?}");
    }
}

#[test]
fn the_nearest_file_upwards_is_the_one_and_a_directory_is_none() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("a/b");
    fs::create_dir_all(deep.join(names::PYTHON_VERSION_FILE)).unwrap();
    fs::write(root.path().join(names::PYTHON_VERSION_FILE), "\u{feff}3.12\n").unwrap();
    let pin = PinFile::find(&Host::default(), &deep).unwrap().unwrap();
    assert_eq!(pin.path, root.path().join(names::PYTHON_VERSION_FILE));
    assert_eq!(pin.requirement.unwrap().source(), "3.12");
    fs::write(root.path().join("a/.python-version"), "").unwrap();
    assert_eq!(PinFile::find(&Host::default(), &deep).unwrap().unwrap().requirement, None);
}

#[test]
fn a_file_that_is_not_text_is_an_error_that_names_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join(names::PYTHON_VERSION_FILE);
    fs::write(&path, b"3.12\xff\n").unwrap();
    let error = PinFile::find(&Host::default(), root.path()).unwrap_err();
    assert_eq!(error.to_string(), format!("`{}` is not UTF-8: byte 4 begins no character", path.display()));
    assert_eq!(kind_of(&error), Kind::Config);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(\\PC|[\r\n# .0-9t-])*") {
        let pin = PinFile::parse(&Host::default(), Path::new("/.python-version"), &text);
        prop_assert_eq!(pin.requirement.is_some(), pin.line > 0);
    }
}
