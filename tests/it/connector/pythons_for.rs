//! The interpreter of a connector.

use super::{connector, index, sandbox_with, tiny, venv};
use crate::support::mirror::Mirror;
use crate::support::pythons::{self, Interpreter};
use crate::support::sandbox::Sandbox;

fn series(sandbox: &Sandbox) -> String {
    let version = prime::venv::Venv::new(venv(sandbox)).cfg().unwrap().version().unwrap().to_owned();
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The two newest, older first.
fn two() -> Option<[&'static Interpreter; 2]> {
    let found = pythons::supported();
    let [.., older, newer] = found.as_slice() else { return None };
    Some([*older, *newer])
}

#[test]
fn it_is_inside_of_what_the_package_allows_upper_bound_included() {
    let Some([older, newer]) = two() else { return };
    let bound = format!(">=3.8,<{}", newer.series());
    let index = index([tiny("1.0").build(), tiny("2.0").requires_python(&bound).build()]);
    for no_uv in ["0", "1"] {
        let Some(sandbox) = sandbox_with(&index, newer) else { return };
        let sandbox = sandbox.link("python3", &newer.executable).env("AIRBYTE_NO_UV", no_uv);
        let sandbox = sandbox.link_python(older).env("UV_PYTHON_DOWNLOADS", "never");
        let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
        assert_eq!((code, series(&sandbox)), (0, older.series()), "{stderr}");
        assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "2.0\n");
        // The older version knows of no bound, so the first python serves.
        assert_eq!(connector(&sandbox, &["install", "source-tiny", "--version", "1.0"]).0, 0);
        assert_eq!(series(&sandbox), newer.series());
        for (words, expected) in [
            (older.series(), older),
            (newer.basename(), newer),
            (older.executable.display().to_string(), older),
            ("true".to_owned(), newer),
        ] {
            let args = ["install", "source-tiny", "--version", "1.0", "--use-python", &words];
            let (code, _, stderr) = connector(&sandbox, &args);
            assert_eq!((code, series(&sandbox)), (0, expected.series()), "{words}: {stderr}");
        }
        let args = ["install", "source-tiny", "--version", "2.0", "--use-python", &newer.series()];
        let (_, _, stderr) = connector(&sandbox, &args);
        let warning = "warning: connector `source-tiny` requires python `";
        assert!(stderr.contains(warning) && stderr.contains(&newer.version), "{stderr}");
    }
}

#[test]
fn where_there_is_none_uv_provides_one_and_pip_says_so() {
    let Some([older, newer]) = two() else { return };
    let bound = format!("=={}.*", older.series());
    let index = index([tiny("1.0").requires_python(&bound).build()]);
    let mirror = Mirror::of(older);
    let Some(sandbox) = sandbox_with(&index, newer).map(|sandbox| sandbox.mirror(&mirror)) else { return };
    let pip = sandbox.prime(["connector", "install", "source-tiny"]).env("AIRBYTE_NO_UV", "yes").output();
    assert_eq!(pip.code(), 78);
    let message = format!("no python matching `{bound}` found for connector `source-tiny`");
    assert!(pip.stderr().contains(&message), "{}", pip.stderr());
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
    assert_eq!((code, series(&sandbox)), (0, older.series()), "{stderr}");
    assert!(stderr.starts_with(&format!("provide  python {} (uv)\n", older.version)), "{stderr}");
}

#[test]
fn without_the_network_it_is_the_one_that_was_right_before() {
    let Some([older, newer]) = two() else { return };
    let bound = format!(">=3.8,<{}", newer.series());
    let index = index([tiny("2.0").requires_python(&bound).build()]);
    let Some(sandbox) = sandbox_with(&index, newer) else { return };
    let sandbox = sandbox.link("python3", &newer.executable).link_python(older).env("UV_PYTHON_DOWNLOADS", "never");
    assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
    assert_eq!(connector(&sandbox, &["uninstall", "source-tiny"]).0, 0);
    let asked = index.paths().len();
    let run = sandbox.prime(["--offline", "connector", "install", "source-tiny"]).output();
    assert_eq!((run.code(), series(&sandbox)), (0, older.series()), "{}", run.stderr());
    assert_eq!(index.paths().len(), asked);
}
