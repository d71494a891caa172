//! What of a configuration file of others decides what is installed, in a form that comments, formatting and the order of
//! tables do not change. Left out is what is known to decide nothing: of tools nobody knows what a build makes of them.

use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::config::document::{Document, Format, Source, as_json};
use crate::host::names;
use crate::host::redact::redacted;

/// The tables in `[tool]` of what formats, checks, tests, or makes releases.
const BESIDE_THE_POINT: [&str; 39] = [
    "autoflake",
    "autopep8",
    "bandit",
    "basedpyright",
    "black",
    "bumpversion",
    "bumpver",
    "cibuildwheel",
    "codespell",
    "commitizen",
    "coverage",
    "deptry",
    "docformatter",
    "flake8",
    "importlinter",
    "interrogate",
    "isort",
    "mutmut",
    "mypy",
    "nox",
    "poe",
    "pycodestyle",
    "pydocstyle",
    "pydoclint",
    "pylint",
    "pyrefly",
    "pyright",
    "pytest",
    "pytype",
    "refurb",
    "ruff",
    "semantic_release",
    "taskipy",
    "towncrier",
    "tox",
    "ty",
    "typos",
    "vulture",
    "yapf",
];
/// The settings of uv that say where it asks, how it gets there and where it puts what it got, which decides nothing. An
/// `index` does: a project may take one distribution from there and from nowhere else.
const WAYS_OF_UV: [&str; 34] = [
    "add-bounds",
    "allow-insecure-host",
    "audit",
    "cache-dir",
    "check-url",
    "compile-bytecode",
    "concurrent-builds",
    "concurrent-downloads",
    "concurrent-installs",
    "custom-compile-command",
    "extra-index-url",
    "find-links",
    "http-proxy",
    "https-proxy",
    "index-url",
    "keyring-provider",
    "link-mode",
    "native-tls",
    "no-cache",
    "no-proxy",
    "offline",
    "preview",
    "preview-features",
    "proxy",
    "publish-url",
    "pypy-install-mirror",
    "python-downloads",
    "python-downloads-json-url",
    "python-install-mirror",
    "python-preference",
    "required-version",
    "system-certs",
    "trusted-host",
    "trusted-publishing",
];

/// What of a `pyproject.toml` decides what its project is; `None` where it is none that can be read.
pub fn deciding_of_project(file: &Path) -> Option<String> {
    let mut root = is_pyproject(file).then(|| read(file))??;
    narrow(&mut root, "tool", |tool| {
        tool.retain(|name, _| !BESIDE_THE_POINT.contains(&name.as_str()));
        narrow(tool, "uv", leave_ways_out);
    });
    Some(canonical(root))
}

/// What of a `uv.toml`, or of `[tool.uv]` in a `pyproject.toml`, decides what uv installs; `None` where nothing does.
pub fn deciding_of_uv(file: &Path) -> Option<String> {
    let root = read(file)?;
    let mut table = if is_pyproject(file) { root.get("tool")?.get("uv")?.as_object()?.clone() } else { root };
    leave_ways_out(&mut table);
    (!table.is_empty()).then(|| canonical(table))
}

fn is_pyproject(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == names::PYPROJECT)
}

fn read(file: &Path) -> Option<Map<String, Json>> {
    let source = Source::new(file, file.parent()?);
    match as_json(&Document::load(source, Format::Toml).ok()?.root) {
        Json::Object(root) => Some(root),
        _ => None,
    }
}

fn leave_ways_out(fields: &mut Map<String, Json>) {
    fields.retain(|name, _| !WAYS_OF_UV.contains(&name.as_str()));
    narrow(fields, "pip", leave_ways_out);
}

/// Leaves out what is beside the point of a table, and the table where nothing remains.
fn narrow(root: &mut Map<String, Json>, name: &str, leave_out: impl FnOnce(&mut Map<String, Json>)) {
    if let Some(Json::Object(table)) = root.get_mut(name) {
        leave_out(table);
        if table.is_empty() {
            root.remove(name);
        }
    }
}

/// Who asks decides nothing either, and a token may be another one each time.
fn canonical(table: Map<String, Json>) -> String {
    let mut value = redacted(&Json::Object(table));
    value.sort_all_objects();
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str, deciding: fn(&Path) -> Option<String>) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        deciding(&file)
    }

    const PROJECT: &str = "[project]\nname = 'x'\ndependencies = ['a @ https://t1@h/a']\n[tool.other]\na = 1\n\
                           [tool.uv]\nresolution = 'lowest'\n";

    #[test]
    fn what_decides_nothing_about_a_project_is_left_out() {
        let of = |text: &str| of("pyproject.toml", text, deciding_of_project);
        let first = of(PROJECT).unwrap();
        for (from, to) in [
            ("[project]", "# x\n[project]"),
            ("name = 'x'", "\"name\"   =\t\"x\" # x"),
            ("[tool.uv]", "[tool.ruff]\nline-length = 3\n[tool.uv]"),
            ("[tool.uv]", "[tool.pytest.ini_options]\nx = 3\n[tool.uv]"),
            ("t1@h", "t2@h"),
            ("[tool.uv]", "[tool.uv]\nindex-url = 'https://h/'"),
            (
                "[tool.other]\na = 1\n[tool.uv]\nresolution = 'lowest'\n",
                "[tool.uv]\nresolution = 'lowest'\n[tool.other]\na = 1\n",
            ),
        ] {
            assert!(PROJECT.contains(from));
            assert_eq!(of(&PROJECT.replace(from, to)).as_ref(), Some(&first), "{to}");
        }
        for (from, to) in [
            ("'x'", "'y'"),
            ("@h/a", "@h/b"),
            ("a = 1", "a = 2"),
            ("[tool.other]", "[tool.another]"),
            ("[tool.uv]", "[[tool.uv.index]]\nname = 'x'\nurl = 'https://h/'\n[tool.uv]"),
            ("'lowest'", "'highest'"),
            ("[tool.uv]", "[dependency-groups]\na = []\n[tool.uv]"),
            ("[tool.uv]", "[build-system]\nrequires = []\n[tool.uv]"),
        ] {
            assert_ne!(of(&PROJECT.replace(from, to)).as_ref(), Some(&first), "{to}");
        }
        assert_eq!(of("nonsense"), None);
    }

    #[test]
    fn a_setting_of_uv_is_the_same_wherever_it_is_said() {
        let own = |text: &str| of("uv.toml", text, deciding_of_uv);
        let shared = |text: &str| of("pyproject.toml", text, deciding_of_uv);
        let first = own("resolution = 'lowest'\n[pip]\npre = true\n");
        assert_eq!(shared("[tool.uv]\nresolution = 'lowest'\noffline = true\n[tool.uv.pip]\npre = true\n"), first);
        assert_eq!(own("resolution = 'lowest'\n[pip]\npre = true\nindex-url = 'https://me:pw@h/'\n"), first);
        assert_ne!(own("resolution = 'lowest'\n[pip]\npre = false\n"), first);
        assert_eq!(shared("[tool.other]\n"), None);
        assert_eq!(own("[pip]\nindex-url = 'https://h/'\n"), None);
    }
}
